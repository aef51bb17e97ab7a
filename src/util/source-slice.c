/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-slice.c: a part of another source. */
#include "util/source.h"

typedef struct {
    VpSource parent;
    VpSource *whole;
    guint64 offset;
} SliceSource;

static gssize
slice_read_at(VpSource *source, void *buffer, gsize len, guint64 offset)
{
    SliceSource *slice = (SliceSource *) source;
    guint64 available = offset < source->size ? source->size - offset : 0;

    return slice->whole->class->read_at(slice->whole, buffer, (gsize) MIN(len, available),
                                        slice->offset + offset);
}

static gboolean
slice_has_changed(VpSource *source)
{
    VpSource *whole = ((SliceSource *) source)->whole;

    return whole->class->has_changed != NULL && whole->class->has_changed(whole);
}

static void
slice_close(VpSource *source)
{
    vp_source_free(((SliceSource *) source)->whole);
    g_free(source);
}

static const VpSourceClass slice_class = {
    .read_at = slice_read_at,
    .has_changed = slice_has_changed,
    .close = slice_close,
};

VpSource *
vp_source_slice_new(VpSource *whole, guint64 offset, guint64 size)
{
    SliceSource *slice = g_new0(SliceSource, 1);
    guint64 start = MIN(offset, whole->size);

    slice->parent = *whole;
    slice->parent.class = &slice_class;
    slice->parent.size = MIN(size, whole->size - start);
    slice->parent.memory = whole->memory != NULL ? whole->memory + start : NULL;
    slice->parent.file_size = whole->size;
    slice->whole = whole;
    slice->offset = start;
    return &slice->parent;
}
