/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader.h: a bounds-checked cursor over bytes that somebody hostile may have written.
 *
 * A read past the end does not fail loudly: it returns zero, remembers where it happened, and every later
 * read returns zero too. So a parser reads a whole structure and asks once, with vp_reader_failed(), before
 * it uses any of the values. */
#pragma once

#include <glib.h>

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

/* Moving: both fail like a read when the place lies outside. */
void vp_reader_seek(VpReader *reader, gsize pos);
void vp_reader_skip(VpReader *reader, gsize len);

gsize vp_reader_remaining(const VpReader *reader);
gboolean vp_reader_failed(const VpReader *reader);

guint8 vp_reader_u8(VpReader *reader);
guint16 vp_reader_u16be(VpReader *reader);
guint32 vp_reader_u32be(VpReader *reader);
guint64 vp_reader_u64be(VpReader *reader);
guint16 vp_reader_u16le(VpReader *reader);
guint32 vp_reader_u32le(VpReader *reader);
guint64 vp_reader_u64le(VpReader *reader);

/* An unsigned integer of 1 to 8 bytes. */
guint64 vp_reader_uint(VpReader *reader, guint width, VpByteOrder order);

/* The next len bytes, borrowed; NULL when they do not fit. */
const guint8 *vp_reader_bytes(VpReader *reader, gsize len);
