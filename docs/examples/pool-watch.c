/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-watch.c: an example: all pools are refreshed whenever their directory changes, until SIGINT.
 *
 *     cc -o pool-watch pool-watch.c $(pkg-config --cflags --libs virtprobe-pool-1.0)
 *     ./pool-watch [HOW-MANY-REFRESHES] */
#include <virtprobe/watch.h>

#include <signal.h>
#include <stdlib.h>

/* For the signal handler, which may call virt_probe_watch_stop(). */
static VirtProbeWatch *running;

static void
stop(int number)
{
    (void) number;
    virt_probe_watch_stop(running);
}

/* A pool that cannot be used, as when its share is not mounted, is watched on. */
static void
print_refresh(VirtProbePool *pool, const VirtProbeRefreshCounts *counts, const GError *error,
              gpointer user_data)
{
    gint *left = user_data;

    if (error != NULL)
        g_print("%s: %s\n", virt_probe_pool_get_name(pool), error->message);
    else
        g_print("%s: %" G_GUINT64_FORMAT " volumes\n", virt_probe_pool_get_name(pool),
                counts->volumes);
    if (*left > 0 && --*left == 0)
        virt_probe_watch_stop(running);
}

int
main(int argc, char **argv)
{
    gint left = argc > 1 ? atoi(argv[1]) : 0;
    const VirtProbeWatchSettings settings = { .refreshed = print_refresh, .user_data = &left };
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pools = virt_probe_pool_list(&error);
    gboolean is_stopped;

    if (error != NULL)
        g_printerr("%s\n", error->message);
    if (pools->len == 0) {
        g_printerr("no pool is defined\n");
        return 1;
    }
    g_clear_error(&error);
    running = virt_probe_watch_new(pools, &error);
    if (running != NULL)
        signal(SIGINT, stop);
    is_stopped = running != NULL && virt_probe_watch_run(running, &settings, &error);
    if (!is_stopped)
        g_printerr("%s\n", error->message);
    virt_probe_watch_unref(running);
    return is_stopped ? 0 : 1;
}
