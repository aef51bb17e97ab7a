/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* numbers.h: arithmetic that says when it overflows, for numbers that come from a file. */
#pragma once

#include <glib.h>

/* Each returns FALSE and leaves *out_result alone when the result does not fit. */
static inline gboolean
vp_checked_add(guint64 a, guint64 b, guint64 *out_result)
{
    guint64 result;

    if (__builtin_add_overflow(a, b, &result))
        return FALSE;
    *out_result = result;
    return TRUE;
}

static inline gboolean
vp_checked_mul(guint64 a, guint64 b, guint64 *out_result)
{
    guint64 result;

    if (__builtin_mul_overflow(a, b, &result))
        return FALSE;
    *out_result = result;
    return TRUE;
}

static inline gboolean
vp_checked_shift_left(guint64 value, guint64 bits, guint64 *out_result)
{
    if (bits > 63 || value > G_MAXUINT64 >> bits)
        return FALSE;
    *out_result = value << bits;
    return TRUE;
}

/* The smallest multiple of unit (not zero) that is not below value. */
static inline gboolean
vp_checked_round_up(guint64 value, guint64 unit, guint64 *out_result)
{
    guint64 rest = value % unit;

    return vp_checked_add(value, rest == 0 ? 0 : unit - rest, out_result);
}

/* value / unit, rounded up; unit is not zero. Cannot overflow. */
static inline guint64
vp_divide_up(guint64 value, guint64 unit)
{
    return value / unit + (value % unit != 0);
}

static inline gboolean
vp_is_aligned(guint64 value, guint64 unit)
{
    return value % unit == 0;
}

static inline gboolean
vp_is_power_of_two(guint64 value)
{
    return value != 0 && (value & (value - 1)) == 0;
}
