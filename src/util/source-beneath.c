/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-beneath.c: opening files so that neither symbolic links nor ".." lead out of a directory. */
#define _GNU_SOURCE /* O_PATH */
#include "util/error.h"
#include "util/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

int
vp_directory_open(const char *path, GError **error)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        vp_error_set_errno(error, errno, "cannot open the directory");
    return fd;
}

void
vp_directory_close(int directory)
{
    if (directory >= 0)
        close(directory);
}

/* What openat() says of a link that it may not follow, told as what it is. */
static void
errno_from_link(int directory, const char *name)
{
    int saved_errno = errno;
    struct stat info;

    if ((saved_errno == ELOOP || saved_errno == ENOTDIR)
        && fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode))
        saved_errno = EXDEV;
    errno = saved_errno;
}

/* Component by component, for kernels before 5.6 and sandboxes without openat2: no symbolic link is followed at all
 * and ".." is refused, so this is stricter. *path is consumed. */
static int
open_by_components(int directory, char *path, int flags)
{
    int here = directory;
    char *rest = path;
    char *name;
    int fd = -1;

    errno = ENOENT;
    while ((name = strsep(&rest, "/")) != NULL) {
        gboolean is_last = rest == NULL;

        if (name[0] == '\0' || strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0) {
            errno = EXDEV;
            fd = -1;
        } else {
            fd = openat(here, name,
                        O_NOFOLLOW | (is_last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC));
            if (fd < 0)
                errno_from_link(here, name);
        }
        if (here != directory) {
            int saved_errno = errno;

            close(here);
            errno = saved_errno;
        }
        if (fd < 0 || is_last)
            return fd;
        here = fd;
    }
    /* The path ends with a slash, so it can only be a directory. */
    return fd;
}

static int
open_beneath(int directory, const char *path, int flags, gboolean may_use_openat2)
{
    struct open_how how = {
        .flags = (guint32) flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    g_autofree char *copy = NULL;
    long fd = -1;

    /* EAGAIN: something was renamed meanwhile, and the kernel cannot be sure. */
    for (guint tries = 0; may_use_openat2 && tries < 8; tries++) {
        fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    if (may_use_openat2 && (fd >= 0 || (errno != ENOSYS && errno != EPERM)))
        return (int) fd;
    copy = g_strdup(path);
    return open_by_components(directory, copy, flags);
}

static void
set_open_error(GError **error, int saved_errno)
{
    if (saved_errno == EXDEV)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "leads out of the directory that may be read");
    else
        vp_error_set_errno(error, saved_errno, "cannot open");
}

VpSource *
vp_source_file_open_beneath(int directory, const char *path, gboolean may_use_openat2,
                            gboolean *out_is_outside, GError **error)
{
    struct stat info;
    int fd = open_beneath(directory, path, O_PATH | O_CLOEXEC, may_use_openat2);
    gboolean is_known;

    *out_is_outside = fd < 0 && errno == EXDEV;
    if (fd < 0) {
        set_open_error(error, errno);
        return NULL;
    }
    /* First what it is, without the effects that opening has; see vp_source_file_open(). */
    is_known = fstat(fd, &info) == 0;
    close(fd);
    if (is_known && S_ISLNK(info.st_mode)) {
        *out_is_outside = TRUE;
        set_open_error(error, EXDEV);
        return NULL;
    }
    if (is_known && !vp_source_mode_check(info.st_mode, error))
        return NULL;
    fd = open_beneath(directory, path, READ_FLAGS, may_use_openat2);
    *out_is_outside = fd < 0 && errno == EXDEV;
    if (fd < 0) {
        set_open_error(error, errno);
        return NULL;
    }
    return vp_source_file_take(fd, error);
}
