/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hash.c: hashes of bytes that whoever chooses the bytes cannot make collide.
 *
 * SipHash-2-4 as in J.-P. Aumasson, D. J. Bernstein: SipHash: a fast short-input PRF, 2012, section 2. */
#include "util/hash.h"

#include <string.h>

static guint64
rotate(guint64 word, guint bits)
{
    return word << bits | word >> (64 - bits);
}

static void
sip_rounds(guint64 v[4], guint rounds)
{
    for (; rounds > 0; rounds--) {
        v[0] += v[1];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[0] = rotate(v[0], 32);
        v[2] += v[3];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
    }
}

/* Up to eight bytes, the first one lowest. */
static guint64
word_read(const guint8 *bytes, gsize len)
{
    guint64 word = 0;

    memcpy(&word, bytes, len);
    return GUINT64_FROM_LE(word);
}

static void
sip_word(guint64 v[4], guint64 word)
{
    v[3] ^= word;
    sip_rounds(v, 2);
    v[0] ^= word;
}

guint64
vp_hash(const VpHashKey *key, gconstpointer bytes, gsize len)
{
    const guint8 *pos = bytes;
    guint64 v[] = { key->low ^ 0x736f6d6570736575, key->high ^ 0x646f72616e646f6d,
                    key->low ^ 0x6c7967656e657261, key->high ^ 0x7465646279746573 };

    for (gsize left = len / 8; left > 0; left--, pos += 8)
        sip_word(v, word_read(pos, 8));
    sip_word(v, word_read(pos, len % 8) | (guint64) len << 56);
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

guint64
vp_hash_secret(gconstpointer bytes, gsize len)
{
    static VpHashKey key;
    static gsize is_drawn;

    if (g_once_init_enter(&is_drawn)) {
        key.low = (guint64) g_random_int() << 32 | g_random_int();
        key.high = (guint64) g_random_int() << 32 | g_random_int();
        g_once_init_leave(&is_drawn, 1);
    }
    return vp_hash(&key, bytes, len);
}

/* Both halves of a product in one: each bit depends on all that were multiplied. */
static inline guint64
folded_product(guint64 a, guint64 b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 Wide;
    Wide product = (Wide) a * b;

    return (guint64) product ^ (guint64) (product >> 64);
#else
    guint64 low = (a & G_MAXUINT32) * (b & G_MAXUINT32);
    guint64 first = (a >> 32) * (b & G_MAXUINT32) + (low >> 32);
    guint64 second = (a & G_MAXUINT32) * (b >> 32) + (first & G_MAXUINT32);
    guint64 high = (a >> 32) * (b >> 32) + (first >> 32) + (second >> 32);

    return (second << 32 | (low & G_MAXUINT32)) ^ high;
#endif
}

/* Eight bytes at a time are mixed with two numbers. Adding and multiplying alone would not do: names whose difference is a multiple
 * of (x^2 - 1)(x^4 - 1)... have the same polynomial in every odd number. */
guint64
vp_hash_quick(const VpHashKey *key, gconstpointer bytes, gsize len)
{
    const guint8 *pos = bytes;
    guint64 hash = key->high ^ len;

    for (; len >= 8; len -= 8, pos += 8)
        hash = folded_product(hash ^ word_read(pos, 8), key->low) + key->high;
    return folded_product(hash ^ word_read(pos, len), key->low);
}

guint
vp_hash_text(gconstpointer text)
{
    return (guint) vp_hash_secret(text, strlen(text));
}
