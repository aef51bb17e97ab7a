/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader.h: a bounds-checked cursor over bytes that somebody hostile may have written.
 *
 * A read past the end does not fail loudly: it returns zero, remembers where it happened, and every later
 * read returns zero too. So a parser reads a whole structure and asks once, with vp_reader_failed(), before
 * it uses any of the values. */
#pragma once

#include <glib.h>
#include <string.h>

typedef enum {
    VP_ORDER_BIG,
    VP_ORDER_LITTLE,
} VpByteOrder;

typedef struct {
    const guint8 *data; /* borrowed */
    gsize size;
    gsize pos;
    guint64 base; /* where data[0] lies in the image; only used to name places */
    gboolean has_failed;
    guint64 failed_at; /* place in the image of the first read that did not fit */
} VpReader;

void vp_reader_init(VpReader *reader, const void *data, gsize size, guint64 base);

/* A read that does not fit: remembers the place of the first one. */
void vp_reader_fail(VpReader *reader);

/* Moving: both fail like a read when the place lies outside. */
static inline void
vp_reader_seek(VpReader *reader, gsize pos)
{
    if (pos > reader->size)
        vp_reader_fail(reader);
    else
        reader->pos = pos;
}

static inline gsize
vp_reader_remaining(const VpReader *reader)
{
    return reader->has_failed ? 0 : reader->size - reader->pos;
}

static inline gboolean
vp_reader_failed(const VpReader *reader)
{
    return reader->has_failed;
}

/* The next len bytes, borrowed; NULL when they do not fit. */
static inline const guint8 *
vp_reader_bytes(VpReader *reader, gsize len)
{
    gsize pos = reader->pos;

    if (G_UNLIKELY(reader->has_failed || len > reader->size - pos)) {
        vp_reader_fail(reader);
        return NULL;
    }
    reader->pos = pos + len;
    return reader->data + pos;
}

static inline void
vp_reader_skip(VpReader *reader, gsize len)
{
    vp_reader_bytes(reader, len);
}

/* An unsigned integer of 1 to 8 bytes, all of which are there. */
static inline guint64
vp_bytes_to_uint(const guint8 *bytes, guint width, VpByteOrder order)
{
    guint64 value = 0;

    if (width == 4) {
        guint32 word;

        memcpy(&word, bytes, sizeof word);
        return order == VP_ORDER_BIG ? GUINT32_FROM_BE(word) : GUINT32_FROM_LE(word);
    }
    if (width == 8) {
        memcpy(&value, bytes, sizeof value);
        return order == VP_ORDER_BIG ? GUINT64_FROM_BE(value) : GUINT64_FROM_LE(value);
    }
    for (guint i = 0; i < width; i++)
        value = value << 8 | bytes[order == VP_ORDER_BIG ? i : width - 1 - i];
    return value;
}

/* The same, of a reader. Inline, like all that is done for each field of each image: calls are felt. */
static inline guint64
vp_reader_uint(VpReader *reader, guint width, VpByteOrder order)
{
    const guint8 *bytes = vp_reader_bytes(reader, width);

    return bytes != NULL && width <= sizeof(guint64) ? vp_bytes_to_uint(bytes, width, order) : 0;
}

static inline guint8
vp_reader_u8(VpReader *reader)
{
    return (guint8) vp_reader_uint(reader, 1, VP_ORDER_BIG);
}

static inline guint16
vp_reader_u16be(VpReader *reader)
{
    return (guint16) vp_reader_uint(reader, 2, VP_ORDER_BIG);
}

static inline guint32
vp_reader_u32be(VpReader *reader)
{
    return (guint32) vp_reader_uint(reader, 4, VP_ORDER_BIG);
}

static inline guint64
vp_reader_u64be(VpReader *reader)
{
    return vp_reader_uint(reader, 8, VP_ORDER_BIG);
}

static inline guint16
vp_reader_u16le(VpReader *reader)
{
    return (guint16) vp_reader_uint(reader, 2, VP_ORDER_LITTLE);
}

static inline guint32
vp_reader_u32le(VpReader *reader)
{
    return (guint32) vp_reader_uint(reader, 4, VP_ORDER_LITTLE);
}

static inline guint64
vp_reader_u64le(VpReader *reader)
{
    return vp_reader_uint(reader, 8, VP_ORDER_LITTLE);
}
