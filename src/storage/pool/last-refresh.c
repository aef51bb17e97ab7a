/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* last-refresh.c: what the last refresh of a pool's directory found, as a whole. */
#include "storage/pool/last-refresh.h"

gboolean
vp_last_refresh_get(VpCatalogue *catalogue, const VirtProbePool *pool, VpLastRefresh *out_last,
                    GError **error)
{
    g_autoptr(VpKnown) known = NULL;

    *out_last = (VpLastRefresh) { .not_ok = 0 };
    if (!vp_catalogue_get_pool(catalogue, pool->uuid, &out_last->pool, error))
        return FALSE;
    if (out_last->pool.volumes == 0)
        return TRUE;
    known = vp_catalogue_get_known(catalogue, pool->uuid, pool->target, error);
    if (known == NULL)
        return FALSE;
    /* The volumes are those of the directory that the pool had before. */
    if (vp_known_length(known) == 0)
        *out_last = (VpLastRefresh) { .not_ok = 0 };
    for (guint i = 0; i < vp_known_length(known); i++)
        out_last->not_ok += vp_known_identity(known, i)->is_ok == 0;
    return TRUE;
}

gboolean
vp_last_refresh_is_outdated(const VirtProbePoolSums *sums)
{
    return sums->refreshed != 0 && sums->directory_changed != sums->directory_listed;
}
