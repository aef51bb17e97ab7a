/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stream.c: an example: taking in an image as it comes, and refusing it before it has come.
 *
 *     cc -o stream stream.c $(pkg-config --cflags --libs virtprobe-1.0)
 *     ./stream < disk.qcow2
 *
 * It takes nothing but standard input: an argument is a wrong command line, status 64. */
#include <virtprobe/virtprobe.h>

#include <stdio.h>

/* What an upload is refused for; virt_probe_image_verify() asks whether it is sound at all. */
static gboolean
is_welcome(VirtProbeRecord *image)
{
    return virt_probe_record_get_text(image, "backing-filename") == NULL;
}

/* FALSE: it was refused, perhaps long before its end. */
static gboolean
take_in(VirtProbeStream *stream, FILE *upload)
{
    gboolean is_decided = FALSE;
    char buffer[16384];
    size_t got;

    while ((got = fread(buffer, 1, sizeof buffer, upload)) > 0) {
        /* Here a program would also store the bytes. */
        if (!virt_probe_stream_feed(stream, buffer, got) || is_decided)
            continue;
        is_decided = TRUE;
        if (!is_welcome(virt_probe_stream_get_early_image(stream)))
            return FALSE;
    }
    return TRUE;
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeStream) stream = NULL;
    g_autoptr(VirtProbeRecord) image = NULL;

    if (argc > 1) {
        g_printerr("usage: %s < IMAGE\n", argv[0]);
        return 64;
    }
    stream = virt_probe_stream_new("upload", NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    if (stream == NULL || !take_in(stream, stdin)) {
        g_printerr("refused: %s\n", error != NULL ? error->message : "it has a backing file");
        return 1;
    }
    image = virt_probe_stream_finish(stream, !ferror(stdin));
    if (!virt_probe_image_verify(image, &error) || !is_welcome(image)) {
        g_printerr("refused: %s\n", error != NULL ? error->message : "it has a backing file");
        return 1;
    }
    g_print("%s\n", virt_probe_record_get_text(image, "format"));
    return 0;
}
