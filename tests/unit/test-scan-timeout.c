/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-scan-timeout.c: what never answers costs its own row, and the thread that waits for it does no harm when it goes on
 * after all. */
#include "scan-calls.h"
#include "scan-fixture.h"
#include "virtprobe/error.h"

#include <glib/gstdio.h>

/* Long enough for what does answer, on a machine that has other things to do. */
#define TIMEOUT_MS 300

static void
set_up(ScanFixture *fixture, gconstpointer data)
{
    scan_fixture_set_up(fixture, data);
    calls_hold();
}

/* Lets the threads go that were left behind, so that whoever looks for errors of memory sees what they do then. */
static void
tear_down(ScanFixture *fixture, gconstpointer data)
{
    calls_release();
    g_usleep(20000);
    scan_fixture_tear_down(fixture, data);
}

static void
add_some(const ScanFixture *fixture, const char *prefix, guint count)
{
    for (guint i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("%s-%u", prefix, i);

        scan_add_file(fixture, name, name, strlen(name));
    }
}

static guint
count_timeouts(const ScanFixture *fixture)
{
    guint count = 0;
    GHashTableIter iterator;
    gpointer volume;

    g_hash_table_iter_init(&iterator, fixture->volumes);
    while (g_hash_table_iter_next(&iterator, NULL, &volume))
        count += g_strcmp0(virt_probe_volume_get_text(volume, "error-code"), "timeout") == 0;
    return count;
}

static void
test_costs_its_own_row(ScanFixture *fixture, gconstpointer data)
{
    const guint jobs = GPOINTER_TO_UINT(data);
    const VirtProbeScanSettings settings = { .jobs = jobs, .timeout_ms = TIMEOUT_MS };

    add_some(fixture, "sound", 200);
    add_some(fixture, NAME_HANGS, 3);
    scan_all(fixture, &settings);
    g_assert_cmpuint(fixture->n_calls, ==, 203);
    g_assert_cmpuint(count_timeouts(fixture), ==, 3);
    scan_assert_state(fixture, NAME_HANGS "-0", "unreadable", "timeout");
    scan_assert_state(fixture, "sound-199", "ok", NULL);
    g_assert_cmpuint(calls_count_hanging(), ==, 3);
}

static void
test_costs_the_row_of_a_directory(ScanFixture *fixture, gconstpointer data)
{
    const VirtProbeScanSettings settings = {
        .flags = VIRT_PROBE_SCAN_RECURSIVE,
        .jobs = 2,
        .timeout_ms = TIMEOUT_MS,
    };

    (void) data;
    scan_add_directory(fixture, NAME_HANGS);
    scan_add_directory(fixture, "folder");
    add_some(fixture, "folder/sound", 5);
    add_some(fixture, "sound", 5);
    scan_all(fixture, &settings);
    g_assert_cmpuint(fixture->n_calls, ==, 12);
    scan_assert_state(fixture, NAME_HANGS, "unreadable", "timeout");
    scan_assert_state(fixture, "folder/sound-4", "ok", NULL);
}

/* It has given all that it holds. */
static void
test_closing_costs_nothing_but_time(ScanFixture *fixture, gconstpointer data)
{
    const VirtProbeScanSettings settings = {
        .flags = VIRT_PROBE_SCAN_RECURSIVE,
        .jobs = GPOINTER_TO_UINT(data),
        .timeout_ms = TIMEOUT_MS,
    };

    scan_add_directory(fixture, "folder");
    add_some(fixture, "folder/sound", 5);
    add_some(fixture, "sound", 5);
    calls_hang_at_closing();
    scan_all(fixture, &settings);
    g_assert_cmpuint(fixture->n_calls, ==, 11);
    g_assert_cmpuint(count_timeouts(fixture), ==, 0);
    scan_assert_state(fixture, "folder/sound-4", "ok", NULL);
    g_assert_cmpuint(calls_count_hanging(), >, 0);
}

static VirtProbeVolume *
find_known(const char *name, gpointer user_data)
{
    return g_hash_table_lookup(user_data, name);
}

typedef struct {
    GString *text;
    guint not_ok;
} Lines;

static gboolean
take_lines(const char *text, gsize len, guint not_ok, gpointer user_data)
{
    Lines *lines = user_data;

    g_string_append_len(lines->text, text, (gssize) len);
    lines->not_ok += not_ok;
    return TRUE;
}

/* Lines hold what volumes would have said, also of what does not answer and of what was known. */
static void
test_lines_say_what_volumes_do(ScanFixture *fixture, gconstpointer data)
{
    VirtProbeScanSettings settings = { .jobs = 2, .timeout_ms = TIMEOUT_MS };
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) found = NULL;
    Lines lines = { .text = text };

    (void) data;
    add_some(fixture, NAME_HANGS, 2);
    add_some(fixture, "sound", 100);
    scan_all(fixture, &settings);
    settings.known = find_known;
    settings.known_data = fixture->volumes;
    virt_probe_scan_lines(fixture->directory, &settings, take_lines, &lines, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(lines.not_ok, ==, 2);
    found = g_strsplit(text->str, "\n", -1);
    g_assert_cmpuint(g_strv_length(found), ==, 103);
    g_assert_cmpstr(found[102], ==, "");
    for (guint i = 0; i < 102; i++) {
        g_autofree char *name = g_strndup(found[i] + 10, strcspn(found[i] + 10, "\""));
        g_autofree char *expected = virt_probe_volume_to_json(scan_find(fixture, name));

        g_assert_cmpstr(found[i], ==, expected);
    }
}

static gboolean
stop_lines(G_GNUC_UNUSED const char *text, G_GNUC_UNUSED gsize len, G_GNUC_UNUSED guint not_ok,
           gpointer user_data)
{
    guint *count = user_data;

    (*count)++;
    return FALSE;
}

static void
test_lines_can_be_stopped(ScanFixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    guint count = 0;

    (void) data;
    add_some(fixture, "sound", 2000);
    g_assert_false(virt_probe_scan_lines(fixture->directory, NULL, stop_lines, &count, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
    g_assert_cmpuint(count, ==, 1);
}

/* The volume that was known is given up with the scan, and the thread goes on with it after all. */
static void
test_leaves_what_was_known_alone(ScanFixture *fixture, gconstpointer data)
{
    g_autoptr(GHashTable) before = NULL;
    VirtProbeScanSettings settings = { .jobs = 2, .timeout_ms = TIMEOUT_MS };

    (void) data;
    add_some(fixture, NAME_SILENT, 2);
    add_some(fixture, "sound", 5);
    scan_all(fixture, NULL);
    before = g_steal_pointer(&fixture->volumes);
    fixture->volumes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) virt_probe_volume_unref);
    settings.known = find_known;
    settings.known_data = before;
    calls_silence();
    scan_all(fixture, &settings);
    g_assert_cmpuint(count_timeouts(fixture), ==, 2);
    scan_assert_state(fixture, NAME_SILENT "-1", "unreadable", "timeout");
    scan_assert_state(fixture, "sound-4", "ok", NULL);
    g_assert_cmpuint(calls_count_hanging(), ==, 2);
}

static void
test_ends_when_nothing_answers(ScanFixture *fixture, gconstpointer data)
{
    const VirtProbeScanSettings settings = { .jobs = 30, .timeout_ms = 40 };

    (void) data;
    add_some(fixture, NAME_HANGS, 400);
    scan_all(fixture, &settings);
    g_assert_cmpuint(fixture->n_calls, ==, 400);
    g_assert_cmpuint(count_timeouts(fixture), ==, 400);
    g_assert_cmpuint(calls_count_hanging(), <, 130);
}

static gboolean
stop_at_first(VirtProbeVolume *volume, gpointer user_data)
{
    (void) volume;
    (void) user_data;
    return FALSE;
}

static void
test_waits_for_nothing_when_stopped(ScanFixture *fixture, gconstpointer data)
{
    const VirtProbeScanSettings settings = { .jobs = 2, .timeout_ms = 3600 * 1000 };
    g_autoptr(GError) error = NULL;

    (void) data;
    add_some(fixture, NAME_HANGS, 1);
    add_some(fixture, "sound", 3);
    g_assert_false(virt_probe_scan(fixture->directory, &settings, stop_at_first, fixture, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
}

static void
add(const char *path, guint jobs, void (*test)(ScanFixture *fixture, gconstpointer data))
{
    g_test_add(path, ScanFixture, GUINT_TO_POINTER(jobs), set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/scan-timeout/file/costs-its-own-row", 1, test_costs_its_own_row);
    add("/scan-timeout/file/costs-its-own-row-among-several-threads", 4, test_costs_its_own_row);
    add("/scan-timeout/directory/costs-its-own-row", 2, test_costs_the_row_of_a_directory);
    add("/scan-timeout/closing-costs-nothing-but-time", 1, test_closing_costs_nothing_but_time);
    add("/scan-timeout/closing-costs-nothing-but-time-with-threads", 4,
        test_closing_costs_nothing_but_time);
    add("/scan-timeout/leaves-what-was-known-alone", 2, test_leaves_what_was_known_alone);
    add("/scan-timeout/ends-when-nothing-answers", 0, test_ends_when_nothing_answers);
    add("/scan-timeout/is-not-waited-for-when-stopped", 2, test_waits_for_nothing_when_stopped);
    add("/scan-timeout/lines-say-what-volumes-do", 2, test_lines_say_what_volumes_do);
    add("/scan-timeout/lines-can-be-stopped", 2, test_lines_can_be_stopped);
    return g_test_run();
}
