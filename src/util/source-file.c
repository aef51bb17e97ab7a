/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-file.c: regular files and block devices, opened so that nothing can make us wait. */
#define _GNU_SOURCE /* F_OFD_GETLK */
#include "util/error.h"
#include "util/source-pipe.h"
#include "util/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The bytes that QEMU locks to say "I write" and "I resize" (its file driver's permission bytes start at 100;
 * write is permission 1, resize permission 3). */
#define QEMU_LOCK_WRITE 101
#define QEMU_LOCK_RESIZE 103

typedef struct {
    VpSource parent;
    int fd;
} FileSource;

static gssize
file_read_at(VpSource *source, void *buffer, gsize len, guint64 offset)
{
    FileSource *file = (FileSource *) source;
    gsize done = 0;

    while (done < len && offset + done <= G_MAXINT64) {
        gssize got = pread(file->fd, (guint8 *) buffer + done, len - done, (off_t) (offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (gsize) got;
    }
    return (gssize) done;
}

static gboolean
file_has_changed(VpSource *source)
{
    FileSource *file = (FileSource *) source;
    const VpSourceFacts *facts = &source->facts;
    struct stat now;

    if (source->kind == VP_SOURCE_BLOCK_DEVICE)
        return FALSE;
    if (fstat(file->fd, &now) != 0)
        return TRUE;
    return (guint64) now.st_size != source->size || now.st_mtim.tv_sec != facts->mtime_sec
           || (guint32) now.st_mtim.tv_nsec != facts->mtime_nsec
           || now.st_ctim.tv_sec != facts->ctime_sec
           || (guint32) now.st_ctim.tv_nsec != facts->ctime_nsec;
}

static void
file_close(VpSource *source)
{
    FileSource *file = (FileSource *) source;

    close(file->fd);
    g_free(file);
}

static const VpSourceClass file_class = {
    .read_at = file_read_at,
    .has_changed = file_has_changed,
    .close = file_close,
};

/* Why a file of this type is not read; NULL for the two types that are. */
static const char *
mode_refusal(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
    case S_IFBLK:
        return NULL;
    case S_IFDIR:
        return "is a directory, not a disk image";
    case S_IFIFO:
        return "is a FIFO, not a disk image";
    case S_IFSOCK:
        return "is a socket, not a disk image";
    case S_IFCHR:
        return "is a character device, not a disk image";
    default:
        return "is neither a regular file nor a block device";
    }
}

gboolean
vp_source_mode_check(guint32 mode, GError **error)
{
    const char *refusal = mode_refusal(mode);

    if (refusal == NULL)
        return TRUE;
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, refusal);
    return FALSE;
}

static gboolean
lock_is_held(int fd, off_t byte, gboolean *out_is_held)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

    if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
        return FALSE;
    *out_is_held = lock.l_type != F_UNLCK;
    return TRUE;
}

/* Asks, and never takes, the locks: a describe must not disturb a guest. */
static void
facts_ask_writer(VpSourceFacts *facts, int fd)
{
    gboolean writes = FALSE;
    gboolean resizes = FALSE;

    facts->knows_writer =
        lock_is_held(fd, QEMU_LOCK_WRITE, &writes) && lock_is_held(fd, QEMU_LOCK_RESIZE, &resizes);
    facts->has_writer = writes || resizes;
}

/* XFS has it, and QEMU sets and shows it; the question changes nothing. */
static guint64
extent_size_hint(int fd)
{
    struct fsxattr attributes;

    return ioctl(fd, FS_IOC_FSGETXATTR, &attributes) == 0 ? attributes.fsx_extsize : 0;
}

static void
facts_fill(VpSourceFacts *facts, const struct stat *info, int fd)
{
    gboolean is_device = S_ISBLK(info->st_mode);

    *facts = (VpSourceFacts) {
        /* A block device has many nodes, and is the same by each. */
        .device = is_device ? info->st_rdev : info->st_dev,
        .inode = is_device ? G_MAXUINT64 : info->st_ino,
        .allocated_size = (guint64) info->st_blocks * 512,
        .mtime_sec = info->st_mtim.tv_sec,
        .mtime_nsec = (guint32) info->st_mtim.tv_nsec,
        .ctime_sec = info->st_ctim.tv_sec,
        .ctime_nsec = (guint32) info->st_ctim.tv_nsec,
        .extent_size_hint = S_ISREG(info->st_mode) ? extent_size_hint(fd) : 0,
    };
    facts_ask_writer(facts, fd);
}

/* Not by seeking: the descriptor shares its position with the caller's. */
static gboolean
file_size(int fd, const struct stat *info, guint64 *out_size)
{
    if (S_ISBLK(info->st_mode))
        return ioctl(fd, BLKGETSIZE64, out_size) == 0;
    *out_size = (guint64) info->st_size;
    return TRUE;
}

VpSource *
vp_source_file_take(int fd, GError **error)
{
    FileSource *file;
    struct stat info;
    guint64 size;

    if (fstat(fd, &info) != 0) {
        vp_error_set_errno(error, errno, "cannot read its attributes");
        close(fd);
        return NULL;
    }
    if (!vp_source_mode_check(info.st_mode, error)) {
        close(fd);
        return NULL;
    }
    if (!file_size(fd, &info, &size)) {
        vp_error_set_errno(error, errno, "cannot find its size");
        close(fd);
        return NULL;
    }
    file = g_new0(FileSource, 1);
    file->fd = fd;
    file->parent.class = &file_class;
    file->parent.kind = S_ISBLK(info.st_mode) ? VP_SOURCE_BLOCK_DEVICE : VP_SOURCE_FILE;
    file->parent.size = size;
    facts_fill(&file->parent.facts, &info, fd);
    return &file->parent;
}

/* Opening some devices has effects (a tape rewinds), so what it is is asked first; a name that is swapped between the two
 * calls is caught by whoever asks the descriptor. */
static int
open_without_effects(const char *path, gboolean may_be_directory, GError **error)
{
    struct stat info;
    int fd;

    if (stat(path, &info) != 0) {
        vp_error_set_errno(error, errno, "cannot open");
        return -1;
    }
    if (!(may_be_directory && S_ISDIR(info.st_mode)) && !vp_source_mode_check(info.st_mode, error))
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        vp_error_set_errno(error, errno, "cannot open");
    return fd;
}

VpSource *
vp_source_file_open(const char *path, GError **error)
{
    int fd = open_without_effects(path, FALSE, error);

    return fd >= 0 ? vp_source_file_take(fd, error) : NULL;
}

int
vp_source_any_open(const char *path, struct stat *out_info, GError **error)
{
    int fd = open_without_effects(path, TRUE, error);
    gboolean is_usable;

    if (fd < 0)
        return -1;
    is_usable = fstat(fd, out_info) == 0;
    if (!is_usable)
        vp_error_set_errno(error, errno, "cannot open");
    else
        is_usable = S_ISDIR(out_info->st_mode) || vp_source_mode_check(out_info->st_mode, error);
    if (is_usable)
        return fd;
    close(fd);
    return -1;
}

VpSource *
vp_source_file_new_from_fd(int fd, GError **error)
{
    int own_fd;

    if (!vp_descriptor_check(fd, error))
        return NULL;
    own_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (own_fd < 0) {
        vp_error_set_errno(error, errno, "cannot use the descriptor");
        return NULL;
    }
    return vp_source_file_take(own_fd, error);
}
