/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch-definitions.c: keeping a watch to the pools that are defined. */
#include "storage/pool/watch-definitions.h"

#include "storage/pool/pool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DEFINITION_EVENTS                                                                          \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF         \
     | IN_MOVE_SELF)

#define PARENT_EVENTS (IN_CREATE | IN_MOVED_TO)

int
vp_watch_definitions_open(void)
{
    return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

static gboolean
watch_folder(int inotify, const char *folder)
{
    return inotify_add_watch(inotify, folder, DEFINITION_EVENTS | IN_ONLYDIR) >= 0;
}

/* Until somebody makes the folder, the nearest one above it that is there tells. */
static gboolean
watch_above(int inotify, const char *folder)
{
    g_autofree char *above = g_strdup(folder);
    gboolean is_watched = FALSE;

    while (!is_watched && errno == ENOENT && strcmp(above, "/") != 0) {
        g_autofree char *below = above;

        above = g_path_get_dirname(below);
        is_watched = inotify_add_watch(inotify, above, PARENT_EVENTS | IN_ONLYDIR) >= 0;
    }
    return is_watched;
}

gboolean
vp_watch_definitions_begin(int inotify)
{
    g_autofree char *folder = vp_pool_store_folder();
    char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));

    gssize got;

    if (inotify < 0)
        return FALSE;
    /* Which of them has changed does not matter: all are read again. */
    got = read(inotify, buffer, sizeof buffer);
    (void) got;
    /* Again, because it may have been made meanwhile. */
    return watch_folder(inotify, folder)
           || (watch_above(inotify, folder) && (watch_folder(inotify, folder) || errno == ENOENT));
}

/* The definition of the same pool; NULL: there is none. */
static VirtProbePool *
find_same(GPtrArray *pools, const VirtProbePool *pool)
{
    for (guint i = 0; i < pools->len; i++) {
        if (vp_pool_is_same(g_ptr_array_index(pools, i), pool))
            return g_ptr_array_index(pools, i);
    }
    return NULL;
}

static gboolean
is_watched(GPtrArray *places, const VirtProbePool *pool)
{
    for (guint i = 0; i < places->len; i++) {
        const VpWatchPlace *place = g_ptr_array_index(places, i);

        if (vp_pool_is_same(place->pool, pool))
            return TRUE;
    }
    return FALSE;
}

/* FALSE: the place is not there any more. */
static gboolean
place_keep(GPtrArray *places, guint index, int inotify, GPtrArray *pools,
           VpWatchDroppedFunc dropped, gpointer user_data)
{
    const VpWatchPlace *place = g_ptr_array_index(places, index);
    VirtProbePool *pool = find_same(pools, place->pool);

    /* A definition that just now cannot be read says nothing. */
    if (!place->is_stored || (pool == NULL && !vp_pool_is_gone(place->pool)))
        return TRUE;
    if (pool == NULL) {
        dropped(place, NULL, user_data);
    } else {
        if (strcmp(pool->target, place->pool->target) == 0 && pool->backend == place->pool->backend)
            return TRUE;
        if (strcmp(pool->target, place->pool->target) != 0)
            dropped(place, pool, user_data);
        g_ptr_array_insert(places, (gint) index + 1, vp_watch_place_new(pool));
    }
    vp_watch_place_remove(places, index, inotify);
    return pool != NULL;
}

void
vp_watch_definitions_read(GPtrArray *places, int inotify, gboolean takes_new,
                          VpWatchDroppedFunc dropped, gpointer user_data)
{
    g_autoptr(GPtrArray) pools = virt_probe_pool_list(NULL);

    for (guint i = 0; i < places->len;)
        i += place_keep(places, i, inotify, pools, dropped, user_data) ? 1 : 0;
    for (guint i = 0; takes_new && i < pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(pools, i);

        if (!is_watched(places, pool))
            g_ptr_array_add(places, vp_watch_place_new(pool));
    }
}
