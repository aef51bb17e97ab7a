/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker-process.c: processes that are not trusted: what they keep, and how they end. */
#define _GNU_SOURCE /* close_range, sigdescr_np */
#include "worker-process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The most that is kept. */
#define KEPT_MAX 2
#define FD_HIGHEST 65535

/* How often a process that was killed is looked for, and how long that takes each time, in microseconds. */
#define END_LOOKS 200
#define END_LOOK_US 5000

static void
close_from(int first)
{
    if (close_range((guint) first, ~0U, 0) == 0)
        return;
    for (int fd = first; fd <= FD_HIGHEST; fd++)
        close(fd);
}

/* The reading end of a pipe that nobody writes to: reading is at its end, writing fails. FALSE with errno. */
static gboolean
close_standard(gboolean prints)
{
    int ends[2];

    if (pipe(ends) != 0)
        return FALSE;
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    if (!prints)
        dup2(ends[0], STDOUT_FILENO);
    if (!prints && !SANDBOX_IS_SANITIZED)
        dup2(ends[0], STDERR_FILENO);
    return TRUE;
}

/* Copies of them go where none of them has to be, and then to their places. FALSE with errno. */
static gboolean
keep(const int *kept, guint n_kept, int *out_next)
{
    int aside[KEPT_MAX] = { -1, -1 };

    g_assert(n_kept <= KEPT_MAX);
    *out_next = WORKER_FD;
    for (guint i = 0; i < n_kept; i++) {
        if (kept[i] < 0)
            continue;
        aside[i] = fcntl(kept[i], F_DUPFD, WORKER_FD + KEPT_MAX);
        /* That is what the kernel says of a limit below the number. */
        if (aside[i] < 0 && errno == EINVAL)
            errno = EMFILE;
        if (aside[i] < 0)
            return FALSE;
    }
    for (guint i = 0; i < n_kept; i++) {
        if (kept[i] >= 0 && dup2(aside[i], (*out_next)++) < 0)
            return FALSE;
    }
    return TRUE;
}

gboolean
worker_give_up(pid_t caller, const int *kept, guint n_kept, gboolean prints)
{
    int next;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return FALSE;
    /* It may have ended before the kernel was asked to watch it. */
    if (getppid() != caller) {
        errno = ESRCH;
        return FALSE;
    }
    if (!keep(kept, n_kept, &next))
        return FALSE;
    close_from(next);
    if (!close_standard(prints))
        return FALSE;
    close_from(next);
    return TRUE;
}

gboolean
worker_end(pid_t pid, int *out_status)
{
    kill(pid, SIGKILL);
    for (guint i = 0; i < END_LOOKS; i++) {
        if (waitpid(pid, out_status, WNOHANG) == pid)
            return TRUE;
        g_usleep(END_LOOK_US);
    }
    return FALSE;
}

void
worker_dismiss(pid_t pid)
{
    static GArray *dismissed;

    if (dismissed == NULL)
        dismissed = g_array_new(FALSE, FALSE, sizeof(pid_t));
    kill(pid, SIGKILL);
    g_array_append_val(dismissed, pid);
    for (guint i = dismissed->len; i > 0; i--) {
        if (waitpid(g_array_index(dismissed, pid_t, i - 1), NULL, WNOHANG) != 0)
            g_array_remove_index_fast(dismissed, i - 1);
    }
}

/* Whether a status is the errno of worker_give_up() that says so. */
static gboolean
is_want_of_descriptors(int status)
{
    return status == EMFILE || status == ENFILE;
}

void
worker_set_end(GError **error, int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "the sandboxed parser was ended by a forbidden system call");
    else if (WIFSIGNALED(status))
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                    "the sandboxed parser was ended by signal %d (%s)", WTERMSIG(status),
                    sigdescr_np(WTERMSIG(status)));
    else if (is_want_of_descriptors(WEXITSTATUS(status)))
        g_set_error(error, G_FILE_ERROR, (gint) g_file_error_from_errno(WEXITSTATUS(status)),
                    "the sandboxed parser cannot be started: %s", g_strerror(WEXITSTATUS(status)));
    else
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                    "the sandboxed parser ended with status %d and without an answer",
                    WEXITSTATUS(status));
}
