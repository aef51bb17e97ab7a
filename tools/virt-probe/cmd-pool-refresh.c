/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-pool-refresh.c: `pool-refresh`: bringing the catalogue up to date. */
#include "json-list.h"
#include "number-option.h"
#include "refresh-events.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const Invocation *invocation;
    VirtProbeScanSettings settings;
    JsonList *list; /* NULL: for people */
    GPtrArray *
        messages; /* of failures, for the end: in JSON none must stand in the middle of the document */
} Run;

/* One line on a terminal, which the next one overwrites. */
static gboolean
show_progress(guint64 done, gpointer user_data)
{
    (void) user_data;
    fprintf(stderr, "\r%" G_GUINT64_FORMAT, done);
    return TRUE;
}

static void
print_counts(const Run *run, const VirtProbePool *pool, const VirtProbeRefreshCounts *counts)
{
    const guint64 numbers[] = { counts->volumes, counts->added, counts->changed, counts->removed,
                                counts->not_ok };
    char texts[G_N_ELEMENTS(numbers)][24];
    g_autofree char *name = NULL;
    g_autofree char *json = NULL;

    if (run->list != NULL) {
        json = refresh_json(pool, counts, NULL);
        json_list_print(run->list, json);
        return;
    }
    name = shown_name(virt_probe_pool_get_name(pool));
    printf(_("Pool %s refreshed\n"), name);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        g_snprintf(texts[i], sizeof texts[i], "%" G_GUINT64_FORMAT, numbers[i]);
    printf(ngettext("%s volume: %s new, %s changed, %s gone, %s not ok\n",
                    "%s volumes: %s new, %s changed, %s gone, %s not ok\n",
                    (unsigned long) counts->volumes),
           texts[0], texts[1], texts[2], texts[3], texts[4]);
    putchar('\n');
}

static int
refresh_failed(const Run *run, const VirtProbePool *pool, const GError *error)
{
    g_autofree char *name = shown_name(virt_probe_pool_get_name(pool));
    g_autofree char *json = NULL;

    if (run->list == NULL)
        return failure_print(_("pool"), virt_probe_pool_get_name(pool), error);
    g_ptr_array_add(run->messages, g_strdup_printf("%s '%s': %s", _("pool"), name, error->message));
    json = refresh_json(pool, NULL, error);
    json_list_print(run->list, json);
    return STATUS_FAILED;
}

static int
refresh(const Run *run, VirtProbePool *pool)
{
    VirtProbeRefreshEvents events = { .user_data = NULL };
    VirtProbeRefreshCounts counts;
    g_autoptr(VirtProbeHooks) hooks = NULL;
    g_autoptr(GError) error = NULL;
    gboolean is_done;

    if (isatty(STDERR_FILENO))
        events.progress = show_progress;
    hooks = hooks_open(NULL, &events);
    is_done = virt_probe_pool_refresh(pool, &run->settings, virt_probe_hooks_get_events(hooks),
                                      &counts, &error);
    if (events.progress != NULL)
        fputs("\r\x1b[K", stderr);
    if (!is_done)
        return refresh_failed(run, pool, error);
    print_counts(run, pool, &counts);
    return STATUS_OK;
}

static int
refresh_all(const Run *run)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pools = virt_probe_pool_list(&error);
    int status = STATUS_OK;

    if (error != NULL) {
        message_print("%s", error->message);
        status = STATUS_FAILED;
    }
    for (guint i = 0; i < pools->len; i++) {
        int pool_status = refresh(run, g_ptr_array_index(pools, i));

        status = MAX(status, pool_status);
    }
    return status;
}

static gboolean
run_init(Run *run, const Invocation *invocation)
{
    guint seconds = 0;

    *run = (Run) { .invocation = invocation };
    if (!number_option(invocation, POOL_REFRESH_OPTION_JOBS, JOBS_MAX, &run->settings.jobs)
        || !number_option(invocation, POOL_REFRESH_OPTION_TIMEOUT, SECONDS_MAX, &seconds))
        return FALSE;
    run->settings.timeout_ms = seconds * 1000;
    if (invocation->values[POOL_REFRESH_OPTION_FORCE] != NULL)
        run->settings.flags |= VIRT_PROBE_SCAN_FORCE;
    return TRUE;
}

int
pool_refresh_run(const Invocation *invocation)
{
    gboolean is_all = invocation->values[POOL_REFRESH_OPTION_ALL] != NULL;
    g_autoptr(VirtProbePool) pool = NULL;
    int status = STATUS_OK;
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    JsonList list;
    Run run;

    if (!run_init(&run, invocation))
        return STATUS_USAGE;
    if (is_all && (invocation->n_arguments > 0 || invocation->values[POOL_OPTION_POOL] != NULL))
        return usage_error(invocation->command, _("--all and a pool cannot stand together"));
    if (!is_all) {
        pool = pool_argument(invocation, &status);
        if (pool == NULL)
            return status;
    }
    if (output_is_json(invocation)) {
        run.list = &list;
        run.messages = messages;
        json_list_begin(&list, NULL);
    }
    status = is_all ? refresh_all(&run) : refresh(&run, pool);
    if (run.list != NULL)
        json_list_end(&list);
    messages_flush(messages);
    return status;
}
