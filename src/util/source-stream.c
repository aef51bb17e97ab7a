/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-stream.c: bytes that somebody brings one after the other, of which only some are kept. */
#include "util/source-stream.h"

#include <errno.h>
#include <string.h>

/* Where the bytes of a range begin that the head does not hold. */
static guint64
range_stored_from(const VpStreamRange *range)
{
    return MAX(range->start, VP_STREAM_HEAD);
}

/* The range that holds the byte at offset, or NULL. */
static const VpStreamRange *
range_at(const VpStreamSource *stream, guint64 offset)
{
    for (guint i = 0; i < stream->n_ranges && stream->ranges[i].start <= offset; i++) {
        if (offset < stream->ranges[i].end)
            return &stream->ranges[i];
    }
    return NULL;
}

/* Bytes that have arrived, from offset on, as many of *len as stand together; NULL when they were not kept. */
static const guint8 *
kept_at(const VpStreamSource *stream, guint64 offset, gsize *len)
{
    gsize tail_pos = (gsize) (offset % VP_STREAM_TAIL);
    const VpStreamRange *range;

    if (offset < VP_STREAM_HEAD) {
        *len = MIN(*len, (gsize) (VP_STREAM_HEAD - offset));
        return stream->head + offset;
    }
    range = range_at(stream, offset);
    if (range != NULL) {
        *len = (gsize) MIN(*len, range->end - offset);
        return range->bytes + (offset - range_stored_from(range));
    }
    if (stream->parent.arrived - offset > VP_STREAM_TAIL)
        return NULL;
    *len = MIN(*len, VP_STREAM_TAIL - tail_pos);
    return stream->tail + tail_pos;
}

/* All of them have arrived. FALSE: some were not kept. */
static gboolean
stream_copy(const VpStreamSource *stream, guint8 *buffer, guint64 offset, guint64 end)
{
    while (offset < end) {
        gsize len = (gsize) (end - offset);
        const guint8 *bytes = kept_at(stream, offset, &len);

        if (bytes == NULL)
            return FALSE;
        memcpy(buffer, bytes, len);
        buffer += len;
        offset += len;
    }
    return TRUE;
}

/* A range that is to be kept, at that number. What has arrived of it is still there: a read has just found it. FALSE: there
 * is no room for it. */
static gboolean
range_insert(VpStreamSource *stream, guint number, guint64 start, guint64 end)
{
    VpStreamRange range = { .start = start, .end = end };
    guint64 stored_from = range_stored_from(&range);
    guint64 size = end - MIN(stored_from, end);

    if (stream->n_ranges == VP_STREAM_RANGES_MAX || size > VP_STREAM_KEPT_MAX - stream->kept)
        return FALSE;
    if (size > 0) {
        range.bytes = g_try_malloc((gsize) size);
        if (range.bytes == NULL)
            return FALSE;
        stream_copy(stream, range.bytes, stored_from, MIN(end, stream->parent.arrived));
    }
    stream->kept += (gsize) size;
    memmove(&stream->ranges[number + 1], &stream->ranges[number],
            (stream->n_ranges - number) * sizeof range);
    stream->ranges[number] = range;
    stream->n_ranges++;
    return TRUE;
}

/* Keeps what no range covers yet of [start, end). */
static void
stream_want(VpStreamSource *stream, guint64 start, guint64 end)
{
    guint i = 0;

    while (start < end) {
        while (i < stream->n_ranges && stream->ranges[i].end <= start)
            i++;
        if (i < stream->n_ranges && stream->ranges[i].start <= start) {
            start = stream->ranges[i].end;
            continue;
        }
        if (!range_insert(stream, i, start,
                          i < stream->n_ranges ? MIN(stream->ranges[i].start, end) : end))
            return;
        start = stream->ranges[i].end;
    }
}

static gssize
stream_read_at(VpSource *source, void *buffer, gsize len, guint64 offset)
{
    VpStreamSource *stream = (VpStreamSource *) source;
    guint64 end = offset + len;

    if (offset < source->arrived
        && !stream_copy(stream, buffer, offset, MIN(end, source->arrived))) {
        errno = ESPIPE;
        return -1;
    }
    if (end <= source->arrived)
        return (gssize) len;
    if (source->has_no_end && offset < VP_SOURCE_ENDLESS - VP_SOURCE_END_ZONE) {
        stream->is_asked = TRUE;
        stream_want(stream, offset, end);
    }
    errno = EAGAIN;
    return -1;
}

/* What has gone by already may be lost; that is for the read to say. */
static void
stream_announce(VpSource *source, guint64 offset, guint64 len)
{
    if (source->has_no_end && offset < VP_SOURCE_ENDLESS - VP_SOURCE_END_ZONE)
        stream_want((VpStreamSource *) source, MAX(offset, source->arrived),
                    offset + MIN(len, VP_SOURCE_ENDLESS - offset));
}

/* It lies in storage of the caller. */
static void
stream_close(G_GNUC_UNUSED VpSource *source)
{
}

static const VpSourceClass stream_class = {
    .read_at = stream_read_at,
    .announce = stream_announce,
    .close = stream_close,
};

void
vp_stream_source_init(VpStreamSource *stream, guint64 first_look)
{
    *stream = (VpStreamSource) {
        .parent = { .class = &stream_class,
                    .kind = VP_SOURCE_STREAM,
                    .size = VP_SOURCE_ENDLESS,
                    .has_no_end = TRUE },
        .head = g_malloc(VP_STREAM_HEAD),
        .kept = VP_STREAM_HEAD + VP_STREAM_TAIL,
        .next_look = first_look,
    };
}

void
vp_stream_source_clear(VpStreamSource *stream)
{
    for (guint i = 0; i < stream->n_ranges; i++)
        g_free(stream->ranges[i].bytes);
    stream->n_ranges = 0;
    g_clear_pointer(&stream->head, g_free);
    g_clear_pointer(&stream->tail, g_free);
}

/* Ranges are sorted and do not overlap, so those that have arrived come first. */
static void
stream_skip_closed(VpStreamSource *stream)
{
    while (stream->first_open < stream->n_ranges
           && stream->ranges[stream->first_open].end <= stream->parent.arrived)
        stream->first_open++;
}

static void
ranges_store(VpStreamSource *stream, const guint8 *bytes, gsize len)
{
    guint64 arrived = stream->parent.arrived;

    for (guint i = stream->first_open;
         i < stream->n_ranges && stream->ranges[i].start < arrived + len; i++) {
        const VpStreamRange *range = &stream->ranges[i];
        guint64 stored_from = range_stored_from(range);
        guint64 start = MAX(stored_from, arrived);
        guint64 end = MIN(range->end, arrived + len);

        if (start < end)
            memcpy(range->bytes + (start - stored_from), bytes + (start - arrived),
                   (gsize) (end - start));
    }
}

/* The last of them; what the head holds is not needed twice. */
static void
tail_store(VpStreamSource *stream, const guint8 *bytes, gsize len)
{
    guint64 end = stream->parent.arrived + len;
    guint64 start = MAX(stream->parent.arrived, end - MIN(end, VP_STREAM_TAIL));

    start = MAX(start, VP_STREAM_HEAD);
    if (start >= end)
        return;
    if (stream->tail == NULL)
        stream->tail = g_malloc(VP_STREAM_TAIL);
    bytes += start - stream->parent.arrived;
    while (start < end) {
        gsize pos = (gsize) (start % VP_STREAM_TAIL);
        gsize part = (gsize) MIN(end - start, VP_STREAM_TAIL - pos);

        memcpy(stream->tail + pos, bytes, part);
        bytes += part;
        start += part;
    }
}

gboolean
vp_stream_source_take(VpStreamSource *stream, const guint8 *bytes, gsize len, gsize *out_taken)
{
    guint64 arrived = stream->parent.arrived;

    len = (gsize) MIN(len, stream->next_look - arrived);
    if (len > 0 && arrived < VP_STREAM_HEAD)
        memcpy(stream->head + arrived, bytes, MIN(len, (gsize) (VP_STREAM_HEAD - arrived)));
    ranges_store(stream, bytes, len);
    tail_store(stream, bytes, len);
    stream->parent.arrived += len;
    stream_skip_closed(stream);
    *out_taken = len;
    return stream->parent.arrived == stream->next_look;
}

void
vp_stream_source_look_begin(VpStreamSource *stream)
{
    stream->is_asked = FALSE;
}

void
vp_stream_source_look_done(VpStreamSource *stream)
{
    /* A look may have added some anywhere. */
    stream->first_open = 0;
    stream_skip_closed(stream);
    stream->next_look = stream->first_open < stream->n_ranges
                            ? stream->ranges[stream->first_open].end
                            : G_MAXUINT64;
}

void
vp_stream_source_end(VpStreamSource *stream)
{
    stream->parent.size = stream->parent.arrived;
    stream->parent.has_no_end = FALSE;
}
