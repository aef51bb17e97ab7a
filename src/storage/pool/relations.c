/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* relations.c: which volumes stand on a file, level by level. */
#include "virtprobe/relations.h"

#include "storage/pool/catalogue.h"
#include "storage/pool/references.h"
#include "virtprobe/error.h"

/* A volume that names other files. */
typedef struct {
    char *uuid; /* of its pool */
    VirtProbeVolume *volume;
    VpFileKey self;
    VpFileKey backing; /* path NULL: none on this machine */
    VpFileKey data;    /* the same */
    gboolean is_told;
} Overlay;

static void
overlay_free(gpointer data)
{
    Overlay *overlay = data;

    g_free(overlay->uuid);
    virt_probe_volume_unref(overlay->volume);
    vp_file_key_clear(&overlay->self);
    vp_file_key_clear(&overlay->backing);
    vp_file_key_clear(&overlay->data);
    g_free(overlay);
}

static gboolean
take_overlay(const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    GPtrArray *overlays = user_data;
    Overlay *overlay = g_new0(Overlay, 1);
    g_autofree char *backing = vp_volume_backing_path(volume);
    g_autofree char *data = vp_volume_data_path(volume);

    overlay->uuid = g_strdup(uuid);
    overlay->volume = virt_probe_volume_ref(volume);
    vp_file_key_init(&overlay->self, virt_probe_volume_get_text(volume, "path"));
    if (backing != NULL)
        vp_file_key_init(&overlay->backing, backing);
    if (data != NULL)
        vp_file_key_init(&overlay->data, data);
    g_ptr_array_add(overlays, overlay);
    return TRUE;
}

static GPtrArray *
overlays_load(GError **error)
{
    g_autoptr(VpCatalogue) catalogue = vp_catalogue_open(FALSE, error);
    g_autoptr(GPtrArray) overlays = g_ptr_array_new_with_free_func(overlay_free);

    if (catalogue == NULL
        || !vp_catalogue_query(catalogue, VP_CATALOGUE_OVERLAYS, NULL, take_overlay, overlays,
                               error))
        return NULL;
    return g_steal_pointer(&overlays);
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

typedef struct {
    GPtrArray *pools;
    GPtrArray *overlays;
    VirtProbeDependentFunc func;
    gpointer user_data;
} Walk;

/* Tells of a volume, if it stands on one of the files. FALSE: the caller stops. */
static gboolean
overlay_look(const Walk *walk, Overlay *overlay, guint depth, const VpReferences *bases,
             VpReferences *out_found)
{
    VirtProbeDependent dependent = { .volume = overlay->volume, .depth = depth };
    gboolean is_overlay =
        overlay->backing.path != NULL && vp_references_have(bases, &overlay->backing);

    dependent.is_data_file =
        !is_overlay && overlay->data.path != NULL && vp_references_have(bases, &overlay->data);
    if (overlay->is_told || (!is_overlay && !dependent.is_data_file))
        return TRUE;
    overlay->is_told = TRUE;
    vp_references_add(out_found, &overlay->self);
    dependent.pool = pool_of(walk->pools, overlay->uuid);
    return walk->func(&dependent, walk->user_data);
}

static gboolean
set_stopped(GError **error)
{
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
    return FALSE;
}

/* Each level stands on the one before. Every volume is told of once, so loops end. */
static gboolean
walk_levels(const Walk *walk, const char *path, GError **error)
{
    g_autoptr(VpReferences) bases = vp_references_new();
    g_auto(VpFileKey) key = { NULL };
    guint n_told = 0;
    guint n_before;

    vp_file_key_init(&key, path);
    vp_references_add(bases, &key);
    for (guint depth = 1; depth == 1 || n_told > n_before; depth++) {
        g_autoptr(VpReferences) found = vp_references_new();

        n_before = n_told;
        for (guint i = 0; i < walk->overlays->len; i++) {
            Overlay *overlay = g_ptr_array_index(walk->overlays, i);
            gboolean was_told = overlay->is_told;

            if (!overlay_look(walk, overlay, depth, bases, found))
                return set_stopped(error);
            n_told += overlay->is_told != was_told;
        }
        vp_references_free(bases);
        bases = g_steal_pointer(&found);
    }
    return TRUE;
}

gboolean
virt_probe_volume_foreach_dependent(const char *path, VirtProbeDependentFunc func,
                                    gpointer user_data, GError **error)
{
    g_autoptr(GPtrArray) pools = NULL;
    g_autoptr(GPtrArray) overlays = NULL;

    g_return_val_if_fail(path != NULL && func != NULL, FALSE);

    overlays = overlays_load(error);
    if (overlays == NULL)
        return FALSE;
    /* A pool whose definition cannot be read still has its volumes. */
    pools = virt_probe_pool_list(NULL);
    return walk_levels(&(Walk) { pools, overlays, func, user_data }, path, error);
}
