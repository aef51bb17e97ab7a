/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch-place.h: the directory of a watched pool: what the kernel tells of it, and when a refresh is due. */
#pragma once

#include "virtprobe/pool.h"

#include <sys/inotify.h>

/* Monotonic times, in µs. */
typedef struct {
    VirtProbePool *pool;
    char *parent;        /* the directory around the pool's */
    char *name;          /* of the pool's directory in it */
    int directory_watch; /* -1: none */
    int parent_watch;    /* the same */
    guint64 device;      /* of the directory that is watched */
    guint64 inode;
    gint64 first_event; /* 0: nothing has happened since the last refresh */
    gint64 last_event;
    gint64 next_rescan;     /* G_MAXINT64: never */
    gboolean is_away;       /* the last refresh could not use the directory */
    gboolean is_on_network; /* events tell only of what this machine does */
} VpWatchPlace;

VpWatchPlace *vp_watch_place_new(VirtProbePool *pool);
void vp_watch_place_free(gpointer data);

/* Watches what is the pool's directory now. places: all of them. inotify: -1: without events. TRUE: it is another
 * directory than before. */
gboolean vp_watch_place_look(VpWatchPlace *place, GPtrArray *places, int inotify);

/* Takes an event of the kernel, if it is one of this place. */
void vp_watch_place_take(VpWatchPlace *place, const struct inotify_event *event, gint64 now);

/* Something has happened. */
void vp_watch_place_touch(VpWatchPlace *place, gint64 now);

/* When its next refresh is due. */
gint64 vp_watch_place_due(const VpWatchPlace *place);
