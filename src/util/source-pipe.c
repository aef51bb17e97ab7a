/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-pipe.c: descriptors that bring their bytes one after the other. */
#define _GNU_SOURCE /* O_PATH */
#include "util/source-pipe.h"

#include "util/error.h"
#include "util/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
vp_descriptor_check(int fd, GError **error)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0)
        vp_error_set_errno(error, errno, "cannot use the descriptor");
    else if ((flags & O_ACCMODE) == O_WRONLY || (flags & O_PATH) != 0)
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_BADF, "is not open for reading");
    else
        return TRUE;
    return FALSE;
}

gboolean
vp_pipe_check(int fd, GError **error)
{
    struct stat info;

    if (!vp_descriptor_check(fd, error))
        return FALSE;
    if (fstat(fd, &info) != 0) {
        vp_error_set_errno(error, errno, "cannot read its attributes");
        return FALSE;
    }
    return S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode)
           || vp_source_mode_check(info.st_mode, error);
}

static gboolean
is_passing(int reason)
{
    return reason == EINTR || reason == EAGAIN || reason == EWOULDBLOCK;
}

gssize
vp_pipe_read(int fd, void *buffer, gsize len)
{
    gssize got;

    while ((got = read(fd, buffer, len)) < 0 && is_passing(errno)) {
        struct pollfd waiting = { .fd = fd, .events = POLLIN };

        if (errno != EINTR)
            poll(&waiting, 1, -1);
    }
    return got;
}

static gboolean
fifo_check(int fd, GError **error)
{
    struct stat info;

    /* The name may have been another file's when it was looked at. */
    if (fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)))
        return TRUE;
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "is no FIFO");
    return FALSE;
}

static gboolean
read_to_end(int fd, char *text, gsize room, gsize *out_len, GError **error)
{
    gsize done = 0;
    gssize got;

    while (done < room && (got = vp_pipe_read(fd, text + done, room - done)) != 0) {
        if (got < 0) {
            vp_error_set_errno(error, errno, "cannot read");
            return FALSE;
        }
        done += (gsize) got;
    }
    *out_len = done;
    return TRUE;
}

char *
vp_fifo_read(const char *path, gsize room, gsize *out_len, GError **error)
{
    g_autofree char *text = g_malloc(room);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    gboolean is_read;

    if (fd < 0) {
        vp_error_set_errno(error, errno, "cannot open");
        return NULL;
    }
    is_read = fifo_check(fd, error) && read_to_end(fd, text, room, out_len, error);
    close(fd);
    return is_read ? g_steal_pointer(&text) : NULL;
}
