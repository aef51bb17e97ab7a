/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stream.c: the public calls that describe an image whose bytes are fed. */
#include "virtprobe/stream.h"

#include "storage/describe-source.h"
#include "storage/probe-run.h"
#include "util/error.h"
#include "util/source-pipe.h"
#include "util/source-stream.h"

#include <errno.h>

/* Of what virt_probe_stream_feed_fd() reads at once: as much as a pipe holds. */
#define PIPE_SIZE (64 * 1024)

struct _VirtProbeStream {
    VpStreamSource source; /* must stay first: stream_run() finds the stream by it */
    gint ref_count;
    char *name;
    const VpFormat *declared;
    VirtProbeDescribeFlags flags;
    gboolean is_decided; /* by the last look: no later byte makes it another format */
    VirtProbeRecord *early;
    gboolean is_finished;
};

VirtProbeStream *
virt_probe_stream_new(const char *name, const char *format, VirtProbeDescribeFlags flags,
                      GError **error)
{
    const VpFormat *declared;
    VirtProbeStream *stream;

    if (!vp_find_declared(format, flags, &declared, error))
        return NULL;
    stream = g_new0(VirtProbeStream, 1);
    vp_stream_source_init(&stream->source, VP_HEAD_SIZE);
    stream->ref_count = 1;
    stream->name = g_strdup(name);
    stream->declared = declared;
    stream->flags = flags;
    return stream;
}

VirtProbeStream *
virt_probe_stream_ref(VirtProbeStream *stream)
{
    g_return_val_if_fail(stream != NULL, NULL);

    g_atomic_int_inc(&stream->ref_count);
    return stream;
}

void
virt_probe_stream_unref(VirtProbeStream *stream)
{
    if (stream == NULL || !g_atomic_int_dec_and_test(&stream->ref_count))
        return;
    vp_stream_source_clear(&stream->source);
    virt_probe_record_unref(stream->early);
    g_free(stream->name);
    g_free(stream);
}

/* In the place of vp_probe_run(), because only the probe knows what the format rests on. */
static void
stream_run(VpProbe *probe, const VpFormat *declared)
{
    VirtProbeStream *stream = (VirtProbeStream *) probe->windows->source;

    vp_probe_run(probe, declared);
    stream->is_decided =
        !probe->is_presumed
        && (probe->format != NULL || vp_record_has(probe->extra, VP_PROBE_CANDIDATES));
}

static VirtProbeRecord *
stream_describe(VirtProbeStream *stream)
{
    VirtProbeRecord *image = vp_image_new(stream->name, stream->flags);

    vp_image_describe_by(image, &stream->source.parent, stream->name, stream->declared,
                         stream->declared != NULL ? VP_FORMAT_DECLARED : VP_FORMAT_RECOGNISED,
                         stream->flags, stream_run);
    return image;
}

/* Finds out which bytes the description needs besides those that it has. */
static void
stream_look(VirtProbeStream *stream)
{
    g_autoptr(VirtProbeRecord) image = NULL;

    vp_stream_source_look_begin(&stream->source);
    image = stream_describe(stream);
    vp_stream_source_look_done(&stream->source);
    if (stream->early == NULL && stream->is_decided && !stream->source.is_asked)
        stream->early = g_steal_pointer(&image);
}

gboolean
virt_probe_stream_feed(VirtProbeStream *stream, const void *data, gsize size)
{
    const guint8 *bytes = data;

    g_return_val_if_fail(stream != NULL && !stream->is_finished, FALSE);
    g_return_val_if_fail(data != NULL || size == 0, FALSE);
    g_return_val_if_fail(size <= VP_SOURCE_ENDLESS - stream->source.parent.arrived, FALSE);

    while (size > 0) {
        gsize taken;

        if (vp_stream_source_take(&stream->source, bytes, size, &taken))
            stream_look(stream);
        bytes += taken;
        size -= taken;
    }
    return stream->early != NULL;
}

gboolean
virt_probe_stream_feed_fd(VirtProbeStream *stream, int fd, GError **error)
{
    g_autofree guint8 *buffer = NULL;
    gssize got;

    g_return_val_if_fail(stream != NULL && !stream->is_finished && fd >= 0, FALSE);

    if (!vp_pipe_check(fd, error))
        return FALSE;
    buffer = g_malloc(PIPE_SIZE);
    while ((got = vp_pipe_read(fd, buffer, PIPE_SIZE)) > 0)
        virt_probe_stream_feed(stream, buffer, (gsize) got);
    if (got == 0)
        return TRUE;
    stream->source.read_error = errno;
    vp_error_set_errno(error, errno, "cannot be read");
    return FALSE;
}

VirtProbeRecord *
virt_probe_stream_get_early_image(VirtProbeStream *stream)
{
    g_return_val_if_fail(stream != NULL, NULL);

    return stream->early;
}

VirtProbeRecord *
virt_probe_stream_finish(VirtProbeStream *stream, gboolean is_complete)
{
    VirtProbeRecord *image;

    g_return_val_if_fail(stream != NULL && !stream->is_finished, NULL);

    stream->is_finished = TRUE;
    if (is_complete && stream->source.read_error == 0)
        vp_stream_source_end(&stream->source);
    image = stream_describe(stream);
    vp_stream_source_clear(&stream->source);
    return image;
}
