/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch-place.c: the directory of a watched pool: what the kernel tells of it, and when a refresh is due. */
#include "storage/pool/watch-place.h"

#include "storage/pool/pool.h"

#include <string.h>

/* So long nothing more may happen before a refresh; and so long it is put off at most. In µs. */
#define QUIET 200000
#define PATIENCE 2000000

VpWatchPlace *
vp_watch_place_new(VirtProbePool *pool)
{
    VpWatchPlace *place = g_new0(VpWatchPlace, 1);

    place->pool = virt_probe_pool_ref(pool);
    place->is_stored = pool->is_from_store || vp_pool_is_stored(pool);
    place->parent = g_path_get_dirname(virt_probe_pool_get_target(pool));
    place->name = g_path_get_basename(virt_probe_pool_get_target(pool));
    place->sight = (VpWatchSight) { .directory_watch = -1, .parent_watch = -1 };
    return place;
}

void
vp_watch_place_free(gpointer data)
{
    VpWatchPlace *place = data;

    vp_watch_look_unref(place->look);
    virt_probe_pool_unref(place->pool);
    g_free(place->parent);
    g_free(place->name);
    g_free(place);
}

/* Several pools may share a watch of the kernel, where one lies in another or beside it. */
static gboolean
watch_is_used(GPtrArray *places, int watch)
{
    for (guint i = 0; i < places->len; i++) {
        const VpWatchPlace *place = g_ptr_array_index(places, i);

        if (place->sight.directory_watch == watch || place->sight.parent_watch == watch)
            return TRUE;
    }
    return FALSE;
}

static void
watch_drop(GPtrArray *places, int inotify, int watch)
{
    if (watch >= 0 && !watch_is_used(places, watch))
        inotify_rm_watch(inotify, watch);
}

void
vp_watch_place_remove(GPtrArray *places, guint index, int inotify)
{
    const VpWatchSight sight = ((VpWatchPlace *) g_ptr_array_index(places, index))->sight;

    g_ptr_array_remove_index(places, index);
    watch_drop(places, inotify, sight.directory_watch);
    watch_drop(places, inotify, sight.parent_watch);
}

/* Takes what a look has seen. What the kernel watched before is given up when it was another directory's. */
static void
place_see(VpWatchPlace *place, const VpWatchEyes *eyes, const VpWatchSight *sight)
{
    const VpWatchSight old = place->sight;

    g_clear_pointer(&place->look, vp_watch_look_unref);
    place->sight = *sight;
    place->is_silent = FALSE;
    watch_drop(eyes->places, eyes->inotify, old.parent_watch);
    watch_drop(eyes->places, eyes->inotify, old.directory_watch);
}

void
vp_watch_place_begin_look(VpWatchPlace *place, const VpWatchEyes *eyes)
{
    VpWatchSight sight;

    /* One that has had its answer late says what was, but what it has begun to watch is watched. */
    if (place->look != NULL && place->is_silent
        && vp_watch_look_wait(place->look, 0, eyes->is_stopped, &sight))
        place_see(place, eyes, &sight);
    if (place->look == NULL)
        place->look = vp_watch_look_start(place->pool, place->parent, eyes->inotify);
}

gboolean
vp_watch_place_look(VpWatchPlace *place, const VpWatchEyes *eyes)
{
    const VpWatchSight old = place->sight;
    VpWatchSight sight;

    vp_watch_place_begin_look(place, eyes);
    if (place->look == NULL
        || !vp_watch_look_wait(place->look, eyes->timeout_ms, eyes->is_stopped, &sight)) {
        place->is_silent = TRUE;
        return FALSE;
    }
    place_see(place, eyes, &sight);
    return sight.device != old.device || sight.inode != old.inode;
}

gboolean
vp_watch_place_is_usable(const VpWatchPlace *place)
{
    return !place->is_silent && place->sight.is_usable;
}

void
vp_watch_place_touch(VpWatchPlace *place, gint64 now)
{
    if (place->first_event == 0)
        place->first_event = now;
    place->last_event = now;
}

void
vp_watch_place_take(VpWatchPlace *place, const struct inotify_event *event, gint64 now)
{
    VpWatchSight *sight = &place->sight;

    if (event->wd == sight->parent_watch && event->len > 0 && strcmp(event->name, place->name) == 0)
        vp_watch_place_touch(place, now);
    if (event->wd != sight->directory_watch)
        return;
    /* Else each refresh would be the reason for another one. */
    if (sight->own != NULL && event->len > 0 && g_str_has_prefix(event->name, sight->own))
        return;
    vp_watch_place_touch(place, now);
    if ((event->mask & VP_WATCH_EVENTS_OF_ITSELF) != 0)
        sight->directory_watch = -1;
}

gint64
vp_watch_place_due(const VpWatchPlace *place)
{
    gint64 due = place->next_rescan;

    if (place->first_event != 0)
        due = MIN(due, MIN(place->last_event + QUIET, place->first_event + PATIENCE));
    return due;
}
