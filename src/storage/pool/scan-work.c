/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-work.c: what the threads of a scan share: making it, and giving it back when the last one is through. */
#include "storage/pool/scan-work.h"

#include <string.h>

VpScan *
vp_scan_new(const char *directory, const VirtProbeScanSettings *settings, const VpScanOrder *order)
{
    VpScan *scan = g_new0(VpScan, 1);

    scan->ref_count = 1;
    if (settings != NULL)
        scan->settings = *settings;
    if (order != NULL) {
        scan->pool = order->pool != NULL ? virt_probe_pool_ref(order->pool) : NULL;
        scan->known = order->known;
    }
    if (order != NULL && order->lines != NULL)
        scan->lines.text = g_string_new(NULL);
    g_mutex_init(&scan->mutex);
    g_cond_init(&scan->work);
    g_cond_init(&scan->done);
    g_queue_init(&scan->lists);
    scan->closing = g_array_new(FALSE, FALSE, sizeof(int));
    scan->directories = g_ptr_array_new();
    g_ptr_array_add(scan->directories, vp_scan_directory_new(NULL, directory));
    return scan;
}

void
vp_scan_lines_add(VpScanLines *lines, const VpVolumeFacts *facts)
{
    vp_volume_facts_append_json(facts, lines->text);
    g_string_append_c(lines->text, '\n');
    lines->not_ok += strcmp(facts->state, "ok") != 0;
}

static void
lines_clear(VpScanLines *lines)
{
    if (lines->text != NULL)
        g_string_free(lines->text, TRUE);
}

VpScan *
vp_scan_ref(VpScan *scan)
{
    g_atomic_int_inc(&scan->ref_count);
    return scan;
}

void
vp_scan_release_list(VpScan *scan, VpScanList *list)
{
    if (list == NULL || !g_atomic_int_dec_and_test(&list->ref_count))
        return;
    vp_scan_release_directory(scan, list->directory);
    g_free(list);
}

void
vp_scan_release_directory(VpScan *scan, VpScanDirectory *directory)
{
    vp_scan_directory_unref(directory, scan->closing);
}

static gpointer
closing_thread(gpointer data)
{
    GArray *fds = data;

    for (guint i = 0; i < fds->len; i++)
        vp_entry_close(g_array_index(fds, int, i));
    g_array_unref(fds);
    return NULL;
}

/* What no worker has closed, in a thread that nobody waits for. (transfer full) */
static void
close_all(GArray *fds)
{
    GThread *thread =
        fds->len > 0 ? g_thread_try_new("virt-probe-close", closing_thread, fds, NULL) : NULL;

    if (thread != NULL)
        g_thread_unref(thread);
    else
        closing_thread(fds);
}

void
vp_scan_unref(VpScan *scan)
{
    VpScanList *list;

    if (!g_atomic_int_dec_and_test(&scan->ref_count))
        return;
    while ((list = g_queue_pop_head(&scan->lists)) != NULL)
        vp_scan_release_list(scan, list);
    for (guint i = 0; i < scan->directories->len; i++)
        vp_scan_release_directory(scan, g_ptr_array_index(scan->directories, i));
    close_all(scan->closing);
    g_ptr_array_unref(scan->directories);
    for (guint i = 0; i < scan->n_results; i++)
        virt_probe_volume_unref(scan->results[i].volume);
    lines_clear(&scan->lines);
    virt_probe_pool_unref(scan->pool);
    g_clear_error(&scan->failure);
    g_mutex_clear(&scan->mutex);
    g_cond_clear(&scan->work);
    g_cond_clear(&scan->done);
    g_free(scan);
}

void
vp_scan_push_directory(VpScan *scan, VpScanDirectory *directory)
{
    g_ptr_array_add(scan->directories, directory);
    g_cond_broadcast(&scan->work);
}

void
vp_scan_drop_directory(VpScan *scan, VpScanDirectory *directory)
{
    if (g_ptr_array_remove(scan->directories, directory))
        vp_scan_release_directory(scan, directory);
}

static gpointer
worker_thread(gpointer data)
{
    VpScanWorker *worker = data;

    vp_scan_worker_run(worker);
    vp_scan_worker_unref(worker);
    return NULL;
}

VpScanWorker *
vp_scan_worker_start(VpScan *scan)
{
    VpScanWorker *worker = g_new0(VpScanWorker, 1);

    worker->ref_count = 2;
    worker->closing_fd = -1;
    worker->scan = vp_scan_ref(scan);
    vp_scan_scratch_init(&worker->scratch);
    if (scan->lines.text != NULL)
        worker->lines.text = g_string_new(NULL);
    worker->thread = g_thread_try_new("virt-probe-scan", worker_thread, worker, NULL);
    if (worker->thread == NULL) {
        worker->ref_count = 1;
        vp_scan_worker_unref(worker);
        return NULL;
    }
    return worker;
}

void
vp_scan_worker_unref(VpScanWorker *worker)
{
    if (!g_atomic_int_dec_and_test(&worker->ref_count))
        return;
    vp_scan_scratch_clear(&worker->scratch);
    lines_clear(&worker->lines);
    g_mutex_lock(&worker->scan->mutex);
    vp_scan_release_list(worker->scan, worker->list);
    vp_scan_release_directory(worker->scan, worker->directory);
    g_mutex_unlock(&worker->scan->mutex);
    vp_scan_unref(worker->scan);
    g_free(worker);
}
