/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sandbox.c: what a confined process can do no more, and that its end is not the end of its caller. */
#define _GNU_SOURCE /* syscall, F_OFD_SETLK */
#include "command.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLACE "/etc/passwd"

/* What the workers of both kinds do in these tests; each by the system call itself, as an attacker would. */
typedef long (*Deed)(void);

static char *scanned; /* a directory that a scanner may read, with a file "inside" */
static int borrowed;  /* a descriptor of the caller that no worker needs */

static long
deed_open(void)
{
    return syscall(SYS_openat, AT_FDCWD, PLACE, O_RDONLY);
}

static long
deed_open_for_writing(void)
{
    g_autofree char *path = g_build_filename(scanned, "inside", NULL);

    return syscall(SYS_openat, AT_FDCWD, path, O_WRONLY);
}

static long
deed_make_file(void)
{
    g_autofree char *path = g_build_filename(scanned, "made", NULL);

    return syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CREAT, 0600);
}

static long
deed_remove_file(void)
{
    g_autofree char *path = g_build_filename(scanned, "inside", NULL);

    return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

static long
deed_truncate(void)
{
    g_autofree char *path = g_build_filename(scanned, "inside", NULL);

    return syscall(SYS_truncate, path, 0);
}

static long
deed_truncate_by_opening(void)
{
    g_autofree char *path = g_build_filename(scanned, "inside", NULL);

    return syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_TRUNC);
}

static long
deed_socket(void)
{
    return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static long
deed_execute(void)
{
    char *const arguments[] = { (char *) "true", NULL };

    return syscall(SYS_execve, "/bin/true", arguments, NULL);
}

static long
deed_fork(void)
{
    return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long
deed_trace_caller(void)
{
    return syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0);
}

static long
deed_signal_caller(void)
{
    return syscall(SYS_kill, getppid(), SIGTERM);
}

static long
deed_signal_thread_of_caller(void)
{
    return syscall(SYS_tgkill, getppid(), getppid(), SIGTERM);
}

static long
deed_write_memory_of_caller(void)
{
    return syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0);
}

static long
deed_run_own_bytes(void)
{
    return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long
deed_lock_image(void)
{
    struct flock lock = { .l_type = F_RDLCK };

    return syscall(SYS_fcntl, STDIN_FILENO, F_OFD_SETLK, &lock);
}

static long
deed_type_into_terminal(void)
{
    return syscall(SYS_ioctl, STDIN_FILENO, TIOCSTI, "x");
}

static long
deed_attach_to_ring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL);
}

static long
deed_leave_filter(void)
{
    return syscall(SYS_prctl, PR_SET_SECCOMP, 0, 0, 0, 0);
}

static const struct {
    const char *name;
    Deed deed;
    guint8 kinds; /* that it ends; Landlock or its arguments refuse it to others */
} deeds[] = {
    { "opening", deed_open, SANDBOX_READER },
    { "opening-for-writing", deed_open_for_writing, SANDBOX_READER | SANDBOX_SCANNER },
    { "making-a-file", deed_make_file, SANDBOX_READER | SANDBOX_SCANNER },
    { "removing-a-file", deed_remove_file, SANDBOX_READER | SANDBOX_SCANNER },
    { "truncating-a-file", deed_truncate, SANDBOX_READER | SANDBOX_SCANNER },
    { "truncating-a-file-by-opening", deed_truncate_by_opening, SANDBOX_READER | SANDBOX_SCANNER },
    { "a-socket", deed_socket, SANDBOX_READER | SANDBOX_SCANNER },
    { "executing-a-program", deed_execute, SANDBOX_READER | SANDBOX_SCANNER },
    { "another-process", deed_fork, SANDBOX_READER | SANDBOX_SCANNER },
    { "tracing-the-caller", deed_trace_caller, SANDBOX_READER | SANDBOX_SCANNER },
    { "a-signal-to-the-caller", deed_signal_caller, SANDBOX_READER | SANDBOX_SCANNER },
    { "a-signal-to-a-thread-of-the-caller", deed_signal_thread_of_caller,
      SANDBOX_READER | SANDBOX_SCANNER },
    { "writing-the-memory-of-the-caller", deed_write_memory_of_caller,
      SANDBOX_READER | SANDBOX_SCANNER },
    { "running-bytes-of-its-own", deed_run_own_bytes, SANDBOX_READER | SANDBOX_SCANNER },
    { "locking-the-image", deed_lock_image, SANDBOX_READER | SANDBOX_SCANNER },
    { "typing-into-the-terminal", deed_type_into_terminal, SANDBOX_READER | SANDBOX_SCANNER },
    { "asking-through-a-ring", deed_attach_to_ring, SANDBOX_READER | SANDBOX_SCANNER },
    { "leaving-the-filter", deed_leave_filter, SANDBOX_READER | SANDBOX_SCANNER },
};

static void
do_deed(G_GNUC_UNUSED int fd, gpointer user_data, WorkerAnswer *answer)
{
    VirtProbeConfinement confinement;
    guint index = GPOINTER_TO_UINT(user_data);

    if (!worker_confine(&confinement, NULL, NULL))
        return;
    deeds[index].deed();
    answer->output = g_strdup("went on\n");
}

static void
test_ends_a_reader(gconstpointer data)
{
    WorkerJob job = WORKER_JOB_INIT;
    g_auto(WorkerAnswer) answer = { .output = NULL };
    g_autoptr(GError) error = NULL;

    job.func = do_deed;
    job.user_data = (gpointer) data;
    g_assert_false(worker_ask(&job, &answer, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_cmpstr(error->message, ==,
                    "the sandboxed parser was ended by a forbidden system call");
    g_assert_null(answer.output);
}

static int
scan_and_do_deed(gpointer user_data)
{
    char *const directories[] = { scanned, NULL };
    VirtProbeConfinement confinement;

    if (!sandbox_enter(SANDBOX_SCANNER, directories, &confinement, NULL))
        return 10;
    deeds[GPOINTER_TO_UINT(user_data)].deed();
    return 20;
}

static void
test_ends_a_scanner(gconstpointer data)
{
    g_assert_cmpint(worker_run(scan_and_do_deed, (gpointer) data), ==, STATUS_FAILED);
}

static gpointer
read_inside(gpointer data)
{
    g_autofree char *path = g_build_filename(scanned, "inside", NULL);
    int fd = g_open(path, O_RDONLY, 0);
    gboolean is_read = fd >= 0 && read(fd, data, 1) == 1;

    close(fd);
    return GINT_TO_POINTER(is_read);
}

static int
scan_by_thread(G_GNUC_UNUSED gpointer user_data)
{
    char *const directories[] = { scanned, NULL };
    VirtProbeConfinement confinement;
    char byte;

    if (!sandbox_enter(SANDBOX_SCANNER, directories, &confinement, NULL))
        return 10;
    if (GPOINTER_TO_INT(g_thread_join(g_thread_new("inside", read_inside, &byte))) == 0)
        return 11;
    if (deed_open() >= 0 || errno != EACCES)
        return 12;
    return 20;
}

static void
test_scanner_reads_beneath(void)
{
    g_assert_cmpint(worker_run(scan_by_thread, NULL), ==, 20);
}

/* /proc says of a process what it is while it is read. */
static void
show_status(G_GNUC_UNUSED int fd, G_GNUC_UNUSED gpointer user_data, WorkerAnswer *answer)
{
    VirtProbeConfinement confinement;
    int status = g_open("/proc/self/status", O_RDONLY | O_CLOEXEC, 0);
    char text[4096] = "";

    if (!worker_confine(&confinement, NULL, NULL) || read(status, text, sizeof text - 1) <= 0)
        return;
    answer->status = STATUS_OK;
    answer->output = g_strdup(text);
}

static void
test_kernel_holds(void)
{
    WorkerJob job = WORKER_JOB_INIT;
    g_auto(WorkerAnswer) answer = { .output = NULL };
    g_autoptr(GError) error = NULL;

    job.func = show_status;
    g_assert_true(worker_ask(&job, &answer, &error));
    g_assert_nonnull(strstr(answer.output, "Seccomp:\\x092\n"));
    g_assert_nonnull(strstr(answer.output, "NoNewPrivs:\\x091\n"));
}

static void
use_newer_call(G_GNUC_UNUSED int fd, G_GNUC_UNUSED gpointer user_data, WorkerAnswer *answer)
{
    VirtProbeConfinement confinement;

    if (worker_confine(&confinement, NULL, NULL) && syscall(9999) < 0 && errno == ENOSYS)
        answer->status = STATUS_OK;
}

/* A C library of tomorrow tries calls of tomorrow. */
static void
test_newer_call_is_unknown(void)
{
    WorkerJob job = WORKER_JOB_INIT;
    g_auto(WorkerAnswer) answer = { .output = NULL };

    job.func = use_newer_call;
    g_assert_true(worker_ask(&job, &answer, NULL));
    g_assert_cmpint(answer.status, ==, STATUS_OK);
}

static void
use_borrowed(int fd, G_GNUC_UNUSED gpointer user_data, WorkerAnswer *answer)
{
    char byte = 0;

    if (fcntl(borrowed, F_GETFD) == -1 && errno == EBADF && pread(fd, &byte, 1, 0) == 1
        && write(STDOUT_FILENO, "x", 1) == -1 && read(STDIN_FILENO, &byte, 1) == 0)
        answer->status = STATUS_OK;
}

static void
test_keeps_no_descriptor(void)
{
    g_autofree char *path = g_build_filename(scanned, "inside", NULL);
    WorkerJob job = WORKER_JOB_INIT;
    g_auto(WorkerAnswer) answer = { .output = NULL };

    job.func = use_borrowed;
    job.fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
    g_assert_true(worker_ask(&job, &answer, NULL));
    g_assert_cmpint(answer.status, ==, STATUS_OK);
    close(job.fd);
}

static void
add_deeds(const char *kind_name, guint8 kind, GTestDataFunc test)
{
    for (guint i = 0; i < G_N_ELEMENTS(deeds); i++) {
        g_autofree char *path =
            g_strdup_printf("/sandbox/%s/is-ended-by-%s", kind_name, deeds[i].name);

        if ((deeds[i].kinds & kind) != 0)
            g_test_add_data_func(path, GUINT_TO_POINTER(i), test);
    }
}

int
main(int argc, char **argv)
{
    g_autofree char *inside = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    g_set_prgname("test-sandbox");
    scanned = g_dir_make_tmp("virt-probe-sandbox-XXXXXX", NULL);
    inside = g_build_filename(scanned, "inside", NULL);
    g_assert_true(g_file_set_contents(inside, "x", 1, NULL));
    borrowed = dup2(STDERR_FILENO, 20);
    if (sandbox_missing(SANDBOX_READER) == NULL) {
        add_deeds("reader", SANDBOX_READER, test_ends_a_reader);
        g_test_add_func("/sandbox/reader/is-held-by-the-kernel", test_kernel_holds);
        g_test_add_func("/sandbox/reader/has-no-newer-calls", test_newer_call_is_unknown);
    }
    g_test_add_func("/sandbox/reader/keeps-no-descriptor", test_keeps_no_descriptor);
    if (sandbox_missing(SANDBOX_SCANNER) == NULL) {
        add_deeds("scanner", SANDBOX_SCANNER, test_ends_a_scanner);
        g_test_add_func("/sandbox/scanner/reads-beneath-its-directories",
                        test_scanner_reads_beneath);
    }
    status = g_test_run();
    g_unlink(inside);
    g_rmdir(scanned);
    g_free(scanned);
    return status;
}
