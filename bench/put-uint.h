/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* put-uint.h: numbers as images hold them, for the benchmarks that make images. */
#pragma once

#include <glib.h>

/* The lowest bytes of value, as many as width, big-endian. */
static inline void
put_uint(guint8 *at, guint64 value, guint width)
{
    for (guint i = width; i > 0; i--) {
        at[i - 1] = (guint8) value;
        value >>= 8;
    }
}
