/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* windows.h: the parts of a source that a describe looks at, each byte fetched once and within a budget.
 *
 * Whatever an image claims, a describe makes at most VP_WINDOWS_READS_MAX reads of at most
 * VP_WINDOWS_BYTES_MAX bytes in all and keeps at most VP_WINDOWS_MEMORY_MAX of them; the parser sees one copy
 * of each byte, so a file that changes meanwhile cannot show it two different values. */
#pragma once

#include "util/reader.h"
#include "util/source.h"

#define VP_WINDOWS_READS_MAX 64
#define VP_WINDOWS_BYTES_MAX (4 * 1024 * 1024)
/* A range across several windows is copied; this bounds the copies too. */
#define VP_WINDOWS_MEMORY_MAX (4500 * 1024)

/* Why the bytes asked for are not all there. */
typedef enum {
    VP_WINDOW_OK,
    VP_WINDOW_PAST_END,    /* the source ends before them; the reader holds what there is */
    VP_WINDOW_LIMIT,       /* the budget is spent; the reader is empty */
    VP_WINDOW_IO_ERROR,    /* reading failed (vp_windows_errno()); the reader is empty */
    VP_WINDOW_NOT_YET,     /* a stream has not brought them yet; the reader holds what there is */
    VP_WINDOW_UNREACHABLE, /* a stream brought them and they were not kept; the reader is empty */
} VpWindowState;

typedef struct VpWindow VpWindow;

typedef struct {
    VpSource *source;          /* borrowed */
    VpWindow *fetched;         /* sorted by offset, never overlapping */
    VpWindow *joined;          /* copies across several of those */
    const guint8 *first_bytes; /* what the first one of fetched holds: the head, as a rule */
    guint64 first_offset;
    gsize first_len;
    gsize memory; /* of both */
    guint reads;
    guint64 bytes;
    int saved_errno;
    gboolean
        is_waiting; /* some bytes were asked for that a stream has not brought yet; not those of its end */
    gboolean
        is_unreachable; /* some were asked for that it had brought and not kept: the first of them */
    guint64 unreachable_at;
    gboolean is_limited; /* some were asked for that the budget had no room for */
} VpWindows;

void vp_windows_init(VpWindows *windows, VpSource *source);
void vp_windows_clear(VpWindows *windows);

/* What vp_windows_get() does when the first window does not hold all bytes. */
VpWindowState vp_windows_get_elsewhere(VpWindows *windows, guint64 offset, gsize len,
                                       VpReader *out_reader);

/* Gives a reader over [offset, offset + len) of the source; reads only what no window holds yet. The reader's
 * bytes stay valid until vp_windows_clear(). Inline, because nearly all bytes that are asked for are in the head. */
static inline VpWindowState
vp_windows_get(VpWindows *windows, guint64 offset, gsize len, VpReader *out_reader)
{
    /* Before the first window this is larger than any length. */
    guint64 skipped = offset - windows->first_offset;

    if (len == 0 || len > windows->first_len || skipped > windows->first_len - len)
        return vp_windows_get_elsewhere(windows, offset, len, out_reader);
    *out_reader =
        (VpReader) { .data = windows->first_bytes + skipped, .size = len, .base = offset };
    return VP_WINDOW_OK;
}

/* Reads what no window holds yet of [offset, offset + len), as far as the source goes, so that many small pieces
 * of it cost no reads of their own. */
VpWindowState vp_windows_prefetch(VpWindows *windows, guint64 offset, gsize len);

int vp_windows_errno(const VpWindows *windows);
