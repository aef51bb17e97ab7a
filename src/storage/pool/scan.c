/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan.c: virt_probe_scan(): starts the workers, hands out what they find, and gives up those that wait for ever. */
#include "virtprobe/scan.h"

#include "storage/pool/scan-work.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>

#define JOBS_MAX 256
#define TIMEOUT_MS 10000
/* A worker is given up when it was found in the same call so often, each time a part of the timeout later. A process that
 * is stopped and goes on later loses one of them only. */
#define SIGHTINGS 4
/* When a scan is cancelled, how long workers may take to finish what they are at. */
#define END_MS 200

/* How long volumes may wait to be handed out together. */
#define PATIENCE_MS 40

/* What only the thread of the caller sees. */
typedef struct {
    VpScan *scan;
    VpScanWorker **workers;
    guint n_workers;
    guint n_given_up;
    guint timeout_ms;
    gint64 next_look; /* monotonic time, in µs */
    VirtProbeVolumeFunc func;
    gboolean (*same)(guint number, gpointer user_data);
    VirtProbeLinesFunc lines_func;
    VpScanLines lines; /* text: NULL: volumes are wanted */
    gpointer user_data;
    gboolean is_cancelled;
} Caller;

static guint
jobs_of(const VirtProbeScanSettings *settings)
{
    guint jobs = settings != NULL ? settings->jobs : 0;

    return CLAMP(jobs != 0 ? jobs : g_get_num_processors(), 1, JOBS_MAX);
}

static gint64
look_interval(const Caller *caller)
{
    return (gint64) caller->timeout_ms * 1000 / SIGHTINGS + 1;
}

/* Takes over the volume. */
static void
deliver(Caller *caller, VpScanResult result)
{
    gboolean goes_on = TRUE;

    if (!caller->is_cancelled)
        goes_on = result.volume != NULL ? caller->func(result.volume, caller->user_data)
                                        : caller->same(result.number, caller->user_data);
    caller->is_cancelled |= !goes_on;
    virt_probe_volume_unref(result.volume);
}

/* Hands lines out, which are empty then. */
static void
deliver_lines(Caller *caller, VpScanLines *lines)
{
    const GString *text = lines->text;

    if (text->len > 0 && !caller->is_cancelled
        && !caller->lines_func(text->str, text->len, lines->not_ok, caller->user_data))
        caller->is_cancelled = TRUE;
    g_string_truncate(lines->text, 0);
    lines->not_ok = 0;
}

static void
deliver_results(Caller *caller, const VpScanResult *results, guint count)
{
    for (guint i = 0; i < count; i++)
        deliver(caller, results[i]);
}

/* Takes over the volume, which no worker has found. */
static void
deliver_volume(Caller *caller, VirtProbeVolume *volume)
{
    if (caller->lines.text == NULL) {
        deliver(caller, (VpScanResult) { .volume = volume });
        return;
    }
    vp_scan_lines_add(&caller->lines, &volume->facts);
    virt_probe_volume_unref(volume);
    deliver_lines(caller, &caller->lines);
}

/* Whether it waited for a directory to be listed, not for an entry or for a directory to be closed. */
static gboolean
was_listing(const VpScanWorker *worker)
{
    return worker->list == NULL && worker->directory != NULL;
}

/* The row of the entry or directory that a worker waited for. NULL: the outermost directory itself, or none. */
static VirtProbeVolume *
volume_of_timeout(const Caller *caller, const VpScanWorker *worker)
{
    g_autofree char *message = g_strdup_printf("does not answer within %u ms", caller->timeout_ms);
    VpScanScratch scratch;
    VirtProbeVolume *volume;

    if (worker->list == NULL && (worker->directory == NULL || worker->directory->parent == NULL))
        return NULL;
    vp_scan_scratch_init(&scratch);
    if (worker->list != NULL)
        vp_scan_name(&scratch, worker->list->directory, worker->list->entries[worker->index].name);
    else
        vp_scan_name(&scratch, worker->directory->parent, worker->directory->entry);
    volume = vp_volume_new(vp_scan_unreadable(&scratch, "timeout", message));
    vp_scan_scratch_clear(&scratch);
    return volume;
}

/* Without the mutex. What the worker had found is handed out, its place is free. */
static void
take_over(Caller *caller, VpScanWorker *worker)
{
    VpScan *scan = caller->scan;
    VirtProbeVolume *volume = volume_of_timeout(caller, worker);

    if (worker->lines.text != NULL)
        deliver_lines(caller, &worker->lines);
    else
        deliver_results(caller, worker->results, worker->n_results);
    worker->n_results = 0;
    g_mutex_lock(&scan->mutex);
    scan->n_busy--;
    scan->n_alive--;
    if (was_listing(worker)) {
        scan->is_listing = FALSE;
        vp_scan_drop_directory(scan, worker->directory);
    }
    if (volume == NULL && was_listing(worker))
        scan->saved_errno = ETIMEDOUT;
    scan->has_given_up = ++caller->n_given_up >= VP_SCAN_GIVEN_UP_MAX;
    g_cond_broadcast(&scan->work);
    g_mutex_unlock(&scan->mutex);
    if (volume != NULL)
        deliver_volume(caller, volume);
    g_thread_unref(worker->thread);
    vp_scan_worker_unref(worker);
}

/* FALSE: it has gone on, or is in no call that may last. */
static gboolean
give_up(VpScanWorker *worker, gsize state)
{
    return (state & VP_SCAN_IS_WAITING) != 0
           && g_atomic_pointer_compare_and_exchange(&worker->state, state, VP_SCAN_IS_GIVEN_UP);
}

static VpScanWorker *
start_worker(VpScan *scan)
{
    VpScanWorker *worker = vp_scan_worker_start(scan);

    if (worker == NULL) {
        g_mutex_lock(&scan->mutex);
        scan->n_alive--;
        g_mutex_unlock(&scan->mutex);
    }
    return worker;
}

/* TRUE: the worker was found in the same call often enough. */
static gboolean
is_overdue(VpScanWorker *worker)
{
    gsize state = (gsize) g_atomic_pointer_get(&worker->state);

    if (state != worker->seen_state) {
        worker->seen_state = state;
        worker->n_seen = 0;
    }
    return worker->n_seen++ >= SIGHTINGS;
}

/* Without the mutex. */
static void
look_after_workers(Caller *caller)
{
    gint64 now = g_get_monotonic_time();

    if (now < caller->next_look)
        return;
    caller->next_look = now + look_interval(caller);
    for (guint i = 0; i < caller->n_workers; i++) {
        VpScanWorker *worker = caller->workers[i];

        if (worker == NULL || !is_overdue(worker) || !give_up(worker, worker->seen_state))
            continue;
        g_mutex_lock(&caller->scan->mutex);
        caller->scan->n_alive++;
        g_mutex_unlock(&caller->scan->mutex);
        take_over(caller, worker);
        caller->workers[i] = start_worker(caller->scan);
    }
}

/* Waits until there are volumes, nothing more will come, or it is time to look after the workers. Gives how many results
 * were taken. With the mutex. */
static guint
wait_for_results(Caller *caller, VpScanResult *out_results)
{
    VpScan *scan = caller->scan;
    guint count;

    while (scan->n_results < VP_SCAN_DONE_WORTH && scan->n_alive > 0) {
        gint64 end = MIN(caller->next_look, g_get_monotonic_time() + PATIENCE_MS * 1000);

        scan->is_caller_waiting = TRUE;
        if (!g_cond_wait_until(&scan->done, &scan->mutex, end))
            break;
    }
    scan->is_caller_waiting = FALSE;
    count = scan->n_results;
    if (caller->lines.text != NULL) {
        VpScanLines taken = scan->lines;

        scan->lines = caller->lines;
        caller->lines = taken;
    } else {
        memcpy(out_results, scan->results, count * sizeof *out_results);
    }
    scan->n_results = 0;
    if (count > VP_SCAN_DONE_MAX - VP_SCAN_RESULTS_MAX)
        g_cond_broadcast(&scan->work);
    return count;
}

static void
deliver_all(Caller *caller)
{
    VpScanResult results[VP_SCAN_DONE_MAX + VP_SCAN_RESULTS_MAX];
    VpScan *scan = caller->scan;
    gboolean is_going = TRUE;

    while (is_going && !caller->is_cancelled) {
        guint count;

        g_mutex_lock(&scan->mutex);
        count = wait_for_results(caller, results);
        is_going = count > 0 || scan->n_alive > 0;
        g_mutex_unlock(&scan->mutex);
        if (caller->lines.text != NULL)
            deliver_lines(caller, &caller->lines);
        else
            deliver_results(caller, results, count);
        look_after_workers(caller);
    }
}

/* TRUE: no worker is left that could still use what is the caller's. */
static gboolean
workers_have_ended(Caller *caller)
{
    VpScan *scan = caller->scan;
    gint64 end = g_get_monotonic_time() + END_MS * 1000;
    guint n_alive;

    g_mutex_lock(&scan->mutex);
    scan->is_stopping = TRUE;
    g_cond_broadcast(&scan->work);
    while (scan->n_alive > 0 && g_cond_wait_until(&scan->done, &scan->mutex, end))
        ;
    n_alive = scan->n_alive;
    g_mutex_unlock(&scan->mutex);
    return n_alive == 0;
}

/* Ends the workers: those that wait for the system are left behind. */
static void
end_workers(Caller *caller)
{
    while (!workers_have_ended(caller)) {
        for (guint i = 0; i < caller->n_workers; i++) {
            VpScanWorker *worker = caller->workers[i];

            if (worker != NULL && give_up(worker, (gsize) g_atomic_pointer_get(&worker->state))) {
                take_over(caller, worker);
                caller->workers[i] = NULL;
            }
        }
    }
    for (guint i = 0; i < caller->n_workers; i++) {
        if (caller->workers[i] == NULL)
            continue;
        g_thread_join(caller->workers[i]->thread);
        for (guint j = 0; j < caller->workers[i]->n_results; j++)
            virt_probe_volume_unref(caller->workers[i]->results[j].volume);
        vp_scan_worker_unref(caller->workers[i]);
    }
}

/* What is left undone when a scan that was not cancelled ends. */
static gboolean
scan_check(const Caller *caller, GError **error)
{
    const VpScan *scan = caller->scan;

    if (caller->is_cancelled)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED,
                            "the scan was stopped");
    else if (scan->failure != NULL)
        g_propagate_error(error, g_error_copy(scan->failure));
    else if (scan->saved_errno != 0)
        vp_error_set_errno(error, scan->saved_errno, "cannot list");
    else if (scan->directories->len > 0 || scan->lists.length > 0)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                            "the system gives no more threads");
    else
        return TRUE;
    return FALSE;
}

gboolean
vp_scan_run(const char *directory, const VirtProbeScanSettings *settings, const VpScanOrder *order,
            VirtProbeVolumeFunc func, gpointer user_data, GError **error)
{
    const guint jobs = jobs_of(settings);
    g_autofree VpScanWorker **workers = g_new0(VpScanWorker *, jobs);
    Caller caller = { .workers = workers, .n_workers = jobs, .func = func, .user_data = user_data };
    gboolean is_whole;

    if (order != NULL) {
        caller.same = order->same;
        caller.lines_func = order->lines;
    }
    if (caller.lines_func != NULL)
        caller.lines.text = g_string_new(NULL);
    caller.scan = vp_scan_new(directory, settings, order);
    caller.timeout_ms =
        settings != NULL && settings->timeout_ms != 0 ? settings->timeout_ms : TIMEOUT_MS;
    caller.next_look = g_get_monotonic_time() + look_interval(&caller);
    caller.scan->n_alive = jobs;
    for (guint i = 0; i < jobs; i++)
        workers[i] = start_worker(caller.scan);
    deliver_all(&caller);
    end_workers(&caller);
    is_whole = scan_check(&caller, error);
    if (is_whole && order != NULL && order->out_changed != NULL)
        *order->out_changed = caller.scan->changed;
    vp_scan_unref(caller.scan);
    if (caller.lines.text != NULL)
        g_string_free(caller.lines.text, TRUE);
    return is_whole;
}

gboolean
virt_probe_scan(const char *directory, const VirtProbeScanSettings *settings,
                VirtProbeVolumeFunc func, gpointer user_data, GError **error)
{
    g_return_val_if_fail(directory != NULL && func != NULL, FALSE);

    return vp_scan_run(directory, settings, NULL, func, user_data, error);
}

gboolean
virt_probe_scan_lines(const char *directory, const VirtProbeScanSettings *settings,
                      VirtProbeLinesFunc func, gpointer user_data, GError **error)
{
    const VpScanOrder order = { .lines = func };

    g_return_val_if_fail(directory != NULL && func != NULL, FALSE);

    return vp_scan_run(directory, settings, &order, NULL, user_data, error);
}
