/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* statfs-calls.c: statfs() that says what a test wants. */
#define _GNU_SOURCE /* statfs64 */
#include "statfs-calls.h"

#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int statfs64(const char *path, struct statfs64 *info);

static guint32 pretended;

/* Programs with large files call it by this name. */
int
statfs64(const char *path, struct statfs64 *info)
{
    int result = (int) syscall(SYS_statfs, path, info);

    if (result == 0 && pretended != 0)
        info->f_type = pretended;
    return result;
}

void
statfs_pretend(guint32 type)
{
    pretended = type;
}
