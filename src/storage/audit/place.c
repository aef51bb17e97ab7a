/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* place.c: what kind of file an image is, before it is opened: a link, a device, or nothing that has bytes of its own. */
#include "storage/audit/audit.h"
#include "storage/location.h"
#include "util/error.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Filesystems whose files are made up when they are read. */
static const struct {
    guint32 magic;
    const char *name;
} pseudo_filesystems[] = {
    { PROC_SUPER_MAGIC, "proc" },       { SYSFS_MAGIC, "sysfs" },
    { CGROUP_SUPER_MAGIC, "cgroup" },   { CGROUP2_SUPER_MAGIC, "cgroup2" },
    { DEBUGFS_MAGIC, "debugfs" },       { TRACEFS_MAGIC, "tracefs" },
    { SECURITYFS_MAGIC, "securityfs" }, { PSTOREFS_MAGIC, "pstore" },
    { EFIVARFS_MAGIC, "efivarfs" },     { BPF_FS_MAGIC, "bpf" },
    { DEVPTS_SUPER_MAGIC, "devpts" },
};

static const char *
kind_name(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    case S_IFCHR:
        return "a character device";
    case S_IFDIR:
        return "a directory";
    default:
        return "no file";
    }
}

/* The link may lead through others; what counts is where it ends. */
static void
look_at_link(VpAudit *audit, const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    char *directory = realpath(parent, NULL);
    char *target = realpath(path, NULL);
    gsize len = directory != NULL ? strlen(directory) : 0;
    gboolean is_inside;

    vp_audit_find(audit, VP_RULE_SYMLINK, 0, 0, "the file is a symbolic link");
    /* The root directory ends with its slash. */
    while (len > 0 && directory[len - 1] == '/')
        len--;
    is_inside = directory != NULL && target != NULL && strncmp(target, directory, len) == 0
                && (target[len] == '/' || target[len] == '\0');
    if (!is_inside)
        vp_audit_find(audit, VP_RULE_SYMLINK_ESCAPE, 0, 0,
                      "the symbolic link leads out of its directory, or to nothing");
    free(directory);
    free(target);
}

static const char *
pseudo_filesystem(const struct statfs *info)
{
    for (guint i = 0; i < G_N_ELEMENTS(pseudo_filesystems); i++) {
        if ((guint32) info->f_type == pseudo_filesystems[i].magic)
            return pseudo_filesystems[i].name;
    }
    return NULL;
}

/* What it is behind all links. TRUE: a file with bytes of its own. */
static gboolean
look_at_file(VpAudit *audit, const char *filesystem, const struct stat *info)
{
    gboolean is_made_up = S_ISREG(info->st_mode) && filesystem != NULL;

    if (is_made_up)
        vp_audit_find(audit, VP_RULE_NOT_REGULAR, 0, 0,
                      "the file is on %s, where files have no bytes of their own", filesystem);
    else if (S_ISBLK(info->st_mode))
        vp_audit_find(audit, VP_RULE_BLOCK_DEVICE, 0, 0, "the file is a block device");
    else if (!S_ISREG(info->st_mode))
        vp_audit_find(audit, VP_RULE_NOT_REGULAR, 0, 0, "the file is %s", kind_name(info->st_mode));
    return !is_made_up && (S_ISREG(info->st_mode) || S_ISBLK(info->st_mode));
}

static gboolean
is_no_file_for_qemu(const char *name)
{
    VpNameKind kind = vp_name_kind(name);

    return kind == VP_NAME_PROTOCOL || kind == VP_NAME_JSON;
}

/* QEMU looks for a colon before the first slash: of the name as it was given, or of its last part alone. */
static void
look_at_name(VpAudit *audit, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);

    if (is_no_file_for_qemu(path))
        vp_audit_find(audit, VP_RULE_OWN_NAME, 0, 0,
                      "QEMU takes the name, as it was given, for a %s",
                      vp_name_kind(path) == VP_NAME_JSON ? "json: description" : "protocol");
    else if (is_no_file_for_qemu(name))
        vp_audit_find(audit, VP_RULE_OWN_NAME, 0, 0,
                      "without a directory in front QEMU takes the name of the file for a %s",
                      vp_name_kind(name) == VP_NAME_JSON ? "json: description" : "protocol");
}

gboolean
vp_audit_look_at_place(VpAudit *audit, const char *path, gboolean *out_may_open, GError **error)
{
    struct statfs system;
    struct stat info;

    if (lstat(path, &info) != 0) {
        vp_error_set_errno(error, errno, "cannot open");
        return FALSE;
    }
    look_at_name(audit, path);
    if (S_ISLNK(info.st_mode))
        look_at_link(audit, path);
    if (stat(path, &info) == 0 && statfs(path, &system) == 0) {
        *out_may_open = look_at_file(audit, pseudo_filesystem(&system), &info);
        return TRUE;
    }
    /* A link to nothing, or in a circle, is denied as a link, or there is nothing to judge. */
    if (audit->is_denied)
        return TRUE;
    vp_error_set_errno(error, errno, "cannot open");
    return FALSE;
}

void
vp_audit_look_at_descriptor(VpAudit *audit, int fd)
{
    struct statfs system;
    struct stat info;

    if (fstat(fd, &info) == 0 && !S_ISFIFO(info.st_mode) && !S_ISSOCK(info.st_mode)
        && fstatfs(fd, &system) == 0)
        look_at_file(audit, pseudo_filesystem(&system), &info);
}
