/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-refresh-directory.c: refreshes of pools whose directory is away, does not answer, or is as it was. */
#include "pool-fixture.h"
#include "scan-calls.h"
#include "virtprobe/error.h"

/* Long enough for what does answer, on a machine that has other things to do. */
#define TIMEOUT_MS 300

static const VirtProbeScanSettings hasty = { .jobs = 2, .timeout_ms = TIMEOUT_MS };

static void
set_up(PoolFixture *fixture, gconstpointer data)
{
    pool_fixture_set_up(fixture, data);
    calls_hold();
}

/* Lets the threads go that were left behind, so that whoever looks for errors of memory sees what they do then. */
static void
tear_down(PoolFixture *fixture, gconstpointer data)
{
    calls_release();
    g_usleep(20000);
    calls_replace_directory(NULL, NULL);
    pool_fixture_tear_down(fixture, data);
}

static gboolean
count_volume(G_GNUC_UNUSED VirtProbeVolume *volume, gpointer user_data)
{
    guint *count = user_data;

    (*count)++;
    return TRUE;
}

static void
assert_volumes(const VirtProbePool *pool, guint expected)
{
    g_autoptr(GError) error = NULL;
    guint count = 0;

    virt_probe_pool_foreach_volume(pool, count_volume, &count, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(count, ==, expected);
}

static void
test_leaves_what_was_known_alone(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    VirtProbeRefreshCounts counts = { 0 };
    g_autoptr(GError) error = NULL;

    fixture_write(fixture->target, NAME_SILENT, "", 0644);
    fixture_write(fixture->target, "sound", "", 0644);
    fixture_refresh(fixture->pool);
    calls_silence();
    virt_probe_pool_refresh(fixture->pool, &hasty, NULL, &counts, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(counts.volumes, ==, 2);
    g_assert_cmpuint(counts.changed, ==, 1);
    g_assert_cmpuint(counts.not_ok, ==, 1);
    g_assert_cmpuint(calls_count_hanging(), ==, 1);
}

static void
test_reads_nothing_again(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    VirtProbeRefreshCounts counts = { 0 };
    g_autofree char *folder = pool_fixture_directory(fixture, "pool/folder");

    g_assert_true(g_str_has_prefix(folder, fixture->target));
    fixture_write(fixture->target, "one", "", 0644);
    fixture_refresh(fixture->pool);
    calls_count_opened();
    g_assert_true(virt_probe_pool_refresh(fixture->pool, NULL, NULL, &counts, NULL));
    g_assert_cmpuint(calls_count_opened(), ==, 0);
    g_assert_cmpuint(counts.volumes, ==, 2);
    g_assert_cmpuint(counts.read, ==, 0);
    g_assert_cmpuint(counts.not_ok, ==, 0);
}

static void
test_needs_the_mount_in_what_it_lists(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    const VirtProbePoolSource source = { .host = "server", .path = "/x" };
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) share = virt_probe_pool_new("s", "netfs", "/proc", &source, &error);

    g_assert_no_error(error);
    fixture_write(fixture->target, "underneath", "", 0644);
    calls_replace_directory("/proc", fixture->target);
    g_assert_false(virt_probe_pool_refresh(share, NULL, NULL, NULL, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    assert_volumes(share, 0);
}

static void
test_does_not_wait_for_the_directory(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *target = pool_fixture_directory(fixture, NAME_HANGS "-pool");
    g_autoptr(VirtProbePool) pool = NULL;
    g_autoptr(GError) error = NULL;

    calls_release();
    pool = fixture_pool_new("dead", target);
    calls_hold();
    g_assert_false(virt_probe_pool_refresh(pool, &hasty, NULL, NULL, &error));
    g_assert_nonnull(error);
    g_assert_cmpuint(calls_count_hanging(), ==, 1);
}

#define ADD(path, test) g_test_add(path, PoolFixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/refresh-directory/leaves-what-was-known-alone", test_leaves_what_was_known_alone);
    ADD("/refresh-directory/reads-nothing-again", test_reads_nothing_again);
    ADD("/refresh-directory/needs-the-mount-in-what-it-lists",
        test_needs_the_mount_in_what_it_lists);
    ADD("/refresh-directory/does-not-wait-for-the-directory", test_does_not_wait_for_the_directory);
    return g_test_run();
}
