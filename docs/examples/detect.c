/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* detect.c: an example: what is each of these files, quickly.
 *
 *     cc -o detect detect.c $(pkg-config --cflags --libs virtprobe-1.0)
 *     ./detect FILE… */
#include <virtprobe/virtprobe.h>

static void
print_detection(const char *path, const VirtProbeDetection *detection)
{
    const VirtProbeFormat *content;

    g_print("%s: %s", path,
            detection->format != NULL ? virt_probe_format_get_name(detection->format)
                                      : "ambiguous");
    for (guint i = 0; (content = virt_probe_detection_get_content(detection, i)) != NULL; i++)
        g_print("%s%s", i == 0 ? " with " : ", ", virt_probe_format_get_name(content));
    /* What a guest wrote at the end of its disk is not what QEMU opens. */
    if (detection->evidence == VIRT_PROBE_EVIDENCE_END)
        g_print(" (by its end; for QEMU it is %s)", detection->qemu_format);
    g_print("\n");
}

int
main(int argc, char **argv)
{
    int status = 0;

    for (int i = 1; i < argc; i++) {
        g_autoptr(GError) error = NULL;
        VirtProbeDetection detection;

        if (virt_probe_detect_file(argv[i], &detection, &error)) {
            print_detection(argv[i], &detection);
        } else {
            g_printerr("%s: %s\n", argv[i], error->message);
            status = 1;
        }
    }
    return status;
}
