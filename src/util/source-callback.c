/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-callback.c: bytes that the caller of the library reads itself. */
#include "util/source.h"

#include <errno.h>

/* A caller's function may give less than was asked for, as pread may, and must not be believed when it gives more. */
static gssize
callback_read_at(VpSource *source, void *buffer, gsize len, guint64 offset)
{
    VpCallbackSource *callback = (VpCallbackSource *) source;
    gsize done = 0;

    while (done < len) {
        gssize got = callback->read((guint8 *) buffer + done, len - done, offset + done,
                                    callback->user_data);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += MIN((gsize) got, len - done);
    }
    return (gssize) done;
}

/* It lies in storage of the caller. */
static void
callback_close(G_GNUC_UNUSED VpSource *source)
{
}

static const VpSourceClass callback_class = {
    .read_at = callback_read_at,
    .close = callback_close,
};

void
vp_source_callback_init(VpCallbackSource *source, guint64 size, VpSourceReadFunc read,
                        gpointer user_data)
{
    source->parent =
        (VpSource) { .class = &callback_class, .kind = VP_SOURCE_CALLBACK, .size = size };
    source->read = read;
    source->user_data = user_data;
}
