/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-calls.c: system calls of a scan that do what a test wants. */
#define _GNU_SOURCE /* openat64 */
#include "scan-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int openat64(int directory, const char *path, int flags, ...);

static GMutex mutex;
static GCond changed;
static gboolean is_released;
static guint n_hanging;
static gint n_opened;

static void
hang(void)
{
    g_mutex_lock(&mutex);
    n_hanging++;
    while (!is_released)
        g_cond_wait(&changed, &mutex);
    n_hanging--;
    g_cond_broadcast(&changed);
    g_mutex_unlock(&mutex);
}

/* The library reads only, so no mode follows. */
int
openat64(int directory, const char *path, int flags, ...)
{
    g_atomic_int_inc(&n_opened);
    if (g_str_has_prefix(path, NAME_HANGS))
        hang();
    if (g_str_has_prefix(path, NAME_BROKEN)) {
        errno = EIO;
        return -1;
    }
    if (g_str_has_prefix(path, NAME_GONE))
        unlinkat(directory, path, 0);
    return (int) syscall(SYS_openat, directory, path, flags, 0);
}

guint
calls_count_opened(void)
{
    guint count = (guint) g_atomic_int_get(&n_opened);

    g_atomic_int_add(&n_opened, -(gint) count);
    return count;
}

void
calls_release(void)
{
    g_mutex_lock(&mutex);
    is_released = TRUE;
    g_cond_broadcast(&changed);
    while (n_hanging > 0)
        g_cond_wait(&changed, &mutex);
    g_mutex_unlock(&mutex);
}

void
calls_hold(void)
{
    g_mutex_lock(&mutex);
    is_released = FALSE;
    g_mutex_unlock(&mutex);
}

guint
calls_count_hanging(void)
{
    guint count;

    g_mutex_lock(&mutex);
    count = n_hanging;
    g_mutex_unlock(&mutex);
    return count;
}
