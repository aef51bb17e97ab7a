/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stream.h: describing an image whose bytes come one after the other: an upload, a pipe. */
#pragma once

#include <virtprobe/describe.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeStream:
 *
 * An image that is fed from its first byte to its last. Kept are its first 64 KiB, each range that the description asks
 * for as long as that has not gone by, and its last 64 KiB; together at most 4 MiB, however much is fed. A structure that
 * lies in bytes which were not kept is the finding "unreachable-in-stream".
 *
 * What is said of the bytes is what virt_probe_describe_file() says of a file with the same bytes, and does not depend on
 * how they were cut. A stream is counted, and used by one thread at a time.
 *
 * Since: 0.1
 */
typedef struct _VirtProbeStream VirtProbeStream;

#define VIRT_PROBE_TYPE_STREAM (virt_probe_stream_get_type())
GType virt_probe_stream_get_type(void);

/**
 * virt_probe_stream_new: (constructor)
 * @name: (type filename) (nullable): what to call the image; relative names in it count from this name's directory. "-" is
 *   in no directory
 * @format: (nullable): its format, as for virt_probe_describe_file()
 * @flags: how to describe it
 * @error: return location for an error
 *
 * Begins with an image of which nothing is known yet.
 *
 * Returns: (transfer full): the stream, or %NULL: %VIRT_PROBE_ERROR_UNSUPPORTED when no format is called @format,
 *   %VIRT_PROBE_ERROR_REFUSED when @format is %NULL without %VIRT_PROBE_DESCRIBE_RECOGNISE
 *
 * Since: 0.1
 */
VirtProbeStream *virt_probe_stream_new(const char *name, const char *format,
                                       VirtProbeDescribeFlags flags, GError **error);

/**
 * virt_probe_stream_ref:
 * @stream: a stream
 *
 * Returns: (transfer full): @stream, counted once more
 *
 * Since: 0.1
 */
VirtProbeStream *virt_probe_stream_ref(VirtProbeStream *stream);

/**
 * virt_probe_stream_unref:
 * @stream: (nullable) (transfer full): a stream
 *
 * Gives up one reference; with the last one the stream and what it keeps are freed.
 *
 * Since: 0.1
 */
void virt_probe_stream_unref(VirtProbeStream *stream);

/**
 * virt_probe_stream_feed:
 * @stream: a stream that is not finished
 * @data: (array length=size) (element-type guint8): the next bytes of the image; not needed afterwards
 * @size: how many they are, any number
 *
 * Brings the next bytes of the image. It cannot fail: whatever the bytes are, there will be a description. Bytes that
 * nobody asked for cost little more than a look at them; the description is tried again only when bytes that it waits
 * for have come, at most 65 times.
 *
 * Returns: %TRUE when there is an early answer: see virt_probe_stream_get_early_image()
 *
 * Since: 0.1
 */
gboolean virt_probe_stream_feed(VirtProbeStream *stream, const void *data, gsize size);

/**
 * virt_probe_stream_feed_fd:
 * @stream: a stream that is not finished
 * @fd: a descriptor open for reading: of a pipe, a socket or a file. It stays open
 * @error: return location for an error
 *
 * Brings all bytes that a descriptor gives from its position on, until its end, and waits for them; so it ends only when the
 * other side does. When reading fails, what had been read was fed; virt_probe_stream_finish() then says so with the
 * finding "io-error".
 *
 * Returns: %TRUE when all was fed; else %FALSE: %G_FILE_ERROR when it cannot be read, %VIRT_PROBE_ERROR_REFUSED when it is of
 *   another kind, such as a directory or a terminal
 *
 * Since: 0.1
 */
gboolean virt_probe_stream_feed_fd(VirtProbeStream *stream, int fd, GError **error);

/**
 * virt_probe_stream_get_early_image:
 * @stream: a stream
 *
 * What the first bytes of the image decide, as soon as the description waits for no more of them: its format, virtual size,
 * features, names of other files and findings. For most images that is after 4096 bytes. It is not the last word: nobody
 * knows yet how long the image is, whether the structures that it has are all there, and what stands at its end. So the
 * last finding is "stream-incomplete", the state is "partial" and the size of the file is missing, as is a virtual size that
 * follows from it (raw, LUKS). What does not begin as an image does may be raw or have its signature at the end; then there
 * is no early answer, unless raw was declared.
 *
 * Returns: (transfer none) (nullable): the image's record, which stays the same once it is there; %NULL when more bytes are
 *   needed, or the whole image
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_stream_get_early_image(VirtProbeStream *stream);

/**
 * virt_probe_stream_finish:
 * @stream: a stream; it cannot be fed any more
 * @is_complete: whether the bytes that were fed are the whole image. %FALSE: it was cut, so that nothing is known of its size
 *   and its end, and the finding "stream-incomplete" says so
 *
 * Describes the image. Facts that only a file has are absent. What is kept is freed.
 *
 * Returns: (transfer full): the image's record
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_stream_finish(VirtProbeStream *stream, gboolean is_complete);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbeStream, virt_probe_stream_unref)

#pragma GCC visibility pop
G_END_DECLS
