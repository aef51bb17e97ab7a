/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-windows.c: a source of its own and a script of vp_windows_get() calls: bytes are right, budgets hold.
 *
 * The input is the source's size, the number of a read that fails, and then one call after the other: which it
 * is and how wide its numbers are, its offset, its length. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#define CALLS_MAX 100
#define READS_MAX 64
#define BYTES_MAX (4 * 1024 * 1024)
#define MEMORY_MAX (4500 * 1024)
#define PATTERN_SIZE 65537 /* prime, so that no two places that a script mixes up look the same */
#define MEMORY_SOURCE_MAX (1024 * 1024)

typedef struct {
    VpSource base; /* must stay first */
    guint reads;
    guint64 bytes;
    guint fail_at; /* the read that fails; 0: none */
    struct {
        guint64 start;
        guint64 end;
    } fetched[READS_MAX];
} PatternSource;

typedef struct {
    guint64 offset;
    gsize len;
    gboolean is_prefetch; /* no reader is asked for */
    VpWindowState state;
    VpReader reader;
} Call;

typedef struct {
    guint count;
    Call calls[CALLS_MAX];
} Script;

static const guint8 *
pattern(void)
{
    static guint8 bytes[PATTERN_SIZE];

    if (bytes[0] == 0) {
        guint32 state = 1;

        for (guint i = 0; i < PATTERN_SIZE; i++) {
            state = state * 1664525 + 1013904223;
            bytes[i] = (guint8) (state >> 24 | 1);
        }
    }
    return bytes;
}

/* How many bytes at offset lie in the pattern one behind the other, and where. */
static const guint8 *
pattern_at(guint64 offset, gsize *len)
{
    gsize start = (gsize) (offset % PATTERN_SIZE);

    *len = MIN(*len, PATTERN_SIZE - start);
    return pattern() + start;
}

static void
pattern_fill(guint8 *buffer, gsize len, guint64 offset)
{
    while (len > 0) {
        gsize part = len;
        const guint8 *bytes = pattern_at(offset, &part);

        memcpy(buffer, bytes, part);
        buffer += part;
        offset += part;
        len -= part;
    }
}

static void
pattern_check(const guint8 *buffer, gsize len, guint64 offset)
{
    while (len > 0) {
        gsize part = len;
        const guint8 *bytes = pattern_at(offset, &part);

        g_assert_cmpint(memcmp(buffer, bytes, part), ==, 0);
        buffer += part;
        offset += part;
        len -= part;
    }
}

/* Refuses to be read outside, more often than the budget allows, or twice at one place. */
static gssize
pattern_read_at(VpSource *base, void *buffer, gsize len, guint64 offset)
{
    PatternSource *source = (PatternSource *) base;

    g_assert_cmpuint(source->reads, <, READS_MAX);
    g_assert_cmpuint(len, >, 0);
    g_assert_cmpuint(offset, <, base->size);
    g_assert_cmpuint(len, <=, base->size - offset);
    source->bytes += len;
    g_assert_cmpuint(source->bytes, <=, BYTES_MAX);
    if (source->fail_at == source->reads + 1) {
        source->reads++;
        errno = EIO;
        return -1;
    }
    for (guint i = 0; i < source->reads; i++)
        g_assert_true(offset >= source->fetched[i].end || offset + len <= source->fetched[i].start);
    source->fetched[source->reads].start = offset;
    source->fetched[source->reads].end = offset + len;
    source->reads++;
    pattern_fill(buffer, len, offset);
    return (gssize) len;
}

static void
pattern_close(G_GNUC_UNUSED VpSource *base)
{
}

/* A number of so many bytes; seven of them would save nothing. */
static guint64
read_number(VpReader *input, guint width)
{
    return vp_reader_uint(input, width == 7 ? 8 : width, VP_ORDER_LITTLE);
}

/* One byte says how wide the two numbers are, and whether the offset counts from the end. */
static gboolean
read_call(VpReader *input, guint64 size, Call *out_call)
{
    guint8 widths = vp_reader_u8(input);
    guint64 offset = read_number(input, widths & 7);
    guint64 len = read_number(input, widths >> 3 & 3);

    out_call->offset = (widths & 0x20) != 0 ? size - offset : offset;
    out_call->len = (gsize) ((widths & 0x40) != 0 ? len << 8 : len);
    out_call->is_prefetch = (widths & 0x80) != 0;
    return !vp_reader_failed(input);
}

static void
run_call(VpWindows *windows, Call *call)
{
    if (call->is_prefetch)
        call->state = vp_windows_prefetch(windows, call->offset, call->len);
    else
        call->state = vp_windows_get(windows, call->offset, call->len, &call->reader);
}

static gsize
available_len(const PatternSource *source, const Call *call)
{
    guint64 size = source->base.size;

    return (gsize) MIN(call->len, call->offset < size ? size - call->offset : 0);
}

static void
check_call(const PatternSource *source, const Call *call)
{
    gsize available = available_len(source, call);

    if (call->state == VP_WINDOW_IO_ERROR)
        g_assert_cmpuint(source->fail_at, >, 0);
    if (call->is_prefetch)
        return;
    if (call->state == VP_WINDOW_LIMIT || call->state == VP_WINDOW_IO_ERROR) {
        g_assert_cmpuint(call->reader.size, ==, 0);
        return;
    }
    g_assert_cmpint(call->state, ==, available == call->len ? VP_WINDOW_OK : VP_WINDOW_PAST_END);
    g_assert_cmpuint(call->reader.size, ==, available);
    g_assert_cmpuint(call->reader.base, ==, call->offset);
    pattern_check(call->reader.data, available, call->offset);
}

/* TRUE when the call may meet a limit: between earlier reads there may be as many gaps as reads and one more,
 * and each earlier answer and this one may have taken a copy. */
static gboolean
may_meet_limit(const VpWindows *windows, gsize copied, gsize len)
{
    return 2 * windows->reads + 1 > READS_MAX || windows->bytes + len > BYTES_MAX
           || windows->bytes + copied + 2 * len > MEMORY_MAX;
}

static void
check_windows(const VpWindows *windows, const PatternSource *source)
{
    g_assert_cmpuint(windows->reads, ==, source->reads);
    g_assert_cmpuint(windows->bytes, ==, source->bytes);
    g_assert_cmpuint(windows->memory, <=, MEMORY_MAX);
    if (source->fail_at > 0 && source->reads >= source->fail_at)
        g_assert_cmpint(vp_windows_errno(windows), ==, EIO);
}

/* Readers of earlier calls must stay good, so all are looked at again when the script has ended. */
static void
run_script(VpReader input, PatternSource *source, Script *out_script)
{
    VpWindows windows;
    gsize copied = 0;

    out_script->count = 0;
    vp_windows_init(&windows, &source->base);
    while (out_script->count < CALLS_MAX) {
        Call *call = &out_script->calls[out_script->count];
        gboolean may_fail;

        if (!read_call(&input, source->base.size, call))
            break;
        may_fail = may_meet_limit(&windows, copied, available_len(source, call));
        run_call(&windows, call);
        g_assert_true(may_fail || call->state != VP_WINDOW_LIMIT);
        check_call(source, call);
        copied += call->state != VP_WINDOW_LIMIT ? available_len(source, call) : 0;
        out_script->count++;
    }
    check_windows(&windows, source);
    for (guint i = 0; i < out_script->count; i++)
        check_call(source, &out_script->calls[i]);
    vp_windows_clear(&windows);
}

/* The same script on the same bytes in memory, which needs no copies, must come to the same answers. */
static void
compare_with_memory(VpReader input, const PatternSource *stream, const Script *expected)
{
    gsize size = (gsize) stream->base.size;
    g_autofree guint8 *bytes = g_malloc(size);
    VpSource memory;
    VpWindows windows;

    pattern_fill(bytes, size, 0);
    vp_source_memory_init(&memory, bytes, size);
    vp_windows_init(&windows, &memory);
    for (guint i = 0; i < expected->count; i++) {
        Call call;

        g_assert_true(read_call(&input, size, &call));
        run_call(&windows, &call);
        g_assert_cmpint(call.state, ==, expected->calls[i].state);
        check_call(stream, &call);
    }
    g_assert_cmpuint(windows.reads, ==, stream->reads);
    g_assert_cmpuint(windows.bytes, ==, stream->bytes);
    vp_windows_clear(&windows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const VpSourceClass source_class = { .read_at = pattern_read_at,
                                                .close = pattern_close };
    PatternSource source = { .base = { .class = &source_class, .kind = VP_SOURCE_FILE } };
    Script script;
    VpReader input;
    guint8 size_width;

    vp_reader_init(&input, data, size, 0);
    size_width = vp_reader_u8(&input);
    source.base.size = read_number(&input, size_width & 7);
    if ((size_width & 0x80) != 0) /* file systems stop at 2^63-1 */
        source.base.size = G_MAXINT64 - (source.base.size & G_MAXINT64);
    source.base.size = MIN(source.base.size, G_MAXINT64);
    source.fail_at = vp_reader_u8(&input);
    if (vp_reader_failed(&input))
        return 0;
    run_script(input, &source, &script);
    if (source.fail_at == 0 && source.base.size <= MEMORY_SOURCE_MAX)
        compare_with_memory(input, &source, &script);
    return 0;
}
