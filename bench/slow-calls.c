/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* slow-calls.c: to be preloaded: system calls on files as slow as a server makes them, VIRT_PROBE_SLOW_US each.
 *
 * Opening, asking and reading cross the network; closing a file that was only read does not wait for it. */
#define _GNU_SOURCE /* openat64 */
#include <fcntl.h>
#include <glib.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int openat64(int directory, const char *path, int flags, ...);
ssize_t pread64(int fd, void *buffer, size_t len, off64_t offset);
int fstat64(int fd, struct stat64 *info);

static void
wait_for_server(void)
{
    static _Thread_local gboolean is_exact;
    const char *text = getenv("VIRT_PROBE_SLOW_US");
    long microseconds = text != NULL ? atol(text) : 0;
    const struct timespec pause = { microseconds / 1000000, microseconds % 1000000 * 1000 };

    /* The kernel would wake us up to 50 µs late. */
    if (!is_exact)
        prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    is_exact = TRUE;
    nanosleep(&pause, NULL);
}

int
openat64(int directory, const char *path, int flags, ...)
{
    wait_for_server();
    return (int) syscall(SYS_openat, directory, path, flags, 0);
}

ssize_t
pread64(int fd, void *buffer, size_t len, off64_t offset)
{
    wait_for_server();
    return (ssize_t) syscall(SYS_pread64, fd, buffer, len, offset);
}

int
fstat64(int fd, struct stat64 *info)
{
    wait_for_server();
    return (int) syscall(SYS_fstat, fd, info);
}
