/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-stream.c: any bytes as a stream, cut in three ways: the answer is always the same, and that of the same bytes in
 * memory unless some had gone by; and a beginning is never taken for the whole.
 *
 * The input is the image, drawn apart by zeros at a place and by a length that its last bytes say, because of a short one
 * nothing goes by. */
#include "fuzz.h"

#include "storage/registry.h"
#include "util/source-stream.h"
#include "virtprobe/stream.h"

#include <string.h>

#define NAME "directory/disk.qcow2"
#define GAP_UNIT (16 * 1024)
#define GAP_PLACE 4096

/* How the bytes are cut follows from themselves. */
static gsize
chunk_size(guint way, guint32 *state, gsize size)
{
    *state = *state * 1664525 + 1013904223;
    if (way == 0)
        return size;
    return way == 1 ? 1 + (*state >> 16) % 64 : 1 + (*state >> 12) % 9000;
}

static VirtProbeStream *
stream_new(const char *format, VirtProbeDescribeFlags flags)
{
    g_autoptr(GError) error = NULL;
    VirtProbeStream *stream = virt_probe_stream_new(NAME, format, flags, &error);

    g_assert_no_error(error);
    return stream;
}

static void
feed(VirtProbeStream *stream, const guint8 *data, gsize size, guint way)
{
    guint32 state = (guint32) size;
    gsize len;

    for (gsize pos = 0; pos < size; pos += len) {
        len = chunk_size(way, &state, size);
        len = MIN(len, size - pos);
        virt_probe_stream_feed(stream, data + pos, len);
    }
}

static gboolean
has_rule(const VirtProbeRecord *image, const char *rule)
{
    g_autofree char *json = virt_probe_record_to_json(image);
    g_autofree char *value = g_strdup_printf("\"rule\": \"%s\"", rule);

    return strstr(json, value) != NULL;
}

static char *
describe_whole(const guint8 *data, gsize size, const char *format, VirtProbeDescribeFlags flags,
               guint way)
{
    g_autoptr(VirtProbeStream) stream = stream_new(format, flags);
    g_autoptr(VirtProbeRecord) image = NULL;

    feed(stream, data, size, way);
    if (way == 0 && virt_probe_stream_get_early_image(stream) != NULL)
        fuzz_check_outputs(virt_probe_stream_get_early_image(stream));
    image = virt_probe_stream_finish(stream, TRUE);
    fuzz_check_outputs(image);
    return has_rule(image, "unreachable-in-stream") ? NULL : virt_probe_record_to_json(image);
}

/* Push equals pull. */
static void
check_whole(const guint8 *data, gsize size, const char *format, VirtProbeDescribeFlags flags)
{
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_memory(data, size, NAME, format, flags, NULL);
    g_autofree char *expected = virt_probe_record_to_json(image);
    g_autofree char *once = describe_whole(data, size, format, flags, 0);

    for (guint way = 1; way < 3; way++) {
        g_autofree char *again = describe_whole(data, size, format, flags, way);

        g_assert_cmpstr(again, ==, once);
    }
    if (once != NULL)
        g_assert_cmpstr(once, ==, expected);
    /* The head and the tail together are all of it. */
    if (size <= VP_STREAM_HEAD + VP_STREAM_TAIL)
        g_assert_nonnull(once);
}

static void
check_beginning(const guint8 *data, gsize size, const char *format)
{
    g_autoptr(VirtProbeStream) stream = stream_new(format, VIRT_PROBE_DESCRIBE_RECOGNISE);
    g_autoptr(VirtProbeRecord) image = NULL;

    feed(stream, data, size, 1);
    image = virt_probe_stream_finish(stream, FALSE);
    fuzz_check_outputs(image);
    g_assert_true(has_rule(image, "stream-incomplete"));
    g_assert_false(virt_probe_image_verify(image, NULL));
}

static GByteArray *
draw_apart(const guint8 *data, gsize size)
{
    gsize gap = size > 2 ? (gsize) (data[size - 2] & 15) * GAP_UNIT : 0;
    gsize place = size > 2 ? MIN(size, (gsize) (1 + (data[size - 3] & 7)) * GAP_PLACE) : size;
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_append(bytes, data, (guint) place);
    g_byte_array_set_size(bytes, (guint) (size + gap));
    if (gap > 0)
        memset(bytes->data + place, 0, gap);
    if (place < size)
        memcpy(bytes->data + place + gap, data + place, size - place);
    return bytes;
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    g_autoptr(GByteArray) bytes = draw_apart(input, input_size);
    const guint8 *data = bytes->data;
    gsize size = bytes->len;
    guint count = 0;
    const char *declared;

    while (vp_registry_nth(count) != NULL)
        count++;
    declared = vp_registry_nth(input_size > 0 ? input[input_size - 1] % count : 0)->name;
    check_whole(data, size, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE);
    check_whole(data, size, declared, VIRT_PROBE_DESCRIBE_FULL);
    check_beginning(data, size / 2, NULL);
    check_beginning(data, size, declared);
    return 0;
}
