/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-relations.c: an example: which volumes would be broken without a file, and which nobody seems to need.
 *
 *     cc -o pool-relations pool-relations.c $(pkg-config --cflags --libs virtprobe-pool-1.0)
 *     ./pool-relations FILE */
#include <virtprobe/relations.h>

static gboolean
print_dependent(const VirtProbeDependent *dependent, gpointer user_data)
{
    g_autofree char *path =
        g_strescape(virt_probe_volume_get_text(dependent->volume, "path"), NULL);
    guint *count = user_data;

    (*count)++;
    g_print("%s (%s, depth %u)\n", path, dependent->is_data_file ? "data file" : "backing file",
            dependent->depth);
    return TRUE; /* go on */
}

/* No orphan is certain: what speaks against it is said with it. */
static gboolean
print_orphan(const VirtProbeOrphan *orphan, gpointer user_data)
{
    g_autofree char *path = g_strescape(virt_probe_volume_get_text(orphan->volume, "path"), NULL);

    (void) user_data;
    g_print("%s: %s, confidence %s\n", path, virt_probe_orphan_reason_get_name(orphan->reason),
            virt_probe_confidence_get_name(orphan->confidence));
    for (guint bit = 1; bit <= VIRT_PROBE_DOUBT_IN_USE; bit <<= 1) {
        if ((orphan->doubts & bit) != 0)
            g_print("    but: %s\n", virt_probe_doubt_get_name((VirtProbeDoubts) bit));
    }
    return TRUE;
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint count = 0;

    if (argc != 2) {
        g_printerr("usage: pool-relations FILE\n");
        return 64;
    }
    if (!virt_probe_volume_foreach_dependent(argv[1], print_dependent, &count, &error)) {
        g_printerr("%s: %s\n", argv[1], error->message);
        return 1;
    }
    g_print("%u volumes stand on %s\n", count, argv[1]);
    if (virt_probe_pool_foreach_orphan(NULL, print_orphan, NULL, &error))
        return 0;
    g_printerr("%s\n", error->message);
    return 1;
}
