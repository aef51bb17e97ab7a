/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* describe.c: an example: what is this image, is anything wrong with it, and all of it as JSON.
 *
 *     cc -o describe describe.c $(pkg-config --cflags --libs virtprobe-1.0)
 *     ./describe disk.qcow2 [FORMAT] */
#include <virtprobe/virtprobe.h>

static void
print_findings(const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");
    guint count = virt_probe_record_get_length(extra, "findings");

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *finding = virt_probe_record_get_item(extra, "findings", i);

        g_print("%s: %s\n", virt_probe_record_get_text(finding, "rule"),
                virt_probe_record_get_text(finding, "message"));
    }
}

int
main(int argc, char **argv)
{
    const char *format = argc > 2 ? argv[2] : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autofree char *json = NULL;
    guint64 size;

    if (argc < 2) {
        g_printerr("usage: describe IMAGE [FORMAT]\n");
        return 64;
    }
    /* Guessing the format is the caller's decision: without this flag it must be declared. */
    image = virt_probe_describe_file(argv[1], format, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    if (image == NULL) {
        g_printerr("%s: %s\n", argv[1], error->message);
        return 1;
    }
    if (virt_probe_record_get_text(image, "format") != NULL)
        g_print("format: %s\n", virt_probe_record_get_text(image, "format"));
    if (virt_probe_record_get_uint64(image, "virtual-size", &size))
        g_print("virtual size: %" G_GUINT64_FORMAT " bytes\n", size);
    print_findings(image);
    json = virt_probe_record_to_json(image);
    g_print("%s\n", json);
    if (!virt_probe_image_verify(image, &error))
        g_printerr("%s: %s\n", argv[1], error->message);
    return error == NULL ? 0 : 1;
}
