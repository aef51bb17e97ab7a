/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch-definitions.h: keeping a watch to the pools that are defined. */
#pragma once

#include "storage/pool/watch-place.h"

/* A descriptor that can be read when definitions come or go; -1: none. To be closed by close(). */
int vp_watch_definitions_open(void);

/* Watches the directory of definitions, if it is there now, and forgets what was told of it. FALSE: nothing will be told. */
gboolean vp_watch_definitions_begin(int inotify);

/* The pool of a place is not defined any more, or (now) with another directory; now: NULL: it is not. */
typedef void (*VpWatchDroppedFunc)(const VpWatchPlace *place, VirtProbePool *now,
                                   gpointer user_data);

/* Takes away the places of pools that are not defined any more, and replaces those that are defined otherwise now.
 * takes_new: makes places for the others that are defined, too. */
void vp_watch_definitions_read(GPtrArray *places, int inotify, gboolean takes_new,
                               VpWatchDroppedFunc dropped, gpointer user_data);
