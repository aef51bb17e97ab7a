/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch-look.h: a look at the directory of a watched pool, by a thread of its own: that of a dead server would hold up the
 * watch of all the others.
 *
 * util/look.c does not do here: whoever asks there waits, one place after the other, for as long as it says. A watch waits
 * for all of its pools together, as long as its caller's settings say, ends at once when it is stopped, and takes the
 * answer that comes late, because by then the kernel tells of that directory. */
#pragma once

#include "virtprobe/pool.h"

#include <signal.h>
#include <sys/inotify.h>

/* Of a directory itself. */
#define VP_WATCH_EVENTS_OF_ITSELF (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)

/* What was seen. */
typedef struct {
    int parent_watch;    /* of the directory around the pool's; -1: none */
    int directory_watch; /* the same of its own */
    guint64 device;      /* of the directory */
    guint64 inode;       /* 0: there is none */
    gboolean is_on_network;
    gboolean is_usable; /* as virt_probe_pool_check() says */
    const char *own;    /* how files of the catalogue are called that lie in it; NULL: none do */
} VpWatchSight;

/* Counted: the thread holds a reference too. */
typedef struct VpWatchLook VpWatchLook;

/* Starts a look, which asks the kernel for events as well. inotify: -1: without events. NULL when the system gives no
 * thread. (transfer full) */
VpWatchLook *vp_watch_look_start(VirtProbePool *pool, const char *parent, int inotify);
void vp_watch_look_unref(VpWatchLook *look);

/* Waits until the look is done; not longer than so long after its start, and not when it is stopped meanwhile. FALSE: no
 * answer yet. */
gboolean vp_watch_look_wait(VpWatchLook *look, guint timeout_ms,
                            const volatile sig_atomic_t *is_stopped, VpWatchSight *out_sight);
