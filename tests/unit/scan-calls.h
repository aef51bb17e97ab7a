/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-calls.h: system calls of a scan that do what a test wants. They stand in the test program, and so take the place
 * of those of the C library. */
#pragma once

#include <glib.h>

/* Entries whose names begin with these are opened so. */
#define NAME_HANGS "hang"    /* opening it waits until calls_release() */
#define NAME_BROKEN "broken" /* opening it is an input/output error */
#define NAME_GONE "gone"     /* somebody removes it just before */
#define NAME_TURNED                                                                                \
    "turned" /* somebody puts a link to what calls_turn() says in its place just before */
#define NAME_SILENT                                                                                \
    "silent" /* asking what it is waits until calls_release(), when calls_silence() was called */

/* A directory whose path ends with NAME_HANGS hangs too. */

/* How many entries were opened since the last time that it was asked. */
guint calls_count_opened(void);

/* Lets go all that hang, now and from now on, and waits until they are through. */
void calls_release(void);

/* From now on they hang again. */
void calls_hold(void);

/* How many hang. */
guint calls_count_hanging(void);

/* From now on asking hangs. */
void calls_silence(void);

/* From now on closing a directory hangs. */
void calls_hang_at_closing(void);

/* Where the links will lead. */
void calls_turn(const char *target);

/* From now on opening the first path opens the second one, as if something were unmounted just before. NULL: as it is. */
void calls_replace_directory(const char *path, const char *other);

/* Whether anything of that device and inode was opened otherwise than to be located only. */
gboolean calls_have_opened(guint64 device, guint64 inode);
