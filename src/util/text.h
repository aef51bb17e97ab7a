/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.h: bytes that claim to be text: reading them as UTF-8, and showing them without danger. */
#pragma once

#include "util/reader.h"

#include <glib.h>

/* What vp_text_next() gives for bytes that are not text. */
#define VP_TEXT_INVALID G_MAXUINT32

/* The code point at bytes, of which len (at least 1) may be looked at, and in *out_used how many bytes it
 * took; VP_TEXT_INVALID for bytes that QEMU prints as U+FFFD. The rules are QEMU's, so that both print the
 * same: "modified UTF-8" (C0 80 is code point 0), no surrogates, no noncharacters, nothing overlong, and a
 * sequence that is cut short counts as one invalid character. */
guint32 vp_text_next(const guint8 *bytes, gsize len, gsize *out_used);

#define VP_TEXT_EACH(byte) (G_GUINT64_CONSTANT(0x0101010101010101) * (byte))

/* Not 0 when one of eight bytes is not plain, as the next function has it: in each byte the highest bit is set by one that is
 * above 0x7e, below 0x20, a quotation mark or a backslash. Behind such a byte others may be marked without cause. */
static inline guint64
vp_text_odd_bytes(guint64 word)
{
    return (word | (word + VP_TEXT_EACH(1)) | (word - VP_TEXT_EACH(0x20))
            | ((word ^ VP_TEXT_EACH('"')) - VP_TEXT_EACH(1))
            | ((word ^ VP_TEXT_EACH('\\')) - VP_TEXT_EACH(1)))
           & VP_TEXT_EACH(0x80);
}

/* How many bytes from the start are printable ASCII other than the quotation mark and the backslash: nearly every text
 * holds nothing else, and such a part is clean, lossless and the same in JSON. */
gsize vp_text_plain_prefix(const void *bytes, gsize len);

/* TRUE when a person can be shown the bytes as they are: UTF-8 without control characters (C0, DEL, C1) and
 * without characters that change the direction of writing. */
gboolean vp_text_is_clean(const void *bytes, gsize len);

/* TRUE when JSON holds the bytes without loss: UTF-8 without NUL. Control characters are fine there. */
gboolean vp_text_is_lossless(const void *bytes, gsize len);

/* Appends the bytes with everything that vp_text_is_clean() would refuse written as \xNN. */
void vp_text_append_escaped(GString *out, const void *bytes, gsize len);

/* The same as a new string. (transfer full) */
char *vp_text_escape(const void *bytes, gsize len);

/* UTF-16 up to its first NUL, or to the end of whole units, as UTF-8. Surrogates without their other half become three
 * bytes each, which are no UTF-8, so that nothing is lost and vp_text_is_clean() sees them. (transfer full) */
char *vp_text_from_utf16(const guint8 *bytes, gsize len, VpByteOrder order, gsize *out_len);

/* Copies len bytes if all of them are as for vp_text_plain_prefix(), which is found out on the way; else FALSE, and what was
 * copied means nothing. Nothing behind len is looked at or written. */
static inline gboolean
vp_text_copy_plain(char *to, const char *text, gsize len)
{
    guint64 odd = 0;
    guint64 word;
    guint32 halves[2];

    if (len >= sizeof word) {
        for (gsize pos = 0; pos + sizeof word < len; pos += sizeof word) {
            memcpy(&word, text + pos, sizeof word);
            memcpy(to + pos, &word, sizeof word);
            odd |= vp_text_odd_bytes(word);
        }
        memcpy(&word, text + len - sizeof word, sizeof word);
        memcpy(to + len - sizeof word, &word, sizeof word);
        return (odd | vp_text_odd_bytes(word)) == 0;
    }
    if (len >= sizeof halves[0]) {
        memcpy(&halves[0], text, sizeof halves[0]);
        memcpy(&halves[1], text + len - sizeof halves[0], sizeof halves[0]);
        memcpy(to, &halves[0], sizeof halves[0]);
        memcpy(to + len - sizeof halves[0], &halves[1], sizeof halves[0]);
        memcpy(&word, halves, sizeof word);
        return vp_text_odd_bytes(word) == 0;
    }
    for (gsize pos = 0; pos < len; pos++) {
        to[pos] = text[pos];
        odd |= vp_text_odd_bytes((VP_TEXT_EACH(0x20) ^ 0x20) | (guint8) text[pos]);
    }
    return odd == 0;
}

/* Digits that a number of 64 bits has at most. */
#define VP_DECIMAL_MAX 20

/* Writes the digits of a number before end, at least width of them with zeros in front. Gives where they begin. */
char *vp_text_decimal(char *end, guint64 number, guint width);

/* Writes the digits of a number, at most VP_DECIMAL_MAX, and gives the place behind them. */
char *vp_text_put_decimal(char *place, guint64 number);

/* Appends a size as people write it, three digits and a binary unit: 10 MiB, 1.32 GiB, 512 B. */
void vp_text_append_size(GString *out, guint64 size);

/* Appends 16 bytes as a UUID is written; is_little_endian: the first three groups are. */
void vp_text_append_uuid(GString *out, const guint8 *bytes, gboolean is_little_endian);

/* Appends the bytes as lower-case hexadecimal digits. */
void vp_text_append_hex(GString *out, const void *bytes, gsize len);
