/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker-run.c: a process for a verb that reads many images and prints by itself. */
#define _GNU_SOURCE /* pipe2, sigdescr_np */
#include "command.h"
#include "worker-process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the process writes in the place of terminals. */
typedef struct {
    int read_fds[2];
    int write_fds[2];
    int terminals[2];
    guint count;
} Relays;

/* FALSE with errno. */
static gboolean
relays_open(Relays *relays)
{
    relays->count = 0;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        int ends[2];

        if (!isatty(fd))
            continue;
        if (pipe2(ends, O_CLOEXEC) != 0)
            return FALSE;
        relays->read_fds[relays->count] = ends[0];
        relays->write_fds[relays->count] = ends[1];
        relays->terminals[relays->count++] = fd;
    }
    return TRUE;
}

static void
close_all(const int *fds, guint count)
{
    for (guint i = 0; i < count; i++)
        close(fds[i]);
}

static int
start_failed(void)
{
    message_print(_("the sandbox cannot be started: %s"), g_strerror(errno));
    return STATUS_FAILED;
}

G_NORETURN static void
run_main(WorkerMain func, gpointer user_data, pid_t caller, const Relays *relays)
{
    int status;

    for (guint i = 0; i < relays->count; i++)
        dup2(relays->write_fds[i], relays->terminals[i]);
    if (!worker_give_up(caller, NULL, 0, TRUE))
        _exit(start_failed());
    status = func(user_data);
    if (!output_finish())
        status = MAX(status, STATUS_FAILED);
    _exit(status);
}

/* What ends a program without a word is passed on; the rest is said. */
static int
run_end(int status)
{
    g_autoptr(GError) error = NULL;

    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    switch (WTERMSIG(status)) {
    case SIGPIPE:
    case SIGINT:
    case SIGTERM:
    case SIGHUP:
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
        break;
    default:
        worker_set_end(&error, status);
        message_print("%s", error->message);
        break;
    }
    return STATUS_FAILED;
}

int
worker_run(WorkerMain func, gpointer user_data)
{
    pid_t caller = getpid();
    Relays relays;
    int status = 0;
    pid_t pid = -1;

    fflush(NULL);
    if (relays_open(&relays))
        pid = fork();
    if (pid == 0)
        run_main(func, user_data, caller, &relays);
    if (pid < 0)
        return start_failed();
    close_all(relays.write_fds, relays.count);
    worker_relay(relays.read_fds, relays.terminals, relays.count);
    close_all(relays.read_fds, relays.count);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return run_end(status);
}
