/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader.c: an example: describing an image that the program reads in its own way; here with stdio.
 *
 *     cc -o reader reader.c $(pkg-config --cflags --libs virtprobe-1.0)
 *     ./reader disk.qcow2 */
#include <virtprobe/virtprobe.h>

#include <errno.h>
#include <stdio.h>

static gssize
read_at(gpointer buffer, gsize length, guint64 offset, gpointer user_data)
{
    FILE *file = user_data;
    gsize got;

    if (fseeko(file, (off_t) offset, SEEK_SET) != 0)
        return -1;
    got = fread(buffer, 1, length, file);
    if (got == 0 && ferror(file)) {
        errno = EIO;
        return -1;
    }
    return (gssize) got;
}

int
main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;

    if (file == NULL || fseeko(file, 0, SEEK_END) != 0) {
        g_printerr("usage: reader IMAGE\n");
        return 64;
    }
    image = virt_probe_describe_reader((guint64) ftello(file), read_at, file, argv[1], NULL,
                                       VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    if (image == NULL) {
        g_printerr("%s: %s\n", argv[1], error->message);
        return 1;
    }
    json = virt_probe_record_to_json(image);
    g_print("%s\n", json);
    fclose(file);
    return 0;
}
