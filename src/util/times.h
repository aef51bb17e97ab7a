/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* times.h: times of files as numbers. */
#pragma once

#include <glib.h>
#include <time.h>

#define VP_NANOSECONDS 1000000000

/* Nanoseconds since 1970 UTC; of times that 64 bits do not reach (before 1677, after 2262) the nearest that they do. -1, which stands
 * for an unknown time, is 0. */
static inline gint64
vp_time_nanoseconds(const struct timespec *time)
{
    gint64 nanoseconds;

    if (__builtin_mul_overflow((gint64) time->tv_sec, (gint64) VP_NANOSECONDS, &nanoseconds)
        || __builtin_add_overflow(nanoseconds, (gint64) time->tv_nsec, &nanoseconds))
        return time->tv_sec < 0 ? G_MININT64 : G_MAXINT64;
    return nanoseconds == -1 ? 0 : nanoseconds;
}

/* When names in a directory last changed. Who copies a directory sets one of its times back, but not the other. */
static inline gint64
vp_time_of_directory(gint64 mtime, gint64 ctime)
{
    return MAX(mtime, ctime);
}
