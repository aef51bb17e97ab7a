/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch.c: refreshing pools when the kernel says that something changed, and from time to time. */
#include "virtprobe/watch.h"

#include "storage/pool/pool.h"
#include "storage/pool/watch-definitions.h"
#include "storage/pool/watch-place.h"
#include "util/error.h"
#include "virtprobe/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define INTERVAL_MS 60000
/* For an answer of a pool's directory, when the settings do not say: as a scan waits for an entry. */
#define TIMEOUT_MS 10000
/* poll() is woken by this file's priority event when something is mounted or unmounted (proc(5)). */
#define MOUNTS "/proc/self/mountinfo"

struct _VirtProbeWatch {
    gint ref_count;
    GPtrArray *places;  /* of VpWatchPlace */
    int wake;           /* eventfd: it was stopped */
    int inotify;        /* -1: no events, only the interval */
    int mounts;         /* -1: the same */
    int definitions;    /* inotify of the definitions; -1: the same */
    gboolean takes_new; /* all pools that are defined are watched */
    gboolean has_dropped;
    gint64 next_definitions; /* monotonic time when they are read again, in µs; G_MAXINT64: never */
    volatile sig_atomic_t is_stopped;
};

G_DEFINE_BOXED_TYPE(VirtProbeWatch, virt_probe_watch, virt_probe_watch_ref, virt_probe_watch_unref)

/* What one run needs beside the watch. */
typedef struct {
    VirtProbeWatch *watch;
    VirtProbeWatchSettings settings;
    VirtProbeRefreshEvents events; /* the caller's, with our progress */
    const VirtProbeRefreshEvents *next;
} Run;

VirtProbeWatch *
virt_probe_watch_new(GPtrArray *pools, GError **error)
{
    VirtProbeWatch *watch;
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake < 0) {
        vp_error_set_errno(error, errno, "cannot make a descriptor");
        return NULL;
    }
    watch = g_new0(VirtProbeWatch, 1);
    watch->ref_count = 1;
    watch->wake = wake;
    watch->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    watch->mounts = g_open(MOUNTS, O_RDONLY | O_CLOEXEC, 0);
    watch->definitions = vp_watch_definitions_open();
    watch->takes_new = pools == NULL;
    watch->places = g_ptr_array_new_with_free_func(vp_watch_place_free);
    /* Those that are defined are read when it runs. */
    for (guint i = 0; pools != NULL && i < pools->len; i++)
        g_ptr_array_add(watch->places, vp_watch_place_new(g_ptr_array_index(pools, i)));
    return watch;
}

VirtProbeWatch *
virt_probe_watch_ref(VirtProbeWatch *watch)
{
    g_return_val_if_fail(watch != NULL, NULL);

    g_atomic_int_inc(&watch->ref_count);
    return watch;
}

static void
close_descriptor(int fd)
{
    if (fd >= 0)
        close(fd);
}

void
virt_probe_watch_unref(VirtProbeWatch *watch)
{
    if (watch == NULL || !g_atomic_int_dec_and_test(&watch->ref_count))
        return;
    g_ptr_array_unref(watch->places);
    close_descriptor(watch->wake);
    close_descriptor(watch->inotify);
    close_descriptor(watch->mounts);
    close_descriptor(watch->definitions);
    g_free(watch);
}

/* Only what signal-safety(7) allows. */
void
virt_probe_watch_stop(VirtProbeWatch *watch)
{
    const guint64 one = 1;
    int saved_errno = errno;
    gssize written;

    watch->is_stopped = 1;
    written = write(watch->wake, &one, sizeof one);
    (void) written;
    errno = saved_errno;
}

gboolean
virt_probe_watch_is_stopped(const VirtProbeWatch *watch)
{
    g_return_val_if_fail(watch != NULL, TRUE);

    return watch->is_stopped != 0;
}

static gboolean
take_progress(guint64 done, gpointer user_data)
{
    const Run *run = user_data;

    if (run->watch->is_stopped != 0)
        return FALSE;
    return run->next == NULL || run->next->progress == NULL
           || run->next->progress(done, run->next->user_data);
}

static gboolean
pass_begin(VirtProbePool *pool, gpointer user_data, GError **error)
{
    const Run *run = user_data;

    return run->next == NULL || run->next->begin == NULL
           || run->next->begin(pool, run->next->user_data, error);
}

static void
pass_volume(VirtProbePool *pool, VirtProbeChange change, VirtProbeVolume *volume,
            gpointer user_data)
{
    const Run *run = user_data;

    if (run->next != NULL && run->next->volume != NULL)
        run->next->volume(pool, change, volume, run->next->user_data);
}

static void
pass_end(VirtProbePool *pool, const GError *failure, gpointer user_data)
{
    const Run *run = user_data;

    if (run->next != NULL && run->next->end != NULL)
        run->next->end(pool, failure, run->next->user_data);
}

static gint64
next_rescan(const Run *run, const VpWatchPlace *place, gint64 now)
{
    guint interval_ms = run->settings.interval_ms != 0 ? run->settings.interval_ms : INTERVAL_MS;

    /* Only what is elsewhere keeps silent so long. */
    if (place->sight.is_on_network || place->is_silent || run->watch->inotify < 0)
        interval_ms = MIN(interval_ms, INTERVAL_MS);
    /* What cannot be used now is looked after whatever the caller said: mounts below it may come unseen. */
    if (interval_ms == VIRT_PROBE_WATCH_NEVER && place->is_away)
        interval_ms = INTERVAL_MS;
    return interval_ms == VIRT_PROBE_WATCH_NEVER ? G_MAXINT64 : now + (gint64) interval_ms * 1000;
}

static void
tell(const Run *run, const VpWatchPlace *place, const VirtProbeRefreshCounts *counts,
     const GError *error)
{
    if (run->settings.refreshed != NULL)
        run->settings.refreshed(place->pool, counts, error, run->settings.user_data);
}

static VpWatchEyes
eyes_of(const Run *run)
{
    const VirtProbeScanSettings *scan = run->settings.scan;

    return (VpWatchEyes) {
        .places = run->watch->places,
        .inotify = run->watch->inotify,
        .timeout_ms = scan != NULL && scan->timeout_ms != 0 ? scan->timeout_ms : TIMEOUT_MS,
        .is_stopped = &run->watch->is_stopped,
    };
}

/* Refreshes what may be refreshed. A directory that does not answer is not tried: that would leave one more thread behind
 * each time. */
static void
place_try(const Run *run, const VpWatchPlace *place)
{
    VirtProbeRefreshCounts counts = { 0 };
    g_autoptr(GError) error = NULL;

    if (place->is_silent)
        vp_pool_set_unusable(place->pool->target, ETIMEDOUT, &error);
    else
        virt_probe_pool_refresh(place->pool, run->settings.scan, &run->events, &counts, &error);
    if (run->watch->is_stopped == 0
        || !g_error_matches(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED))
        tell(run, place, &counts, error);
}

static void
place_refresh(const Run *run, VpWatchPlace *place)
{
    const VpWatchEyes eyes = eyes_of(run);
    gboolean is_usable;

    place->first_event = 0;
    if (place->is_stored && vp_pool_is_gone(place->pool)) {
        /* The definitions are read before it can be due again. */
        run->watch->next_definitions = 0;
        vp_watch_place_touch(place, g_get_monotonic_time());
        return;
    }
    vp_watch_place_look(place, &eyes);
    is_usable = vp_watch_place_is_usable(place);
    if (run->watch->is_stopped == 0 && (is_usable || !place->is_away))
        place_try(run, place);
    place->is_away = !is_usable;
    place->next_rescan = next_rescan(run, place, g_get_monotonic_time());
}

static void
tell_dropped(const VpWatchPlace *place, VirtProbePool *now, gpointer user_data)
{
    const Run *run = user_data;
    const VirtProbeRefreshCounts counts = { 0 };
    g_autoptr(GError) error = NULL;

    if (now != NULL) {
        if (run->settings.restarted != NULL)
            run->settings.restarted(now, run->settings.user_data);
        return;
    }
    g_set_error_literal(&error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                        "the pool is not defined any more");
    run->watch->has_dropped = TRUE;
    tell(run, place, &counts, error);
}

/* From now on those are watched that are defined now. */
static void
read_definitions(Run *run)
{
    VirtProbeWatch *watch = run->watch;
    gboolean is_told = vp_watch_definitions_begin(watch->definitions);

    vp_watch_definitions_read(watch->places, watch->inotify, watch->takes_new, tell_dropped, run);
    watch->next_definitions =
        is_told ? G_MAXINT64 : g_get_monotonic_time() + (gint64) INTERVAL_MS * 1000;
}

/* All places of a set of pools: something may have happened to any of them. */
static void
touch_all(const Run *run, gint64 now)
{
    for (guint i = 0; i < run->watch->places->len; i++)
        vp_watch_place_touch(g_ptr_array_index(run->watch->places, i), now);
}

static void
take_event(const Run *run, const struct inotify_event *event, gint64 now)
{
    if ((event->mask & IN_Q_OVERFLOW) != 0) {
        touch_all(run, now);
        return;
    }
    for (guint i = 0; i < run->watch->places->len; i++)
        vp_watch_place_take(g_ptr_array_index(run->watch->places, i), event, now);
}

static void
take_events(const Run *run)
{
    gint64 now = g_get_monotonic_time();
    char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    gssize got;

    /* Once only: whoever makes events faster than they are read must not keep us from the refresh. */
    got = read(run->watch->inotify, buffer, sizeof buffer);
    for (gssize pos = 0; pos < got;) {
        const struct inotify_event *event = (const void *) (buffer + pos);

        take_event(run, event, now);
        pos += (gssize) (sizeof *event + event->len);
    }
}

/* Those that do not answer are waited for together. */
static void
begin_all_looks(const Run *run, const VpWatchEyes *eyes)
{
    for (guint i = 0; i < run->watch->places->len; i++)
        vp_watch_place_begin_look(g_ptr_array_index(run->watch->places, i), eyes);
}

/* Something was mounted or unmounted. */
static void
look_at_all(const Run *run)
{
    const VpWatchEyes eyes = eyes_of(run);
    gint64 now = g_get_monotonic_time();

    begin_all_looks(run, &eyes);
    for (guint i = 0; i < run->watch->places->len; i++) {
        VpWatchPlace *place = g_ptr_array_index(run->watch->places, i);

        if (vp_watch_place_look(place, &eyes) || vp_watch_place_is_usable(place) == place->is_away)
            vp_watch_place_touch(place, now);
    }
}

static void
refresh_what_is_due(const Run *run)
{
    for (guint i = 0; i < run->watch->places->len && run->watch->is_stopped == 0; i++) {
        VpWatchPlace *place = g_ptr_array_index(run->watch->places, i);

        if (vp_watch_place_due(place) <= g_get_monotonic_time())
            place_refresh(run, place);
    }
}

/* Until when poll() may sleep; -1: for ever. */
static int
time_to_sleep_ms(const Run *run)
{
    gint64 due = run->watch->next_definitions;
    gint64 left_ms;

    for (guint i = 0; i < run->watch->places->len; i++)
        due = MIN(due, vp_watch_place_due(g_ptr_array_index(run->watch->places, i)));
    if (due == G_MAXINT64)
        return -1;
    left_ms = (due - g_get_monotonic_time() + 999) / 1000;
    return (int) CLAMP(left_ms, 0, G_MAXINT);
}

static gboolean
wait_for_something(const Run *run, GError **error)
{
    VirtProbeWatch *watch = run->watch;
    struct pollfd fds[] = { { watch->wake, POLLIN, 0 },
                            { watch->inotify, POLLIN, 0 },
                            { watch->mounts, POLLPRI, 0 },
                            { watch->definitions, POLLIN, 0 } };

    if (poll(fds, G_N_ELEMENTS(fds), time_to_sleep_ms(run)) < 0) {
        if (errno == EINTR)
            return TRUE;
        vp_error_set_errno(error, errno, "cannot wait for events");
        return FALSE;
    }
    if ((fds[1].revents & POLLIN) != 0)
        take_events(run);
    if ((fds[2].revents & (POLLPRI | POLLERR)) != 0)
        look_at_all(run);
    if ((fds[3].revents & POLLIN) != 0)
        watch->next_definitions = 0;
    return TRUE;
}

static void
forget_the_stop(VirtProbeWatch *watch)
{
    guint64 count;
    gssize got = read(watch->wake, &count, sizeof count);

    (void) got;
    watch->is_stopped = 0;
}

/* Until it is stopped. */
static gboolean
watch_all(Run *run, GError **error)
{
    VirtProbeWatch *watch = run->watch;
    const VpWatchEyes eyes = eyes_of(run);

    read_definitions(run);
    begin_all_looks(run, &eyes);
    for (guint i = 0; i < watch->places->len && watch->is_stopped == 0; i++)
        place_refresh(run, g_ptr_array_index(watch->places, i));
    while (watch->is_stopped == 0) {
        if (watch->places->len == 0 && watch->has_dropped && !watch->takes_new) {
            g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                                "no pool that is watched is defined any more");
            return FALSE;
        }
        if (!wait_for_something(run, error))
            return FALSE;
        if (watch->next_definitions <= g_get_monotonic_time())
            read_definitions(run);
        refresh_what_is_due(run);
    }
    return TRUE;
}

gboolean
virt_probe_watch_run(VirtProbeWatch *watch, const VirtProbeWatchSettings *settings, GError **error)
{
    Run run = { .watch = watch };
    gboolean is_fine;

    g_return_val_if_fail(watch != NULL, FALSE);

    if (settings != NULL)
        run.settings = *settings;
    run.next = run.settings.events;
    run.events =
        (VirtProbeRefreshEvents) { pass_begin, pass_volume, pass_end, take_progress, &run };
    is_fine = watch_all(&run, error);
    forget_the_stop(watch);
    return is_fine;
}
