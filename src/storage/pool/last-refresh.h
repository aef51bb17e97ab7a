/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* last-refresh.h: what the last refresh of a pool's directory found, as a whole. */
#pragma once

#include "storage/pool/catalogue.h"
#include "storage/pool/pool.h"

typedef struct {
    VpCataloguePool pool; /* all zero: never refreshed, or when it had another directory */
    guint64 not_ok; /* volumes with another state than ok, whose capacities are not in the sum */
} VpLastRefresh;

gboolean vp_last_refresh_get(VpCatalogue *catalogue, const VirtProbePool *pool,
                             VpLastRefresh *out_last, GError **error);

/* Whether the directory has changed since; sums: of the pool. */
gboolean vp_last_refresh_is_outdated(const VirtProbePoolSums *sums);
