/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checksum.h: the short checksums that image formats use. */
#pragma once

#include <glib.h>

typedef enum {
    VP_CHECKSUM_NONE,
    VP_CHECKSUM_COMPLEMENT, /* complement of the sum of all bytes, 32 bits: VHD */
    VP_CHECKSUM_CRC32,      /* IEEE 802.3: GPT, UDIF */
    VP_CHECKSUM_CRC32C,     /* Castagnoli: VHDX */
} VpChecksumKind;

/* The checksum of the bytes, the four at own_place, where it is stored itself, counted as zero. */
guint32 vp_checksum(VpChecksumKind kind, const guint8 *bytes, gsize len, gsize own_place);
