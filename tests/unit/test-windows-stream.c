/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-windows-stream.c: windows over a stream: what it has not brought yet, and what it has not kept. */
#include "unit.h"
#include "util/source-stream.h"
#include "util/windows.h"

#define KIB 1024
#define MIB (1024 * KIB)

static guint8
byte_at(guint64 offset)
{
    return (guint8) (offset * 7 + (offset >> 8));
}

typedef struct {
    VpStreamSource stream;
    VpWindows windows;
} StreamFixture;

/* The first so many bytes of a stream have come. */
static void
stream_set_up(StreamFixture *fixture, gconstpointer data)
{
    gsize size = GPOINTER_TO_SIZE(data);
    g_autofree guint8 *bytes = g_malloc(size);
    gsize taken;

    for (gsize i = 0; i < size; i++)
        bytes[i] = byte_at(i);
    vp_stream_source_init(&fixture->stream, G_MAXUINT64);
    vp_stream_source_take(&fixture->stream, bytes, size, &taken);
    g_assert_cmpuint(taken, ==, size);
    vp_windows_init(&fixture->windows, &fixture->stream.parent);
}

static void
stream_tear_down(StreamFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    vp_windows_clear(&fixture->windows);
    vp_stream_source_clear(&fixture->stream);
}

static void
test_gives_what_a_stream_has(StreamFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    VpReader reader;

    g_assert_cmpint(vp_windows_get(&fixture->windows, 100, 4096, &reader), ==, VP_WINDOW_NOT_YET);
    g_assert_true(fixture->windows.is_waiting);
    g_assert_cmpuint(reader.size, ==, 900);
    g_assert_cmpuint(reader.data[899], ==, byte_at(999));
    g_assert_cmpint(vp_windows_get(&fixture->windows, 1000, 1, &reader), ==, VP_WINDOW_NOT_YET);
    g_assert_cmpuint(reader.size, ==, 0);
    g_assert_cmpint(vp_windows_get(&fixture->windows, 990, 10, &reader), ==, VP_WINDOW_OK);
    g_assert_cmpuint(fixture->windows.bytes, ==, 900);
    g_assert_cmpint(vp_windows_errno(&fixture->windows), ==, 0);
}

static void
test_prefetches_what_a_stream_has(StreamFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    VpReader reader;

    g_assert_cmpint(vp_windows_prefetch(&fixture->windows, 0, 64 * KIB), ==, VP_WINDOW_NOT_YET);
    for (guint i = 0; i < 100; i++)
        g_assert_cmpint(vp_windows_get(&fixture->windows, i * 10, 10, &reader), ==, VP_WINDOW_OK);
    g_assert_cmpuint(fixture->windows.reads, ==, 2);
}

/* Nobody knows where the end is, so nothing has to wait for it. */
static void
test_does_not_wait_for_an_end(StreamFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    VpReader reader;

    g_assert_cmpint(vp_windows_get(&fixture->windows, VP_SOURCE_ENDLESS - 512, 512, &reader), ==,
                    VP_WINDOW_NOT_YET);
    g_assert_false(fixture->windows.is_waiting);
}

static void
test_says_what_a_stream_has_not_kept(StreamFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    VpReader reader;

    g_assert_cmpint(vp_windows_get(&fixture->windows, 100 * KIB, 10, &reader), ==,
                    VP_WINDOW_UNREACHABLE);
    g_assert_cmpuint(reader.size, ==, 0);
    g_assert_cmpint(vp_windows_get(&fixture->windows, 200 * KIB, 10, &reader), ==,
                    VP_WINDOW_UNREACHABLE);
    g_assert_true(fixture->windows.is_unreachable);
    g_assert_cmpuint(fixture->windows.unreachable_at, ==, 100 * KIB);
    g_assert_cmpuint(fixture->windows.bytes, ==, 0);
    g_assert_cmpint(vp_windows_errno(&fixture->windows), ==, 0);
}

static void
add(const char *path, gsize size, void (*test)(StreamFixture *fixture, gconstpointer data))
{
    g_test_add(path, StreamFixture, GSIZE_TO_POINTER(size), stream_set_up, test, stream_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/windows/stream/gives-what-it-has", 1000, test_gives_what_a_stream_has);
    add("/windows/stream/prefetches-what-it-has", 1000, test_prefetches_what_a_stream_has);
    add("/windows/stream/does-not-wait-for-an-end", 1000, test_does_not_wait_for_an_end);
    add("/windows/stream/says-what-it-has-not-kept", MIB, test_says_what_a_stream_has_not_kept);
    return g_test_run();
}
