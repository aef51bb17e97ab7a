/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch-place.h: the directory of a watched pool: what the kernel tells of it, and when a refresh is due. */
#pragma once

#include "storage/pool/watch-look.h"

/* Monotonic times, in µs. */
typedef struct {
    VirtProbePool *pool;
    gboolean is_stored; /* it is watched as long as it is defined */
    char *parent;       /* the directory around the pool's */
    char *name;         /* of the pool's directory in it */
    VpWatchLook *look;  /* one that is under way; NULL: none */
    VpWatchSight sight; /* what the last one has seen */
    gboolean is_silent; /* the last one has had no answer in time */
    gint64 first_event; /* 0: nothing has happened since the last refresh */
    gint64 last_event;
    gint64 next_rescan; /* G_MAXINT64: never */
    gboolean is_away;   /* the last refresh could not use the directory */
} VpWatchPlace;

VpWatchPlace *vp_watch_place_new(VirtProbePool *pool);
void vp_watch_place_free(gpointer data);

/* Takes a place away, and what the kernel watches for it alone. */
void vp_watch_place_remove(GPtrArray *places, guint index, int inotify);

/* How it is looked at places. */
typedef struct {
    GPtrArray *places; /* all of them */
    int inotify;       /* -1: without events */
    guint timeout_ms;  /* for an answer */
    const volatile sig_atomic_t *is_stopped;
} VpWatchEyes;

/* Begins a look, unless one is under way. */
void vp_watch_place_begin_look(VpWatchPlace *place, const VpWatchEyes *eyes);

/* Watches what is the pool's directory now, and says in the place what it is. Once it is silent it costs no more time,
 * until the look that was begun has its answer after all. TRUE: it is another directory than before. */
gboolean vp_watch_place_look(VpWatchPlace *place, const VpWatchEyes *eyes);

/* Whether a refresh would do something. */
gboolean vp_watch_place_is_usable(const VpWatchPlace *place);

/* Takes an event of the kernel, if it is one of this place. */
void vp_watch_place_take(VpWatchPlace *place, const struct inotify_event *event, gint64 now);

/* Something has happened. */
void vp_watch_place_touch(VpWatchPlace *place, gint64 now);

/* When its next refresh is due. */
gint64 vp_watch_place_due(const VpWatchPlace *place);
