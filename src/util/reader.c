/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader.c: a bounds-checked cursor over bytes that somebody hostile may have written. */
#include "util/reader.h"

#include <string.h>

void
vp_reader_init(VpReader *reader, const void *data, gsize size, guint64 base)
{
    static const guint8 nothing[1];

    /* Never NULL: also no bytes are somewhere, and can be compared and copied. */
    *reader = (VpReader) { .data = data != NULL ? data : nothing, .size = size, .base = base };
}

static void
reader_fail(VpReader *reader)
{
    if (reader->has_failed)
        return;
    reader->has_failed = TRUE;
    reader->failed_at = reader->base + reader->pos;
}

void
vp_reader_seek(VpReader *reader, gsize pos)
{
    if (pos > reader->size)
        reader_fail(reader);
    else
        reader->pos = pos;
}

void
vp_reader_skip(VpReader *reader, gsize len)
{
    vp_reader_bytes(reader, len);
}

gsize
vp_reader_remaining(const VpReader *reader)
{
    return reader->has_failed ? 0 : reader->size - reader->pos;
}

gboolean
vp_reader_failed(const VpReader *reader)
{
    return reader->has_failed;
}

const guint8 *
vp_reader_bytes(VpReader *reader, gsize len)
{
    const guint8 *bytes;

    if (reader->has_failed || len > reader->size - reader->pos) {
        reader_fail(reader);
        return NULL;
    }
    bytes = reader->data + reader->pos;
    reader->pos += len;
    return bytes;
}

/* The widths that nearly all fields have. */
static guint64
uint32_at(const guint8 *bytes, VpByteOrder order)
{
    guint32 value;

    memcpy(&value, bytes, sizeof value);
    return order == VP_ORDER_BIG ? GUINT32_FROM_BE(value) : GUINT32_FROM_LE(value);
}

static guint64
uint64_at(const guint8 *bytes, VpByteOrder order)
{
    guint64 value;

    memcpy(&value, bytes, sizeof value);
    return order == VP_ORDER_BIG ? GUINT64_FROM_BE(value) : GUINT64_FROM_LE(value);
}

guint64
vp_reader_uint(VpReader *reader, guint width, VpByteOrder order)
{
    const guint8 *bytes = vp_reader_bytes(reader, width);
    guint64 value = 0;

    if (bytes == NULL || width > sizeof value)
        return 0;
    if (width == 4)
        return uint32_at(bytes, order);
    if (width == 8)
        return uint64_at(bytes, order);
    for (guint i = 0; i < width; i++)
        value = value << 8 | bytes[order == VP_ORDER_BIG ? i : width - 1 - i];
    return value;
}

guint8
vp_reader_u8(VpReader *reader)
{
    return (guint8) vp_reader_uint(reader, 1, VP_ORDER_BIG);
}

guint16
vp_reader_u16be(VpReader *reader)
{
    return (guint16) vp_reader_uint(reader, 2, VP_ORDER_BIG);
}

guint32
vp_reader_u32be(VpReader *reader)
{
    return (guint32) vp_reader_uint(reader, 4, VP_ORDER_BIG);
}

guint64
vp_reader_u64be(VpReader *reader)
{
    return vp_reader_uint(reader, 8, VP_ORDER_BIG);
}

guint16
vp_reader_u16le(VpReader *reader)
{
    return (guint16) vp_reader_uint(reader, 2, VP_ORDER_LITTLE);
}

guint32
vp_reader_u32le(VpReader *reader)
{
    return (guint32) vp_reader_uint(reader, 4, VP_ORDER_LITTLE);
}

guint64
vp_reader_u64le(VpReader *reader)
{
    return vp_reader_uint(reader, 8, VP_ORDER_LITTLE);
}
