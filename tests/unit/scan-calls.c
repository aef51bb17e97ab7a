/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-calls.c: system calls of a scan that do what a test wants. */
#define _GNU_SOURCE /* openat64, O_PATH, RTLD_NEXT */
#include "scan-calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WATCHED_MAX 16

int openat64(int directory, const char *path, int flags, ...);
int open64(const char *path, int flags, ...);
int fstatat64(int directory, const char *path, struct stat64 *info, int flags);
int stat64(const char *path, struct stat64 *info);
int close(int fd);

static GMutex mutex;
static GCond changed;
static gboolean is_released;
static guint n_hanging;
static gint n_opened;
static gboolean is_silent;
static gint is_closing_hung;
static const char *turned_to;
static const char *replaced;
static const char *replacement;
static struct {
    guint64 device;
    guint64 inode;
} watched[WATCHED_MAX];
static guint n_watched;

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

static int
remember_opened(int fd, int flags)
{
    struct stat info;

    if (turned_to == NULL || fd < 0 || (flags & O_PATH) != 0 || n_watched == WATCHED_MAX
        || fstat(fd, &info) != 0)
        return fd;
    watched[n_watched].device = info.st_dev;
    watched[n_watched].inode = info.st_ino;
    n_watched++;
    return fd;
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
    if (g_str_has_prefix(path, NAME_TURNED) && turned_to != NULL) {
        unlinkat(directory, path, 0);
        if (symlinkat(turned_to, directory, path) != 0)
            return -1;
    }
    return remember_opened((int) syscall(SYS_openat, directory, path, flags, 0), flags);
}

static void
hang_at_directory(const char *path)
{
    const char *name = strrchr(path, '/');

    if (name != NULL && g_str_has_prefix(name + 1, NAME_HANGS))
        hang();
}

typedef int (*StatFunc)(int directory, const char *path, struct stat64 *info, int flags);

static StatFunc
next_fstatat(void)
{
    gpointer found = dlsym(RTLD_NEXT, "fstatat64");
    StatFunc function;

    memcpy(&function, &found, sizeof function);
    return function;
}

/* Whoever makes files here makes them for himself. */
int
open64(const char *path, int flags, ...)
{
    if ((flags & O_DIRECTORY) != 0)
        hang_at_directory(path);
    if (g_strcmp0(path, replaced) == 0)
        path = replacement;
    return (int) syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
}

int
fstatat64(int directory, const char *path, struct stat64 *info, int flags)
{
    if (is_silent && g_str_has_prefix(path, NAME_SILENT))
        hang();
    return next_fstatat()(directory, path, info, flags);
}

int
stat64(const char *path, struct stat64 *info)
{
    int result = next_fstatat()(AT_FDCWD, path, info, 0);

    if (result == 0 && S_ISDIR(info->st_mode))
        hang_at_directory(path);
    return result;
}

int
close(int fd)
{
    struct stat info;

    if (g_atomic_int_get(&is_closing_hung) && fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
        hang();
    return (int) syscall(SYS_close, fd);
}

void
calls_hang_at_closing(void)
{
    g_atomic_int_set(&is_closing_hung, TRUE);
}

void
calls_silence(void)
{
    is_silent = TRUE;
}

void
calls_turn(const char *target)
{
    turned_to = target;
    n_watched = 0;
}

void
calls_replace_directory(const char *path, const char *other)
{
    replaced = path;
    replacement = other;
}

gboolean
calls_have_opened(guint64 device, guint64 inode)
{
    for (guint i = 0; i < n_watched; i++) {
        if (watched[i].device == device && watched[i].inode == inode)
            return TRUE;
    }
    return FALSE;
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
    is_silent = FALSE;
    g_atomic_int_set(&is_closing_hung, FALSE);
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
