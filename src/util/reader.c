/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader.c: a bounds-checked cursor over bytes that somebody hostile may have written. */
#include "util/reader.h"

void
vp_reader_init(VpReader *reader, const void *data, gsize size, guint64 base)
{
    static const guint8 nothing[1];

    /* Never NULL: also no bytes are somewhere, and can be compared and copied. */
    *reader = (VpReader) { .data = data != NULL ? data : nothing, .size = size, .base = base };
}

void
vp_reader_fail(VpReader *reader)
{
    if (reader->has_failed)
        return;
    reader->has_failed = TRUE;
    reader->failed_at = reader->base + reader->pos;
}
