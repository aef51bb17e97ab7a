/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hooks-run.c: running one hook program, with an end to its time and its output.
 *
 * Its input lies in memory as a file, so nobody waits for it to be read. The program leads a process group of its own;
 * when its time is over the whole group is killed. What it leaves running after its own end is not waited for. */
#define _GNU_SOURCE /* pipe2, memfd_create, addclosefrom */
#include "storage/pool/hooks.h"
#include "util/error.h"
#include "util/text.h"
#include "virtprobe/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two questions whether to go on. */
#define PATIENCE_MS 100
/* The same where the kernel cannot tell the end of a process through a descriptor (before Linux 5.3). */
#define PATIENCE_WITHOUT_PIDFD_MS 5
/* A process that was killed is gone at once, unless it waits for a disk that does not answer. */
#define BURIAL_MS 1000

typedef struct {
    const VpHookCall *call;
    pid_t pid;
    int pidfd;  /* -1: none */
    int output; /* -1: it was closed */
    GString *line;
    gsize n_passed_on;
    gboolean is_too_much;
    gboolean has_ended;
    int status; /* as waitpid() gives it; -1: nobody knows */
} Run;

static void
close_descriptor(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void
run_clear(Run *run)
{
    close_descriptor(&run->pidfd);
    close_descriptor(&run->output);
    g_string_free(run->line, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* The same descriptor with a number that is none of the three standard ones. */
static int
move_up(int fd)
{
    int moved;

    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(fd);
    return moved;
}

/* A file in memory, to be read from its beginning. -1 with errno. */
static int
make_input(const char *text)
{
    int fd = move_up(memfd_create("hook-input", MFD_CLOEXEC));
    gsize len = strlen(text);

    for (gsize pos = 0; fd >= 0 && pos < len;) {
        gssize written = pwrite(fd, text + pos, len - pos, (off_t) pos);

        if (written > 0)
            pos += (gsize) written;
        else if (errno != EINTR)
            close_descriptor(&fd);
    }
    return fd;
}

static void
set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t signals;

    posix_spawnattr_init(attributes);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK
                                             | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(attributes, 0);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(attributes, &signals);
}

/* Gives an errno. */
static int
spawn(Run *run, int input, int output)
{
    const VpHookCall *call = run->call;
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure;

    g_ptr_array_add(arguments, (gpointer) call->path);
    for (guint i = 0; call->arguments[i] != NULL; i++)
        g_ptr_array_add(arguments, (gpointer) call->arguments[i]);
    g_ptr_array_add(arguments, NULL);
    set_attributes(&attributes);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    failure = posix_spawn(&run->pid, call->path, &actions, &attributes, (char **) arguments->pdata,
                          (char **) (gpointer) call->environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

static gboolean
run_start(Run *run, GError **error)
{
    int ends[2] = { -1, -1 };
    int input = make_input(run->call->input);
    int failure = input < 0 || pipe2(ends, O_CLOEXEC) != 0 ? errno : 0;

    if (failure == 0) {
        run->output = move_up(ends[0]);
        ends[1] = move_up(ends[1]);
        /* Only our end: the program must find an ordinary pipe. */
        failure = run->output < 0 || ends[1] < 0 ? errno : 0;
    }
    if (failure == 0 && fcntl(run->output, F_SETFL, O_NONBLOCK) != 0)
        failure = errno;
    if (failure == 0)
        failure = spawn(run, input, ends[1]);
    close_descriptor(&input);
    close_descriptor(&ends[1]);
    if (failure != 0) {
        vp_error_set_errno(error, failure, "cannot be started");
        return FALSE;
    }
#ifdef SYS_pidfd_open
    run->pidfd = (int) syscall(SYS_pidfd_open, run->pid, 0);
#endif
    return TRUE;
}

static void
line_pass_on(Run *run)
{
    g_autofree char *shown = vp_text_escape(run->line->str, run->line->len);

    if (run->call->line != NULL && run->line->len > 0)
        run->call->line(shown, run->call->user_data);
    g_string_truncate(run->line, 0);
}

static void
output_take(Run *run, const char *bytes, gsize len)
{
    for (gsize i = 0; i < len && !run->is_too_much; i++) {
        if (run->n_passed_on++ == VP_HOOK_OUTPUT_MAX) {
            line_pass_on(run);
            g_string_assign(run->line, "writes more than 65536 bytes; the rest is left out");
            line_pass_on(run);
            run->is_too_much = TRUE;
            return;
        }
        if (bytes[i] != '\n')
            g_string_append_c(run->line, bytes[i]);
        if (bytes[i] == '\n' || run->line->len == VP_HOOK_LINE_MAX)
            line_pass_on(run);
    }
}

/* Reads what there is, but not for ever: what writes faster than we read has its turn again later. */
static void
output_read(Run *run)
{
    char buffer[16384];

    for (guint i = 0; i < 8 && run->output >= 0; i++) {
        gssize got = read(run->output, buffer, sizeof buffer);

        if (got > 0)
            output_take(run, buffer, (gsize) got);
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            close_descriptor(&run->output);
        else
            return;
    }
}

/* Looks whether the program has ended. Somebody else in this process may have taken the news away. */
static void
look_for_end(Run *run)
{
    pid_t pid = waitpid(run->pid, &run->status, WNOHANG);

    if (pid == run->pid) {
        run->has_ended = TRUE;
    } else if (pid < 0 && errno != EINTR) {
        run->has_ended = TRUE;
        run->status = -1;
    }
}

static void
wait_a_little(Run *run, gint64 deadline)
{
    struct pollfd fds[] = { { run->output, POLLIN, 0 }, { run->pidfd, POLLIN, 0 } };
    gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000 + 1;
    gint64 patience = run->pidfd >= 0 ? PATIENCE_MS : PATIENCE_WITHOUT_PIDFD_MS;

    poll(fds, G_N_ELEMENTS(fds), (int) CLAMP(left_ms, 0, patience));
    output_read(run);
    look_for_end(run);
}

static void
kill_group(Run *run)
{
    gint64 deadline = g_get_monotonic_time() + BURIAL_MS * 1000;

    kill(-run->pid, SIGKILL);
    kill(run->pid, SIGKILL);
    while (!run->has_ended && g_get_monotonic_time() < deadline)
        wait_a_little(run, deadline);
}

static VpHookResult
judge(const Run *run, GError **error)
{
    if (run->status == 0)
        return VP_HOOK_SUCCEEDED;
    if (run->status == -1)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "its exit status cannot be told");
    else if (WIFSIGNALED(run->status))
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "killed by signal %d",
                    WTERMSIG(run->status));
    else
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "exit status %d",
                    WEXITSTATUS(run->status));
    return VP_HOOK_FAILED;
}

static gboolean
may_go_on(const VpHookCall *call)
{
    return call->may_go_on == NULL || call->may_go_on(call->user_data);
}

static VpHookResult
set_stopped(GError **error)
{
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
    return VP_HOOK_STOPPED;
}

VpHookResult
vp_hook_run(const VpHookCall *call, GError **error)
{
    g_auto(Run) run = { .call = call, .pidfd = -1, .output = -1, .line = g_string_new(NULL) };
    gint64 deadline = g_get_monotonic_time() + (gint64) call->timeout_ms * 1000;
    VpHookResult result;

    if (!may_go_on(call))
        return set_stopped(error);
    if (!run_start(&run, error))
        return VP_HOOK_FAILED;
    while (!run.has_ended && g_get_monotonic_time() < deadline && may_go_on(call))
        wait_a_little(&run, deadline);
    if (run.has_ended) {
        output_read(&run);
        result = judge(&run, error);
    } else if (g_get_monotonic_time() >= deadline) {
        kill_group(&run);
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                    "killed, because it takes longer than %u ms", call->timeout_ms);
        result = VP_HOOK_TIMED_OUT;
    } else {
        kill_group(&run);
        result = set_stopped(error);
    }
    line_pass_on(&run);
    return result;
}
