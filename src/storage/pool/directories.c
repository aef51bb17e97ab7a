/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* directories.c: where definitions and the catalogue are. */
#include "storage/pool/directories.h"

#include "virtprobe/error.h"

#include <errno.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Numbers of statfs(2), and names for the message. */
static const struct {
    guint32 type;
    const char *name;
} network_filesystems[] = {
    { 0x6969, "NFS" },        { 0x517b, "SMB" },        { 0xff534d42, "CIFS" },
    { 0xfe534d42, "SMB2" },   { 0x01021997, "9P" },     { 0x00c36400, "Ceph" },
    { 0x5346414f, "AFS" },    { 0x6b414653, "AFS" },    { 0x73757245, "Coda" },
    { 0x0bd00bd0, "Lustre" }, { 0x47504653, "GPFS" },   { 0x01161970, "GFS2" },
    { 0x7461636f, "OCFS2" },  { 0x19830326, "BeeGFS" }, { 0x65735543, "a FUSE control filesystem" },
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

gboolean
vp_state_directory_make(const char *directory, GError **error)
{
    const char *network;

    if (g_mkdir_with_parents(directory, 0700) != 0) {
        int saved_errno = errno;

        g_set_error(error, G_FILE_ERROR, (gint) g_file_error_from_errno(saved_errno),
                    "state directory %s: %s", directory, g_strerror(saved_errno));
        return FALSE;
    }
    network = vp_network_filesystem(directory);
    if (network == NULL)
        return TRUE;
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                "state directory %s is on %s; a catalogue needs a local filesystem: set "
                "VIRT_PROBE_STATE_DIR",
                directory, network);
    return FALSE;
}
