/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-source-stream.c: what of a stream is kept, what is not, and when a look is due. */
#include "unit.h"
#include "util/source-stream.h"

#include <errno.h>
#include <string.h>

#define KIB ((guint64) 1024)
#define MIB (1024 * KIB)
#define FIRST_LOOK 4096
#define CHUNK (64 * 1024)

static guint8
byte_at(guint64 offset)
{
    return (guint8) (offset * 7 + (offset >> 8) + (offset >> 16) * 3);
}

typedef struct {
    VpStreamSource stream;
    guint n_looks;
    guint64 last_look;
} Fixture;

static void
fixture_set_up(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    vp_stream_source_init(&fixture->stream, FIRST_LOOK);
}

static void
fixture_tear_down(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    vp_stream_source_clear(&fixture->stream);
}

/* Asks for [offset, offset + len), and sees that what is given is right. Gives 0 or errno. */
static int
ask(Fixture *fixture, guint64 offset, gsize len)
{
    VpSource *source = &fixture->stream.parent;
    g_autofree guint8 *bytes = g_malloc(len);
    gssize got = source->class->read_at(source, bytes, len, offset);

    if (got < 0)
        return errno;
    g_assert_cmpint(got, ==, (gssize) len);
    for (gsize i = 0; i < len; i++)
        g_assert_cmpuint(bytes[i], ==, byte_at(offset + i));
    return 0;
}

/* Brings bytes up to there; at each look nothing is asked. */
static void
bring(Fixture *fixture, guint64 end)
{
    VpStreamSource *stream = &fixture->stream;
    guint8 chunk[CHUNK];

    while (stream->parent.arrived < end) {
        guint64 start = stream->parent.arrived;
        gsize len = (gsize) MIN(end - start, CHUNK);
        gsize taken;

        for (gsize i = 0; i < len; i++)
            chunk[i] = byte_at(start + i);
        if (vp_stream_source_take(stream, chunk, len, &taken)) {
            fixture->n_looks++;
            fixture->last_look = stream->parent.arrived;
            vp_stream_source_look_begin(stream);
            vp_stream_source_look_done(stream);
        }
        g_assert_cmpuint(stream->parent.arrived, ==, start + taken);
    }
}

static void
test_keeps_head_and_tail(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    bring(fixture, 300 * KIB + 123);
    g_assert_cmpint(ask(fixture, 0, VP_STREAM_HEAD), ==, 0);
    g_assert_cmpint(ask(fixture, 236 * KIB + 123, VP_STREAM_TAIL), ==, 0);
    g_assert_cmpint(ask(fixture, VP_STREAM_HEAD, 1), ==, ESPIPE);
    g_assert_cmpint(ask(fixture, 236 * KIB + 122, 1), ==, ESPIPE);
    g_assert_cmpint(ask(fixture, VP_STREAM_HEAD - 1, 2), ==, ESPIPE);
}

static void
test_reads_across_head_and_tail(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    bring(fixture, 100 * KIB);
    g_assert_cmpint(ask(fixture, 0, 100 * KIB), ==, 0);
    g_assert_cmpint(ask(fixture, 60 * KIB, 10 * KIB), ==, 0);
}

static void
test_says_what_is_not_there_yet(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    bring(fixture, 1000);
    g_assert_cmpint(ask(fixture, 0, 1000), ==, 0);
    g_assert_cmpint(ask(fixture, 0, 1001), ==, EAGAIN);
    g_assert_cmpint(ask(fixture, 5 * MIB, 1), ==, EAGAIN);
    g_assert_true(fixture->stream.is_asked);
}

static void
test_keeps_what_was_asked_for(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_cmpint(ask(fixture, 2 * MIB, 5000), ==, EAGAIN);
    bring(fixture, 8 * MIB);
    g_assert_cmpint(ask(fixture, 2 * MIB, 5000), ==, 0);
    g_assert_cmpint(ask(fixture, 2 * MIB + 4000, 1001), ==, ESPIPE);
    g_assert_cmpint(ask(fixture, 2 * MIB - 1, 2), ==, ESPIPE);
}

static void
test_keeps_ranges_that_overlap(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    gsize kept = fixture->stream.kept;

    ask(fixture, 2 * MIB, 1000);
    ask(fixture, 2 * MIB + 3000, 1000);
    ask(fixture, 2 * MIB - 500, 6000);
    ask(fixture, 2 * MIB + 100, 10);
    g_assert_cmpuint(fixture->stream.kept, ==, kept + 6000);
    bring(fixture, 3 * MIB);
    g_assert_cmpint(ask(fixture, 2 * MIB - 500, 6000), ==, 0);
}

/* The beginning of a range is in the tail when it is asked for, and would have gone by at its end. */
static void
test_keeps_what_the_tail_still_has(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    bring(fixture, MIB);
    g_assert_cmpint(ask(fixture, MIB - 50 * KIB, 200 * KIB), ==, EAGAIN);
    bring(fixture, 4 * MIB);
    g_assert_cmpint(ask(fixture, MIB - 50 * KIB, 200 * KIB), ==, 0);
}

static void
test_keeps_what_was_announced(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    VpSource *source = &fixture->stream.parent;

    source->class->announce(source, 2 * MIB, 5000);
    g_assert_false(fixture->stream.is_asked);
    bring(fixture, 8 * MIB);
    g_assert_cmpint(ask(fixture, 2 * MIB, 5000), ==, 0);
}

static void
test_looks_where_ranges_end(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    bring(fixture, 5000);
    g_assert_cmpuint(fixture->n_looks, ==, 1);
    g_assert_cmpuint(fixture->last_look, ==, FIRST_LOOK);
    ask(fixture, 6000, 10);
    ask(fixture, 2 * MIB, 1000);
    ask(fixture, 2 * MIB, 500);
    vp_stream_source_look_done(&fixture->stream);
    bring(fixture, 6010);
    g_assert_cmpuint(fixture->n_looks, ==, 2);
    bring(fixture, 8 * MIB);
    g_assert_cmpuint(fixture->n_looks, ==, 3);
    g_assert_cmpuint(fixture->last_look, ==, 2 * MIB + 1000);
}

static void
test_keeps_no_more_than_its_budget(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_cmpint(ask(fixture, MIB, VP_STREAM_KEPT_MAX), ==, EAGAIN);
    g_assert_cmpint(ask(fixture, MIB, 3 * MIB), ==, EAGAIN);
    g_assert_cmpint(ask(fixture, 5 * MIB, MIB), ==, EAGAIN);
    g_assert_cmpuint(fixture->stream.kept, <=, VP_STREAM_KEPT_MAX);
    bring(fixture, 9 * MIB);
    g_assert_cmpint(ask(fixture, MIB, 3 * MIB), ==, 0);
    g_assert_cmpint(ask(fixture, 5 * MIB, 10), ==, ESPIPE);
}

static void
test_keeps_no_more_ranges_than_it_may(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    for (guint i = 0; i < 10 * VP_STREAM_RANGES_MAX; i++)
        g_assert_cmpint(ask(fixture, MIB + i * KIB, 16), ==, EAGAIN);
    vp_stream_source_look_done(&fixture->stream);
    bring(fixture, 3 * MIB);
    g_assert_cmpuint(fixture->n_looks, <=, VP_STREAM_RANGES_MAX + 1);
    g_assert_cmpint(ask(fixture, MIB + (VP_STREAM_RANGES_MAX - 1) * KIB, 16), ==, 0);
    g_assert_cmpint(ask(fixture, MIB + VP_STREAM_RANGES_MAX * KIB, 16), ==, ESPIPE);
}

/* Whatever is asked for of the end is kept anyway. */
static void
test_keeps_nothing_for_its_end(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    gsize kept = fixture->stream.kept;

    g_assert_cmpint(ask(fixture, VP_SOURCE_ENDLESS - 512, 512), ==, EAGAIN);
    g_assert_cmpuint(fixture->stream.kept, ==, kept);
    g_assert_false(fixture->stream.is_asked);
}

static void
test_has_a_size_at_its_end(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    const VpSource *source = &fixture->stream.parent;

    bring(fixture, 5000);
    g_assert_cmpuint(source->size, ==, VP_SOURCE_ENDLESS);
    g_assert_true(source->has_no_end);
    vp_stream_source_end(&fixture->stream);
    g_assert_cmpuint(source->size, ==, 5000);
    g_assert_false(source->has_no_end);
}

static void
add(const char *path, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, NULL, fixture_set_up, test, fixture_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/source-stream/keeps-head-and-tail", test_keeps_head_and_tail);
    add("/source-stream/reads-across-head-and-tail", test_reads_across_head_and_tail);
    add("/source-stream/says-what-is-not-there-yet", test_says_what_is_not_there_yet);
    add("/source-stream/keeps-what-was-asked-for", test_keeps_what_was_asked_for);
    add("/source-stream/keeps-ranges-that-overlap", test_keeps_ranges_that_overlap);
    add("/source-stream/keeps-what-the-tail-still-has", test_keeps_what_the_tail_still_has);
    add("/source-stream/keeps-what-was-announced", test_keeps_what_was_announced);
    add("/source-stream/looks-where-ranges-end", test_looks_where_ranges_end);
    add("/source-stream/keeps-no-more-than-its-budget", test_keeps_no_more_than_its_budget);
    add("/source-stream/keeps-no-more-ranges-than-it-may", test_keeps_no_more_ranges_than_it_may);
    add("/source-stream/keeps-nothing-for-its-end", test_keeps_nothing_for_its_end);
    add("/source-stream/has-a-size-at-its-end", test_has_a_size_at_its_end);
    return g_test_run();
}
