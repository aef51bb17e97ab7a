/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan.c: an example: which images are in a directory, and what is wrong with some of them.
 *
 *     cc -o scan scan.c $(pkg-config --cflags --libs virtprobe-pool-1.0)
 *     ./scan DIRECTORY */
#include <virtprobe/scan.h>

static gboolean
print_volume(VirtProbeVolume *volume, gpointer user_data)
{
    const char *format = virt_probe_volume_get_text(volume, "format");
    const char *message = virt_probe_volume_get_text(volume, "error-message");
    g_autofree char *name = g_strescape(virt_probe_volume_get_text(volume, "name"), NULL);
    guint *count = user_data;
    guint64 capacity;

    (*count)++;
    g_print("%s: %s", name, format != NULL ? format : "unknown");
    if (virt_probe_volume_get_uint64(volume, "capacity", &capacity))
        g_print(", %" G_GUINT64_FORMAT " bytes", capacity);
    g_print("%s%s\n", message != NULL ? ", " : "", message != NULL ? message : "");
    return TRUE; /* go on */
}

int
main(int argc, char **argv)
{
    /* All zero is a good choice; here a file that does not answer may take a second. */
    const VirtProbeScanSettings settings = { .timeout_ms = 1000 };
    g_autoptr(GError) error = NULL;
    guint count = 0;

    if (argc != 2) {
        g_printerr("usage: scan DIRECTORY\n");
        return 64;
    }
    if (!virt_probe_scan(argv[1], &settings, print_volume, &count, &error)) {
        g_printerr("%s: %s\n", argv[1], error->message);
        return 1;
    }
    g_print("%u volumes\n", count);
    return 0;
}
