/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-entry.c: entries of a directory: listing them, asking what they are, and opening those that are files. */
#define _GNU_SOURCE /* getdents64, O_PATH */
#include "util/source-entry.h"

#include "util/times.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

int
vp_entry_open_directory(int parent, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;

    if (parent < 0)
        return open(name, flags);
    return openat(parent, name, flags | O_NOFOLLOW);
}

static VpEntryKind
entry_kind(guchar type)
{
    switch (type) {
    case DT_REG:
    case DT_BLK:
        return VP_ENTRY_FILE;
    case DT_DIR:
        return VP_ENTRY_DIRECTORY;
    case DT_LNK:
        return VP_ENTRY_LINK;
    case DT_FIFO:
    case DT_SOCK:
    case DT_CHR:
        return VP_ENTRY_OTHER;
    default:
        return VP_ENTRY_UNKNOWN;
    }
}

static gboolean
is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

int
vp_entry_list(int directory, gpointer buffer, VpEntry *entries, guint *out_count)
{
    gssize len = getdents64(directory, buffer, VP_ENTRY_LIST_SIZE);
    guint count = 0;

    if (len <= 0)
        return len < 0 ? -1 : 0;
    for (gssize pos = 0; pos < len && count < VP_ENTRY_LIST_MAX;) {
        const struct dirent64 *entry = (const void *) ((const guint8 *) buffer + pos);

        pos += entry->d_reclen;
        if (!is_dots(entry->d_name))
            entries[count++] = (VpEntry) { entry->d_name, entry_kind(entry->d_type) };
    }
    *out_count = count;
    return 1;
}

static void
info_fill(VpEntryInfo *info, const struct stat *found)
{
    *info = (VpEntryInfo) {
        .device = found->st_dev,
        .inode = found->st_ino,
        .size = (guint64) found->st_size,
        .allocated = (guint64) found->st_blocks * 512,
        .mtime = vp_time_nanoseconds(&found->st_mtim),
        .ctime = vp_time_nanoseconds(&found->st_ctim),
        .mode = found->st_mode,
        .owner = found->st_uid,
        .group = found->st_gid,
    };
}

gboolean
vp_entry_stat(int directory, const char *name, gboolean follows, VpEntryInfo *out_info)
{
    struct stat found;

    if (fstatat(directory, name, &found, follows ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
        return FALSE;
    info_fill(out_info, &found);
    return TRUE;
}

gboolean
vp_entry_stat_open(int fd, VpEntryInfo *out_info)
{
    struct stat found;

    if (fstat(fd, &found) != 0)
        return FALSE;
    info_fill(out_info, &found);
    return !S_ISBLK(found.st_mode) || ioctl(fd, BLKGETSIZE64, &out_info->size) == 0;
}

int
vp_entry_open(int directory, const char *name)
{
    return openat(directory, name, OPEN_FLAGS | O_NOFOLLOW);
}

/* Whether what was only located may be opened; else errno is EPERM. */
static gboolean
place_is_file(int place)
{
    struct stat found;

    if (fstat(place, &found) != 0)
        return FALSE;
    if (S_ISREG(found.st_mode) || S_ISBLK(found.st_mode))
        return TRUE;
    errno = EPERM;
    return FALSE;
}

int
vp_entry_open_link(int directory, const char *name)
{
    char path[sizeof "/proc/self/fd/" + 10];
    int place = openat(directory, name, O_PATH | O_CLOEXEC);
    int fd = -1;
    int saved_errno;

    if (place < 0)
        return -1;
    if (place_is_file(place)) {
        g_snprintf(path, sizeof path, "/proc/self/fd/%d", place);
        fd = openat(AT_FDCWD, path, OPEN_FLAGS);
        /* Where /proc is not mounted the name has to do, and whoever turns the link just now wins. */
        if (fd < 0 && errno == ENOENT && access("/proc/self/fd", F_OK) != 0)
            fd = openat(directory, name, OPEN_FLAGS);
    }
    saved_errno = errno;
    close(place);
    errno = saved_errno;
    return fd;
}

gssize
vp_entry_read(gpointer buffer, gsize len, guint64 offset, gpointer user_data)
{
    return pread(*(const int *) user_data, buffer, len, (off_t) offset);
}

void
vp_entry_close(int fd)
{
    if (fd >= 0)
        close(fd);
}
