/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* format-set.h: sets of formats by their numbers in the table. Two words, since 32-bit machines have no wider one. */
#pragma once

#include <glib.h>

/* So many numbers a set can hold. */
#define VP_FORMATS_MAX 128

/* Formats of the table: number n stands for vp_registry_nth(n). */
typedef struct {
    guint64 low;  /* bit n: number n */
    guint64 high; /* bit n: number 64 + n */
} VpFormatSet;

static inline VpFormatSet
vp_format_set_empty(void)
{
    return (VpFormatSet) { 0, 0 };
}

static inline VpFormatSet
vp_format_set_all(void)
{
    return (VpFormatSet) { ~(guint64) 0, ~(guint64) 0 };
}

/* The set of one number, which is less than VP_FORMATS_MAX. */
static inline VpFormatSet
vp_format_set_one(guint number)
{
    guint64 bit = (guint64) 1 << (number % 64);

    return number < 64 ? (VpFormatSet) { bit, 0 } : (VpFormatSet) { 0, bit };
}

static inline gboolean
vp_format_set_is_empty(VpFormatSet set)
{
    return (set.low | set.high) == 0;
}

static inline gboolean
vp_format_set_is_equal(VpFormatSet a, VpFormatSet b)
{
    return a.low == b.low && a.high == b.high;
}

static inline gboolean
vp_format_set_has(VpFormatSet set, guint number)
{
    return ((number < 64 ? set.low : set.high) >> (number % 64) & 1) != 0;
}

static inline VpFormatSet
vp_format_set_or(VpFormatSet a, VpFormatSet b)
{
    return (VpFormatSet) { a.low | b.low, a.high | b.high };
}

static inline VpFormatSet
vp_format_set_and(VpFormatSet a, VpFormatSet b)
{
    return (VpFormatSet) { a.low & b.low, a.high & b.high };
}

/* What is in the first and not in the second. */
static inline VpFormatSet
vp_format_set_without(VpFormatSet a, VpFormatSet b)
{
    return (VpFormatSet) { a.low & ~b.low, a.high & ~b.high };
}

/* TRUE when something is in both. */
static inline gboolean
vp_format_set_meets(VpFormatSet a, VpFormatSet b)
{
    return ((a.low & b.low) | (a.high & b.high)) != 0;
}

/* The least number of a set that is not empty. */
static inline guint
vp_format_set_first(VpFormatSet set)
{
    return set.low != 0 ? (guint) __builtin_ctzll(set.low) : 64 + (guint) __builtin_ctzll(set.high);
}

/* The same; it leaves the set. */
static inline guint
vp_format_set_take(VpFormatSet *set)
{
    guint number = vp_format_set_first(*set);

    if (set->low != 0)
        set->low &= set->low - 1;
    else
        set->high &= set->high - 1;
    return number;
}
