/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* references.c: files by path and by inode, so that one is found however it is named. */
#include "storage/pool/references.h"

#include "util/hash.h"
#include "util/look.h"
#include "virtprobe/location.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK_SIZE 512 /* of st_blocks */

/* One of the numbers of a file. */
typedef struct {
    guint number;
    guint next_of_path; /* place of the next one plus one; 0: it is the last */
    guint next_of_inode;
} Edge;

struct VpReferences {
    GHashTable *
        paths; /* place of the first edge plus one. The names are those of images, which anybody may have made */
    GHashTable *inodes; /* the same, of pairs of guint64: device, inode */
    GArray *edges;
};

static gint64
nanoseconds(struct timespec time)
{
    return (gint64) time.tv_sec * 1000000000 + time.tv_nsec;
}

/* As it is named: ".." behind a symbolic link leads elsewhere than the text says. */
static gpointer
key_ask(const char *path, G_GNUC_UNUSED gconstpointer data)
{
    VpFileKey *key = g_new0(VpFileKey, 1);
    struct stat info;

    if (stat(path, &info) != 0) {
        key->saved_errno = errno;
        return key;
    }
    key->device = info.st_dev;
    key->inode = info.st_ino;
    key->allocated = (guint64) info.st_blocks * BLOCK_SIZE;
    key->changed = MAX(nanoseconds(info.st_mtim), nanoseconds(info.st_ctim));
    return key;
}

VpFileKey *
vp_file_keys_ask(GPtrArray *paths)
{
    static const VpLookKind kind = { key_ask, g_free, FALSE };
    g_autofree VpLookAnswer *answers = vp_look(&kind, paths, NULL, NULL);
    VpFileKey *keys = g_new(VpFileKey, paths->len + 1);

    for (guint i = 0; i < paths->len; i++) {
        g_autofree VpFileKey *answer = answers[i].answer;

        keys[i] = answer != NULL ? *answer : (VpFileKey) { .saved_errno = ETIMEDOUT };
        keys[i].path = g_canonicalize_filename(g_ptr_array_index(paths, i), NULL);
    }
    return keys;
}

void
vp_file_keys_free(VpFileKey *keys, guint count)
{
    for (guint i = 0; i < count; i++)
        g_free(keys[i].path);
    g_free(keys);
}

gboolean
vp_file_key_is_missing(const VpFileKey *key)
{
    return key->saved_errno == ENOENT || key->saved_errno == ENOTDIR;
}

gboolean
vp_file_key_is_late(const VpFileKey *key)
{
    return key->saved_errno == ETIMEDOUT;
}

static guint
pair_hash(gconstpointer data)
{
    return (guint) vp_hash_secret(data, 2 * sizeof(guint64));
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

    references->paths = g_hash_table_new_full(vp_hash_text, g_str_equal, g_free, NULL);
    references->inodes = g_hash_table_new_full(pair_hash, pair_equal, g_free, NULL);
    references->edges = g_array_new(FALSE, FALSE, sizeof(Edge));
    return references;
}

void
vp_references_free(VpReferences *references)
{
    if (references == NULL)
        return;
    g_hash_table_unref(references->paths);
    g_hash_table_unref(references->inodes);
    g_array_unref(references->edges);
    g_free(references);
}

void
vp_references_add(VpReferences *references, const VpFileKey *key, guint number)
{
    const guint64 pair[] = { key->device, key->inode };
    gpointer place = GUINT_TO_POINTER(references->edges->len + 1);
    Edge edge = { .number = number };

    edge.next_of_path = GPOINTER_TO_UINT(g_hash_table_lookup(references->paths, key->path));
    g_hash_table_replace(references->paths, g_strdup(key->path), place);
    if (key->saved_errno == 0) {
        edge.next_of_inode = GPOINTER_TO_UINT(g_hash_table_lookup(references->inodes, pair));
        g_hash_table_replace(references->inodes, g_memdup2(pair, sizeof pair), place);
    }
    g_array_append_val(references->edges, edge);
}

gboolean
vp_references_have(const VpReferences *references, const VpFileKey *key)
{
    const guint64 pair[] = { key->device, key->inode };

    if (g_hash_table_contains(references->paths, key->path))
        return TRUE;
    return key->saved_errno == 0 && g_hash_table_contains(references->inodes, pair);
}

void
vp_references_take(VpReferences *references, const VpFileKey *key, VpReferencesFunc func,
                   gpointer user_data)
{
    const guint64 pair[] = { key->device, key->inode };
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(references->paths, key->path));

    while (place != 0) {
        const Edge *edge = &g_array_index(references->edges, Edge, place - 1);

        func(edge->number, user_data);
        place = edge->next_of_path;
    }
    g_hash_table_remove(references->paths, key->path);
    if (key->saved_errno != 0)
        return;
    place = GPOINTER_TO_UINT(g_hash_table_lookup(references->inodes, pair));
    while (place != 0) {
        const Edge *edge = &g_array_index(references->edges, Edge, place - 1);

        func(edge->number, user_data);
        place = edge->next_of_inode;
    }
    g_hash_table_remove(references->inodes, pair);
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
