/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-calls.h: system calls of a scan that do what a test wants. They stand in the test program, and so take the place
 * of those of the C library. */
#pragma once

#include <glib.h>

/* Entries whose names begin with these are opened so. */
#define NAME_HANGS "hang"    /* opening it waits until calls_release() */
#define NAME_BROKEN "broken" /* opening it is an input/output error */
#define NAME_GONE "gone"     /* somebody removes it just before */

/* How many entries were opened since the last time that it was asked. */
guint calls_count_opened(void);

/* Lets go all that hang, now and from now on, and waits until they are through. */
void calls_release(void);

/* From now on they hang again. */
void calls_hold(void);

/* How many hang. */
guint calls_count_hanging(void);
