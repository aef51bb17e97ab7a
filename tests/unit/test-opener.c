/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-opener.c: which files an opener opens under each policy, however they are named. */
#include "storage/opener.h"
#include "unit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What becomes of a name. */
typedef enum {
    OPENS,
    IS_OUTSIDE,
    IS_MISSING,
    IS_REFUSED, /* for what it is, not for where it lies */
    IS_A_LOOP,  /* what the kernel calls links that it will not follow, magic ones too */
} Verdict;

/* Directories, then files, then links, below a directory of the test; it is written @ in names. */
static const char *const directories[] = { "pool", "pool/sub", "pool2", "outside" };

static const char *const files[] = {
    "pool/top", "pool/base", "pool/sub/deep", "pool2/base", "outside/secret",
};

static const struct {
    const char *name;
    const char *target;
} links[] = {
    { "pool/link-beside", "base" },
    { "pool/link-below", "sub/deep" },
    { "pool/link-to-link", "link-beside" },
    { "pool/link-around", "sub/../base" },
    { "pool/link-absolute", "@/pool/base" },
    { "pool/link-out", "../outside/secret" },
    { "pool/link-out-and-back", "../pool/base" },
    { "pool/link-out-absolute", "@/outside/secret" },
    { "pool/link-proc", "/proc/self/root/etc/passwd" },
    { "pool/link-broken", "nowhere" },
    { "pool/link-loop", "link-loop" },
    { "pool/dir-below", "sub" },
    { "pool/dir-out", "../outside" },
    { "pool/dir-up", ".." },
    { "pool/sub/dir-up", ".." },
    { "pool-link", "pool" },
    { "outside/link-in", "../pool/base" },
};

typedef struct {
    char *root;
    char *previous;
} Fixture;

/* The name with the test's directory in the place of a leading @. (transfer full) */
static char *
expand(const Fixture *fixture, const char *name)
{
    if (name != NULL && name[0] == '@')
        return g_strconcat(fixture->root, name + 1, NULL);
    return g_strdup(name);
}

static char *
place(const Fixture *fixture, const char *name)
{
    return g_build_filename(fixture->root, name, NULL);
}

static void
fixture_set_up(Fixture *fixture, gconstpointer data)
{
    g_autofree char *made = g_dir_make_tmp("test-opener-XXXXXX", NULL);
    g_autofree char *fifo = NULL;

    (void) data;
    g_assert_nonnull(made);
    /* The directory of temporary files may itself be named by a link. */
    fixture->root = realpath(made, NULL);
    fixture->previous = g_get_current_dir();
    for (guint i = 0; i < G_N_ELEMENTS(directories); i++) {
        g_autofree char *path = place(fixture, directories[i]);

        g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
    }
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = place(fixture, files[i]);

        g_assert_true(g_file_set_contents(path, files[i], -1, NULL));
    }
    for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *path = place(fixture, links[i].name);
        g_autofree char *target = expand(fixture, links[i].target);

        g_assert_cmpint(symlink(target, path), ==, 0);
    }
    fifo = place(fixture, "pool/fifo");
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
}

static void
remove_tree(const char *path)
{
    g_autoptr(GDir) dir =
        g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        remove_tree(child);
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}

static void
fixture_tear_down(Fixture *fixture, gconstpointer data)
{
    (void) data;
    g_assert_cmpint(g_chdir(fixture->previous), ==, 0);
    remove_tree(fixture->root);
    g_free(fixture->root);
    g_free(fixture->previous);
}

typedef struct {
    const char *name;
    VirtProbeFollow follow;
    const char *here;      /* current directory */
    const char *directory; /* for BENEATH */
    const char *top;
    const char *path; /* NULL: the top itself */
    Verdict verdict;
    Verdict strict; /* without openat2 */
} Case;

/* clang-format off */
#define NONE VIRT_PROBE_FOLLOW_NONE, "@", NULL
#define SAME VIRT_PROBE_FOLLOW_SAME_DIRECTORY, "@", NULL
#define ANY VIRT_PROBE_FOLLOW_ANY, "@", NULL
#define POOL VIRT_PROBE_FOLLOW_BENEATH, "@", "@/pool", "@/pool/top"
#define BENEATH(here, directory) VIRT_PROBE_FOLLOW_BENEATH, here, directory

static const Case cases[] = {
    { "none/opens-the-top", NONE, "@/pool/top", NULL, OPENS, OPENS },
    { "none/opens-the-top-through-a-link", NONE, "@/pool/link-out", NULL, OPENS, OPENS },
    { "none/opens-no-other-file", NONE, "@/pool/top", "@/pool/base", IS_OUTSIDE, IS_OUTSIDE },
    { "none/does-not-say-what-is-missing", NONE, "@/pool/top", "@/pool/no", IS_OUTSIDE, IS_OUTSIDE },

    { "any/opens-a-file-beside", ANY, "@/pool/top", "@/pool/base", OPENS, OPENS },
    { "any/opens-a-relative-name", ANY, "pool/top", "pool/../outside/secret", OPENS, OPENS },
    { "any/follows-a-link", ANY, "@/pool/top", "@/pool/link-out-absolute", OPENS, OPENS },
    { "any/reports-a-missing-file", ANY, "@/pool/top", "@/pool/no", IS_MISSING, IS_MISSING },
    { "any/refuses-a-fifo", ANY, "@/pool/top", "@/pool/fifo", IS_REFUSED, IS_REFUSED },
    { "any/refuses-a-directory", ANY, "@/pool/top", "@/pool/sub", IS_REFUSED, IS_REFUSED },
    { "any/refuses-a-device", ANY, "@/pool/top", "/dev/null", IS_REFUSED, IS_REFUSED },

    { "same/opens-the-top", SAME, "@/pool/top", NULL, OPENS, OPENS },
    { "same/opens-a-top-that-is-a-link-out", SAME, "@/pool/link-out", NULL, OPENS, OPENS },
    { "same/opens-a-file-beside", SAME, "@/pool/top", "@/pool/base", OPENS, OPENS },
    { "same/opens-a-relative-name", SAME, "pool/top", "pool/base", OPENS, OPENS },
    { "same/opens-a-relative-top-by-an-absolute-name", SAME, "pool/top", "@/pool/base", OPENS, OPENS },
    { "same/opens-an-untidy-name", SAME, "pool/top", "pool//./base", OPENS, OPENS },
    { "same/opens-beside-a-top-by-a-way-around", SAME, "outside/../pool/top", "outside/../pool/base", OPENS, OPENS },
    { "same/opens-beside-a-top-in-a-linked-directory", SAME, "pool-link/top", "pool-link/base", OPENS, OPENS },
    { "same/opens-a-linked-directory-by-its-own-name", SAME, "pool-link/top", "@/pool/base", OPENS, OPENS },
    { "same/refuses-a-file-below", SAME, "@/pool/top", "@/pool/sub/deep", IS_OUTSIDE, IS_OUTSIDE },
    { "same/refuses-a-file-above", SAME, "@/pool/sub/deep", "@/pool/base", IS_OUTSIDE, IS_OUTSIDE },
    { "same/refuses-two-dots", SAME, "@/pool/top", "@/pool/../outside/secret", IS_OUTSIDE, IS_OUTSIDE },
    { "same/refuses-two-dots-alone", SAME, "@/pool/top", "@/pool/..", IS_OUTSIDE, IS_OUTSIDE },
    { "same/refuses-a-directory-whose-name-begins-alike", SAME, "@/pool/top", "@/pool2/base", IS_OUTSIDE, IS_OUTSIDE },
    { "same/refuses-another-absolute-name", SAME, "@/pool/top", "/etc/passwd", IS_OUTSIDE, IS_OUTSIDE },
    { "same/follows-a-link-beside", SAME, "@/pool/top", "@/pool/link-beside", OPENS, IS_OUTSIDE },
    { "same/refuses-a-link-out", SAME, "@/pool/top", "@/pool/link-out", IS_OUTSIDE, IS_OUTSIDE },
    { "same/follows-a-link-to-a-file-below", SAME, "@/pool/top", "@/pool/link-below", OPENS, IS_OUTSIDE },
    { "same/reports-a-missing-file", SAME, "@/pool/top", "@/pool/no", IS_MISSING, IS_MISSING },

    { "beneath/opens-the-top", POOL, NULL, OPENS, OPENS },
    { "beneath/opens-a-file-beside", POOL, "@/pool/base", OPENS, OPENS },
    { "beneath/opens-a-file-below", POOL, "@/pool/sub/deep", OPENS, OPENS },
    { "beneath/opens-a-relative-name", POOL, "pool/base", OPENS, OPENS },
    { "beneath/opens-an-untidy-name", POOL, "@/pool//sub/.//deep", OPENS, OPENS },
    { "beneath/opens-two-dots-that-stay-inside", POOL, "@/pool/sub/../base", OPENS, IS_OUTSIDE },
    { "beneath/refuses-two-dots-that-lead-out", POOL, "@/pool/sub/../../outside/secret", IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-two-dots-at-once", POOL, "@/pool/../outside/secret", IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-two-dots-that-come-back", POOL, "@/pool/../pool/base", IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-a-file-above", POOL, "@/outside/secret", IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-a-directory-whose-name-begins-alike", POOL, "@/pool2/base", IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-the-directory-by-another-name", POOL, "@/pool-link/base", IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-a-link-from-outside", POOL, "@/outside/link-in", IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-proc", POOL, "/proc/self/root/etc/passwd", IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-a-top-outside", BENEATH("@", "@/pool"), "@/outside/secret", NULL, IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/refuses-a-top-that-is-a-link-out", BENEATH("@", "@/pool"), "@/pool/link-out", NULL, IS_OUTSIDE, IS_OUTSIDE },
    { "beneath/reports-a-missing-file", POOL, "@/pool/no", IS_MISSING, IS_MISSING },
    { "beneath/reports-a-missing-directory", POOL, "@/pool/no/base", IS_MISSING, IS_MISSING },
    { "beneath/reports-a-file-in-place-of-a-directory", POOL, "@/pool/base/deep", IS_MISSING, IS_MISSING },
    { "beneath/refuses-a-fifo", POOL, "@/pool/fifo", IS_REFUSED, IS_REFUSED },
    { "beneath/refuses-a-directory", POOL, "@/pool/sub", IS_REFUSED, IS_REFUSED },

    { "links/leads-to-a-file-beside", POOL, "@/pool/link-beside", OPENS, IS_OUTSIDE },
    { "links/leads-to-a-file-below", POOL, "@/pool/link-below", OPENS, IS_OUTSIDE },
    { "links/leads-to-a-link", POOL, "@/pool/link-to-link", OPENS, IS_OUTSIDE },
    { "links/has-two-dots-that-stay-inside", POOL, "@/pool/link-around", OPENS, IS_OUTSIDE },
    { "links/is-absolute-and-leads-inside", POOL, "@/pool/link-absolute", IS_OUTSIDE, IS_OUTSIDE },
    { "links/leads-out", POOL, "@/pool/link-out", IS_OUTSIDE, IS_OUTSIDE },
    { "links/leads-out-and-back", POOL, "@/pool/link-out-and-back", IS_OUTSIDE, IS_OUTSIDE },
    { "links/is-absolute-and-leads-out", POOL, "@/pool/link-out-absolute", IS_OUTSIDE, IS_OUTSIDE },
    { "links/leads-through-proc", POOL, "@/pool/link-proc", IS_OUTSIDE, IS_OUTSIDE },
    { "links/leads-nowhere", POOL, "@/pool/link-broken", IS_MISSING, IS_OUTSIDE },
    { "links/leads-to-itself", POOL, "@/pool/link-loop", IS_A_LOOP, IS_OUTSIDE },
    { "links/stands-in-the-middle", POOL, "@/pool/dir-below/deep", OPENS, IS_OUTSIDE },
    { "links/stands-in-the-middle-and-leads-out", POOL, "@/pool/dir-out/secret", IS_OUTSIDE, IS_OUTSIDE },
    { "links/stands-in-the-middle-and-leads-up", POOL, "@/pool/dir-up/outside/secret", IS_OUTSIDE, IS_OUTSIDE },
    { "links/stands-in-the-middle-and-leads-up-inside", POOL, "@/pool/sub/dir-up/base", OPENS, IS_OUTSIDE },
    { "links/is-magic", BENEATH("@", "/proc/self"), "/proc/self/maps", "/proc/self/exe", IS_A_LOOP, IS_OUTSIDE },
    { "links/is-magic-in-the-middle", BENEATH("@", "/proc/self"), "/proc/self/maps", "/proc/self/cwd/pool/base", IS_A_LOOP, IS_OUTSIDE },

    { "directory/relative", BENEATH("@", "pool"), "pool/top", "pool/base", OPENS, OPENS },
    { "directory/relative-and-absolute-names", BENEATH("@", "pool"), "@/pool/top", "@/pool/base", OPENS, OPENS },
    { "directory/current", BENEATH("@/pool", "."), "top", "base", OPENS, OPENS },
    { "directory/current-and-names-with-a-dot", BENEATH("@/pool", "."), "./top", "./base", OPENS, OPENS },
    { "directory/two-dots", BENEATH("@/pool/sub", ".."), "../top", "../base", OPENS, OPENS },
    { "directory/two-dots-and-absolute-names", BENEATH("@/pool/sub", ".."), "@/pool/top", "@/pool/base", OPENS, OPENS },
    { "directory/with-trailing-slashes", BENEATH("@", "@/pool//"), "@/pool/top", "@/pool/base", OPENS, OPENS },
    { "directory/with-trailing-slash-refuses-a-name-that-begins-alike", BENEATH("@", "@/pool/"), "@/pool/top", "@/pool2/base", IS_OUTSIDE, IS_OUTSIDE },
    { "directory/root", BENEATH("@", "/"), "@/pool/top", "@/outside/secret", OPENS, OPENS },
    { "directory/root-and-relative-names", BENEATH("@", "/"), "pool/top", "outside/secret", OPENS, OPENS },
    { "directory/root-refuses-a-device", BENEATH("@", "/"), "@/pool/top", "/dev/null", IS_REFUSED, IS_REFUSED },
    { "directory/linked", BENEATH("@", "@/pool-link"), "@/pool-link/top", "@/pool-link/base", OPENS, OPENS },
    { "directory/linked-and-names-without-the-link", BENEATH("@", "@/pool-link"), "@/pool/top", "@/pool/base", OPENS, OPENS },
    { "directory/not-linked-and-top-through-a-link", BENEATH("@", "@/pool"), "@/pool-link/top", "@/pool-link/base", OPENS, OPENS },
    { "directory/linked-refuses-what-is-beside-the-link", BENEATH("@", "@/pool-link"), "@/pool-link/top", "@/pool-link/../outside/secret", IS_OUTSIDE, IS_OUTSIDE },

    { "way-around/from-beside", BENEATH("@/outside", "@/pool"), "../pool/top", "../pool/base", OPENS, OPENS },
    { "way-around/from-the-directory-itself", BENEATH("@/pool", "@/pool"), "../pool/top", "../pool/base", OPENS, OPENS },
    { "way-around/from-the-directory-itself-and-a-file-below", BENEATH("@/pool", "@/pool"), "../pool/top", "../pool/sub/deep", OPENS, OPENS },
    { "way-around/from-below", BENEATH("@/pool/sub", "@/pool"), "../top", "../base", OPENS, OPENS },
    { "way-around/to-a-directory-below", BENEATH("@/outside", "@/pool"), "../pool/sub/deep", "../pool/sub/deep", OPENS, OPENS },
    { "way-around/to-a-directory-below-does-not-open-above-it-by-two-dots", BENEATH("@/outside", "@/pool"), "../pool/sub/deep", "../pool/sub/../base", OPENS, IS_OUTSIDE },
    { "way-around/does-not-lead-out", BENEATH("@/outside", "@/pool"), "../pool/top", "../pool/../outside/secret", IS_OUTSIDE, IS_OUTSIDE },
    { "way-around/does-not-open-the-way", BENEATH("@/outside", "@/pool"), "../pool/top", "../outside/secret", IS_OUTSIDE, IS_OUTSIDE },
};
/* clang-format on */

static void
assert_verdict(const VpFileOpener *opener, const VpSource *source, const GError *error,
               Verdict verdict)
{
    g_test_message("%s%s", error != NULL ? error->message : "opened",
                   opener->parent.is_outside ? ", outside" : "");
    g_assert_cmpint(source != NULL, ==, verdict == OPENS);
    g_assert_cmpint(error == NULL, ==, verdict == OPENS);
    g_assert_cmpint(opener->parent.is_outside, ==, verdict == IS_OUTSIDE);
    if (verdict == IS_OUTSIDE || verdict == IS_REFUSED)
        g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    if (verdict == IS_MISSING)
        g_assert_true(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                      || g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR));
    if (verdict == IS_A_LOOP)
        g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_LOOP);
}

static void
check_case(const Fixture *fixture, const Case *row, gboolean may_use_openat2)
{
    g_autofree char *here = expand(fixture, row->here);
    g_autofree char *directory = expand(fixture, row->directory);
    g_autofree char *top = expand(fixture, row->top);
    g_autofree char *path = expand(fixture, row->path != NULL ? row->path : row->top);
    g_autoptr(GError) error = NULL;
    g_autoptr(VpSource) source = NULL;
    g_auto(VpFileOpener) opener = { .directory = -1 };

    g_assert_cmpint(g_chdir(here), ==, 0);
    g_assert_true(vp_file_opener_init(&opener, row->follow, top, directory, &error));
    g_assert_no_error(error);
    opener.may_use_openat2 = may_use_openat2;
    source = opener.parent.open(&opener.parent, path, row->path == NULL, &error);
    assert_verdict(&opener, source, error, may_use_openat2 ? row->verdict : row->strict);
}

static void
test_with_openat2(Fixture *fixture, gconstpointer data)
{
    check_case(fixture, data, TRUE);
}

static void
test_without_openat2(Fixture *fixture, gconstpointer data)
{
    check_case(fixture, data, FALSE);
}

static void
test_forgets_that_the_last_file_was_outside(Fixture *fixture, gconstpointer data)
{
    g_autofree char *directory = place(fixture, "pool");
    g_autofree char *top = place(fixture, "pool/top");
    g_autofree char *secret = place(fixture, "outside/secret");
    g_autofree char *fifo = place(fixture, "pool/fifo");
    g_auto(VpFileOpener) opener = { .directory = -1 };

    (void) data;
    g_assert_true(vp_file_opener_init(&opener, VIRT_PROBE_FOLLOW_BENEATH, top, directory, NULL));
    g_assert_null(opener.parent.open(&opener.parent, secret, FALSE, NULL));
    g_assert_true(opener.parent.is_outside);
    g_assert_null(opener.parent.open(&opener.parent, fifo, FALSE, NULL));
    g_assert_false(opener.parent.is_outside);
}

static void
test_stays_in_the_directory_that_was_opened(Fixture *fixture, gconstpointer data)
{
    g_autofree char *directory = place(fixture, "pool");
    g_autofree char *moved = place(fixture, "moved");
    g_autofree char *outside = place(fixture, "outside");
    g_autofree char *top = place(fixture, "pool/top");
    g_autofree char *secret = place(fixture, "pool/secret");
    g_autoptr(VpSource) source = NULL;
    g_auto(VpFileOpener) opener = { .directory = -1 };

    (void) data;
    g_assert_true(vp_file_opener_init(&opener, VIRT_PROBE_FOLLOW_BENEATH, top, directory, NULL));
    g_assert_cmpint(g_rename(directory, moved), ==, 0);
    g_assert_cmpint(symlink(outside, directory), ==, 0);
    g_assert_null(opener.parent.open(&opener.parent, secret, FALSE, NULL));
    source = opener.parent.open(&opener.parent, top, TRUE, NULL);
    g_assert_nonnull(source);
}

static const char *const bad_directories[] = { "no", "pool/base", "pool/fifo", "pool/link-broken" };

static void
test_reports_a_directory_that_cannot_be_opened(Fixture *fixture, gconstpointer data)
{
    g_autofree char *top = place(fixture, "pool/top");

    (void) data;
    for (guint i = 0; i < G_N_ELEMENTS(bad_directories); i++) {
        g_autofree char *directory = place(fixture, bad_directories[i]);
        g_autoptr(GError) error = NULL;
        g_auto(VpFileOpener) opener = { .directory = -1 };

        g_assert_false(
            vp_file_opener_init(&opener, VIRT_PROBE_FOLLOW_BENEATH, top, directory, &error));
        g_assert_nonnull(error);
        g_assert_true(error->domain == G_FILE_ERROR);
    }
}

static void
test_reports_a_top_whose_directory_is_missing(Fixture *fixture, gconstpointer data)
{
    g_autofree char *top = place(fixture, "no/top");
    g_autoptr(GError) error = NULL;
    g_auto(VpFileOpener) opener = { .directory = -1 };

    (void) data;
    g_assert_false(
        vp_file_opener_init(&opener, VIRT_PROBE_FOLLOW_SAME_DIRECTORY, top, NULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
add_case(const Case *row, const char *kernel, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_autofree char *path = g_strdup_printf("/opener/%s/%s", kernel, row->name);

    g_test_add(path, Fixture, row, fixture_set_up, test, fixture_tear_down);
}

static void
add(const char *path, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, NULL, fixture_set_up, test, fixture_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        add_case(&cases[i], "with-openat2", test_with_openat2);
        add_case(&cases[i], "without-openat2", test_without_openat2);
    }
    add("/opener/forgets-that-the-last-file-was-outside",
        test_forgets_that_the_last_file_was_outside);
    add("/opener/stays-in-the-directory-that-was-opened",
        test_stays_in_the_directory_that_was_opened);
    add("/opener/reports-a-directory-that-cannot-be-opened",
        test_reports_a_directory_that_cannot_be_opened);
    add("/opener/reports-a-top-whose-directory-is-missing",
        test_reports_a_top_whose_directory_is_missing);
    return g_test_run();
}
