/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-sums.h: sums over a pool: what its filesystem has, and what its volumes need. */
#pragma once

#include <virtprobe/pool.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbePoolSums:
 * @capacity: bytes of the filesystem that holds the directory
 * @allocation: of these, how many are taken
 * @available: free, as libvirt counts: what only root may use included
 * @available_to_users: free for everybody
 * @volumes: volumes of the last refresh
 * @volume_capacity: sum of their capacities: what guests may come to need
 * @volume_allocation: sum of the allocations of all of them
 * @refreshed: when a refresh last found a change, nanoseconds since 1970 UTC; 0: it was never refreshed
 * @overcommit: @volume_capacity divided by @capacity; 0: not known
 * @volumes_not_counted: of @volumes, those whose state is not ok: what they may hold is not in @volume_capacity
 * @directory_changed: when names in the directory last changed, nanoseconds since 1970 UTC; 0: not known
 * @directory_listed: what @directory_changed was when the last refresh listed the directory; 0: not known for certain. When the
 *   two differ, the list of volumes may be old
 *
 * Sums over a pool.
 *
 * Since: 0.1
 */
typedef struct {
    guint64 capacity;
    guint64 allocation;
    guint64 available;
    guint64 available_to_users;
    guint64 volumes;
    guint64 volume_capacity;
    guint64 volume_allocation;
    gint64 refreshed;
    double overcommit;
    guint64 volumes_not_counted;
    gint64 directory_changed;
    gint64 directory_listed;
} VirtProbePoolSums;

/**
 * virt_probe_pool_get_sums:
 * @pool: a pool
 * @out_sums: (out): the sums; those of volumes are 0 before the first refresh
 * @error: return location for an error
 *
 * Returns: %FALSE when the directory cannot be used, as for virt_probe_pool_check(), with what the catalogue knows in
 *   @out_sums nevertheless
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_get_sums(const VirtProbePool *pool, VirtProbePoolSums *out_sums,
                                  GError **error);

/**
 * virt_probe_pool_check_list:
 * @pool: a pool
 * @error: return location for an error: %VIRT_PROBE_ERROR_INVALID when the catalogue is damaged or of another version,
 *   %VIRT_PROBE_ERROR_REFUSED when it may not be used where it lies, or #GFileError
 *
 * Tells a pool that was never refreshed from one whose list cannot be read: virt_probe_pool_get_sums() knows nothing of
 * either.
 *
 * Returns: %FALSE when what the last refresh found cannot be read; %TRUE also when there was none
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_check_list(const VirtProbePool *pool, GError **error);

/**
 * VirtProbePoolSumsFunc:
 * @pool: (transfer none): a pool
 * @sums: its sums, as virt_probe_pool_get_sums() gives them
 * @error: (nullable): why its directory cannot be used now; %NULL when it can
 * @user_data: data of the caller
 *
 * Is called for each pool.
 *
 * Since: 0.1
 */
typedef void (*VirtProbePoolSumsFunc)(VirtProbePool *pool, const VirtProbePoolSums *sums,
                                      const GError *error, gpointer user_data);

/**
 * virt_probe_pool_foreach_sums:
 * @pools: (element-type VirtProbePool): pools, as virt_probe_pool_list() gives them
 * @func: (scope call): is called for each of them, in their order
 * @user_data: for @func
 * @error: return location for an error, as for virt_probe_pool_check_list()
 *
 * Gives the sums of many pools. Each directory is looked at once, and the catalogue is opened once.
 *
 * Returns: %FALSE when what the last refresh of one of them found cannot be read; then the sums of its volumes are 0
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_foreach_sums(GPtrArray *pools, VirtProbePoolSumsFunc func,
                                      gpointer user_data, GError **error);

/**
 * virt_probe_pool_sums_to_json:
 * @pool: a pool
 * @sums: its sums
 * @error: (nullable): why its directory cannot be used now; %NULL when it can
 *
 * Returns: (transfer full): what virt_probe_pool_to_json() gives, of sums that are known already
 *
 * Since: 0.1
 */
char *virt_probe_pool_sums_to_json(const VirtProbePool *pool, const VirtProbePoolSums *sums,
                                   const GError *error);

#pragma GCC visibility pop
G_END_DECLS
