/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checksum.c: the short checksums that image formats use. */
#include "util/checksum.h"

#define OWN_LEN 4

/* Polynomials with their lowest power in the highest bit. */
#define POLYNOMIAL_CRC32 0xedb88320
#define POLYNOMIAL_CRC32C 0x82f63b78

/* What a byte does to a remainder. */
static void
crc_table_make(guint32 table[256], guint32 polynomial)
{
    for (guint32 byte = 0; byte < 256; byte++) {
        guint32 remainder = byte;

        for (guint bit = 0; bit < 8; bit++)
            remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? polynomial : 0);
        table[byte] = remainder;
    }
}

static guint32
crc(guint32 polynomial, const guint8 *bytes, gsize len, gsize own_place)
{
    guint32 remainder = G_MAXUINT32;
    guint32 table[256];

    crc_table_make(table, polynomial);
    for (gsize i = 0; i < len; i++) {
        guint8 byte = i - own_place < OWN_LEN ? 0 : bytes[i];

        remainder = remainder >> 8 ^ table[(guint8) remainder ^ byte];
    }
    return ~remainder;
}

static guint32
complement(const guint8 *bytes, gsize len, gsize own_place)
{
    guint32 sum = 0;

    for (gsize i = 0; i < len; i++)
        sum += i - own_place < OWN_LEN ? 0 : bytes[i];
    return ~sum;
}

guint32
vp_checksum(VpChecksumKind kind, const guint8 *bytes, gsize len, gsize own_place)
{
    switch (kind) {
    case VP_CHECKSUM_COMPLEMENT:
        return complement(bytes, len, own_place);
    case VP_CHECKSUM_CRC32:
        return crc(POLYNOMIAL_CRC32, bytes, len, own_place);
    case VP_CHECKSUM_CRC32C:
        return crc(POLYNOMIAL_CRC32C, bytes, len, own_place);
    default:
        return 0;
    }
}
