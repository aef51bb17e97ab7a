/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* windows.c: the parts of a source that a describe looks at, each byte fetched once and within a budget. */
#include "util/windows.h"

#include <errno.h>
#include <string.h>

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

static void
window_list_free(VpWindow *window)
{
    while (window != NULL) {
        VpWindow *next = window->next;

        g_free(window);
        window = next;
    }
}

void
vp_windows_clear(VpWindows *windows)
{
    window_list_free(windows->first);
    window_list_free(windows->retired);
    windows->first = NULL;
    windows->retired = NULL;
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

/* Where a place of the image lies in the window's copy; NULL without one. */
static guint8 *
window_at(const VpWindow *window, guint64 offset)
{
    return window->copy != NULL ? window->copy + (offset - window->offset) : NULL;
}

/* Counts one read against the budget. */
static gboolean
windows_charge(VpWindows *windows, gsize len)
{
    if (windows->reads >= VP_WINDOWS_READS_MAX || len > VP_WINDOWS_BYTES_MAX - windows->bytes) {
        windows->has_hit_limit = TRUE;
        return FALSE;
    }
    windows->reads++;
    windows->bytes += len;
    return TRUE;
}

/* into may be NULL: the bytes are in memory already, but the budget is the same for every source. */
static VpWindowState
windows_fetch(VpWindows *windows, guint8 *into, guint64 offset, gsize len)
{
    gssize got;

    if (!windows_charge(windows, len))
        return VP_WINDOW_LIMIT;
    if (into == NULL)
        return VP_WINDOW_OK;
    got = windows->source->class->read_at(windows->source, into, len, offset);
    if (got < 0)
        windows->saved_errno = errno;
    else if ((gsize) got < len) /* the file became shorter since it was opened */
        windows->saved_errno = EIO;
    return got >= 0 && (gsize) got == len ? VP_WINDOW_OK : VP_WINDOW_IO_ERROR;
}

/* Fills a new window from the old ones that it covers, and from the source where none does. */
static VpWindowState
window_fill(VpWindows *windows, VpWindow *window, const VpWindow *old)
{
    guint64 pos = window->offset;

    while (pos < window_end(window)) {
        guint64 gap_end = MIN(old != NULL ? old->offset : G_MAXUINT64, window_end(window));

        if (pos < gap_end) {
            VpWindowState state =
                windows_fetch(windows, window_at(window, pos), pos, (gsize) (gap_end - pos));

            if (state != VP_WINDOW_OK)
                return state;
            pos = gap_end;
        }
        if (old != NULL && pos == old->offset && pos < window_end(window)) {
            if (window->copy != NULL)
                memcpy(window_at(window, pos), old->copy, old->len);
            pos = window_end(old);
            old = old->next;
        }
    }
    return VP_WINDOW_OK;
}

/* Where in the list the first window is that touches or follows offset. */
static VpWindow **
windows_find(VpWindows *windows, guint64 offset)
{
    VpWindow **place = &windows->first;

    while (*place != NULL && window_end(*place) < offset)
        place = &(*place)->next;
    return place;
}

/* Puts window where the ones that it covers were, and keeps those for readers that still use them. */
static void
windows_replace(VpWindows *windows, VpWindow **place, VpWindow *window)
{
    while (*place != NULL && (*place)->offset <= window_end(window)) {
        VpWindow *covered = *place;

        *place = covered->next;
        covered->next = windows->retired;
        windows->retired = covered;
    }
    window->next = *place;
    *place = window;
}

static VpWindow *
window_new(const VpSource *source, guint64 offset, gsize len)
{
    gsize copy_len = source->memory == NULL ? len : 0;
    VpWindow *window = g_malloc(sizeof *window + copy_len);

    window->offset = offset;
    window->len = len;
    window->copy = copy_len > 0 ? (guint8 *) (window + 1) : NULL;
    return window;
}

/* Makes one window that holds the range and all windows that overlap or touch it. */
static VpWindowState
windows_extend(VpWindows *windows, VpWindow **place, guint64 offset, guint64 end)
{
    VpWindow *window;
    VpWindowState state;

    for (const VpWindow *old = *place; old != NULL && old->offset <= end; old = old->next) {
        offset = MIN(offset, old->offset);
        end = MAX(end, window_end(old));
    }
    if (end - offset > VP_WINDOWS_MEMORY_MAX - windows->memory) {
        windows->has_hit_limit = TRUE;
        return VP_WINDOW_LIMIT;
    }
    window = window_new(windows->source, offset, (gsize) (end - offset));
    state = window_fill(windows, window, *place);
    if (state != VP_WINDOW_OK) {
        g_free(window);
        return state;
    }
    windows->memory += window->len;
    windows_replace(windows, place, window);
    return VP_WINDOW_OK;
}

static VpWindowState
windows_get_inside(VpWindows *windows, guint64 offset, gsize len, VpReader *out_reader)
{
    VpWindow **place = windows_find(windows, offset);
    const guint8 *data;

    if (*place == NULL || (*place)->offset > offset || window_end(*place) < offset + len) {
        VpWindowState state = windows_extend(windows, place, offset, offset + len);

        if (state != VP_WINDOW_OK)
            return state;
    }
    data = windows->source->memory != NULL ? windows->source->memory + offset
                                           : window_at(*place, offset);
    vp_reader_init(out_reader, data, len, offset);
    return VP_WINDOW_OK;
}

VpWindowState
vp_windows_get(VpWindows *windows, guint64 offset, gsize len, VpReader *out_reader)
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
    return state == VP_WINDOW_OK && len > available ? VP_WINDOW_PAST_END : state;
}
