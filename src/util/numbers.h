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

/* Reads digits of a base up to 10, and nothing else: no blanks, no sign. FALSE when it is no number from minimum to maximum.
 * Not g_ascii_string_to_unsigned(): when two threads call that for the first time at once, it takes what waiting for each
 * other leaves in errno for a number that is none. */
static inline gboolean
vp_number_parse(const char *text, guint base, guint64 minimum, guint64 maximum, guint64 *out_number)
{
    guint64 number = 0;

    if (text[0] == '\0')
        return FALSE;
    for (; *text != '\0'; text++) {
        guint digit = (guint) (guchar) *text - '0';

        if (digit >= base || !vp_checked_mul(number, base, &number)
            || !vp_checked_add(number, digit, &number))
            return FALSE;
    }
    if (number < minimum || number > maximum)
        return FALSE;
    *out_number = number;
    return TRUE;
}
