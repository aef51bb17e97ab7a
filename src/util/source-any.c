/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-any.c: entries of a directory, opened whatever they are as long as that has no effect. */
#include "util/error.h"
#include "util/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
mode_is_entry(mode_t mode, GError **error)
{
    return S_ISDIR(mode) || vp_source_mode_check(mode, error);
}

int
vp_source_any_open(const char *path, struct stat *out_info, GError **error)
{
    int fd;

    /* Asked first, since opening some devices has effects; and again behind it, since names may be swapped. */
    if (stat(path, out_info) != 0) {
        vp_error_set_errno(error, errno, "cannot open");
        return -1;
    }
    if (!mode_is_entry(out_info->st_mode, error))
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, out_info) != 0) {
        vp_error_set_errno(error, errno, "cannot open");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (!mode_is_entry(out_info->st_mode, error)) {
        close(fd);
        return -1;
    }
    return fd;
}
