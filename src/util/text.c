/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.c: bytes that claim to be text: reading them as UTF-8, and showing them without danger. */
#include "util/text.h"

#include <string.h>

static gboolean
word_is_plain(const guint8 *text)
{
    guint64 word;

    memcpy(&word, text, sizeof word);
    return vp_text_odd_bytes(word) == 0;
}

gsize
vp_text_plain_prefix(const void *bytes, gsize len)
{
    const guint8 *text = bytes;
    gsize plain = 0;

    while (plain + sizeof(guint64) <= len && word_is_plain(text + plain))
        plain += sizeof(guint64);
    /* What is left of a long text is the end of its last eight bytes. */
    if (plain < len && len >= sizeof(guint64) && len - plain < sizeof(guint64)
        && word_is_plain(text + len - sizeof(guint64)))
        return len;
    while (plain < len && text[plain] >= 0x20 && text[plain] < 0x7f && text[plain] != '"'
           && text[plain] != '\\')
        plain++;
    return plain;
}

static gboolean
code_point_is_valid(guint32 code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return FALSE;
    return !(code >= 0xfdd0 && code <= 0xfdef) && (code & 0xfffe) != 0xfffe;
}

/* How many bytes a sequence has that starts with this byte; 0: none starts so. */
static guint
sequence_len(guint8 first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc0 || first >= 0xfe)
        return 0;
    return (guint) __builtin_clz(~((guint) first << 24));
}

/* The smallest code point that needs a sequence of that many bytes. */
static guint32
sequence_minimum(guint len)
{
    static const guint32 minimums[] = { 0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000 };

    return minimums[len];
}

guint32
vp_text_next(const guint8 *bytes, gsize len, gsize *out_used)
{
    guint total = sequence_len(bytes[0]);
    guint32 code;

    *out_used = 1;
    if (total <= 1)
        return total == 1 ? bytes[0] : VP_TEXT_INVALID;

    code = bytes[0] & (0x7fu >> total);
    for (guint i = 1; i < total; i++) {
        if (i >= len || (bytes[i] & 0xc0) != 0x80)
            return VP_TEXT_INVALID;
        code = code << 6 | (bytes[i] & 0x3f);
        *out_used = i + 1;
    }
    if (!code_point_is_valid(code))
        return VP_TEXT_INVALID;
    if (code < sequence_minimum(total) && !(code == 0 && total == 2))
        return VP_TEXT_INVALID;
    return code;
}

/* Unicode Standard Annex 9 lists the characters that steer the bidirectional algorithm. */
static gboolean
code_point_changes_direction(guint32 code)
{
    return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e)
           || (code >= 0x2066 && code <= 0x2069);
}

/* Characters without a picture: two names that look alike must not differ. */
static gboolean
code_point_is_invisible(guint32 code)
{
    static const struct {
        guint32 first;
        guint32 last;
    } ranges[] = {
        { 0xad, 0xad },     { 0x34f, 0x34f },     { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
        { 0x180b, 0x180f }, { 0x200b, 0x200d },   { 0x2060, 0x206f },   { 0x2800, 0x2800 },
        { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
        { 0xfff0, 0xfffb }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
    };

    for (guint i = 0; i < G_N_ELEMENTS(ranges) && code >= ranges[i].first; i++) {
        if (code <= ranges[i].last)
            return TRUE;
    }
    return FALSE;
}

static gboolean
code_point_is_clean(guint32 code)
{
    if (code == VP_TEXT_INVALID || code < 0x20 || (code >= 0x7f && code < 0xa0))
        return FALSE;
    /* Line and paragraph separator: one field must stay on one line. */
    return code != 0x2028 && code != 0x2029 && !code_point_changes_direction(code)
           && !code_point_is_invisible(code);
}

gboolean
vp_text_is_clean(const void *bytes, gsize len)
{
    const guint8 *text = bytes;
    gsize used;

    for (gsize pos = vp_text_plain_prefix(bytes, len); pos < len; pos += used) {
        if (!code_point_is_clean(vp_text_next(text + pos, len - pos, &used)))
            return FALSE;
    }
    return TRUE;
}

gboolean
vp_text_is_lossless(const void *bytes, gsize len)
{
    const guint8 *text = bytes;
    gsize used;

    for (gsize pos = vp_text_plain_prefix(bytes, len); pos < len; pos += used) {
        guint32 code;

        used = 1;
        if (text[pos] != 0 && text[pos] < 0x80)
            continue;
        code = vp_text_next(text + pos, len - pos, &used);
        if (code == VP_TEXT_INVALID || code == 0)
            return FALSE;
    }
    return TRUE;
}

void
vp_text_append_escaped(GString *out, const void *bytes, gsize len)
{
    const guint8 *text = bytes;
    gsize used;

    for (gsize pos = 0; pos < len; pos += used) {
        guint32 code = vp_text_next(text + pos, len - pos, &used);

        if (code_point_is_clean(code)) {
            g_string_append_len(out, (const char *) text + pos, (gssize) used);
            continue;
        }
        for (gsize i = 0; i < used; i++)
            g_string_append_printf(out, "\\x%02x", text[pos + i]);
    }
}

char *
vp_text_escape(const void *bytes, gsize len)
{
    GString *out;

    /* As nearly every text. */
    if (vp_text_plain_prefix(bytes, len) == len)
        return g_strndup(bytes, len);
    out = g_string_sized_new(len + 1);
    vp_text_append_escaped(out, bytes, len);
    return g_string_free(out, FALSE);
}

static void
append_utf8(GString *out, guint32 code)
{
    /* GLib refuses surrogates. */
    if (code < 0xd800 || code > 0xdfff) {
        g_string_append_unichar(out, code);
        return;
    }
    g_string_append_c(out, (char) 0xed);
    g_string_append_c(out, (char) (0x80 | (code >> 6 & 0x3f)));
    g_string_append_c(out, (char) (0x80 | (code & 0x3f)));
}

static guint32
utf16_unit(const guint8 *bytes, gsize len, gsize pos, VpByteOrder order)
{
    guint high = order == VP_ORDER_BIG ? 0 : 1;

    if (pos + 2 > len)
        return 0;
    return (guint32) bytes[pos + high] << 8 | bytes[pos + 1 - high];
}

char *
vp_text_from_utf16(const guint8 *bytes, gsize len, VpByteOrder order, gsize *out_len)
{
    GString *out = g_string_new(NULL);
    guint32 unit;

    for (gsize pos = 0; (unit = utf16_unit(bytes, len, pos, order)) != 0; pos += 2) {
        guint32 next = utf16_unit(bytes, len, pos + 2, order);

        if (unit >> 10 == 0x36 && next >> 10 == 0x37) {
            unit = 0x10000 + ((unit & 0x3ff) << 10 | (next & 0x3ff));
            pos += 2;
        }
        append_utf8(out, unit);
    }
    *out_len = out->len;
    return g_string_free(out, FALSE);
}

static const char digit_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* Before end, and gives where they begin. Two at a time: dividing is what takes long. */
static inline char *
digits_put_back(char *end, guint64 number)
{
    while (number >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + number % 100 * 2, 2);
        number /= 100;
    }
    if (number > 0)
        *--end = (char) ('0' + number);
    return end;
}

char *
vp_text_decimal(char *end, guint64 number, guint width)
{
    char *first = end - width;

    end = digits_put_back(end, number);
    while (end > first)
        *--end = '0';
    return end;
}

static guint
count_digits(guint64 number)
{
    static const guint64 powers[VP_DECIMAL_MAX] = {
        0,
        10,
        100,
        1000,
        10000,
        100000,
        1000000,
        10000000,
        100000000,
        1000000000,
        G_GUINT64_CONSTANT(10000000000),
        G_GUINT64_CONSTANT(100000000000),
        G_GUINT64_CONSTANT(1000000000000),
        G_GUINT64_CONSTANT(10000000000000),
        G_GUINT64_CONSTANT(100000000000000),
        G_GUINT64_CONSTANT(1000000000000000),
        G_GUINT64_CONSTANT(10000000000000000),
        G_GUINT64_CONSTANT(100000000000000000),
        G_GUINT64_CONSTANT(1000000000000000000),
        G_GUINT64_CONSTANT(10000000000000000000),
    };
    /* The logarithm to base 10, by that to base 2: 1233 / 4096 is a little more than log10(2). */
    guint bits = 64 - (guint) __builtin_clzll(number | 1);
    guint guess = bits * 1233 >> 12;

    return guess + (number >= powers[guess]);
}

char *
vp_text_put_decimal(char *place, guint64 number)
{
    char *end = place + count_digits(number);

    digits_put_back(end, number);
    if (number == 0)
        *place = '0';
    return end;
}

/* Below this a number of the thousandfold still has 64 bits, and a double holds it exactly. */
#define EXACT_MAX (G_GUINT64_CONSTANT(1) << 53)

/* The size over 2^shift with three digits, as %.3g rounds: an exact half goes to the even digit. FALSE: it is rounded up to 1000,
 * or too large to be told here. */
static gboolean
append_three_digits(GString *out, guint64 size, guint shift)
{
    const guint64 whole = size >> shift;
    guint decimals = whole >= 100 ? 0 : whole >= 10 ? 1 : whole >= 1 ? 2 : 3;
    guint64 factor = decimals == 0 ? 1 : decimals == 1 ? 10 : decimals == 2 ? 100 : 1000;
    guint64 scaled = size * factor;
    guint64 digits = scaled >> shift;
    guint64 twice_rest = (scaled - (digits << shift)) << 1;
    guint64 one = G_GUINT64_CONSTANT(1) << shift;
    char text[VP_DECIMAL_MAX + 1];
    char *end;

    if (size >= EXACT_MAX)
        return FALSE;
    if (twice_rest > one || (twice_rest == one && digits % 2 != 0))
        digits++;
    if (digits >= 1000 * factor)
        return FALSE;
    for (; decimals > 0 && digits % 10 == 0; decimals--, factor /= 10)
        digits /= 10;
    end = vp_text_put_decimal(text, digits / factor);
    if (decimals > 0) {
        *end++ = '.';
        vp_text_decimal(end + decimals, digits % factor, decimals);
        end += decimals;
    }
    g_string_append_len(out, text, end - text);
    return TRUE;
}

void
vp_text_append_size(GString *out, guint64 size)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    double value = (double) size;
    guint unit = 0;

    /* From 1000 on the next unit is used, so that three digits are enough. */
    while (value >= 1000.0 && unit + 1 < G_N_ELEMENTS(units)) {
        value /= 1024.0;
        unit++;
    }
    /* Not printf: the decimal point must not depend on the locale. */
    if (!append_three_digits(out, size, 10 * unit))
        g_string_append(out, g_ascii_formatd(number, sizeof number, "%.3g", value));
    g_string_append_c(out, ' ');
    g_string_append(out, units[unit]);
}

void
vp_text_append_hex(GString *out, const void *bytes, gsize len)
{
    static const char digits[] = "0123456789abcdef";
    const guint8 *data = bytes;

    for (gsize i = 0; i < len; i++) {
        g_string_append_c(out, digits[data[i] >> 4]);
        g_string_append_c(out, digits[data[i] & 15]);
    }
}

void
vp_text_append_uuid(GString *out, const guint8 *bytes, gboolean is_little_endian)
{
    static const guint8 little[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

    for (guint i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            g_string_append_c(out, '-');
        vp_text_append_hex(out, bytes + (is_little_endian ? little[i] : i), 1);
    }
}
