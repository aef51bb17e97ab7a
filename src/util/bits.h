/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bits.h: sets of bits whose members have names, in on-disk order, with "known, not represented" said so. */
#pragma once

#include <glib.h>

typedef struct {
    guint bit;
    const char *name; /* how the format's own documents call it */
    const char *key;  /* the metadata key that shows it; NULL: known, not represented */
} VpBitName;

/* Ends a table of VpBitName. */
#define VP_BIT_NAMES_END                                                                           \
    {                                                                                              \
        .bit = 64                                                                                  \
    }

/* NULL when the table does not know the bit. */
const VpBitName *vp_bit_names_find(const VpBitName *names, guint bit);

/* All bits that the table knows. */
guint64 vp_bit_names_mask(const VpBitName *names);

static inline gboolean
vp_bit_is_set(guint64 set, guint bit)
{
    return bit < 64 && (set >> bit & 1) != 0;
}
