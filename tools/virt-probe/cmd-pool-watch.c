/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-pool-watch.c: `pool-watch`: pools that are refreshed when their directory changes; one JSON object a line. */
#include "number-option.h"
#include "refresh-events.h"

#include <virtprobe/watch.h>

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For the signal handler. */
static VirtProbeWatch *running;

static void
stop(int number)
{
    (void) number;
    virt_probe_watch_stop(running);
}

static gboolean
may_go_on(gpointer user_data)
{
    (void) user_data;
    return !virt_probe_watch_is_stopped(running);
}

/* A line for whoever listens; at once, because it may be a pipe. */
static void
print_line(const char *text)
{
    printf("%s\n", text);
    fflush(stdout);
    if (ferror(stdout))
        virt_probe_watch_stop(running);
}

/* The volume's own object has all that is known of it. One that is gone was not unreadable, whatever stands there. (transfer
 * full) */
static char *
volume_json(VirtProbeChange change, const VirtProbeVolume *volume)
{
    g_autofree char *json = virt_probe_volume_to_json(volume);
    json_auto_t *object = NULL;
    char *dumped;
    char *changed;

    if (change != VIRT_PROBE_CHANGE_REMOVED)
        return g_steal_pointer(&json);
    object = json_loads(json, JSON_ALLOW_NUL, NULL);
    if (object == NULL)
        return g_steal_pointer(&json);
    json_object_set_new(object, "state", json_string("removed"));
    dumped = json_dumps(object, JSON_COMPACT);
    changed = g_strdup(dumped);
    free(dumped);
    return changed;
}

static void
print_volume(VirtProbePool *pool, VirtProbeChange change, VirtProbeVolume *volume,
             gpointer user_data)
{
    g_autofree char *json = volume_json(change, volume);
    g_autofree char *members = pool_members(pool);
    g_autofree char *line = g_strdup_printf("{\"event\":\"%s\",%s\"volume\":%s}",
                                            virt_probe_change_get_name(change), members, json);

    (void) user_data;
    print_line(line);
}

static void
print_refresh(VirtProbePool *pool, const VirtProbeRefreshCounts *counts, const GError *error,
              gpointer user_data)
{
    g_autofree char *json = refresh_json(pool, counts, error);
    g_autofree char *line =
        g_strdup_printf("{\"event\":\"%s\",%s", error != NULL ? "failed" : "refreshed", json + 1);

    (void) user_data;
    print_line(line);
}

/* What was told of its volumes is of the directory that it had before. */
static void
print_restart(VirtProbePool *pool, gpointer user_data)
{
    g_autofree char *json = pool_members(pool);
    g_autofree char *line = NULL;

    (void) user_data;
    json[strlen(json) - 1] = '\0';
    line = g_strdup_printf("{\"event\":\"restarted\",%s}", json);
    print_line(line);
}

static gboolean
is_for_all(const Invocation *invocation)
{
    return invocation->n_arguments == 0 && invocation->values[POOL_OPTION_POOL] == NULL;
}

static GPtrArray *
pools_wanted(const Invocation *invocation, int *out_status)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *pools;
    VirtProbePool *pool;

    if (is_for_all(invocation)) {
        pools = virt_probe_pool_list(&error);
        if (error != NULL)
            message_print("%s", error->message);
        return pools;
    }
    pool = pool_argument(invocation, out_status);
    if (pool == NULL)
        return NULL;
    pools = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_pool_unref);
    g_ptr_array_add(pools, pool);
    return pools;
}

static void
handle_signals(void (*handler)(int number))
{
    const struct sigaction action = { .sa_handler = handler };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int
pool_watch_run(const Invocation *invocation)
{
    const VirtProbeRefreshEvents printer = { .volume = print_volume };
    int status = STATUS_FAILED;
    guint seconds = 0;
    g_autoptr(GPtrArray) pools = NULL;
    g_autoptr(VirtProbeHooks) hooks = NULL;
    g_autoptr(GError) error = NULL;
    VirtProbeWatchSettings settings = { .refreshed = print_refresh, .restarted = print_restart };
    gboolean is_done;

    if (!number_option(invocation, POOL_WATCH_OPTION_INTERVAL, SECONDS_MAX, &seconds))
        return STATUS_USAGE;
    pools = pools_wanted(invocation, &status);
    if (pools == NULL)
        return status;
    if (pools->len == 0)
        message_print(_("no pool is defined yet; the first one is waited for"));
    running = virt_probe_watch_new(is_for_all(invocation) ? NULL : pools, &error);
    if (running == NULL)
        return error_print(error);
    hooks = hooks_open(may_go_on, &printer);
    settings.events = virt_probe_hooks_get_events(hooks);
    settings.interval_ms = seconds * 1000;
    handle_signals(stop);
    is_done = virt_probe_watch_run(running, &settings, &error);
    if (!is_done)
        message_print("%s", error->message);
    /* Whoever is told to end twice ends at once. */
    handle_signals(SIG_DFL);
    virt_probe_watch_unref(g_steal_pointer(&running));
    return is_done ? STATUS_OK : STATUS_FAILED;
}
