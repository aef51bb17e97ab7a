/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* outside.c: following images that the catalogue does not know, level by level. */
#include "storage/pool/outside.h"

#include "storage/pool/parts.h"
#include "util/hash.h"

typedef struct {
    const VpReferences *volumes;
    VpReferences *used;
    GHashTable *seen; /* images outside, as texts */
    GPtrArray *next;  /* paths of the images that are asked next */
    guint n_files;    /* that images have named */
    VirtProbeDoubts doubts;
} Walk;

/* Whether the image comes for the first time. What it names counts from the directory by which it is reached. */
static gboolean
is_new(Walk *walk, const VpFileKey *key)
{
    g_autofree char *folder = g_path_get_dirname(key->path);
    char *text = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%s", key->device,
                                 key->inode, folder);

    return g_hash_table_add(walk->seen, text);
}

/* is_data: it holds data of an image, so nothing can be below it. What cannot be asked may be any file by another path. */
static void
use_file(Walk *walk, const VpFileKey *key, gboolean is_data)
{
    if (vp_file_key_is_late(key))
        walk->doubts |= VIRT_PROBE_DOUBT_NO_ANSWER;
    else if (vp_file_key_is_unknown(key))
        walk->doubts |= VIRT_PROBE_DOUBT_UNREADABLE;
    if (!vp_references_have(walk->used, key))
        vp_references_add(walk->used, key, 0);
    if (is_data || key->saved_errno != 0 || !key->is_file || vp_references_have(walk->volumes, key))
        return;
    if (g_hash_table_size(walk->seen) >= VP_OUTSIDE_IMAGES_MAX)
        walk->doubts |= VIRT_PROBE_DOUBT_UNREADABLE;
    else if (is_new(walk, key))
        g_ptr_array_add(walk->next, g_strdup(key->path));
}

static void
take_parts(G_GNUC_UNUSED guint image, const VpParts *parts, gpointer user_data)
{
    Walk *walk = user_data;
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    VpFileKey *keys;

    if (parts == NULL) {
        walk->doubts |= VIRT_PROBE_DOUBT_NO_ANSWER;
        return;
    }
    walk->doubts |= parts->doubts;
    for (guint i = 0; i < parts->parts->len; i++) {
        if (walk->n_files++ >= VP_OUTSIDE_FILES_MAX) {
            walk->doubts |= VIRT_PROBE_DOUBT_UNREADABLE;
            break;
        }
        g_ptr_array_add(paths, ((const VpPart *) parts->parts->pdata[i])->path);
    }
    if (paths->len == 0)
        return;
    keys = vp_file_keys_ask(paths);
    for (guint i = 0; i < paths->len; i++)
        use_file(walk, &keys[i], !((const VpPart *) parts->parts->pdata[i])->is_base);
    vp_file_keys_free(keys, paths->len);
}

VirtProbeDoubts
vp_outside_use(const VpFileKey *keys, guint count, GPtrArray *images, const VpReferences *volumes,
               VpReferences *used)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(vp_hash_text, g_str_equal, g_free, NULL);
    Walk walk = { .volumes = volumes, .used = used, .seen = seen };

    walk.next = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < count; i++)
        use_file(&walk, &keys[i], FALSE);
    vp_parts_foreach(images, take_parts, &walk);
    while (walk.next->len > 0) {
        g_autoptr(GPtrArray) level = g_steal_pointer(&walk.next);

        walk.next = g_ptr_array_new_with_free_func(g_free);
        vp_parts_foreach(level, take_parts, &walk);
    }
    g_ptr_array_unref(walk.next);
    return walk.doubts;
}
