/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-refresh.c: an example: a pool is defined, refreshed, and its volumes are listed from the catalogue.
 *
 *     cc -o pool-refresh pool-refresh.c $(pkg-config --cflags --libs virtprobe-pool-1.0)
 *     ./pool-refresh NAME DIRECTORY */
#include <virtprobe/pool-sums.h>

static gboolean
print_volume(VirtProbeVolume *volume, gpointer user_data)
{
    g_autofree char *name = g_strescape(virt_probe_volume_get_text(volume, "name"), NULL);

    (void) user_data;
    g_print("%s: %s\n", name, virt_probe_volume_get_text(volume, "state"));
    return TRUE; /* go on */
}

/* The pool of that name, which is defined when there is none. */
static VirtProbePool *
pool_get(const char *name, const char *directory, GError **error)
{
    VirtProbePool *pool = virt_probe_pool_find(name, NULL);

    if (pool != NULL)
        return pool;
    pool = virt_probe_pool_new(name, "dir", directory, NULL, error);
    if (pool == NULL || virt_probe_pool_define(pool, error))
        return pool;
    virt_probe_pool_unref(pool);
    return NULL;
}

static gboolean
refresh(VirtProbePool *pool, GError **error)
{
    VirtProbeRefreshCounts counts;
    VirtProbePoolSums sums;

    /* Only what changed since the last refresh is read. */
    if (!virt_probe_pool_refresh(pool, NULL, NULL, &counts, error)
        || !virt_probe_pool_foreach_volume(pool, print_volume, NULL, error)
        || !virt_probe_pool_get_sums(pool, &sums, error))
        return FALSE;
    g_print("%" G_GUINT64_FORMAT " volumes, %" G_GUINT64_FORMAT " of them read\n", counts.volumes,
            counts.read);
    g_print("guests may come to need %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " are free\n",
            sums.volume_capacity, sums.available_to_users);
    return TRUE;
}

int
main(int argc, char **argv)
{
    g_autoptr(VirtProbePool) pool = NULL;
    g_autoptr(GError) error = NULL;

    if (argc != 3) {
        g_printerr("usage: pool-refresh NAME DIRECTORY\n");
        return 64;
    }
    pool = pool_get(argv[1], argv[2], &error);
    if (pool != NULL && refresh(pool, &error))
        return 0;
    g_printerr("%s: %s\n", argv[1], error->message);
    return 1;
}
