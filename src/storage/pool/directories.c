/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* directories.c: where definitions and the catalogue are. */
#include "storage/pool/directories.h"

#include "util/error.h"
#include "util/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Numbers of statfs(2), and names for the message. What is behind FUSE nobody can tell: sshfs and the shares of virtual
 * machines (virtiofs) are, so none is taken for local. */
static const struct {
    guint32 type;
    const char *name;
} network_filesystems[] = {
    { 0x6969, "NFS" },        { 0x517b, "SMB" },        { 0xff534d42, "CIFS" },
    { 0xfe534d42, "SMB2" },   { 0x01021997, "9P" },     { 0x00c36400, "Ceph" },
    { 0x5346414f, "AFS" },    { 0x6b414653, "AFS" },    { 0x73757245, "Coda" },
    { 0x0bd00bd0, "Lustre" }, { 0x47504653, "GPFS" },   { 0x01161970, "GFS2" },
    { 0x7461636f, "OCFS2" },  { 0x19830326, "BeeGFS" }, { 0x65735546, "FUSE" },
};

/* The variable, else the place for root, else the one below the user's base directory. */
static char *
choose(const char *variable, const char *for_root, const char *user_base)
{
    const char *value = g_getenv(variable);

    if (value != NULL && value[0] != '\0')
        return g_strdup(value);
    if (geteuid() == 0)
        return g_strdup(for_root);
    return g_build_filename(user_base, "virt-probe", NULL);
}

char *
vp_config_directory(void)
{
    return choose("VIRT_PROBE_CONFIG_DIR", "/etc/virt-probe", g_get_user_config_dir());
}

char *
vp_state_directory(void)
{
    return choose("VIRT_PROBE_STATE_DIR", "/var/lib/virt-probe", g_get_user_state_dir());
}

const char *
vp_network_filesystem(const char *path)
{
    struct statfs info;

    if (statfs(path, &info) != 0)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(network_filesystems); i++) {
        if ((guint32) info.f_type == network_filesystems[i].type)
            return network_filesystems[i].name;
    }
    return NULL;
}

/* In a sticky directory, such as /tmp, nobody replaces what belongs to others. */
static const char *
reason_to_refuse(const struct stat *info)
{
    if (info->st_uid != geteuid() && info->st_uid != 0)
        return "belongs to another user";
    if ((info->st_mode & S_ISVTX) == 0 && (info->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "may be written by others than its owner";
    return NULL;
}

static gboolean
directory_refuse(const char *directory, const char *what, GError **error)
{
    const char *reason;
    g_autofree char *shown = NULL;
    struct stat info;

    if (stat(directory, &info) != 0 || (reason = reason_to_refuse(&info)) == NULL)
        return FALSE;
    shown = vp_text_escape(directory, strlen(directory));
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "%s is not used, because %s %s",
                what, shown, reason);
    return TRUE;
}

gboolean
vp_directory_check_owner(const char *directory, const char *what, GError **error)
{
    char *resolved = realpath(directory, NULL);
    g_autofree char *real = g_strdup(resolved);

    free(resolved);
    if (real == NULL)
        return TRUE;
    if (directory_refuse(real, what, error))
        return FALSE;
    /* What root trusts must not be exchanged by others; everybody else looks after their own directories. */
    for (char *slash = strrchr(real, '/'); geteuid() == 0 && slash != NULL;
         slash = strrchr(real, '/')) {
        *slash = '\0';
        if (directory_refuse(slash == real ? "/" : real, what, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
state_directory_fail(GError **error, int saved_errno, const char *directory)
{
    g_autofree char *shown = vp_text_escape(directory, strlen(directory));
    g_autofree char *action = g_strdup_printf("state directory \"%s\"", shown);

    vp_error_set_errno(error, saved_errno, action);
    return FALSE;
}

char *
vp_state_directory_find(const char *folder, gboolean may_make, GError **error)
{
    g_autofree char *directory = vp_state_directory();
    g_autofree char *named = g_build_filename(directory, folder, NULL);
    g_autofree char *real = NULL;

    if (!vp_directory_check_owner(directory, "the state directory", error))
        return NULL;
    if (may_make && g_mkdir_with_parents(named, 0700) != 0) {
        state_directory_fail(error, errno, named);
        return NULL;
    }
    real = realpath(named, NULL);
    if (real == NULL && errno == ENOENT && !may_make)
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "there is no catalogue yet");
    else if (real == NULL)
        state_directory_fail(error, errno, named);
    /* What the path leads to now, whoever may change where it leads. */
    if (real == NULL || !vp_directory_check_owner(real, "the state directory", error))
        return NULL;
    return g_steal_pointer(&real);
}

gboolean
vp_state_directory_check_place(const char *directory, GError **error)
{
    const char *network = vp_network_filesystem(directory);
    g_autofree char *shown = NULL;

    if (network == NULL)
        return TRUE;
    shown = vp_text_escape(directory, strlen(directory));
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                "state directory \"%s\" is on %s; a catalogue needs a local filesystem: set "
                "VIRT_PROBE_STATE_DIR",
                shown, network);
    return FALSE;
}
