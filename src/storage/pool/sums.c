/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sums.c: sums over pools: the filesystem that holds the directory, and what the catalogue knows of the volumes. */
#include "storage/pool/last-refresh.h"

/* *list_error keeps why the list cannot be read, of the first pool of which that is so. */
static gboolean
sums_fill(const VirtProbePool *pool, VpCatalogue *catalogue, VirtProbePoolSums *sums,
          GError **list_error, GError **error)
{
    GError **unread = *list_error == NULL ? list_error : NULL;
    VpLastRefresh last;

    *sums = (VirtProbePoolSums) { 0 };
    if (catalogue != NULL && vp_last_refresh_get(catalogue, pool, &last, unread)) {
        sums->volumes = last.pool.volumes;
        sums->volume_capacity = last.pool.capacity;
        sums->volume_allocation = last.pool.allocation;
        sums->volumes_not_counted = last.not_ok;
        sums->refreshed = last.pool.refreshed;
        sums->directory_listed = last.pool.directory_listed;
    }
    if (!vp_pool_get_space(pool, sums, error))
        return FALSE;
    if (sums->capacity > 0)
        sums->overcommit = (double) sums->volume_capacity / (double) sums->capacity;
    return TRUE;
}

gboolean
virt_probe_pool_get_sums(const VirtProbePool *pool, VirtProbePoolSums *out_sums, GError **error)
{
    g_autoptr(VpCatalogue) catalogue = NULL;
    g_autoptr(GError) unread = NULL;

    g_return_val_if_fail(pool != NULL && out_sums != NULL, FALSE);

    catalogue = vp_catalogue_open_existing(NULL);
    return sums_fill(pool, catalogue, out_sums, &unread, error);
}

gboolean
virt_probe_pool_check_list(const VirtProbePool *pool, GError **error)
{
    g_autoptr(VpCatalogue) catalogue = NULL;
    g_autoptr(GError) why = NULL;
    VpLastRefresh last;

    g_return_val_if_fail(pool != NULL, FALSE);

    catalogue = vp_catalogue_open_existing(&why);
    if (catalogue != NULL)
        vp_last_refresh_get(catalogue, pool, &last, &why);
    if (why == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

gboolean
virt_probe_pool_foreach_sums(GPtrArray *pools, VirtProbePoolSumsFunc func, gpointer user_data,
                             GError **error)
{
    g_autoptr(VpCatalogue) catalogue = NULL;
    g_autoptr(GError) unread = NULL;

    g_return_val_if_fail(pools != NULL && func != NULL, FALSE);

    catalogue = vp_catalogue_open_existing(&unread);
    for (guint i = 0; i < pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(pools, i);
        g_autoptr(GError) why = NULL;
        VirtProbePoolSums sums;

        sums_fill(pool, catalogue, &sums, &unread, &why);
        func(pool, &sums, why, user_data);
    }
    if (unread == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&unread));
    return FALSE;
}
