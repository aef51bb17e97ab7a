/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volumes.c: the volumes of a pool: those of the last refresh, and one as it is now. */
#include "storage/pool/last-refresh.h"
#include "storage/pool/look.h"
#include "util/look.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    VirtProbeVolumeFunc func;
    gpointer user_data;
} Caller;

static gboolean
deliver(const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    const Caller *caller = user_data;

    (void) uuid;
    return caller->func(volume, caller->user_data);
}

/* Whether there is something to be listed: what the catalogue has may be of the directory that the pool had before. */
static gboolean
has_list(VpCatalogue *catalogue, const VirtProbePool *pool)
{
    VpLastRefresh last;

    /* What is wrong with the catalogue is said when it is read. */
    return !vp_last_refresh_get(catalogue, pool, &last, NULL) || last.pool.generation != 0;
}

gboolean
virt_probe_pool_foreach_volume(const VirtProbePool *pool, VirtProbeVolumeFunc func,
                               gpointer user_data, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(VpCatalogue) catalogue = NULL;
    Caller caller = { func, user_data };

    g_return_val_if_fail(pool != NULL && func != NULL, FALSE);

    catalogue = vp_catalogue_open_existing(&why);
    if (catalogue != NULL && !has_list(catalogue, pool))
        return TRUE;
    if (catalogue != NULL)
        return vp_catalogue_query(catalogue, VP_CATALOGUE_POOL, pool->uuid, deliver, &caller,
                                  error);
    if (why == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

/* The name of the volume in a directory that a path leads to; NULL when it lies elsewhere. */
static const char *
name_in_directory(const char *directory, const char *path)
{
    gsize len = strlen(directory);
    const char *name = path + len;

    if (strncmp(path, directory, len) != 0 || (len > 1 && *name != '/'))
        return NULL;
    name += strspn(name, "/");
    return name[0] != '\0' && strchr(name, '/') == NULL ? name : NULL;
}

static gpointer
real_ask(const char *path, G_GNUC_UNUSED gconstpointer data)
{
    return realpath(path, NULL);
}

/* Where the directory of a path leads, and those of pools: the pools that have the same, in place of all. What is not there or
 * does not answer is none. (transfer full) */
static GPtrArray *
pools_by_directory(GPtrArray *pools, const char *path)
{
    static const VpLookKind kind = { real_ask, free, TRUE };
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_pool_unref);
    g_autoptr(GPtrArray) directories = g_ptr_array_new_with_free_func(g_free);
    g_autofree VpLookAnswer *answers = NULL;

    g_ptr_array_add(directories, g_path_get_dirname(path));
    for (guint i = 0; i < pools->len; i++)
        g_ptr_array_add(directories,
                        g_strdup(((VirtProbePool *) g_ptr_array_index(pools, i))->target));
    answers = vp_look(&kind, directories, NULL, NULL);
    for (guint i = 0; i < pools->len; i++) {
        const char *real = answers[i + 1].answer;

        if (real != NULL && g_strcmp0(real, answers[0].answer) == 0)
            g_ptr_array_add(found, virt_probe_pool_ref(g_ptr_array_index(pools, i)));
    }
    for (guint i = 0; i < directories->len; i++)
        free(answers[i].answer);
    return found;
}

/* The pools whose directory, as it is written, holds a path. (transfer full) */
static GPtrArray *
pools_by_path(GPtrArray *pools, const char *path)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_pool_unref);

    for (guint i = 0; i < pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(pools, i);

        if (name_in_directory(pool->target, path) != NULL)
            g_ptr_array_add(found, virt_probe_pool_ref(pool));
    }
    return found;
}

/* The pools among these that may have the volume, and its name there. However the path is written: by links, relative, with
 * "..". (transfer full) */
static GPtrArray *
pools_for(GPtrArray *pools, const char *name, char **out_entry)
{
    g_autofree char *folder = NULL;
    g_autofree char *absolute = NULL;
    g_autofree char *path = NULL;
    g_autoptr(GPtrArray) found = NULL;

    if (strchr(name, '/') == NULL) {
        *out_entry = g_strdup(name);
        return g_ptr_array_ref(pools);
    }
    folder = g_get_current_dir();
    absolute = g_path_is_absolute(name) ? g_strdup(name) : g_build_filename(folder, name, NULL);
    path = vp_path_normalise(absolute);
    *out_entry = g_path_get_basename(path);
    found = pools_by_path(pools, path);
    return found->len > 0 ? g_steal_pointer(&found) : pools_by_directory(pools, path);
}

/* The pool that was given, or when a path was, all there are. (transfer full) */
static GPtrArray *
pools_asked(VirtProbePool *pool, const char *name)
{
    GPtrArray *pools;

    if (pool == NULL && strchr(name, '/') != NULL)
        return virt_probe_pool_list(NULL);
    pools = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_pool_unref);
    if (pool != NULL)
        g_ptr_array_add(pools, virt_probe_pool_ref(pool));
    return pools;
}

static void
set_missing(const VirtProbePool *pool, const char *name, GError **error)
{
    g_autofree char *shown = vp_text_escape(name, strlen(name));

    if (pool != NULL)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no volume \"%s\" in pool \"%s\"",
                    shown, pool->name);
    else if (strchr(name, '/') == NULL)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "no pool is given for the volume \"%s\"", shown);
    else
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no volume \"%s\" in any pool", shown);
}

VirtProbeVolume *
virt_probe_pool_find_volume(VirtProbePool *pool, const char *name, VirtProbePool **out_pool,
                            GError **error)
{
    g_autoptr(GPtrArray) pools = NULL;
    g_autoptr(GPtrArray) candidates = NULL;
    g_autofree char *entry = NULL;
    gboolean is_entry;

    g_return_val_if_fail(name != NULL, NULL);

    pools = pools_asked(pool, name);
    candidates = pools_for(pools, name, &entry);
    is_entry = strcmp(entry, ".") != 0 && strcmp(entry, "..") != 0 && entry[0] != '\0';
    for (guint i = 0; is_entry && i < candidates->len; i++) {
        VirtProbePool *candidate = g_ptr_array_index(candidates, i);
        g_autoptr(GError) why = NULL;
        VirtProbeVolume *volume = vp_look_at(candidate, entry, &why);

        if (why != NULL) {
            g_propagate_error(error, g_steal_pointer(&why));
            return NULL;
        }
        if (volume == NULL)
            continue;
        if (out_pool != NULL)
            *out_pool = virt_probe_pool_ref(candidate);
        return volume;
    }
    set_missing(pool, name, error);
    return NULL;
}
