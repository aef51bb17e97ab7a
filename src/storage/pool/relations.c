/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* relations.c: which volumes stand on a file: first who names whom, then level by level. */
#include "virtprobe/relations.h"

#include "storage/pool/catalogue.h"
#include "storage/pool/names.h"
#include "storage/pool/parts.h"
#include "storage/pool/references.h"
#include "storage/pool/volume.h"
#include "util/look.h"
#include "util/text.h"
#include "virtprobe/error.h"

#include <string.h>

/* A volume that names other files. */
typedef struct {
    char *uuid; /* of its pool */
    VirtProbeVolume *volume;
    guint self;  /* numbers of paths */
    guint first; /* what it stands on */
    guint first_data;
    guint end;
    gboolean is_understood; /* all that it needs is among these */
    gboolean is_told;
    gboolean is_overlay; /* found by its backing file */
} Overlay;

typedef struct {
    GPtrArray *overlays; /* by pool and name */
    GPtrArray *paths;
    VpFileKey *keys;     /* of the paths */
    VpReferences *bases; /* numbers: two for each overlay, the even one for its backing file */
    GPtrArray *pools;
    GArray *found; /* numbers of overlays, in this level */
    char *late;    /* an image that did not tell its files; NULL: all did */
    char *unseen;  /* the first of those that may stand on more than is known; NULL: none */
    guint n_unseen;
    VirtProbeDependentFunc func;
    gpointer user_data;
} Walk;

static void
overlay_free(gpointer data)
{
    Overlay *overlay = data;

    g_free(overlay->uuid);
    virt_probe_volume_unref(overlay->volume);
    g_free(overlay);
}

static void
walk_clear(Walk *walk)
{
    if (walk->keys != NULL)
        vp_file_keys_free(walk->keys, walk->paths->len);
    g_clear_pointer(&walk->overlays, g_ptr_array_unref);
    g_clear_pointer(&walk->paths, g_ptr_array_unref);
    g_clear_pointer(&walk->bases, vp_references_free);
    g_clear_pointer(&walk->pools, g_ptr_array_unref);
    g_clear_pointer(&walk->found, g_array_unref);
    g_clear_pointer(&walk->late, g_free);
    g_clear_pointer(&walk->unseen, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, walk_clear)

static gboolean
take_overlay(const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    Walk *walk = user_data;
    Overlay *overlay = g_new0(Overlay, 1);

    overlay->uuid = g_strdup(uuid);
    overlay->volume = virt_probe_volume_ref(volume);
    overlay->self = walk->paths->len;
    g_ptr_array_add(walk->paths, g_strdup(virt_probe_volume_get_text(volume, "path")));
    overlay->first = walk->paths->len;
    overlay->is_understood =
        vp_volume_take_bases(volume, walk->paths)
        && !vp_state_hides_names(volume->facts.state, volume->facts.error_code);
    overlay->first_data = walk->paths->len;
    overlay->is_understood &= vp_volume_take_data_files(volume, walk->paths);
    overlay->end = walk->paths->len;
    g_ptr_array_add(walk->overlays, overlay);
    return TRUE;
}

/* Which overlays the images belong to that are asked. */
typedef struct {
    Walk *walk;
    GArray *owners;
} Owners;

/* Notes an image that may stand on more than is known. */
static void
walk_add_unseen(Walk *walk, const char *path)
{
    if (walk->unseen == NULL)
        walk->unseen = g_strdup(path);
    walk->n_unseen++;
}

static void
take_parts(guint image, const VpParts *parts, gpointer user_data)
{
    const Owners *owners = user_data;
    Walk *walk = owners->walk;
    guint index = g_array_index(owners->owners, guint, image);
    const Overlay *overlay = g_ptr_array_index(walk->overlays, index);
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    VpFileKey *keys;

    if (parts == NULL) {
        if (walk->late == NULL)
            walk->late = g_strdup(walk->keys[overlay->self].path);
        return;
    }
    if (parts->doubts != VIRT_PROBE_DOUBT_NONE)
        walk_add_unseen(walk, walk->keys[overlay->self].path);
    for (guint i = 0; i < parts->parts->len; i++)
        g_ptr_array_add(paths, ((const VpPart *) parts->parts->pdata[i])->path);
    keys = vp_file_keys_ask(paths);
    for (guint i = 0; i < paths->len; i++)
        vp_references_add(walk->bases, &keys[i],
                          2 * index + !((const VpPart *) parts->parts->pdata[i])->is_base);
    vp_file_keys_free(keys, paths->len);
}

/* The files that only the images themselves tell: extents, parents by identity. */
static void
walk_add_parts(Walk *walk)
{
    g_autoptr(GPtrArray) images = g_ptr_array_new();
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    Owners owners = { walk, numbers };

    for (guint i = 0; i < walk->overlays->len; i++) {
        const Overlay *overlay = g_ptr_array_index(walk->overlays, i);

        if (!vp_volume_is_composed(&overlay->volume->facts))
            continue;
        g_ptr_array_add(images, walk->keys[overlay->self].path);
        g_array_append_val(numbers, i);
    }
    vp_parts_foreach(images, take_parts, &owners);
}

static void
walk_add_edges(Walk *walk, guint index)
{
    const Overlay *overlay = g_ptr_array_index(walk->overlays, index);
    gboolean is_known = overlay->is_understood;

    for (guint i = overlay->first; i < overlay->end; i++) {
        const VpFileKey *key = &walk->keys[i];

        vp_references_add(walk->bases, key, 2 * index + (i >= overlay->first_data));
        is_known &= vp_file_key_is_late(key) || !vp_file_key_is_unknown(key);
    }
    if (!is_known)
        walk_add_unseen(walk, walk->keys[overlay->self].path);
}

/* All files are asked at once; then each overlay is found by the files that it names. */
static gboolean
walk_load(Walk *walk, const char *path, GError **error)
{
    g_autoptr(VpCatalogue) catalogue = vp_catalogue_open(FALSE, error);

    walk->overlays = g_ptr_array_new_with_free_func(overlay_free);
    walk->paths = g_ptr_array_new_with_free_func(g_free);
    walk->bases = vp_references_new();
    walk->found = g_array_new(FALSE, FALSE, sizeof(guint));
    g_ptr_array_add(walk->paths, g_strdup(path));
    if (catalogue == NULL
        || !vp_catalogue_query(catalogue, VP_CATALOGUE_OVERLAYS, NULL, take_overlay, walk, error))
        return FALSE;
    walk->keys = vp_file_keys_ask(walk->paths);
    walk_add_parts(walk);
    for (guint i = 0; i < walk->overlays->len; i++)
        walk_add_edges(walk, i);
    return TRUE;
}

static VirtProbePool *
pool_of(GPtrArray *pools, const char *uuid)
{
    for (guint i = 0; i < pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(pools, i);

        if (g_strcmp0(virt_probe_pool_get_uuid(pool), uuid) == 0)
            return pool;
    }
    return NULL;
}

/* Every volume is found once, so loops end. */
static void
take_edge(guint number, gpointer user_data)
{
    const Walk *walk = user_data;
    const guint index = number / 2;
    Overlay *overlay = g_ptr_array_index(walk->overlays, index);

    if (overlay->is_told)
        return;
    overlay->is_overlay |= number % 2 == 0;
    g_array_append_val(walk->found, index);
}

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
    const guint *first = a;
    const guint *second = b;

    return *first < *second ? -1 : *first > *second;
}

/* Tells of a level, each volume once, and leaves those in it that are new. FALSE: the caller stops. */
static gboolean
level_tell(const Walk *walk, guint depth)
{
    guint n_new = 0;

    g_array_sort(walk->found, compare_numbers);
    for (guint i = 0; i < walk->found->len; i++) {
        guint index = g_array_index(walk->found, guint, i);
        Overlay *overlay = g_ptr_array_index(walk->overlays, index);
        const VirtProbeDependent dependent = {
            .pool = overlay->is_told ? NULL : pool_of(walk->pools, overlay->uuid),
            .volume = overlay->volume,
            .is_data_file = !overlay->is_overlay,
            .depth = depth,
        };

        if (overlay->is_told)
            continue;
        overlay->is_told = TRUE;
        g_array_index(walk->found, guint, n_new++) = index;
        if (!walk->func(&dependent, walk->user_data))
            return FALSE;
    }
    g_array_set_size(walk->found, n_new);
    return TRUE;
}

/* Each level stands on the one before; the first one on the file that was asked about. */
static gboolean
walk_levels(Walk *walk)
{
    vp_references_take(walk->bases, &walk->keys[0], take_edge, walk);
    for (guint depth = 1; walk->found->len > 0; depth++) {
        g_autoptr(GArray) level = NULL;

        if (!level_tell(walk, depth))
            return FALSE;
        level = g_steal_pointer(&walk->found);
        walk->found = g_array_new(FALSE, FALSE, sizeof(guint));
        for (guint i = 0; i < level->len; i++) {
            guint index = g_array_index(level, guint, i);
            const Overlay *overlay = g_ptr_array_index(walk->overlays, index);

            vp_references_take(walk->bases, &walk->keys[overlay->self], take_edge, walk);
        }
    }
    return TRUE;
}

/* What does not answer was compared by its path only, or did not tell what it needs. */
static gboolean
check_answers(const Walk *walk, GError **error)
{
    const char *late = walk->late;
    g_autofree char *shown = NULL;
    g_autofree char *what = NULL;

    for (guint i = 0; late == NULL && i < walk->paths->len; i++) {
        if (vp_file_key_is_late(&walk->keys[i]))
            late = walk->keys[i].path;
    }
    if (late == NULL)
        return TRUE;
    shown = vp_text_escape(late, strlen(late));
    what = g_strdup_printf("this may not be all, because of \"%s\"", shown);
    vp_look_set_late(error, what);
    return FALSE;
}

gboolean
virt_probe_volume_foreach_dependent(const char *path, VirtProbeDependentFunc func,
                                    gpointer user_data, GError **error)
{
    return virt_probe_volume_foreach_dependent_full(path, func, user_data, NULL, NULL, error);
}

gboolean
virt_probe_volume_foreach_dependent_full(const char *path, VirtProbeDependentFunc func,
                                         gpointer user_data, guint *out_n_unseen,
                                         char **out_first_unseen, GError **error)
{
    g_auto(Walk) walk = { .func = func, .user_data = user_data };

    g_return_val_if_fail(path != NULL && func != NULL, FALSE);

    if (out_n_unseen != NULL)
        *out_n_unseen = 0;
    if (out_first_unseen != NULL)
        *out_first_unseen = NULL;
    if (!walk_load(&walk, path, error))
        return FALSE;
    if (out_n_unseen != NULL)
        *out_n_unseen = walk.n_unseen;
    if (out_first_unseen != NULL)
        *out_first_unseen = g_strdup(walk.unseen);
    /* A pool whose definition cannot be read still has its volumes. */
    walk.pools = virt_probe_pool_list(NULL);
    if (walk_levels(&walk))
        return check_answers(&walk, error);
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
    return FALSE;
}
