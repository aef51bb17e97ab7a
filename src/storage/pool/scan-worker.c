/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-worker.c: what a worker of a scan does: it lists directories and describes their entries. */
#include "storage/pool/pool.h"
#include "storage/pool/scan-work.h"

#include <errno.h>
#include <sys/stat.h>

/* Lists that wait, so that describing never waits for listing. */
#define LISTS_WAITING_MAX 2

/* What follows may never return. */
static gsize
worker_begin(VpScanWorker *worker)
{
    gsize state = (worker->state | VP_SCAN_IS_WAITING) + 2;

    g_atomic_pointer_set(&worker->state, state);
    return state;
}

/* It returned. FALSE: too late, the worker was given up and owns nothing any more. */
static gboolean
worker_end(VpScanWorker *worker, gsize state)
{
    return g_atomic_pointer_compare_and_exchange(&worker->state, state,
                                                 state & ~(gsize) VP_SCAN_IS_WAITING);
}

/* What is known of an entry, and what it gives if that still holds. */
typedef struct {
    VpScanKnown known;
    VpScanResult result;
} Memory;

static inline void
memory_clear(Memory *memory)
{
    if (memory->result.volume != NULL)
        virt_probe_volume_unref(memory->result.volume);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Memory, memory_clear)

static gboolean
remember_number(Memory *memory, const VpKnown *known, const char *name)
{
    gint number = vp_known_find(known, name);

    if (number < 0)
        return FALSE;
    memory->known.identity = *vp_known_identity(known, (guint) number);
    memory->result.number = (guint) number;
    return TRUE;
}

static gboolean
remember_volume(Memory *memory, const VirtProbeScanSettings *settings, const char *name)
{
    VirtProbeVolume *volume = settings->known(name, settings->known_data);

    if (volume == NULL)
        return FALSE;
    memory->known.identity = vp_known_identity_of(&volume->facts);
    /* The caller's reference ends with the scan, and this thread may not. */
    memory->result.volume = virt_probe_volume_ref(volume);
    return TRUE;
}

/* Asks the caller what was known of an entry. FALSE: nothing. Never while the worker waits: when it goes on there may be no
 * caller any more. */
static gboolean
remember(Memory *memory, const VpScan *scan, const char *name)
{
    const VirtProbeScanSettings *settings = &scan->settings;
    gboolean is_found = FALSE;

    if ((settings->flags & VIRT_PROBE_SCAN_FORCE) != 0)
        return FALSE;
    if (scan->known != NULL)
        is_found = remember_number(memory, scan->known, name);
    else if (settings->known != NULL)
        is_found = remember_volume(memory, settings, name);
    return is_found;
}

/* The same for comparing: what could not be read has no identity, and may be readable now. */
static inline VpScanKnown *
remember_identity(Memory *memory, const VpScan *scan, const char *name)
{
    if (scan->known == NULL && scan->settings.known == NULL)
        return NULL;
    return remember(memory, scan, name) && memory->known.identity.seen == 0 ? &memory->known : NULL;
}

static void
add_result(VpScanWorker *worker, VpScanResult result)
{
    worker->results[worker->n_results++] = result;
}

static void
add_facts(VpScanWorker *worker, const VpVolumeFacts *facts)
{
    VpScanResult result = { .volume = NULL };

    if (worker->lines.text != NULL)
        vp_scan_lines_add(&worker->lines, facts);
    else
        result.volume = vp_volume_new(facts);
    add_result(worker, result);
}

static void
add_known(VpScanWorker *worker, Memory *memory)
{
    VirtProbeVolume *volume = memory->result.volume;

    if (worker->lines.text != NULL && volume != NULL) {
        add_facts(worker, &volume->facts);
        return;
    }
    add_result(worker, memory->result);
    memory->result.volume = NULL;
}

/* TRUE when the entry is a directory that is entered, which makes its volume later. */
static gboolean
is_entered(VpScanWorker *worker, VpScanList *list, const VpEntry *entry)
{
    VpEntryInfo info;

    if ((worker->scan->settings.flags & VIRT_PROBE_SCAN_RECURSIVE) == 0)
        return FALSE;
    if (entry->kind != VP_ENTRY_UNKNOWN)
        return entry->kind == VP_ENTRY_DIRECTORY;
    return vp_entry_stat(list->directory->fd, entry->name, FALSE, &info) && S_ISDIR(info.mode);
}

/* Nothing is said of files then: none of them is the reason. */
static gboolean
is_out_of_descriptors(int saved_errno)
{
    return saved_errno == EMFILE || saved_errno == ENFILE;
}

/* Ends the scan. With the mutex. */
static void
scan_give_up(VpScan *scan, int saved_errno)
{
    scan->saved_errno = saved_errno;
    scan->is_stopping = TRUE;
    g_cond_broadcast(&scan->work);
}

/* Whether the entry could not be opened because nothing can be; then the scan ends. The mutex is not held. */
static gboolean
gives_up(VpScanWorker *worker)
{
    VpScan *scan = worker->scan;

    if (!is_out_of_descriptors(worker->scratch.saved_errno))
        return FALSE;
    g_mutex_lock(&scan->mutex);
    scan_give_up(scan, worker->scratch.saved_errno);
    g_mutex_unlock(&scan->mutex);
    return TRUE;
}

/* The mutex is not held. FALSE: the worker was given up. */
static gboolean
describe_entry(VpScanWorker *worker, VpScanList *list, guint index)
{
    const VpEntry *entry = &list->entries[index];
    const char *name = vp_scan_name(&worker->scratch, list->directory, entry->name);
    g_auto(Memory) memory = { 0 };
    VpScanKnown *known = remember_identity(&memory, worker->scan, name);
    const VpVolumeFacts *facts = NULL;
    gboolean enters;
    gsize state;

    worker->index = index;
    state = worker_begin(worker);
    enters = is_entered(worker, list, entry);
    if (enters && list->directory->depth >= VP_SCAN_DEPTH_MAX)
        facts = vp_scan_unreadable(&worker->scratch, "limit", "lies too many directories deep");
    else if (!enters)
        facts = vp_scan_entry(&worker->scratch, list->directory, entry, known);
    if (!worker_end(worker, state))
        return FALSE;
    if (facts != NULL && gives_up(worker))
        return TRUE;
    if (facts != NULL) {
        add_facts(worker, facts);
    } else if (memory.known.is_same) {
        add_known(worker, &memory);
    } else if (enters) {
        VpScanDirectory *directory = vp_scan_directory_new(list->directory, entry->name);

        g_mutex_lock(&worker->scan->mutex);
        vp_scan_push_directory(worker->scan, directory);
        g_mutex_unlock(&worker->scan->mutex);
    }
    return TRUE;
}

/* When nothing answers any more. */
static void
skip_entry(VpScanWorker *worker, VpScanList *list, guint index)
{
    const char *name = vp_scan_name(&worker->scratch, list->directory, list->entries[index].name);
    g_auto(Memory) memory = { 0 };

    /* What was known is more than nothing. */
    if (remember(&memory, worker->scan, name))
        add_known(worker, &memory);
    else
        add_facts(worker, vp_scan_unreadable(&worker->scratch, "timeout",
                                             "was not tried, too many others did not answer"));
}

static gboolean
describe_some(VpScanWorker *worker, gboolean is_skipping)
{
    VpScanList *list = worker->list;

    while (worker->n_results < VP_SCAN_RESULTS_MAX) {
        guint index = (guint) g_atomic_int_add(&list->next, 1);

        if (index >= list->count)
            break;
        if (is_skipping)
            skip_entry(worker, list, index);
        else if (!describe_entry(worker, list, index))
            return FALSE;
    }
    return TRUE;
}

static void
add_directory(VpScanWorker *worker, const VpScanDirectory *directory, int saved_errno)
{
    const char *name = vp_scan_name(&worker->scratch, directory->parent, directory->entry);
    g_auto(Memory) memory = { 0 };
    VpScanKnown *known = remember_identity(&memory, worker->scan, name);
    const VpVolumeFacts *facts =
        vp_scan_directory_facts(&worker->scratch, directory, saved_errno, known);

    if (facts != NULL)
        add_facts(worker, facts);
    else
        add_known(worker, &memory);
}

/* The end of a directory, or of what can be read of it. failure: (transfer full) */
static void
directory_end(VpScanWorker *worker, VpScanDirectory *directory, int saved_errno, GError *failure)
{
    VpScan *scan = worker->scan;

    if (is_out_of_descriptors(saved_errno)) {
        scan_give_up(scan, saved_errno);
        g_clear_error(&failure);
    } else if (directory->parent == NULL) {
        if (saved_errno != 0)
            scan->saved_errno = saved_errno;
        else
            scan->changed = vp_scan_directory_changed(directory);
        scan->failure = failure;
    } else {
        g_mutex_unlock(&scan->mutex);
        add_directory(worker, directory, saved_errno);
        g_mutex_lock(&scan->mutex);
    }
    vp_scan_drop_directory(scan, directory);
}

/* Opens a directory, if it is not open yet. FALSE with errno; the outermost of a pool says why in words. */
static gboolean
open_directory(const VpScan *scan, VpScanDirectory *directory, GError **failure)
{
    if (directory->fd >= 0)
        return TRUE;
    if (directory->parent != NULL || scan->pool == NULL)
        return vp_scan_directory_open(directory);
    if (vp_scan_directory_open(directory) && vp_scan_directory_settle(directory))
        return vp_pool_check_directory(scan->pool->target, scan->pool->backend, directory->fd,
                                       failure);
    vp_pool_set_unusable(scan->pool->target, errno, failure);
    return FALSE;
}

/* Lists some entries of worker->directory. FALSE: the worker was given up. */
static gboolean
list_some(VpScanWorker *worker, gboolean is_skipping)
{
    VpScanDirectory *directory = worker->directory;
    VpScan *scan = worker->scan;
    VpScanList *list = g_new(VpScanList, 1);
    g_autoptr(GError) failure = NULL;
    gsize state = worker_begin(worker);
    int result = -1;
    int saved_errno = ETIMEDOUT;

    list->ref_count = 1;
    list->next = 0;
    list->count = 0;
    if (!is_skipping || directory->parent == NULL) {
        if (open_directory(scan, directory, &failure))
            result = vp_entry_list(directory->fd, list->buffer, list->entries, &list->count);
        saved_errno = result < 0 ? errno : 0;
    }
    list->directory = vp_scan_directory_ref(directory);
    if (!worker_end(worker, state)) {
        g_mutex_lock(&scan->mutex);
        vp_scan_release_list(scan, list);
        g_mutex_unlock(&scan->mutex);
        return FALSE;
    }
    g_mutex_lock(&scan->mutex);
    if (result <= 0)
        directory_end(worker, directory, saved_errno, g_steal_pointer(&failure));
    if (list->count > 0)
        g_queue_push_tail(&scan->lists, g_steal_pointer(&list));
    scan->is_listing = FALSE;
    g_cond_broadcast(&scan->work);
    vp_scan_release_list(scan, list);
    g_mutex_unlock(&scan->mutex);
    return TRUE;
}

/* Closes a directory. FALSE: the worker was given up. */
static gboolean
close_one(VpScanWorker *worker)
{
    gsize state = worker_begin(worker);

    vp_entry_close(worker->closing_fd);
    worker->closing_fd = -1;
    return worker_end(worker, state);
}

/* The functions below hold the mutex. */

static void
lines_move(VpScanLines *to, VpScanLines *from)
{
    if (from->text == NULL)
        return;
    g_string_append_len(to->text, from->text->str, (gssize) from->text->len);
    to->not_ok += from->not_ok;
    g_string_truncate(from->text, 0);
    from->not_ok = 0;
}

static void
hand_on(VpScanWorker *worker)
{
    VpScan *scan = worker->scan;

    while (scan->n_results > VP_SCAN_DONE_MAX - VP_SCAN_RESULTS_MAX && worker->n_results > 0
           && !scan->is_stopping)
        g_cond_wait(&scan->work, &scan->mutex);
    /* Nobody takes them any more; the caller finds them here. */
    if (scan->is_stopping)
        return;
    for (guint i = 0; i < worker->n_results; i++)
        scan->results[scan->n_results++] = worker->results[i];
    worker->n_results = 0;
    lines_move(&scan->lines, &worker->lines);
    if (scan->n_results >= VP_SCAN_DONE_WORTH && scan->is_caller_waiting) {
        scan->is_caller_waiting = FALSE;
        g_cond_signal(&scan->done);
    }
}

/* The list at the head that has entries left; NULL: none has. */
static VpScanList *
next_list(VpScan *scan)
{
    VpScanList *list;

    while ((list = g_queue_peek_head(&scan->lists)) != NULL
           && (guint) g_atomic_int_get(&list->next) >= list->count)
        vp_scan_release_list(scan, g_queue_pop_head(&scan->lists));
    return list;
}

static gboolean
take_directory(VpScanWorker *worker)
{
    VpScan *scan = worker->scan;
    GPtrArray *directories = scan->directories;

    if (scan->is_listing || directories->len == 0 || scan->lists.length >= LISTS_WAITING_MAX)
        return FALSE;
    scan->is_listing = TRUE;
    worker->directory = vp_scan_directory_ref(g_ptr_array_index(directories, directories->len - 1));
    return TRUE;
}

static gboolean
take_list(VpScanWorker *worker)
{
    VpScanList *list = next_list(worker->scan);

    if (list == NULL)
        return FALSE;
    g_atomic_int_inc(&list->ref_count);
    worker->list = list;
    return TRUE;
}

static gboolean
take_closing(VpScanWorker *worker)
{
    GArray *closing = worker->scan->closing;

    if (closing->len == 0)
        return FALSE;
    worker->closing_fd = g_array_index(closing, int, closing->len - 1);
    g_array_set_size(closing, closing->len - 1);
    return TRUE;
}

static gboolean
do_next(VpScanWorker *worker, gboolean is_skipping)
{
    if (worker->closing_fd >= 0)
        return close_one(worker);
    return worker->directory != NULL ? list_some(worker, is_skipping)
                                     : describe_some(worker, is_skipping);
}

/* Finds something to do. FALSE: there will be nothing any more. */
static gboolean
worker_next(VpScanWorker *worker)
{
    VpScan *scan = worker->scan;

    vp_scan_release_list(scan, g_steal_pointer(&worker->list));
    vp_scan_release_directory(scan, g_steal_pointer(&worker->directory));
    hand_on(worker);
    for (;;) {
        if (!scan->is_stopping)
            next_list(scan);
        if (take_closing(worker)
            || (!scan->is_stopping && (take_directory(worker) || take_list(worker)))) {
            scan->n_busy++;
            return TRUE;
        }
        if (scan->is_stopping)
            break;
        if (scan->n_busy == 0 && scan->directories->len == 0)
            break;
        g_cond_wait(&scan->work, &scan->mutex);
    }
    return FALSE;
}

void
vp_scan_worker_run(VpScanWorker *worker)
{
    VpScan *scan = worker->scan;

    g_mutex_lock(&scan->mutex);
    while (worker_next(worker)) {
        gboolean is_skipping = scan->has_given_up;

        g_mutex_unlock(&scan->mutex);
        if (!do_next(worker, is_skipping))
            return;
        g_mutex_lock(&scan->mutex);
        scan->n_busy--;
    }
    scan->n_alive--;
    g_cond_broadcast(&scan->work);
    g_cond_signal(&scan->done);
    g_mutex_unlock(&scan->mutex);
}
