/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-watch.c: pools that are refreshed when something changes in their directory. */
#define _GNU_SOURCE /* unshare, RTLD_NEXT */
#include "pool-fixture.h"
#include "virtprobe/error.h"
#include "virtprobe/watch.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/time.h>
#include <unistd.h>

/* No event takes so long, even on a machine with much to do. In µs. */
#define LONG (20 * G_USEC_PER_SEC)
/* More than the 16,384 that the kernel keeps (fs.inotify.max_queued_events). */
#define EVENTS_TOO_MANY 40000

typedef struct {
    char *pool;
    guint64 volumes;
    gboolean has_failed;
    gboolean is_undefined;
} News;

typedef struct {
    PoolFixture base;
    VirtProbePool *other;
    VirtProbeWatch *watch;
    VirtProbeWatchSettings settings;
    GThread *thread;
    GAsyncQueue *news;
    GMutex gate;     /* whoever holds it holds up the watch after a refresh */
    gint is_at_gate; /* the watch has come there */
} Fixture;

/* A directory that does not answer as long as the gate is closed; NULL: there is none. */
static const char *silent;
static GMutex silence;

int
inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    gpointer found = dlsym(RTLD_NEXT, "inotify_add_watch");
    int (*next)(int fd, const char *path, uint32_t mask);

    memcpy(&next, &found, sizeof next);
    if (g_strcmp0(path, silent) == 0) {
        g_mutex_lock(&silence);
        g_mutex_unlock(&silence);
    }
    return next(fd, path, mask);
}

static void
news_free(gpointer data)
{
    News *news = data;

    g_free(news->pool);
    g_free(news);
}

static void
take_news(VirtProbePool *pool, const VirtProbeRefreshCounts *counts, const GError *error,
          gpointer user_data)
{
    Fixture *fixture = user_data;
    News *news = g_new0(News, 1);

    news->pool = g_strdup(virt_probe_pool_get_name(pool));
    news->volumes = counts->volumes;
    news->has_failed = error != NULL;
    news->is_undefined = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_atomic_int_set(&fixture->is_at_gate, 1);
    g_mutex_lock(&fixture->gate);
    g_atomic_int_set(&fixture->is_at_gate, 0);
    g_mutex_unlock(&fixture->gate);
    g_async_queue_push(fixture->news, news);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GPtrArray) pools = g_ptr_array_new();
    g_autofree char *other = NULL;

    pool_fixture_set_up(&fixture->base, data);
    other = pool_fixture_directory(&fixture->base, "other");
    fixture->other = fixture_pool_new("other", other);
    g_ptr_array_add(pools, fixture->base.pool);
    g_ptr_array_add(pools, fixture->other);
    fixture->watch = virt_probe_watch_new(pools, NULL);
    g_assert_nonnull(fixture->watch);
    fixture->settings = (VirtProbeWatchSettings) { .interval_ms = VIRT_PROBE_WATCH_NEVER,
                                                   .refreshed = take_news,
                                                   .user_data = fixture };
    fixture->news = g_async_queue_new_full(news_free);
    g_mutex_init(&fixture->gate);
}

static gpointer
run(gpointer data)
{
    Fixture *fixture = data;

    return GINT_TO_POINTER(virt_probe_watch_run(fixture->watch, &fixture->settings, NULL));
}

static News *
next_news(Fixture *fixture)
{
    News *news = g_async_queue_timeout_pop(fixture->news, LONG);

    g_assert_nonnull(news);
    return news;
}

static void
expect(Fixture *fixture, const char *pool, gboolean has_failed, guint64 volumes)
{
    News *news = next_news(fixture);

    g_assert_cmpstr(news->pool, ==, pool);
    g_assert_cmpint(news->has_failed, ==, has_failed);
    g_assert_cmpuint(news->volumes, ==, volumes);
    news_free(news);
}

/* Starts the watch in a thread, and waits for its first two refreshes. */
static void
start(Fixture *fixture)
{
    fixture->thread = g_thread_new("watch", run, fixture);
    expect(fixture, "p q", FALSE, 0);
    expect(fixture, "other", FALSE, 0);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    if (fixture->thread != NULL) {
        virt_probe_watch_stop(fixture->watch);
        g_assert_true(GPOINTER_TO_INT(g_thread_join(fixture->thread)));
    }
    virt_probe_watch_unref(fixture->watch);
    virt_probe_pool_unref(fixture->other);
    g_async_queue_unref(fixture->news);
    g_mutex_clear(&fixture->gate);
    pool_fixture_tear_down(&fixture->base, data);
}

/* Makes a first file, and holds up the watch when it has seen it, until the gate is opened. */
static void
hold_up(Fixture *fixture)
{
    g_mutex_lock(&fixture->gate);
    fixture_write(fixture->base.target, "one", "", 0644);
    while (g_atomic_int_get(&fixture->is_at_gate) == 0)
        g_usleep(1000);
}

static void
test_notices_a_new_file(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    start(fixture);
    fixture_write(fixture->base.target, "disk", "", 0644);
    expect(fixture, "p q", FALSE, 1);
}

static void
test_joins_events_that_come_together(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    start(fixture);
    hold_up(fixture);
    for (guint i = 0; i < 100; i++) {
        g_autofree char *name = g_strdup_printf("disk%u", i);

        fixture_write(fixture->base.target, name, "", 0644);
    }
    g_mutex_unlock(&fixture->gate);
    expect(fixture, "p q", FALSE, 1);
    expect(fixture, "p q", FALSE, 101);
    g_assert_null(g_async_queue_timeout_pop(fixture->news, G_USEC_PER_SEC / 2));
}

static void
test_does_not_wait_for_silence_for_ever(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    News *news = NULL;

    start(fixture);
    for (gint64 begun = g_get_monotonic_time(); news == NULL;) {
        g_assert_cmpint(g_get_monotonic_time() - begun, <, LONG);
        fixture_write(fixture->base.target, "busy", "", 0644);
        news = g_async_queue_timeout_pop(fixture->news, 20000);
    }
    g_assert_false(news->has_failed);
    news_free(news);
}

static void
test_notices_that_the_directory_goes_and_comes(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *away = g_strconcat(fixture->base.target, "-away", NULL);

    fixture_write(fixture->base.target, "disk", "", 0644);
    fixture->thread = g_thread_new("watch", run, fixture);
    expect(fixture, "p q", FALSE, 1);
    expect(fixture, "other", FALSE, 0);
    g_assert_cmpint(g_rename(fixture->base.target, away), ==, 0);
    expect(fixture, "p q", TRUE, 0);
    fixture_write(away, "more", "", 0644);
    g_assert_null(g_async_queue_timeout_pop(fixture->news, G_USEC_PER_SEC / 2));
    g_assert_cmpint(g_rename(away, fixture->base.target), ==, 0);
    expect(fixture, "p q", FALSE, 2);
    fixture_write(fixture->base.target, "again", "", 0644);
    expect(fixture, "p q", FALSE, 3);
}

static void
test_notices_a_mount(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    const char *target = fixture->base.target;

    if (mount("none", target, "tmpfs", 0, NULL) != 0) {
        g_test_skip("nothing can be mounted here");
        return;
    }
    g_assert_cmpint(umount(target), ==, 0);
    fixture_write(target, "disk", "", 0644);
    fixture->thread = g_thread_new("watch", run, fixture);
    expect(fixture, "p q", FALSE, 1);
    expect(fixture, "other", FALSE, 0);
    g_assert_cmpint(mount("none", target, "tmpfs", 0, NULL), ==, 0);
    expect(fixture, "p q", FALSE, 0);
    fixture_write(target, "one", "", 0644);
    expect(fixture, "p q", FALSE, 1);
    fixture_write(target, "two", "", 0644);
    expect(fixture, "p q", FALSE, 2);
    g_assert_cmpint(umount(target), ==, 0);
    expect(fixture, "p q", FALSE, 1);
}

static void
test_refreshes_all_when_events_were_lost(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *one = g_build_filename(fixture->base.target, "one", NULL);
    g_autofree char *two = g_build_filename(fixture->base.target, "two", NULL);

    start(fixture);
    hold_up(fixture);
    for (guint i = 0; i < EVENTS_TOO_MANY / 4; i++) {
        g_assert_cmpint(g_rename(one, two), ==, 0);
        g_assert_cmpint(g_rename(two, one), ==, 0);
    }
    g_mutex_unlock(&fixture->gate);
    for (;;) {
        News *news = next_news(fixture);
        gboolean is_other = g_strcmp0(news->pool, "other") == 0;

        news_free(news);
        if (is_other)
            return;
    }
}

static void
test_looks_from_time_to_time(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    guint seen[2] = { 0, 0 };

    fixture->settings.interval_ms = 50;
    start(fixture);
    /* Each pool has a clock of its own, so the order may change. */
    while (seen[0] < 3 || seen[1] < 3) {
        News *news = next_news(fixture);

        g_assert_false(news->has_failed);
        seen[g_strcmp0(news->pool, "other") == 0]++;
        news_free(news);
    }
}

static gboolean
forbid(G_GNUC_UNUSED VirtProbePool *pool, G_GNUC_UNUSED gpointer user_data, GError **error)
{
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "no");
    return FALSE;
}

static void
test_tells_of_refreshes_that_are_forbidden(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    static const VirtProbeRefreshEvents events = { .begin = forbid };

    fixture->settings.events = &events;
    fixture->thread = g_thread_new("watch", run, fixture);
    expect(fixture, "p q", TRUE, 0);
    expect(fixture, "other", TRUE, 0);
    fixture_write(fixture->base.target, "disk", "", 0644);
    expect(fixture, "p q", TRUE, 0);
}

static void
test_watches_others_when_one_does_not_answer(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    static const VirtProbeScanSettings hasty = { .timeout_ms = 1000 };
    g_autofree char *other = g_build_filename(fixture->base.root, "other", NULL);

    fixture->settings.scan = &hasty;
    silent = fixture->base.target;
    g_mutex_lock(&silence);
    fixture->thread = g_thread_new("watch", run, fixture);
    expect(fixture, "p q", TRUE, 0);
    expect(fixture, "other", FALSE, 0);
    fixture_write(other, "disk", "", 0644);
    expect(fixture, "other", FALSE, 1);
    virt_probe_watch_stop(fixture->watch);
    g_assert_true(GPOINTER_TO_INT(g_thread_join(fixture->thread)));
    g_mutex_unlock(&silence);
    g_usleep(20000);
    silent = NULL;
    fixture->thread = g_thread_new("watch", run, fixture);
    expect(fixture, "p q", FALSE, 0);
    expect(fixture, "other", FALSE, 1);
}

static void
expect_undefined(Fixture *fixture, const char *pool)
{
    News *news = next_news(fixture);

    g_assert_cmpstr(news->pool, ==, pool);
    g_assert_true(news->is_undefined);
    news_free(news);
}

static gboolean
count_volume(G_GNUC_UNUSED VirtProbeVolume *volume, gpointer user_data)
{
    guint *count = user_data;

    (*count)++;
    return TRUE;
}

static void
test_drops_what_is_undefined(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    guint count = 0;

    start(fixture);
    fixture_write(fixture->base.target, "disk", "", 0644);
    expect(fixture, "p q", FALSE, 1);
    g_assert_true(virt_probe_pool_undefine(fixture->base.pool, NULL));
    expect_undefined(fixture, "p q");
    fixture_write(fixture->base.target, "more", "", 0644);
    g_assert_null(g_async_queue_timeout_pop(fixture->news, G_USEC_PER_SEC / 2));
    virt_probe_pool_foreach_volume(fixture->base.pool, count_volume, &count, NULL);
    g_assert_cmpuint(count, ==, 0);
}

static void
test_keeps_a_pool_with_a_damaged_definition(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *file = g_build_filename(fixture->base.config, "storage", "p q.xml", NULL);

    start(fixture);
    g_assert_true(g_file_set_contents(file, "<po", 3, NULL));
    g_assert_null(g_async_queue_timeout_pop(fixture->news, G_USEC_PER_SEC / 2));
    g_assert_cmpint(g_remove(file), ==, 0);
    expect_undefined(fixture, "p q");
}

static void
test_ends_with_the_last_pool(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    start(fixture);
    g_assert_true(virt_probe_pool_undefine(fixture->base.pool, NULL));
    expect_undefined(fixture, "p q");
    g_assert_true(virt_probe_pool_undefine(fixture->other, NULL));
    expect_undefined(fixture, "other");
    g_assert_false(GPOINTER_TO_INT(g_thread_join(fixture->thread)));
    fixture->thread = NULL;
}

static void
test_follows_a_pool_to_another_directory(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *elsewhere = pool_fixture_directory(&fixture->base, "elsewhere");
    g_autofree char *xml = virt_probe_pool_to_xml(fixture->base.pool);
    g_auto(GStrv) halves = g_strsplit(xml, fixture->base.target, 2);
    g_autofree char *moved = g_strjoinv(elsewhere, halves);
    g_autoptr(VirtProbePool) pool = virt_probe_pool_new_from_xml(moved, strlen(moved), NULL);

    fixture_write(elsewhere, "disk", "", 0644);
    start(fixture);
    g_assert_true(virt_probe_pool_define(pool, NULL));
    expect(fixture, "p q", FALSE, 1);
    fixture_write(elsewhere, "more", "", 0644);
    expect(fixture, "p q", FALSE, 2);
}

static void
test_watches_all_that_is_defined(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *third = pool_fixture_directory(&fixture->base, "third");
    g_autoptr(VirtProbePool) pool = NULL;

    virt_probe_watch_unref(fixture->watch);
    fixture->watch = virt_probe_watch_new(NULL, NULL);
    fixture->thread = g_thread_new("watch", run, fixture);
    expect(fixture, "other", FALSE, 0);
    expect(fixture, "p q", FALSE, 0);
    pool = fixture_pool_new("third", third);
    expect(fixture, "third", FALSE, 0);
    fixture_write(third, "disk", "", 0644);
    expect(fixture, "third", FALSE, 1);
    g_assert_true(virt_probe_pool_undefine(pool, NULL));
    expect_undefined(fixture, "third");
}

static VirtProbeWatch *signalled;

static void
stop_it(G_GNUC_UNUSED int number)
{
    virt_probe_watch_stop(signalled);
}

static void
test_is_stopped_by_a_signal(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    const struct itimerval soon = { .it_value = { .tv_usec = 100000 } };

    signalled = fixture->watch;
    signal(SIGALRM, stop_it);
    g_assert_cmpint(setitimer(ITIMER_REAL, &soon, NULL), ==, 0);
    g_assert_true(virt_probe_watch_run(fixture->watch, &fixture->settings, NULL));
    g_assert_false(virt_probe_watch_is_stopped(fixture->watch));
    signal(SIGALRM, SIG_DFL);
}

static void
test_is_stopped_before_it_runs(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    virt_probe_watch_stop(fixture->watch);
    g_assert_true(virt_probe_watch_run(fixture->watch, &fixture->settings, NULL));
    g_assert_null(g_async_queue_try_pop(fixture->news));
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    /* What a test mounts is no concern of others. Where this is not allowed, mounting is not either. */
    if (unshare(CLONE_NEWNS) == 0)
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    g_test_init(&argc, &argv, NULL);
    ADD("/watch/notices-a-new-file", test_notices_a_new_file);
    ADD("/watch/joins-events-that-come-together", test_joins_events_that_come_together);
    ADD("/watch/does-not-wait-for-silence-for-ever", test_does_not_wait_for_silence_for_ever);
    ADD("/watch/notices-that-the-directory-goes-and-comes",
        test_notices_that_the_directory_goes_and_comes);
    ADD("/watch/notices-a-mount", test_notices_a_mount);
    ADD("/watch/refreshes-all-when-events-were-lost", test_refreshes_all_when_events_were_lost);
    ADD("/watch/looks-from-time-to-time", test_looks_from_time_to_time);
    ADD("/watch/tells-of-refreshes-that-are-forbidden", test_tells_of_refreshes_that_are_forbidden);
    ADD("/watch/watches-others-when-one-does-not-answer",
        test_watches_others_when_one_does_not_answer);
    ADD("/watch/drops-what-is-undefined", test_drops_what_is_undefined);
    ADD("/watch/keeps-a-pool-with-a-damaged-definition",
        test_keeps_a_pool_with_a_damaged_definition);
    ADD("/watch/ends-with-the-last-pool", test_ends_with_the_last_pool);
    ADD("/watch/follows-a-pool-to-another-directory", test_follows_a_pool_to_another_directory);
    ADD("/watch/watches-all-that-is-defined", test_watches_all_that_is_defined);
    ADD("/watch/is-stopped-by-a-signal", test_is_stopped_by_a_signal);
    ADD("/watch/is-stopped-before-it-runs", test_is_stopped_before_it_runs);
    return g_test_run();
}
