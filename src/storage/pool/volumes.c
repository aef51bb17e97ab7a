/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volumes.c: the volumes of a pool: those of the last refresh, and one as it is now. */
#include "storage/pool/catalogue.h"
#include "storage/pool/look.h"
#include "storage/pool/pool.h"
#include "util/text.h"

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

gboolean
virt_probe_pool_foreach_volume(const VirtProbePool *pool, VirtProbeVolumeFunc func,
                               gpointer user_data, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(VpCatalogue) catalogue = NULL;
    Caller caller = { func, user_data };

    g_return_val_if_fail(pool != NULL && func != NULL, FALSE);

    catalogue = vp_catalogue_open_existing(&why);
    if (catalogue != NULL)
        return vp_catalogue_query(catalogue, VP_CATALOGUE_POOL, pool->uuid, deliver, &caller,
                                  error);
    if (why == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

/* The name of the volume in the pool that a path leads to; NULL when it lies elsewhere. */
static const char *
name_in_pool(const VirtProbePool *pool, const char *path)
{
    gsize len = strlen(pool->target);
    const char *name = path + len;

    if (strncmp(path, pool->target, len) != 0 || (len > 1 && *name != '/'))
        return NULL;
    name += strspn(name, "/");
    return name[0] != '\0' && strchr(name, '/') == NULL ? name : NULL;
}

/* The volume of that name as it is now; NULL without an error: there is none. */
static VirtProbeVolume *
find_in_pool(VirtProbePool *pool, const char *name, GError **error)
{
    const char *entry = strchr(name, '/') != NULL ? name_in_pool(pool, name) : name;

    if (entry == NULL || strcmp(entry, ".") == 0 || strcmp(entry, "..") == 0 || entry[0] == '\0')
        return NULL;
    return vp_look_at(pool, entry, error);
}

VirtProbeVolume *
virt_probe_pool_find_volume(VirtProbePool *pool, const char *name, VirtProbePool **out_pool,
                            GError **error)
{
    g_autoptr(GPtrArray) pools = NULL;
    g_autofree char *shown = NULL;

    g_return_val_if_fail(name != NULL, NULL);

    if (pool != NULL) {
        pools = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_pool_unref);
        g_ptr_array_add(pools, virt_probe_pool_ref(pool));
    } else if (strchr(name, '/') != NULL) {
        pools = virt_probe_pool_list(NULL);
    }
    for (guint i = 0; pools != NULL && i < pools->len; i++) {
        VirtProbePool *candidate = g_ptr_array_index(pools, i);
        g_autoptr(GError) why = NULL;
        VirtProbeVolume *volume = find_in_pool(candidate, name, &why);

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
    shown = vp_text_escape(name, strlen(name));
    if (pool != NULL)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no volume \"%s\" in pool \"%s\"",
                    shown, pool->name);
    else
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no volume \"%s\" in any pool", shown);
    return NULL;
}
