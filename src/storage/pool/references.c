/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* references.c: files by path and by inode, so that one is found however it is named. */
#include "storage/pool/references.h"

#include "util/hash.h"
#include "util/look.h"

#include <errno.h>
#include <stdlib.h>
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
    key->is_file = S_ISREG(info.st_mode) || S_ISBLK(info.st_mode);
    return key;
}

/* The directory itself, whatever links lead to it. */
static gpointer
directory_ask(const char *path, G_GNUC_UNUSED gconstpointer data)
{
    return realpath(path, NULL);
}

/* Absolute, and without what leads nowhere. (transfer full) */
static char *
path_clean(const char *path)
{
    g_autofree char *current = NULL;
    g_auto(GStrv) parts = NULL;
    GString *clean;

    /* Most are clean. */
    if (path[0] == '/' && strstr(path, "//") == NULL && strstr(path, "/.") == NULL)
        return g_strdup(path);
    current = path[0] != '/' ? g_get_current_dir() : NULL;
    parts = g_strsplit(path, "/", -1);
    clean = g_string_new(current);
    for (guint i = 0; parts[i] != NULL; i++) {
        if (parts[i][0] == '\0' || strcmp(parts[i], ".") == 0)
            continue;
        if (clean->len == 0 || clean->str[clean->len - 1] != '/')
            g_string_append_c(clean, '/');
        g_string_append(clean, parts[i]);
    }
    if (clean->len == 0)
        g_string_append_c(clean, '/');
    return g_string_free(clean, FALSE);
}

/* How long the beginning is that ends with the last ".."; 0: there is none. */
static gsize
climbing_len(const char *path)
{
    gsize len = 0;

    for (const char *pos = strstr(path, "/.."); pos != NULL; pos = strstr(pos + 1, "/..")) {
        if (pos[3] == '/' || pos[3] == '\0')
            len = (gsize) (pos + 3 - path);
    }
    return len;
}

/* The beginnings of paths that end with the last "..", each once, and their places. (transfer full) */
static GPtrArray *
climbing_beginnings(GPtrArray *paths, GHashTable *places)
{
    GPtrArray *beginnings = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < paths->len; i++) {
        const char *path = g_ptr_array_index(paths, i);
        char *beginning = g_strndup(path, climbing_len(path));

        if (beginning[0] == '\0' || g_hash_table_contains(places, beginning)) {
            g_free(beginning);
            continue;
        }
        g_ptr_array_add(beginnings, beginning);
        g_hash_table_insert(places, beginning, GUINT_TO_POINTER(beginnings->len - 1));
    }
    return beginnings;
}

/* Takes ".." out of clean paths as the kernel does: behind a symbolic link it leads elsewhere than the text says. A path
 * whose beginning is not there, or does not answer, stays. */
static void
paths_climb(GPtrArray *paths)
{
    static const VpLookKind kind = { directory_ask, free, FALSE };
    g_autoptr(GHashTable) places = g_hash_table_new(vp_hash_text, g_str_equal);
    g_autoptr(GPtrArray) beginnings = climbing_beginnings(paths, places);
    g_autofree VpLookAnswer *answers =
        beginnings->len > 0 ? vp_look(&kind, beginnings, NULL, NULL) : NULL;

    for (guint i = 0; beginnings->len > 0 && i < paths->len; i++) {
        char *path = g_ptr_array_index(paths, i);
        gsize len = climbing_len(path);
        g_autofree char *beginning = g_strndup(path, len);
        const char *real =
            len > 0 ? answers[GPOINTER_TO_UINT(g_hash_table_lookup(places, beginning))].answer
                    : NULL;

        if (real == NULL)
            continue;
        g_ptr_array_index(paths, i) =
            path[len] == '\0' ? g_strdup(real) : g_build_filename(real, path + len, NULL);
        g_free(path);
    }
    for (guint i = 0; i < beginnings->len; i++)
        free(answers[i].answer);
}

VpFileKey *
vp_file_keys_ask(GPtrArray *paths)
{
    static const VpLookKind kind = { key_ask, g_free, FALSE };
    g_autofree VpLookAnswer *answers = NULL;
    VpFileKey *keys = g_new(VpFileKey, paths->len + 1);
    g_autoptr(GPtrArray) clean = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < paths->len; i++)
        g_ptr_array_add(clean, path_clean(g_ptr_array_index(paths, i)));
    paths_climb(clean);
    answers = vp_look(&kind, clean, NULL, NULL);
    for (guint i = 0; i < paths->len; i++) {
        g_autofree VpFileKey *answer = answers[i].answer;

        keys[i] = answer != NULL ? *answer : (VpFileKey) { .saved_errno = ETIMEDOUT };
        keys[i].path = g_strdup(g_ptr_array_index(clean, i));
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

gboolean
vp_file_key_is_unknown(const VpFileKey *key)
{
    /* The last two lead nowhere for anybody. */
    return key->saved_errno != 0 && !vp_file_key_is_missing(key) && key->saved_errno != ELOOP
           && key->saved_errno != ENAMETOOLONG;
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
