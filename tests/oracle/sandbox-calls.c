/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox-calls.c: to be preloaded: a kernel without seccomp or Landlock, and an image that takes over who reads it. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <glib.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the image that does it begins with. */
#define ATTACK "ATTACK"
#define SYS_CREATE_RULESET 444

int prctl(int option, ...);
long syscall(long number, ...);
ssize_t pread64(int fd, void *buffer, size_t len, off64_t offset);

typedef int (*PrctlFunc)(int option, ...);
typedef long (*SyscallFunc)(long number, ...);

static gpointer
next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* VIRT_PROBE_TEST_MISSING lists what there is not. */
static gboolean
is_missing(const char *what)
{
    const char *list = getenv("VIRT_PROBE_TEST_MISSING");

    return list != NULL && strstr(list, what) != NULL;
}

int
prctl(int option, ...)
{
    unsigned long values[4];
    PrctlFunc real;
    va_list args;

    va_start(args, option);
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        values[i] = va_arg(args, unsigned long);
    va_end(args);
    if (option == PR_SET_SECCOMP && is_missing("seccomp")) {
        errno = EINVAL;
        return -1;
    }
    *(gpointer *) &real = next("prctl");
    return real(option, values[0], values[1], values[2], values[3]);
}

long
syscall(long number, ...)
{
    long values[6];
    SyscallFunc real;
    va_list args;

    va_start(args, number);
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        values[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_CREATE_RULESET && is_missing("landlock")) {
        errno = ENOSYS;
        return -1;
    }
    *(gpointer *) &real = next("syscall");
    return real(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

ssize_t
pread64(int fd, void *buffer, size_t len, off64_t offset)
{
    long got = syscall(SYS_pread64, fd, buffer, len, offset, 0, 0);

    if (got >= (long) strlen(ATTACK) && memcmp(buffer, ATTACK, strlen(ATTACK)) == 0)
        socket(AF_INET, SOCK_STREAM, 0);
    return got;
}
