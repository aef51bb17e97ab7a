/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* references.c: files by path and by inode, so that one is found however it is named. */
#include "storage/pool/references.h"

#include "virtprobe/location.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct VpReferences {
    GHashTable *paths;
    GHashTable *inodes; /* of pairs of guint64: device, inode */
};

void
vp_file_key_init(VpFileKey *key, const char *path)
{
    struct stat info;

    *key = (VpFileKey) { .path = g_canonicalize_filename(path, NULL) };
    /* As it is named: ".." behind a symbolic link leads elsewhere than the text says. */
    if (stat(path, &info) != 0) {
        key->saved_errno = errno;
        return;
    }
    key->device = info.st_dev;
    key->inode = info.st_ino;
}

void
vp_file_key_clear(VpFileKey *key)
{
    g_clear_pointer(&key->path, g_free);
}

gboolean
vp_file_key_is_missing(const VpFileKey *key)
{
    return key->saved_errno == ENOENT || key->saved_errno == ENOTDIR;
}

static guint
pair_hash(gconstpointer data)
{
    const guint64 *pair = data;

    return (guint) (pair[1] ^ pair[1] >> 32 ^ pair[0] * 31);
}

static gboolean
pair_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, 2 * sizeof(guint64)) == 0;
}

VpReferences *
vp_references_new(void)
{
    VpReferences *references = g_new(VpReferences, 1);

    references->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    references->inodes = g_hash_table_new_full(pair_hash, pair_equal, g_free, NULL);
    return references;
}

void
vp_references_free(VpReferences *references)
{
    if (references == NULL)
        return;
    g_hash_table_unref(references->paths);
    g_hash_table_unref(references->inodes);
    g_free(references);
}

void
vp_references_add(VpReferences *references, const VpFileKey *key)
{
    guint64 *pair;

    g_hash_table_add(references->paths, g_strdup(key->path));
    if (key->saved_errno != 0)
        return;
    pair = g_new(guint64, 2);
    pair[0] = key->device;
    pair[1] = key->inode;
    g_hash_table_add(references->inodes, pair);
}

gboolean
vp_references_have(const VpReferences *references, const VpFileKey *key)
{
    const guint64 pair[] = { key->device, key->inode };

    if (g_hash_table_contains(references->paths, key->path))
        return TRUE;
    return key->saved_errno == 0 && g_hash_table_contains(references->inodes, pair);
}

/* From the directory of a volume; an absolute path stays. */
static char *
path_from(const VirtProbeVolume *volume, const char *path)
{
    g_autofree char *folder = NULL;

    if (g_path_is_absolute(path))
        return g_strdup(path);
    folder = g_path_get_dirname(virt_probe_volume_get_text(volume, "path"));
    return g_build_filename(folder, path, NULL);
}

/* A relative path in a json: name counts from the directory in which QEMU is started. Nobody knows that, so the likely
 * file is taken for meant. */
char *
vp_volume_backing_path(const VirtProbeVolume *volume)
{
    const char *path = virt_probe_volume_get_text(volume, "backing-path");

    return path != NULL ? path_from(volume, path) : NULL;
}

char *
vp_volume_data_path(const VirtProbeVolume *volume)
{
    const char *name = virt_probe_volume_get_text(volume, "data-file");
    g_autoptr(VirtProbeRecord) location =
        name != NULL ? virt_probe_location_parse(name, NULL) : NULL;
    const char *kind;
    const char *path;

    if (location == NULL)
        return NULL;
    kind = virt_probe_record_get_text(location, "kind");
    path = virt_probe_record_get_text(location, "path");
    if (path == NULL || (g_strcmp0(kind, "file") != 0 && g_strcmp0(kind, "block-device") != 0))
        return NULL;
    return path_from(volume, path);
}
