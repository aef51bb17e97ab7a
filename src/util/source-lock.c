/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-lock.c: a directory that one process changes at a time. */
#include "util/error.h"
#include "util/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int
vp_directory_lock(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result;

    if (fd < 0) {
        vp_error_set_errno(error, errno, "cannot open the directory");
        return -1;
    }
    do {
        result = flock(fd, LOCK_EX);
    } while (result != 0 && errno == EINTR);
    if (result == 0)
        return fd;
    vp_error_set_errno(error, errno, "cannot lock the directory");
    close(fd);
    return -1;
}
