/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-memory.c: bytes that are in memory already. */
#include "util/source.h"

#include <string.h>

static gssize
memory_read_at(VpSource *source, void *buffer, gsize len, guint64 offset)
{
    gsize available = offset < source->size ? (gsize) (source->size - offset) : 0;

    len = MIN(len, available);
    if (len > 0)
        memcpy(buffer, source->memory + offset, len);
    return (gssize) len;
}

static const VpSourceClass memory_class = {
    .read_at = memory_read_at,
    .close = (void (*)(VpSource *)) g_free,
};

void
vp_source_memory_init(VpSource *source, const void *data, gsize size)
{
    static const guint8 nothing[1];

    *source = (VpSource) { .class = &memory_class,
                           .kind = VP_SOURCE_MEMORY,
                           .size = size,
                           .memory = data != NULL ? data : nothing };
}

VpSource *
vp_source_memory_new(const void *data, gsize size)
{
    VpSource *source = g_new(VpSource, 1);

    vp_source_memory_init(source, data, size);
    return source;
}

void
vp_source_free(VpSource *source)
{
    if (source != NULL)
        source->class->close(source);
}
