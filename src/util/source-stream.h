/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-stream.h: bytes that somebody brings one after the other, of which only some are kept.
 *
 * Kept are the first VP_STREAM_HEAD bytes, every range that a read asked for before it had gone by, and the last
 * VP_STREAM_TAIL bytes; together at most VP_STREAM_KEPT_MAX. A read of what has not arrived fails with EAGAIN, and of what
 * was not kept with ESPIPE.
 *
 * When reads come, which decides what is kept, must depend on the bytes alone and not on how somebody cut them: so
 * vp_stream_source_take() takes no byte more than up to the place where the next look is due. */
#pragma once

#include "util/source.h"

#define VP_STREAM_HEAD (64 * 1024)
#define VP_STREAM_TAIL (64 * 1024)
#define VP_STREAM_KEPT_MAX (4 * 1024 * 1024)
/* Ranges that are kept, and thereby how often a look is due: as often as a description may read. */
#define VP_STREAM_RANGES_MAX 64

/* A range that a read asked for. Those of a stream are sorted and never overlap. */
typedef struct {
    guint64 start;
    guint64 end;
    guint8 *bytes; /* of its part behind the head; NULL when there is none */
} VpStreamRange;

typedef struct {
    VpSource parent; /* must stay first */
    guint8 *head;
    guint8 *
        tail; /* a ring: the byte at offset stands at offset modulo its size; NULL until it is needed */
    VpStreamRange ranges[VP_STREAM_RANGES_MAX];
    guint n_ranges;
    guint
        first_open; /* the first range that has not arrived wholly; those behind it have not either */
    gsize kept;     /* bytes of head, tail and ranges */
    guint64 next_look; /* where the next look is due; G_MAXUINT64: nowhere */
    gboolean is_asked; /* since the last look, bytes were asked for that are still to come */
    int read_error;    /* errno of whoever reads the stream for us; 0: none */
} VpStreamSource;

/* In storage of the caller, to be given up by vp_stream_source_clear(). A first look is due after so many bytes. */
void vp_stream_source_init(VpStreamSource *stream, guint64 first_look);
void vp_stream_source_clear(VpStreamSource *stream);

/* Takes bytes as far as to the next look, and says how many. TRUE: a look is due now, and after it
 * vp_stream_source_look_done(). */
gboolean vp_stream_source_take(VpStreamSource *stream, const guint8 *bytes, gsize len,
                               gsize *out_taken);
void vp_stream_source_look_begin(VpStreamSource *stream);
void vp_stream_source_look_done(VpStreamSource *stream);

/* The bytes so far are all there are. */
void vp_stream_source_end(VpStreamSource *stream);
