/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-source-entry.c: what a listing says, and opening what it lists. */
#include "util/source-entry.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *path;
    int fd;
    VpEntry entries[VP_ENTRY_LIST_MAX];
    guint count;
    guint64 buffer[VP_ENTRY_LIST_SIZE / sizeof(guint64)];
} Fixture;

static void
make_entries(const char *directory)
{
    g_autofree char *file = g_build_filename(directory, "file", NULL);
    g_autofree char *folder = g_build_filename(directory, "folder", NULL);
    g_autofree char *link = g_build_filename(directory, "link", NULL);
    g_autofree char *fifo = g_build_filename(directory, "fifo", NULL);

    g_assert_true(g_file_set_contents(file, "content", 7, NULL));
    g_assert_cmpint(g_mkdir(folder, 0755), ==, 0);
    g_assert_cmpint(symlink("folder", link), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0644), ==, 0);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
    (void) data;
    fixture->path = g_dir_make_tmp("test-source-entry-XXXXXX", NULL);
    g_assert_nonnull(fixture->path);
    make_entries(fixture->path);
    fixture->fd = vp_entry_open_directory(-1, fixture->path);
    g_assert_cmpint(fixture->fd, >=, 0);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    static const char *const names[] = { "file", "folder", "link", "fifo" };

    (void) data;
    vp_entry_close(fixture->fd);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(fixture->path, names[i], NULL);

        g_remove(path);
    }
    g_rmdir(fixture->path);
    g_free(fixture->path);
}

static VpEntryKind
kind_of(const Fixture *fixture, const char *name)
{
    for (guint i = 0; i < fixture->count; i++) {
        if (g_str_equal(fixture->entries[i].name, name))
            return fixture->entries[i].kind;
    }
    g_assert_not_reached();
}

static void
test_lists_entries_and_their_kinds(Fixture *fixture, gconstpointer data)
{
    (void) data;
    g_assert_cmpint(vp_entry_list(fixture->fd, fixture->buffer, fixture->entries, &fixture->count),
                    ==, 1);
    g_assert_cmpuint(fixture->count, ==, 4);
    /* Not every filesystem knows. */
    if (kind_of(fixture, "file") != VP_ENTRY_UNKNOWN) {
        g_assert_cmpint(kind_of(fixture, "file"), ==, VP_ENTRY_FILE);
        g_assert_cmpint(kind_of(fixture, "folder"), ==, VP_ENTRY_DIRECTORY);
        g_assert_cmpint(kind_of(fixture, "link"), ==, VP_ENTRY_LINK);
        g_assert_cmpint(kind_of(fixture, "fifo"), ==, VP_ENTRY_OTHER);
    }
    g_assert_cmpint(vp_entry_list(fixture->fd, fixture->buffer, fixture->entries, &fixture->count),
                    ==, 0);
}

static void
test_enters_no_links_to_directories(Fixture *fixture, gconstpointer data)
{
    int fd = vp_entry_open_directory(fixture->fd, "folder");

    (void) data;
    g_assert_cmpint(fd, >=, 0);
    vp_entry_close(fd);
    g_assert_cmpint(vp_entry_open_directory(fixture->fd, "link"), ==, -1);
    g_assert_cmpint(vp_entry_open_directory(fixture->fd, "file"), ==, -1);
    g_assert_cmpint(errno, ==, ENOTDIR);
}

static void
test_asks_what_an_entry_is(Fixture *fixture, gconstpointer data)
{
    VpEntryInfo info;

    (void) data;
    g_assert_true(vp_entry_stat(fixture->fd, "link", TRUE, &info));
    g_assert_true(S_ISDIR(info.mode));
    g_assert_true(vp_entry_stat(fixture->fd, "link", FALSE, &info));
    g_assert_true(S_ISLNK(info.mode));
    g_assert_true(vp_entry_stat(fixture->fd, "file", FALSE, &info));
    g_assert_cmpuint(info.size, ==, 7);
    g_assert_false(vp_entry_stat(fixture->fd, "missing", FALSE, &info));
    g_assert_cmpint(errno, ==, ENOENT);
}

static void
test_reads_a_file(Fixture *fixture, gconstpointer data)
{
    int fd = vp_entry_open(fixture->fd, "file");
    char buffer[8] = "";
    VpEntryInfo info;

    (void) data;
    g_assert_true(vp_entry_stat_open(fd, &info));
    g_assert_cmpuint(info.size, ==, 7);
    g_assert_cmpint(vp_entry_read(buffer, 4, 3, &fd), ==, 4);
    g_assert_cmpstr(buffer, ==, "tent");
    vp_entry_close(fd);
    vp_entry_close(-1);
}

static void
test_opens_links_to_files_only(Fixture *fixture, gconstpointer data)
{
    g_autofree char *to_file = g_build_filename(fixture->path, "to-file", NULL);
    g_autofree char *to_device = g_build_filename(fixture->path, "to-device", NULL);
    char buffer[8] = "";
    int fd;

    (void) data;
    g_assert_cmpint(symlink("file", to_file), ==, 0);
    g_assert_cmpint(symlink("/dev/null", to_device), ==, 0);
    g_assert_cmpint(vp_entry_open(fixture->fd, "to-file"), ==, -1);
    g_assert_cmpint(errno, ==, ELOOP);
    fd = vp_entry_open_link(fixture->fd, "to-file");
    g_assert_cmpint(vp_entry_read(buffer, 7, 0, &fd), ==, 7);
    g_assert_cmpstr(buffer, ==, "content");
    vp_entry_close(fd);
    g_assert_cmpint(vp_entry_open_link(fixture->fd, "to-device"), ==, -1);
    g_assert_cmpint(errno, ==, EPERM);
    g_assert_cmpint(vp_entry_open_link(fixture->fd, "link"), ==, -1);
    g_assert_cmpint(errno, ==, EPERM);
    g_assert_cmpint(vp_entry_open_link(fixture->fd, "missing"), ==, -1);
    g_assert_cmpint(errno, ==, ENOENT);
    g_remove(to_file);
    g_remove(to_device);
}

static void
test_waits_for_no_fifo(Fixture *fixture, gconstpointer data)
{
    int fd = vp_entry_open(fixture->fd, "fifo");
    VpEntryInfo info;

    (void) data;
    g_assert_cmpint(fd, >=, 0);
    g_assert_true(vp_entry_stat_open(fd, &info));
    g_assert_true(S_ISFIFO(info.mode));
    vp_entry_close(fd);
}

static void
add(const char *path, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/source-entry/lists-entries-and-their-kinds", test_lists_entries_and_their_kinds);
    add("/source-entry/enters-no-links", test_enters_no_links_to_directories);
    add("/source-entry/asks-what-an-entry-is", test_asks_what_an_entry_is);
    add("/source-entry/reads-a-file", test_reads_a_file);
    add("/source-entry/opens-links-to-files-only", test_opens_links_to_files_only);
    add("/source-entry/waits-for-no-fifo", test_waits_for_no_fifo);
    return g_test_run();
}
