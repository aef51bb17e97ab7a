/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* windows.c: the parts of a source that a describe looks at, each byte fetched once and within a budget. */
#include "util/windows.h"

#include "util/chunk.h"

#include <errno.h>
#include <string.h>

/* A range of the source. Those that were fetched never overlap; a range across several of them is a copy. */
struct VpWindow {
    VpWindow *next;
    guint64 offset;
    gsize len;
    guint8 *copy; /* behind this struct; NULL when the source is memory, which needs no copy */
};

void
vp_windows_init(VpWindows *windows, VpSource *source)
{
    *windows = (VpWindows) { .source = source };
}

/* Bytes that a window takes. */
static gsize
window_size(gsize copy_len)
{
    return sizeof(VpWindow) + copy_len;
}

static void
window_free(VpWindow *window)
{
    vp_chunk_free(window, window_size(window->copy != NULL ? window->len : 0));
}

static void
window_list_free(VpWindow *window)
{
    while (window != NULL) {
        VpWindow *next = window->next;

        window_free(window);
        window = next;
    }
}

void
vp_windows_clear(VpWindows *windows)
{
    window_list_free(windows->fetched);
    window_list_free(windows->joined);
    windows->fetched = NULL;
    windows->joined = NULL;
    windows->first_len = 0;
}

int
vp_windows_errno(const VpWindows *windows)
{
    return windows->saved_errno;
}

static guint64
window_end(const VpWindow *window)
{
    return window->offset + window->len;
}

/* A window without bytes yet; NULL when the budget of memory is spent. */
static VpWindow *
window_new(VpWindows *windows, guint64 offset, gsize len)
{
    gsize copy_len = windows->source->memory == NULL ? len : 0;
    VpWindow *window;

    /* All sources have the same budget, whether they need the copy or not. */
    if (len > VP_WINDOWS_MEMORY_MAX - windows->memory)
        return NULL;
    window = vp_chunk_alloc(window_size(copy_len));
    if (window == NULL)
        return NULL;
    windows->memory += len;
    window->next = NULL;
    window->offset = offset;
    window->len = len;
    window->copy = copy_len > 0 ? (guint8 *) (window + 1) : NULL;
    return window;
}

static VpWindowState
limit_reached(VpWindows *windows)
{
    windows->is_limited = TRUE;
    return VP_WINDOW_LIMIT;
}

/* Why a stream gave no bytes; that is no failure of the stream, and they have not been read. */
static VpWindowState
stream_refusal(VpWindows *windows, int reason, const VpWindow *window)
{
    guint64 offset = window->offset;

    windows->bytes -= window->len;
    if (reason == EAGAIN) {
        if (offset < VP_SOURCE_ENDLESS - VP_SOURCE_END_ZONE)
            windows->is_waiting = TRUE;
        return VP_WINDOW_NOT_YET;
    }
    if (!windows->is_unreachable)
        windows->unreachable_at = offset;
    windows->is_unreachable = TRUE;
    return VP_WINDOW_UNREACHABLE;
}

/* Reads the bytes of a window from the source, at the cost of one read of the budget. */
static VpWindowState
window_fetch(VpWindows *windows, VpWindow *window)
{
    VpSource *source = windows->source;
    gssize got;

    if (windows->reads >= VP_WINDOWS_READS_MAX
        || window->len > VP_WINDOWS_BYTES_MAX - windows->bytes)
        return limit_reached(windows);
    windows->reads++;
    windows->bytes += window->len;
    if (window->copy == NULL)
        return VP_WINDOW_OK;
    got = source->class->read_at(source, window->copy, window->len, window->offset);
    if (got >= 0 && (gsize) got == window->len)
        return VP_WINDOW_OK;
    if (got < 0 && source->kind == VP_SOURCE_STREAM)
        return stream_refusal(windows, errno, window);
    /* A short read means that the file became shorter since it was opened. */
    windows->saved_errno = got < 0 ? errno : EIO;
    return VP_WINDOW_IO_ERROR;
}

static const guint8 *
window_bytes(const VpWindows *windows, const VpWindow *window)
{
    const guint8 *memory = windows->source->memory;

    return memory != NULL ? memory + window->offset : window->copy;
}

/* Fetches [offset, end) into a window of its own at that place of the list. */
static VpWindowState
windows_fetch(VpWindows *windows, VpWindow **place, guint64 offset, guint64 end)
{
    VpWindow *window = window_new(windows, offset, (gsize) (end - offset));
    VpWindowState state;

    if (window == NULL)
        return limit_reached(windows);
    state = window_fetch(windows, window);
    if (state != VP_WINDOW_OK) {
        windows->memory -= window->len;
        window_free(window);
        return state;
    }
    window->next = *place;
    *place = window;
    windows->first_bytes = window_bytes(windows, windows->fetched);
    windows->first_offset = windows->fetched->offset;
    windows->first_len = windows->fetched->len;
    return VP_WINDOW_OK;
}

/* Fetches what no window holds yet of [offset, end). */
static VpWindowState
windows_fill_gaps(VpWindows *windows, VpWindow **place, guint64 offset, guint64 end)
{
    while (offset < end) {
        guint64 gap_end = *place != NULL ? MIN((*place)->offset, end) : end;

        if (offset < gap_end) {
            VpWindowState state = windows_fetch(windows, place, offset, gap_end);

            if (state != VP_WINDOW_OK)
                return state;
        }
        offset = window_end(*place);
        place = &(*place)->next;
    }
    return VP_WINDOW_OK;
}

/* A copy of [offset, end) out of the windows from first on, which hold it together. */
static VpWindow *
windows_join(VpWindows *windows, const VpWindow *first, guint64 offset, guint64 end)
{
    VpWindow *joined = window_new(windows, offset, (gsize) (end - offset));

    if (joined == NULL)
        return NULL;
    while (joined->copy != NULL && offset < end) {
        guint64 part_end = MIN(window_end(first), end);

        memcpy(joined->copy + (offset - joined->offset), first->copy + (offset - first->offset),
               (gsize) (part_end - offset));
        offset = part_end;
        first = first->next;
    }
    joined->next = windows->joined;
    windows->joined = joined;
    return joined;
}

/* The first window that ends behind offset, or the place in the list where one would go. */
static VpWindow **
windows_find(VpWindows *windows, guint64 offset)
{
    VpWindow **place = &windows->fetched;

    while (*place != NULL && window_end(*place) <= offset)
        place = &(*place)->next;
    return place;
}

VpWindowState
vp_windows_prefetch(VpWindows *windows, guint64 offset, gsize len)
{
    const VpSource *source = windows->source;
    guint64 end = offset < source->size ? offset + MIN(len, source->size - offset) : offset;
    VpWindowState state = windows_fill_gaps(windows, windows_find(windows, offset), offset, end);

    /* What a stream has brought of them must not cost reads of its own either. */
    if (state == VP_WINDOW_NOT_YET && offset < source->arrived)
        windows_fill_gaps(windows, windows_find(windows, offset), offset, source->arrived);
    return state;
}

static VpWindowState
windows_get_inside(VpWindows *windows, guint64 offset, gsize len, VpReader *out_reader)
{
    VpWindow **place = windows_find(windows, offset);
    VpWindowState state = windows_fill_gaps(windows, place, offset, offset + len);
    const VpWindow *window;

    if (state != VP_WINDOW_OK)
        return state;
    window = *place;
    if (window_end(window) < offset + len)
        window = windows_join(windows, window, offset, offset + len);
    if (window == NULL)
        return limit_reached(windows);
    *out_reader = (VpReader) { .data = window_bytes(windows, window) + (offset - window->offset),
                               .size = len,
                               .base = offset };
    return VP_WINDOW_OK;
}

VpWindowState
vp_windows_get_elsewhere(VpWindows *windows, guint64 offset, gsize len, VpReader *out_reader)
{
    guint64 size = windows->source->size;
    guint64 available = offset < size ? size - offset : 0;
    VpWindowState state;

    vp_reader_init(out_reader, NULL, 0, offset);
    if (available == 0)
        return len == 0 ? VP_WINDOW_OK : VP_WINDOW_PAST_END;
    if (len == 0)
        return VP_WINDOW_OK;
    state = windows_get_inside(windows, offset, (gsize) MIN(len, available), out_reader);
    if (state == VP_WINDOW_NOT_YET && offset < windows->source->arrived)
        windows_get_inside(windows, offset, (gsize) (windows->source->arrived - offset),
                           out_reader);
    return state == VP_WINDOW_OK && len > available ? VP_WINDOW_PAST_END : state;
}
