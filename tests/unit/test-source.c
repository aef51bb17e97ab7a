/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-source.c: sources give the same bytes whatever they are, and refuse what could make us wait. */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "unit.h"
#include "util/source.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTENT "0123456789abcdef"
#define CONTENT_LEN 16

/* A directory of one test, with the path of one file in it. */
typedef struct {
    char *dir;
    char *path;
} Fixture;

static void
fixture_set_up(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    fixture->dir = g_dir_make_tmp("test-source-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->path = g_build_filename(fixture->dir, "image", NULL);
    if (data != NULL) {
        g_file_set_contents(fixture->path, data, -1, &error);
        g_assert_no_error(error);
    }
}

static void
fixture_tear_down(Fixture *fixture, gconstpointer data)
{
    (void) data;
    g_remove(fixture->path);
    g_rmdir(fixture->dir);
    g_free(fixture->path);
    g_free(fixture->dir);
}

static VpSource *
open_sound(const char *path)
{
    g_autoptr(GError) error = NULL;
    VpSource *source = vp_source_file_open(path, &error);

    g_assert_no_error(error);
    g_assert_nonnull(source);
    return source;
}

/* Reads len bytes at offset and compares what came with the expected text. */
static void
check_read(VpSource *source, gsize len, guint64 offset, const char *expected)
{
    char buffer[64];
    gssize got = source->class->read_at(source, buffer, len, offset);

    g_assert_cmpint(got, >=, 0);
    assert_same_bytes(buffer, (gsize) got, expected, strlen(expected));
}

static void
check_reads(VpSource *source)
{
    g_assert_cmpuint(source->size, ==, CONTENT_LEN);
    check_read(source, 4, 0, "0123");
    check_read(source, 4, 10, "abcd");
    check_read(source, 16, 0, CONTENT);
    check_read(source, 32, 8, "89abcdef");
    check_read(source, 4, CONTENT_LEN, "");
    check_read(source, 4, G_MAXUINT64, "");
    check_read(source, 0, 3, "");
}

static void
test_reads_a_file_at_any_place(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VpSource) source = open_sound(fixture->path);

    (void) data;
    g_assert_cmpint(source->kind, ==, VP_SOURCE_FILE);
    g_assert_null(source->memory);
    check_reads(source);
}

static void
test_reads_an_open_descriptor_at_any_place(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VpSource) source = NULL;
    int fd = g_open(fixture->path, O_RDONLY | O_CLOEXEC, 0);

    (void) data;
    g_assert_cmpint(lseek(fd, 5, SEEK_SET), ==, 5);
    source = vp_source_file_new_from_fd(fd, &error);
    g_assert_no_error(error);
    check_reads(source);
    close(fd);
}

static void
test_reads_memory_at_any_place(void)
{
    g_autoptr(VpSource) source = vp_source_memory_new(CONTENT, CONTENT_LEN);

    g_assert_cmpint(source->kind, ==, VP_SOURCE_MEMORY);
    g_assert_null(source->class->has_changed);
    check_reads(source);
}

static void
test_borrows_memory(void)
{
    VpSource source;

    vp_source_memory_init(&source, CONTENT, CONTENT_LEN);
    g_assert_cmpstr((const char *) source.memory, ==, CONTENT);
}

static void
test_takes_no_memory_for_an_empty_image(void)
{
    g_autoptr(VpSource) source = vp_source_memory_new(NULL, 0);

    g_assert_cmpuint(source->size, ==, 0);
    check_read(source, 4, 0, "");
}

static void
test_leaves_a_descriptor_open_and_in_place(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    int fd = g_open(fixture->path, O_RDONLY | O_CLOEXEC, 0);
    VpSource *source;

    (void) data;
    g_assert_cmpint(lseek(fd, 5, SEEK_SET), ==, 5);
    source = vp_source_file_new_from_fd(fd, &error);
    g_assert_no_error(error);
    check_read(source, 4, 0, "0123");
    vp_source_free(source);
    g_assert_cmpint(lseek(fd, 0, SEEK_CUR), ==, 5);
    close(fd);
}

static void
test_tells_what_the_file_system_knows(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VpSource) source = open_sound(fixture->path);
    struct stat info;

    (void) data;
    g_assert_cmpint(stat(fixture->path, &info), ==, 0);
    g_assert_cmpuint(source->facts.inode, ==, info.st_ino);
    g_assert_cmpuint(source->facts.device, ==, info.st_dev);
    g_assert_cmpuint(source->facts.allocated_size, ==, (guint64) info.st_blocks * 512);
    g_assert_cmpint(source->facts.mtime_sec, ==, info.st_mtim.tv_sec);
}

static void
test_notices_that_a_file_changed(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VpSource) source = open_sound(fixture->path);

    (void) data;
    g_assert_false(source->class->has_changed(source));
    g_assert_cmpint(truncate(fixture->path, 3), ==, 0);
    g_assert_true(source->class->has_changed(source));
}

static void
test_reads_what_is_left_of_a_shorter_file(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VpSource) source = open_sound(fixture->path);

    (void) data;
    g_assert_cmpint(truncate(fixture->path, 3), ==, 0);
    check_read(source, 16, 0, "012");
}

static void
assert_refused(const char *path)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(vp_source_file_open(path, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
}

static void
test_refuses_a_fifo_without_waiting(Fixture *fixture, gconstpointer data)
{
    (void) data;
    g_assert_cmpint(mkfifo(fixture->path, 0600), ==, 0);
    assert_refused(fixture->path);
}

static void
test_refuses_a_descriptor_of_a_pipe(void)
{
    g_autoptr(GError) error = NULL;
    int ends[2];

    g_assert_cmpint(pipe(ends), ==, 0);
    g_assert_null(vp_source_file_new_from_fd(ends[0], &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    close(ends[0]);
    close(ends[1]);
}

static void
test_refuses_a_directory(Fixture *fixture, gconstpointer data)
{
    (void) data;
    assert_refused(fixture->dir);
}

static void
test_refuses_a_socket(Fixture *fixture, gconstpointer data)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void) data;
    g_strlcpy(address.sun_path, fixture->path, sizeof address.sun_path);
    g_assert_cmpint(bind(fd, (struct sockaddr *) &address, sizeof address), ==, 0);
    assert_refused(fixture->path);
    close(fd);
}

static void
test_refuses_a_character_device(void)
{
    assert_refused("/dev/null");
}

static void
test_reports_a_missing_file(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void) data;
    g_assert_null(vp_source_file_open(fixture->path, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_reports_a_loop_of_links(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void) data;
    g_assert_cmpint(symlink("image", fixture->path), ==, 0);
    g_assert_null(vp_source_file_open(fixture->path, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_LOOP);
}

static void
test_reports_a_descriptor_that_is_not_open(void)
{
    g_autoptr(GError) error = NULL;
    int fd = g_open("/dev/null", O_RDONLY, 0);

    close(fd);
    g_assert_null(vp_source_file_new_from_fd(fd, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_BADF);
}

/* What a process without privileges gets; its exit status says it. */
static void
open_as_nobody(const char *path)
{
    g_autoptr(GError) error = NULL;

    if (getuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        _exit(2);
    if (vp_source_file_open(path, &error) != NULL)
        _exit(3);
    _exit(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ACCES) ? 0 : 4);
}

static void
test_reports_a_file_that_may_not_be_read(Fixture *fixture, gconstpointer data)
{
    int status = -1;
    pid_t child;

    (void) data;
    g_assert_cmpint(g_chmod(fixture->dir, 0755), ==, 0);
    g_assert_cmpint(g_chmod(fixture->path, 0), ==, 0);
    child = fork();
    if (child == 0)
        open_as_nobody(fixture->path);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* A process that holds a lock on one byte until its standard end of the pipe closes. */
typedef struct {
    pid_t child;
    int release;
} LockHolder;

static void
hold_lock(const char *path, short type, off_t byte, int ready, int release)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
    int fd = g_open(path, O_RDWR, 0);
    char answer = fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0 ? 'y' : 'n';

    if (write(ready, &answer, 1) != 1 || read(release, &answer, 1) < 0)
        _exit(1);
    _exit(0);
}

static void
lock_holder_start(LockHolder *holder, const char *path, short type, off_t byte)
{
    int ready[2];
    int release[2];
    char answer = 'n';

    g_assert_cmpint(pipe(ready), ==, 0);
    g_assert_cmpint(pipe(release), ==, 0);
    holder->child = fork();
    if (holder->child == 0) {
        close(release[1]);
        hold_lock(path, type, byte, ready[1], release[0]);
    }
    close(ready[1]);
    close(release[0]);
    holder->release = release[1];
    g_assert_cmpint(read(ready[0], &answer, 1), ==, 1);
    g_assert_cmpint(answer, ==, 'y');
    close(ready[0]);
}

static void
lock_holder_stop(LockHolder *holder)
{
    close(holder->release);
    g_assert_cmpint(waitpid(holder->child, NULL, 0), ==, holder->child);
}

typedef struct {
    const char *name;
    short type;
    off_t byte;
    gboolean has_writer;
} LockCase;

static const LockCase lock_cases[] = {
    { "sees-a-write-lock-on-the-write-byte", F_WRLCK, 101, TRUE },
    { "sees-a-shared-lock-on-the-write-byte", F_RDLCK, 101, TRUE },
    { "sees-a-shared-lock-on-the-resize-byte", F_RDLCK, 103, TRUE },
    { "ignores-a-lock-of-a-reader", F_RDLCK, 100, FALSE },
    { "ignores-a-lock-on-another-byte", F_WRLCK, 0, FALSE },
};

static void
test_writers_lock(gconstpointer data)
{
    const LockCase *row = data;
    Fixture fixture;
    LockHolder holder;
    VpSource *source;

    fixture_set_up(&fixture, CONTENT);
    lock_holder_start(&holder, fixture.path, row->type, row->byte);
    source = open_sound(fixture.path);
    g_assert_true(source->facts.knows_writer);
    g_assert_cmpint(source->facts.has_writer, ==, row->has_writer);
    vp_source_free(source);
    lock_holder_stop(&holder);
    fixture_tear_down(&fixture, NULL);
}

static void
test_takes_no_lock_itself(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VpSource) source = open_sound(fixture->path);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = g_open(fixture->path, O_RDWR | O_CLOEXEC, 0);

    (void) data;
    g_assert_nonnull(source);
    g_assert_cmpint(fcntl(fd, F_OFD_SETLK, &lock), ==, 0);
    close(fd);
}

static void
test_frees_no_source(void)
{
    vp_source_free(NULL);
}

static void
add(const char *path, const char *content, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, content, fixture_set_up, test, fixture_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/source/file/is-read-at-any-place", CONTENT, test_reads_a_file_at_any_place);
    add("/source/file/tells-what-the-file-system-knows", CONTENT,
        test_tells_what_the_file_system_knows);
    add("/source/file/notices-that-it-changed", CONTENT, test_notices_that_a_file_changed);
    add("/source/file/reads-what-is-left-when-it-is-shorter", CONTENT,
        test_reads_what_is_left_of_a_shorter_file);
    add("/source/descriptor/is-read-at-any-place", CONTENT,
        test_reads_an_open_descriptor_at_any_place);
    add("/source/descriptor/stays-open-and-in-place", CONTENT,
        test_leaves_a_descriptor_open_and_in_place);
    g_test_add_func("/source/memory/is-read-at-any-place", test_reads_memory_at_any_place);
    g_test_add_func("/source/memory/is-borrowed", test_borrows_memory);
    g_test_add_func("/source/memory/may-be-absent-when-empty",
                    test_takes_no_memory_for_an_empty_image);
    add("/source/refuses/a-fifo-without-waiting", NULL, test_refuses_a_fifo_without_waiting);
    g_test_add_func("/source/refuses/a-descriptor-of-a-pipe", test_refuses_a_descriptor_of_a_pipe);
    add("/source/refuses/a-directory", NULL, test_refuses_a_directory);
    add("/source/refuses/a-socket", NULL, test_refuses_a_socket);
    g_test_add_func("/source/refuses/a-character-device", test_refuses_a_character_device);
    add("/source/reports/a-missing-file", NULL, test_reports_a_missing_file);
    add("/source/reports/a-loop-of-links", NULL, test_reports_a_loop_of_links);
    add("/source/reports/a-file-that-may-not-be-read", CONTENT,
        test_reports_a_file_that_may_not_be_read);
    g_test_add_func("/source/reports/a-descriptor-that-is-not-open",
                    test_reports_a_descriptor_that_is_not_open);
    for (guint i = 0; i < G_N_ELEMENTS(lock_cases); i++)
        add_row_test("/source/lock", lock_cases[i].name, &lock_cases[i], test_writers_lock);
    add("/source/lock/is-not-taken", CONTENT, test_takes_no_lock_itself);
    g_test_add_func("/source/frees-no-source", test_frees_no_source);
    return g_test_run();
}
