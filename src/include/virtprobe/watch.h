/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch.h: pools that are refreshed when something in their directory changes. */
#pragma once

#include <virtprobe/pool.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VIRT_PROBE_WATCH_NEVER:
 *
 * As an interval: no refresh without an event, but where a filesystem has no events.
 *
 * Since: 0.1
 */
#define VIRT_PROBE_WATCH_NEVER G_MAXUINT

/**
 * VirtProbeWatchSettings:
 * @scan: (nullable): how to scan
 * @events: (nullable): what to tell whom of each refresh
 * @interval_ms: after how long a pool is refreshed without an event, in milliseconds; 0: 60,000;
 *   %VIRT_PROBE_WATCH_NEVER: never. A network filesystem has no events for what other machines do: there it is 60,000 at
 *   most
 * @refreshed: (nullable): after each refresh: what it did, or why it failed (@error, else %NULL). A pool that cannot be
 *   used is told of once, until it can be used again; so is one that was undefined, and that was the last of it
 * @restarted: (nullable): when a pool was given another directory, before its first refresh: what was told of volumes is void
 * @user_data: for @refreshed and @restarted
 *
 * How to watch.
 *
 * Since: 0.1
 */
typedef struct {
    const VirtProbeScanSettings *scan;
    const VirtProbeRefreshEvents *events;
    guint interval_ms;
    void (*refreshed)(VirtProbePool *pool, const VirtProbeRefreshCounts *counts,
                      const GError *error, gpointer user_data);
    void (*restarted)(VirtProbePool *pool, gpointer user_data);
    gpointer user_data;
} VirtProbeWatchSettings;

/**
 * VirtProbeWatch:
 *
 * Pools that are watched. Opaque and counted.
 *
 * Since: 0.1
 */
typedef struct _VirtProbeWatch VirtProbeWatch;

#define VIRT_PROBE_TYPE_WATCH (virt_probe_watch_get_type())
GType virt_probe_watch_get_type(void);

/**
 * virt_probe_watch_ref:
 * @watch: a watch
 *
 * Returns: (transfer full): @watch
 *
 * Since: 0.1
 */
VirtProbeWatch *virt_probe_watch_ref(VirtProbeWatch *watch);

/**
 * virt_probe_watch_unref:
 * @watch: (transfer full) (nullable): a watch
 *
 * Since: 0.1
 */
void virt_probe_watch_unref(VirtProbeWatch *watch);

/**
 * virt_probe_watch_new:
 * @pools: (nullable) (element-type VirtProbePool): the pools; %NULL: all that are defined, also those that are defined while
 *   the watch runs
 * @error: return location for an error
 *
 * A pool that was defined is watched until it is undefined, and as it is defined then.
 *
 * Returns: (transfer full): a watch that does nothing yet; %NULL when the system has no descriptors left
 *
 * Since: 0.1
 */
VirtProbeWatch *virt_probe_watch_new(GPtrArray *pools, GError **error);

/**
 * virt_probe_watch_run:
 * @watch: a watch
 * @settings: (nullable): how to watch
 * @error: return location for an error
 *
 * Refreshes all pools, then each one when something in its directory changed and nothing did for 200 ms, at the latest
 * 2 s after the first change; and each when its interval is over. A directory that goes away, comes back, or has
 * something mounted on it is noticed. What a running guest writes is no event; opening, closing, adding, removing,
 * renaming and truncating files is.
 *
 * Blocks until virt_probe_watch_stop(); a refresh that goes on then is given up.
 *
 * A directory that does not answer within the timeout of the settings' scan is one that cannot be used; the other pools are
 * watched all the same.
 *
 * Returns: %TRUE when it was stopped; %FALSE with %G_FILE_ERROR_NOENT when the last of @pools was undefined
 *
 * Since: 0.1
 */
gboolean virt_probe_watch_run(VirtProbeWatch *watch, const VirtProbeWatchSettings *settings,
                              GError **error);

/**
 * virt_probe_watch_stop:
 * @watch: a watch
 *
 * Ends virt_probe_watch_run(), also one that begins later. A signal handler or another thread may call it.
 *
 * Since: 0.1
 */
void virt_probe_watch_stop(VirtProbeWatch *watch);

/**
 * virt_probe_watch_is_stopped:
 * @watch: a watch
 *
 * Returns: %TRUE from virt_probe_watch_stop() until virt_probe_watch_run() has returned
 *
 * Since: 0.1
 */
gboolean virt_probe_watch_is_stopped(const VirtProbeWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbeWatch, virt_probe_watch_unref)

#pragma GCC visibility pop
G_END_DECLS
