/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bits.c: sets of bits whose members have names. */
#include "util/bits.h"

const VpBitName *
vp_bit_names_find(const VpBitName *names, guint bit)
{
    for (const VpBitName *entry = names; entry != NULL && entry->bit < 64; entry++) {
        if (entry->bit == bit)
            return entry;
    }
    return NULL;
}

guint64
vp_bit_names_mask(const VpBitName *names)
{
    guint64 mask = 0;

    for (const VpBitName *entry = names; entry != NULL && entry->bit < 64; entry++)
        mask |= G_GUINT64_CONSTANT(1) << entry->bit;
    return mask;
}
