/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-hooks.c: hook programs, well-behaved and others, around real refreshes. */
#include "pool-fixture.h"
#include "virtprobe/error.h"
#include "virtprobe/hooks.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

typedef struct {
    PoolFixture base;
    char *programs;
    GString *messages;
    guint n_answers; /* how often to go on; then it is stopped */
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    pool_fixture_set_up(&fixture->base, data);
    fixture->programs = pool_fixture_directory(&fixture->base, "config/hooks/storage.d");
    fixture->messages = g_string_new(NULL);
    fixture->n_answers = G_MAXUINT;
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    g_string_free(fixture->messages, TRUE);
    g_free(fixture->programs);
    pool_fixture_tear_down(&fixture->base, data);
}

/* A shell program; ROOT is the root of the test. */
static void
add_program(Fixture *fixture, const char *name, const char *script)
{
    g_auto(GStrv) parts = g_strsplit(script, "ROOT", -1);
    g_autofree char *placed = g_strjoinv(fixture->base.root, parts);
    g_autofree char *text = g_strconcat("#!/bin/sh\n", placed, NULL);

    fixture_write(fixture->programs, name, text, 0755);
}

static void
take_message(const char *text, gpointer user_data)
{
    Fixture *fixture = user_data;

    g_string_append_printf(fixture->messages, "%s\n", text);
}

static gboolean
answer(gpointer user_data)
{
    Fixture *fixture = user_data;

    return fixture->n_answers > 0 && fixture->n_answers-- > 0;
}

static gboolean
refresh(Fixture *fixture, guint timeout_ms, GError **error)
{
    const VirtProbeHookSettings settings = { timeout_ms, take_message, answer, fixture };
    g_autoptr(VirtProbeHooks) hooks = virt_probe_hooks_new(&settings, NULL);

    return virt_probe_pool_refresh(fixture->base.pool, NULL, virt_probe_hooks_get_events(hooks),
                                   NULL, error);
}

static void
refresh_well(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(refresh(fixture, 0, &error));
    g_assert_no_error(error);
}

static void
test_calls_programs_as_libvirt_does(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *log = NULL;

    add_program(fixture, "20-second", "printf 'second|%s|%s|%s|%s\\n' \"$@\" >> ROOT/log\n");
    add_program(fixture, "10-first", "printf 'first|%s|%s|%s|%s\\n' \"$@\" >> ROOT/log\n");
    fixture_write(fixture->base.target, "a disk", "", 0644);
    refresh_well(fixture);
    log = fixture_read(&fixture->base, "log");
    g_assert_cmpstr(log, ==,
                    "first|p q|refresh|begin|-\nsecond|p q|refresh|begin|-\n"
                    "first|p q|volume|added|a disk\nsecond|p q|volume|added|a disk\n"
                    "first|p q|refresh|end|-\nsecond|p q|refresh|end|-\n");
    g_assert_cmpstr(fixture->messages->str, ==, "");
}

static void
test_tells_what_changed(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *log = NULL;
    g_autofree char *gone = g_build_filename(fixture->base.target, "gone", NULL);

    fixture_write(fixture->base.target, "gone", "x", 0644);
    fixture_write(fixture->base.target, "other", "x", 0644);
    fixture_write(fixture->base.target, "same", "x", 0644);
    refresh_well(fixture);
    add_program(fixture, "hook", "[ \"$2\" = volume ] && echo \"$3 $4\" >> ROOT/log; exit 0\n");
    g_unlink(gone);
    fixture_write(fixture->base.target, "other", "xyz", 0644);
    refresh_well(fixture);
    log = fixture_read(&fixture->base, "log");
    g_assert_cmpstr(log, ==, "changed other\nremoved gone\n");
}

static void
test_gives_xml_to_read(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *begin = NULL;
    g_autofree char *added = NULL;
    g_autofree char *removed = NULL;
    g_autofree char *disk = g_build_filename(fixture->base.target, "disk", NULL);

    add_program(fixture, "hook", "cat > \"ROOT/$2-$3\"\n");
    fixture_write(fixture->base.target, "disk", "12345", 0644);
    refresh_well(fixture);
    g_unlink(disk);
    refresh_well(fixture);
    begin = fixture_read(&fixture->base, "refresh-begin");
    g_assert_true(g_str_has_prefix(begin, "<pool type='dir'>\n  <name>p q</name>"));
    added = fixture_read(&fixture->base, "volume-added");
    g_assert_nonnull(strstr(added, "<physical unit='bytes'>5</physical>"));
    removed = fixture_read(&fixture->base, "volume-removed");
    g_assert_nonnull(strstr(removed, "<name>disk</name>"));
    g_assert_nonnull(strstr(removed, disk));
}

static void
test_gives_name_and_path_of_what_cannot_be_read(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *pipe = g_build_filename(fixture->base.target, "pipe & co", NULL);
    g_autofree char *xml = NULL;
    g_autofree char *expected =
        g_strdup_printf("<volume>\n  <name>pipe &amp; co</name>\n  <key>%s/pipe &amp; co</key>\n"
                        "  <target>\n    <path>%s/pipe &amp; co</path>\n  </target>\n</volume>\n",
                        fixture->base.target, fixture->base.target);

    g_assert_cmpint(mkfifo(pipe, 0644), ==, 0);
    add_program(fixture, "hook", "cat > \"ROOT/$2-$3\"\n");
    refresh_well(fixture);
    xml = fixture_read(&fixture->base, "volume-added");
    g_assert_cmpstr(xml, ==, expected);
}

static void
test_is_forbidden_by_a_program(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *log = NULL;

    add_program(fixture, "10-no", "echo the reason; exit 3\n");
    add_program(fixture, "20-later", "echo \"$3\" >> ROOT/log\n");
    g_assert_false(refresh(fixture, 0, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_cmpstr(error->message, ==, "hook 10-no forbids the refresh: exit status 3");
    g_assert_cmpstr(fixture->messages->str, ==, "hook 10-no: the reason\n");
    log = fixture_read(&fixture->base, "log");
    g_assert_cmpstr(log, ==, "");
}

typedef struct {
    GString *heard;
    gboolean forbids;
} Caller;

static gboolean
caller_begins(G_GNUC_UNUSED VirtProbePool *pool, gpointer user_data, GError **error)
{
    Caller *caller = user_data;

    g_string_append(caller->heard, "begin\n");
    if (caller->forbids)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "not now");
    return !caller->forbids;
}

static void
caller_ends(G_GNUC_UNUSED VirtProbePool *pool, const GError *error, gpointer user_data)
{
    Caller *caller = user_data;

    g_string_append_printf(caller->heard, "end: %s\n", error != NULL ? error->message : "well");
}

static void
assert_heard(Fixture *fixture, gboolean forbids, GError **error, const char *expected)
{
    g_autoptr(GString) heard = g_string_new(NULL);
    Caller caller = { heard, forbids };
    const VirtProbeRefreshEvents next = { .begin = caller_begins,
                                          .end = caller_ends,
                                          .user_data = &caller };
    g_autoptr(VirtProbeHooks) hooks = virt_probe_hooks_new(NULL, &next);

    virt_probe_pool_refresh(fixture->base.pool, NULL, virt_probe_hooks_get_events(hooks), NULL,
                            error);
    g_assert_cmpstr(heard->str, ==, expected);
}

static void
test_tells_a_caller_the_end_that_a_program_forbids(Fixture *fixture,
                                                   G_GNUC_UNUSED gconstpointer data)
{
    static const char forbidden[] = "begin\nend: hook hook forbids the refresh: exit status 3\n";
    g_autoptr(GError) error = NULL;

    add_program(fixture, "hook", "exit 3\n");
    assert_heard(fixture, FALSE, &error, forbidden);
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    assert_heard(fixture, FALSE, NULL, forbidden);
    /* What it has forbidden itself has not begun. */
    assert_heard(fixture, TRUE, NULL, "begin\n");
    add_program(fixture, "hook", "exit 0\n");
    assert_heard(fixture, FALSE, NULL, "begin\nend: well\n");
}

static void
test_goes_on_after_a_failure_elsewhere(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *log = NULL;

    add_program(fixture, "10-fails", "[ \"$3\" = begin ] || exit 7\n");
    add_program(fixture, "20-later", "echo \"$3\" >> ROOT/log\n");
    fixture_write(fixture->base.target, "disk", "", 0644);
    refresh_well(fixture);
    g_assert_cmpstr(fixture->messages->str, ==,
                    "hook 10-fails (p q volume added disk): exit status 7\n"
                    "hook 10-fails (p q refresh end -): exit status 7\n");
    log = fixture_read(&fixture->base, "log");
    g_assert_cmpstr(log, ==, "begin\nadded\nend\n");
}

/* Killed processes stay known until whoever inherits them looks. */
static gboolean
process_runs(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, ") Z ") == NULL;
}

static void
test_kills_what_takes_too_long(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *pids = NULL;
    g_auto(GStrv) lines = NULL;

    add_program(
        fixture, "slow",
        "trap '' TERM\nsleep 1000 & echo $! > ROOT/log\necho $$ >> ROOT/log\nwait\nsleep 1000\n");
    g_assert_false(refresh(fixture, 1500, &error));
    g_assert_cmpstr(error->message, ==,
                    "hook slow forbids the refresh: killed, because it takes longer than 1500 ms");
    pids = fixture_read(&fixture->base, "log");
    lines = g_strsplit(pids, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 3);
    for (guint i = 0; i < 2; i++) {
        for (guint tries = 0; process_runs(atoi(lines[i])) && tries < 1000; tries++)
            g_usleep(2000);
        g_assert_false(process_runs(atoi(lines[i])));
    }
}

static void
test_leaves_slow_programs_alone(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *log = NULL;

    add_program(fixture, "slow",
                "[ \"$2\" = refresh ] || { echo x >> ROOT/log; exec sleep 1000; }\n");
    for (guint i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("disk%u", i);

        fixture_write(fixture->base.target, name, "", 0644);
    }
    g_assert_true(refresh(fixture, 1000, &error));
    log = fixture_read(&fixture->base, "log");
    g_assert_cmpstr(log, ==, "x\nx\nx\n");
    g_assert_true(g_str_has_suffix(fixture->messages->str,
                                   "\nhook slow: is not called again before the next refresh\n"));
}

static void
test_does_not_wait_for_what_is_left_behind(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    gint64 begun = g_get_monotonic_time();
    g_autofree char *pid = NULL;

    add_program(fixture, "parent", "[ \"$3\" = end ] || exit 0\nsleep 1000 & echo $! > ROOT/log\n");
    refresh_well(fixture);
    g_assert_cmpint(g_get_monotonic_time() - begun, <, 9 * G_USEC_PER_SEC);
    pid = fixture_read(&fixture->base, "log");
    g_assert_cmpint(kill(atoi(pid), SIGKILL), ==, 0);
}

static void
test_bounds_what_is_written(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    add_program(fixture, "flood", "[ \"$3\" = end ] || exit 0\nexec yes '\033[31mred'\n");
    g_assert_true(refresh(fixture, 1000, &error));
    g_assert_cmpuint(fixture->messages->len, <, 512 * 1024);
    g_assert_nonnull(strstr(fixture->messages->str, "hook flood: \\x1b[31mred\n"));
    g_assert_nonnull(
        strstr(fixture->messages->str,
               "hook flood: writes more than 65536 bytes; the rest is left out\nhook flood (p q"));
}

static void
test_joins_both_outputs(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    add_program(fixture, "hook",
                "[ \"$3\" = end ] && { echo one; echo two >&2; printf three; }\n"
                "exit 0\n");
    refresh_well(fixture);
    g_assert_cmpstr(fixture->messages->str, ==,
                    "hook hook: one\nhook hook: two\nhook hook: three\n");
}

static void
test_passes_nothing_on(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *environment = NULL;
    g_autofree char *expected = g_strdup_printf("LANG=C\n"
                                                "VIRT_PROBE_CONFIG_DIR=%s\n"
                                                "VIRT_PROBE_STATE_DIR=%s\n",
                                                fixture->base.config, fixture->base.state);
    g_autofree char *descriptors = NULL;
    int extra = dup(STDIN_FILENO);

    g_assert_cmpint(extra, >=, 0);
    add_program(fixture, "hook",
                "tr '\\0' '\\n' < /proc/$$/environ | grep -v ^PATH= | sort > ROOT/environment\n"
                "ls /proc/self/fd > ROOT/descriptors\npwd >> ROOT/descriptors\n");
    refresh_well(fixture);
    close(extra);
    environment = fixture_read(&fixture->base, "environment");
    g_assert_cmpstr(environment, ==, expected);
    /* The last one is that with which ls reads the directory. */
    descriptors = fixture_read(&fixture->base, "descriptors");
    g_assert_cmpstr(descriptors, ==, "0\n1\n2\n3\n/\n");
}

static void
test_runs_only_programs(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *log = NULL;
    g_autofree char *folder = g_build_filename(fixture->programs, "folder", NULL);
    g_autofree char *link = g_build_filename(fixture->programs, "link", NULL);
    g_autofree char *plain = g_build_filename(fixture->programs, "plain", NULL);

    add_program(fixture, ".hidden", "echo hidden >> ROOT/log\n");
    add_program(fixture, "backup~", "echo backup >> ROOT/log\n");
    add_program(fixture, "plain", "echo plain >> ROOT/log\n");
    g_assert_cmpint(g_chmod(plain, 0644), ==, 0);
    add_program(fixture, "with blanks", "echo blanks >> ROOT/log\n");
    g_assert_cmpint(g_mkdir(folder, 0755), ==, 0);
    g_assert_cmpint(symlink("with blanks", link), ==, 0);
    fixture_write(fixture->programs, "z-no-interpreter", "#!/nowhere/sh\n", 0644);
    refresh_well(fixture);
    log = fixture_read(&fixture->base, "log");
    g_assert_cmpstr(log, ==, "blanks\nblanks\n");
    g_assert_nonnull(
        strstr(fixture->messages->str, "/link: is not run, because it is a symbolic "));
}

static void
test_refuses_a_program_that_cannot_start(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    fixture_write(fixture->programs, "broken", "#!/nowhere/sh\n", 0755);
    g_assert_false(refresh(fixture, 0, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_nonnull(strstr(error->message, "cannot be started: "));
}

static void
test_runs_as_root_only_what_is_roots(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *log = NULL;
    g_autofree char *strange = g_build_filename(fixture->programs, "strange", NULL);
    g_autofree char *open = g_build_filename(fixture->programs, "writable", NULL);

    if (geteuid() != 0) {
        g_test_skip("only root can give a file away");
        return;
    }
    add_program(fixture, "strange", "echo strange >> ROOT/log\n");
    g_assert_cmpint(chown(strange, NOBODY, NOBODY), ==, 0);
    add_program(fixture, "writable", "echo writable >> ROOT/log\n");
    g_assert_cmpint(g_chmod(open, 0775), ==, 0);
    add_program(fixture, "good", "echo good >> ROOT/log\n");
    refresh_well(fixture);
    g_assert_nonnull(strstr(fixture->messages->str, "/strange: is not run, because it does not "));
    g_assert_nonnull(strstr(fixture->messages->str, "/writable: is not run, because others "));
    g_assert_cmpint(g_chmod(fixture->programs, 0777), ==, 0);
    refresh_well(fixture);
    g_assert_nonnull(strstr(fixture->messages->str, "/storage.d: is not run, because others "));
    log = fixture_read(&fixture->base, "log");
    g_assert_cmpstr(log, ==, "good\ngood\n");
}

static void
test_stops_when_asked(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    gint64 begun = g_get_monotonic_time();

    add_program(fixture, "slow", "exec sleep 1000\n");
    fixture->n_answers = 2;
    g_assert_false(refresh(fixture, 0, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
    g_assert_cmpint(g_get_monotonic_time() - begun, <, 9 * G_USEC_PER_SEC);
}

static void
test_announces_many_changes(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    for (guint i = 0; i < 1001; i++) {
        g_autofree char *name = g_strdup_printf("disk%u", i);

        fixture_write(fixture->base.target, name, "", 0644);
    }
    add_program(fixture, "hook", "[ \"$3\" != added ] || echo >> ROOT/log\n");
    refresh_well(fixture);
    g_assert_cmpstr(fixture->messages->str, ==,
                    "hooks: more than 1000 volumes changed; each is told to 1 program, one after "
                    "the other\n");
    {
        g_autofree char *log = fixture_read(&fixture->base, "log");

        g_assert_cmpuint(strlen(log), ==, 1001);
    }
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    /* What no program may see. */
    g_setenv("LD_PRELOAD", "", TRUE);
    g_test_init(&argc, &argv, NULL);
    ADD("/hooks/calls-programs-as-libvirt-does", test_calls_programs_as_libvirt_does);
    ADD("/hooks/tells-what-changed", test_tells_what_changed);
    ADD("/hooks/gives-xml-to-read", test_gives_xml_to_read);
    ADD("/hooks/gives-name-and-path-of-what-cannot-be-read",
        test_gives_name_and_path_of_what_cannot_be_read);
    ADD("/hooks/is-forbidden-by-a-program", test_is_forbidden_by_a_program);
    ADD("/hooks/tells-a-caller-the-end-that-a-program-forbids",
        test_tells_a_caller_the_end_that_a_program_forbids);
    ADD("/hooks/goes-on-after-a-failure-elsewhere", test_goes_on_after_a_failure_elsewhere);
    ADD("/hooks/kills-what-takes-too-long", test_kills_what_takes_too_long);
    ADD("/hooks/leaves-slow-programs-alone", test_leaves_slow_programs_alone);
    ADD("/hooks/does-not-wait-for-what-is-left-behind", test_does_not_wait_for_what_is_left_behind);
    ADD("/hooks/bounds-what-is-written", test_bounds_what_is_written);
    ADD("/hooks/joins-both-outputs", test_joins_both_outputs);
    ADD("/hooks/passes-nothing-on", test_passes_nothing_on);
    ADD("/hooks/runs-only-programs", test_runs_only_programs);
    ADD("/hooks/refuses-a-program-that-cannot-start", test_refuses_a_program_that_cannot_start);
    ADD("/hooks/runs-as-root-only-what-is-roots", test_runs_as_root_only_what_is_roots);
    ADD("/hooks/stops-when-asked", test_stops_when_asked);
    ADD("/hooks/announces-many-changes", test_announces_many_changes);
    return g_test_run();
}
