/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch-place.c: the directory of a watched pool: what the kernel tells of it, and when a refresh is due. */
#include "storage/pool/watch-place.h"

#include "storage/pool/directories.h"
#include "util/look.h"

#include <string.h>
#include <sys/stat.h>

/* So long nothing more may happen before a refresh; and so long it is put off at most. In µs. */
#define QUIET 200000
#define PATIENCE 2000000

/* IN_MODIFY is left out: running guests write all the time. */
#define DIRECTORY_EVENTS                                                                           \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB              \
     | IN_DELETE_SELF | IN_MOVE_SELF)
/* The directory itself may come or go there. */
#define PARENT_EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
#define EVENTS_OF_ITSELF (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)

VpWatchPlace *
vp_watch_place_new(VirtProbePool *pool)
{
    VpWatchPlace *place = g_new0(VpWatchPlace, 1);

    place->pool = virt_probe_pool_ref(pool);
    place->parent = g_path_get_dirname(virt_probe_pool_get_target(pool));
    place->name = g_path_get_basename(virt_probe_pool_get_target(pool));
    place->directory_watch = -1;
    place->parent_watch = -1;
    return place;
}

void
vp_watch_place_free(gpointer data)
{
    VpWatchPlace *place = data;

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

        if (place->directory_watch == watch || place->parent_watch == watch)
            return TRUE;
    }
    return FALSE;
}

/* Gives a directory a watch. The old one is given up when it was another directory's. */
static void
watch_replace(GPtrArray *places, int inotify, int *watch, const char *path, guint32 events)
{
    int old = *watch;

    *watch = inotify_add_watch(inotify, path, events | IN_ONLYDIR | IN_MASK_ADD);
    if (old >= 0 && !watch_is_used(places, old))
        inotify_rm_watch(inotify, old);
}

/* What a directory is now. */
typedef struct {
    guint64 device;
    guint64 inode; /* 0: there is none */
    gboolean is_on_network;
} Directory;

static gpointer
directory_ask(const char *path, G_GNUC_UNUSED gconstpointer data)
{
    Directory *directory = g_new0(Directory, 1);
    struct stat info;

    if (stat(path, &info) == 0) {
        directory->device = info.st_dev;
        directory->inode = info.st_ino;
    }
    directory->is_on_network = vp_network_filesystem(path) != NULL;
    return directory;
}

/* FALSE: it does not answer. */
static gboolean
directory_look(const char *path, Directory *out_directory)
{
    static const VpLookKind kind = { directory_ask, g_free, TRUE };
    gboolean is_late;
    g_autofree Directory *directory = vp_look_one(&kind, path, NULL, NULL, &is_late);

    /* Only what is elsewhere keeps silent so long. */
    *out_directory = directory != NULL ? *directory : (Directory) { .is_on_network = TRUE };
    return directory != NULL;
}

gboolean
vp_watch_place_look(VpWatchPlace *place, GPtrArray *places, int inotify)
{
    const char *target = virt_probe_pool_get_target(place->pool);
    guint64 device = place->device;
    guint64 inode = place->inode;
    Directory directory;

    /* The kernel would wait, too. */
    if (directory_look(target, &directory)) {
        /* First the events, then the look, so that nothing happens unseen between them. */
        watch_replace(places, inotify, &place->parent_watch, place->parent, PARENT_EVENTS);
        watch_replace(places, inotify, &place->directory_watch, target, DIRECTORY_EVENTS);
        directory_look(target, &directory);
    }
    place->device = directory.device;
    place->inode = directory.inode;
    place->is_on_network = directory.is_on_network;
    return place->device != device || place->inode != inode;
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
    if (event->wd == place->parent_watch && event->len > 0 && strcmp(event->name, place->name) == 0)
        vp_watch_place_touch(place, now);
    if (event->wd != place->directory_watch)
        return;
    vp_watch_place_touch(place, now);
    if ((event->mask & EVENTS_OF_ITSELF) != 0)
        place->directory_watch = -1;
}

gint64
vp_watch_place_due(const VpWatchPlace *place)
{
    gint64 due = place->next_rescan;

    if (place->first_event != 0)
        due = MIN(due, MIN(place->last_event + QUIET, place->first_event + PATIENCE));
    return due;
}
