/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-windows.c: each byte of a source is fetched once, within a budget that no source can stretch. */
#include "unit.h"
#include "util/windows.h"

#include <errno.h>
#include <string.h>

#define KIB 1024
#define MIB (1024 * KIB)
#define SOURCE_SIZE (16 * MIB)

/* A source whose byte at each place follows from the place, and that writes down what is read. */
typedef struct {
    VpSource parent;
    GString *reads; /* "offset+len offset+len …" */
    guint64 ends_at;
    int fails_with;
} CountingSource;

static guint8
byte_at(guint64 offset)
{
    return (guint8) (offset * 7 + (offset >> 8));
}

static gssize
counting_read_at(VpSource *source, void *buffer, gsize len, guint64 offset)
{
    CountingSource *counting = (CountingSource *) source;
    guint64 available = offset < counting->ends_at ? counting->ends_at - offset : 0;

    g_string_append_printf(counting->reads, "%s%" G_GUINT64_FORMAT "+%" G_GSIZE_FORMAT,
                           counting->reads->len > 0 ? " " : "", offset, len);
    if (counting->fails_with != 0) {
        errno = counting->fails_with;
        return -1;
    }
    len = (gsize) MIN(len, available);
    for (gsize i = 0; i < len; i++)
        ((guint8 *) buffer)[i] = byte_at(offset + i);
    return (gssize) len;
}

static const VpSourceClass counting_class = { .read_at = counting_read_at };

typedef struct {
    CountingSource source;
    VpWindows windows;
} Fixture;

static void
fixture_set_up(Fixture *fixture, gconstpointer data)
{
    (void) data;
    fixture->source.parent = (VpSource) { .class = &counting_class, .size = SOURCE_SIZE };
    fixture->source.reads = g_string_new(NULL);
    fixture->source.ends_at = SOURCE_SIZE;
    vp_windows_init(&fixture->windows, &fixture->source.parent);
}

static void
fixture_tear_down(Fixture *fixture, gconstpointer data)
{
    (void) data;
    vp_windows_clear(&fixture->windows);
    g_string_free(fixture->source.reads, TRUE);
}

static void
check_bytes(VpReader reader, guint64 offset, gsize len)
{
    const guint8 *bytes = vp_reader_bytes(&reader, len);

    g_assert_cmpuint(reader.base, ==, offset);
    g_assert_cmpuint(reader.size, ==, len);
    for (gsize i = 0; i < len; i += 61)
        g_assert_cmphex(bytes[i], ==, byte_at(offset + i));
}

static VpReader
get_sound(Fixture *fixture, guint64 offset, gsize len)
{
    VpReader reader;

    g_assert_cmpint(vp_windows_get(&fixture->windows, offset, len, &reader), ==, VP_WINDOW_OK);
    check_bytes(reader, offset, len);
    return reader;
}

static void
assert_empty(const VpReader *reader)
{
    g_assert_cmpuint(reader->size, ==, 0);
    g_assert_false(vp_reader_failed(reader));
}

static void
assert_limit(Fixture *fixture, guint64 offset, gsize len)
{
    VpReader reader;

    g_assert_cmpint(vp_windows_get(&fixture->windows, offset, len, &reader), ==, VP_WINDOW_LIMIT);
    assert_empty(&reader);
}

static void
test_fetches_a_range_once(Fixture *fixture, gconstpointer data)
{
    (void) data;
    get_sound(fixture, 1000, 500);
    get_sound(fixture, 1000, 500);
    get_sound(fixture, 1100, 50);
    g_assert_cmpstr(fixture->source.reads->str, ==, "1000+500");
}

static void
test_fetches_only_what_follows_a_window(Fixture *fixture, gconstpointer data)
{
    (void) data;
    get_sound(fixture, 0, 100);
    get_sound(fixture, 50, 100);
    g_assert_cmpstr(fixture->source.reads->str, ==, "0+100 100+50");
}

static void
test_fetches_only_what_precedes_a_window(Fixture *fixture, gconstpointer data)
{
    (void) data;
    get_sound(fixture, 100, 100);
    get_sound(fixture, 50, 100);
    g_assert_cmpstr(fixture->source.reads->str, ==, "100+100 50+50");
}

static void
test_fetches_only_the_gaps_between_windows(Fixture *fixture, gconstpointer data)
{
    (void) data;
    get_sound(fixture, 100, 10);
    get_sound(fixture, 300, 10);
    get_sound(fixture, 200, 10);
    get_sound(fixture, 50, 300);
    g_assert_cmpstr(fixture->source.reads->str, ==,
                    "100+10 300+10 200+10 50+50 110+90 210+90 310+40");
    get_sound(fixture, 50, 300);
    g_assert_cmpuint(fixture->windows.reads, ==, 7);
}

static void
test_fetches_nothing_when_windows_fill_the_range(Fixture *fixture, gconstpointer data)
{
    (void) data;
    get_sound(fixture, 0, 100);
    get_sound(fixture, 200, 100);
    get_sound(fixture, 100, 100);
    get_sound(fixture, 0, 300);
    g_assert_cmpstr(fixture->source.reads->str, ==, "0+100 200+100 100+100");
}

static void
test_keeps_old_readers_valid(Fixture *fixture, gconstpointer data)
{
    VpReader first = get_sound(fixture, 1000, 100);

    (void) data;
    for (guint i = 0; i < 20; i++)
        get_sound(fixture, 1100 + i * 100, 100);
    check_bytes(first, 1000, 100);
}

static void
test_shows_one_copy_of_a_byte_that_changes(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    get_sound(fixture, 0, 100);
    /* From now on the source has nothing any more, yet the first bytes are known. */
    fixture->source.ends_at = 0;
    g_assert_cmpint(vp_windows_get(&fixture->windows, 0, 100, &reader), ==, VP_WINDOW_OK);
    check_bytes(reader, 0, 100);
}

static void
test_allows_64_reads(Fixture *fixture, gconstpointer data)
{
    (void) data;
    for (guint i = 0; i < VP_WINDOWS_READS_MAX; i++)
        get_sound(fixture, i * 4096, 16);
    assert_limit(fixture, 64 * 4096, 16);
    g_assert_cmpuint(fixture->windows.reads, ==, 64);
}

static void
test_gives_known_bytes_when_the_budget_is_spent(Fixture *fixture, gconstpointer data)
{
    (void) data;
    for (guint i = 0; i < VP_WINDOWS_READS_MAX; i++)
        get_sound(fixture, i * 4096, 16);
    assert_limit(fixture, 0, 17);
    get_sound(fixture, 0, 16);
}

static void
test_allows_4_mib(Fixture *fixture, gconstpointer data)
{
    (void) data;
    get_sound(fixture, 0, VP_WINDOWS_BYTES_MAX);
    assert_limit(fixture, 8 * MIB, 1);
    g_assert_cmpuint(fixture->windows.bytes, ==, VP_WINDOWS_BYTES_MAX);
}

static void
test_refuses_more_than_4_mib_at_once(Fixture *fixture, gconstpointer data)
{
    (void) data;
    assert_limit(fixture, 0, VP_WINDOWS_BYTES_MAX + 1);
    g_assert_cmpstr(fixture->source.reads->str, ==, "");
}

static void
test_bounds_the_memory_of_copies(Fixture *fixture, gconstpointer data)
{
    (void) data;
    get_sound(fixture, 0, 2 * MIB);
    get_sound(fixture, 2 * MIB, MIB);
    /* Across both windows only a copy will do, and there is room for less than 1.5 MiB of copies. */
    assert_limit(fixture, 0, 2 * MIB + 1);
    get_sound(fixture, 2 * MIB - MIB / 2, MIB);
    assert_limit(fixture, 2 * MIB - MIB / 4, MIB / 2);
    get_sound(fixture, 2 * MIB - 1, 1);
}

static void
test_charges_nothing_for_a_refused_range(Fixture *fixture, gconstpointer data)
{
    (void) data;
    assert_limit(fixture, 0, VP_WINDOWS_BYTES_MAX + 1);
    g_assert_cmpuint(fixture->windows.memory, ==, 0);
    get_sound(fixture, 0, VP_WINDOWS_BYTES_MAX);
}

static void
test_prefetches_for_many_small_reads(Fixture *fixture, gconstpointer data)
{
    (void) data;
    g_assert_cmpint(vp_windows_prefetch(&fixture->windows, 4096, 65536), ==, VP_WINDOW_OK);
    for (guint i = 0; i < 1000; i++)
        get_sound(fixture, 4096 + i * 64, 64);
    g_assert_cmpstr(fixture->source.reads->str, ==, "4096+65536");
}

static void
test_prefetches_only_gaps(Fixture *fixture, gconstpointer data)
{
    (void) data;
    get_sound(fixture, 100, 10);
    g_assert_cmpint(vp_windows_prefetch(&fixture->windows, 50, 100), ==, VP_WINDOW_OK);
    g_assert_cmpint(vp_windows_prefetch(&fixture->windows, 50, 100), ==, VP_WINDOW_OK);
    g_assert_cmpstr(fixture->source.reads->str, ==, "100+10 50+50 110+40");
}

static void
test_prefetches_as_far_as_the_source_goes(Fixture *fixture, gconstpointer data)
{
    (void) data;
    g_assert_cmpint(vp_windows_prefetch(&fixture->windows, SOURCE_SIZE - 10, 100), ==,
                    VP_WINDOW_OK);
    g_assert_cmpint(vp_windows_prefetch(&fixture->windows, SOURCE_SIZE, 100), ==, VP_WINDOW_OK);
    g_assert_cmpint(vp_windows_prefetch(&fixture->windows, G_MAXUINT64, G_MAXSIZE), ==,
                    VP_WINDOW_OK);
    g_assert_cmpstr(fixture->source.reads->str, ==, "16777206+10");
}

static void
test_prefetches_within_the_budget(Fixture *fixture, gconstpointer data)
{
    (void) data;
    g_assert_cmpint(vp_windows_prefetch(&fixture->windows, 0, VP_WINDOWS_BYTES_MAX + 1), ==,
                    VP_WINDOW_LIMIT);
    g_assert_cmpstr(fixture->source.reads->str, ==, "");
}

static void
test_gives_what_there_is_at_the_end(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    g_assert_cmpint(vp_windows_get(&fixture->windows, SOURCE_SIZE - 10, 100, &reader), ==,
                    VP_WINDOW_PAST_END);
    check_bytes(reader, SOURCE_SIZE - 10, 10);
    g_assert_cmpstr(fixture->source.reads->str, ==, "16777206+10");
}

static void
test_gives_nothing_past_the_end(Fixture *fixture, gconstpointer data)
{
    static const guint64 offsets[] = { SOURCE_SIZE, SOURCE_SIZE + 1, G_MAXINT64, G_MAXUINT64 };
    static const gsize lens[] = { 1, 4096, G_MAXSIZE };

    (void) data;
    for (guint i = 0; i < G_N_ELEMENTS(offsets); i++) {
        for (guint k = 0; k < G_N_ELEMENTS(lens); k++) {
            VpReader reader;

            g_assert_cmpint(vp_windows_get(&fixture->windows, offsets[i], lens[k], &reader), ==,
                            VP_WINDOW_PAST_END);
            assert_empty(&reader);
        }
    }
    g_assert_cmpuint(fixture->windows.reads, ==, 0);
}

static void
test_fetches_nothing_for_no_bytes(Fixture *fixture, gconstpointer data)
{
    static const guint64 offsets[] = { 0, SOURCE_SIZE - 1, SOURCE_SIZE, G_MAXUINT64 };

    (void) data;
    for (guint i = 0; i < G_N_ELEMENTS(offsets); i++) {
        VpReader reader;

        g_assert_cmpint(vp_windows_get(&fixture->windows, offsets[i], 0, &reader), ==,
                        VP_WINDOW_OK);
        assert_empty(&reader);
    }
    g_assert_cmpuint(fixture->windows.reads, ==, 0);
}

static void
test_calls_a_source_that_became_shorter_an_error(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    fixture->source.ends_at = 1000;
    g_assert_cmpint(vp_windows_get(&fixture->windows, 900, 200, &reader), ==, VP_WINDOW_IO_ERROR);
    g_assert_cmpint(vp_windows_errno(&fixture->windows), ==, EIO);
    assert_empty(&reader);
}

static void
test_keeps_the_reason_of_a_failed_read(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    fixture->source.fails_with = ENXIO;
    g_assert_cmpint(vp_windows_get(&fixture->windows, 0, 100, &reader), ==, VP_WINDOW_IO_ERROR);
    g_assert_cmpint(vp_windows_errno(&fixture->windows), ==, ENXIO);
    assert_empty(&reader);
}

static void
test_reads_on_after_a_failed_read(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    get_sound(fixture, 0, 100);
    fixture->source.fails_with = EIO;
    g_assert_cmpint(vp_windows_get(&fixture->windows, 50, 100, &reader), ==, VP_WINDOW_IO_ERROR);
    fixture->source.fails_with = 0;
    get_sound(fixture, 50, 100);
    get_sound(fixture, 0, 100);
}

static void
test_counts_failed_reads_too(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    fixture->source.fails_with = EIO;
    for (guint i = 0; i < VP_WINDOWS_READS_MAX; i++)
        g_assert_cmpint(vp_windows_get(&fixture->windows, 0, 16, &reader), ==, VP_WINDOW_IO_ERROR);
    assert_limit(fixture, 0, 16);
}

static void
test_points_into_memory_without_a_copy(void)
{
    static const guint8 memory[1000];
    VpSource source;
    VpWindows windows;
    VpReader reader;

    vp_source_memory_init(&source, memory, sizeof memory);
    vp_windows_init(&windows, &source);
    g_assert_cmpint(vp_windows_get(&windows, 100, 50, &reader), ==, VP_WINDOW_OK);
    g_assert_true(reader.data == memory + 100);
    g_assert_cmpint(vp_windows_get(&windows, 140, 50, &reader), ==, VP_WINDOW_OK);
    g_assert_true(reader.data == memory + 140);
    vp_windows_clear(&windows);
}

typedef struct {
    guint64 offset;
    gsize len;
} Request;

static void
test_counts_memory_like_any_other_source(Fixture *fixture, gconstpointer data)
{
    static const Request requests[] = {
        { 0, 100 },
        { 50, 100 },
        { 4096, 512 },
        { 0, 4096 },
        { 2 * MIB, MIB },
        { 3 * MIB, 512 * KIB },
        { 15 * MIB, 2 * MIB },
        { 6 * MIB, 4 * MIB },
        { 7 * MIB, 100 },
        { 0, 2 * MIB },
    };
    g_autofree guint8 *memory = g_malloc0(SOURCE_SIZE);
    VpSource source;
    VpWindows windows;

    (void) data;
    vp_source_memory_init(&source, memory, SOURCE_SIZE);
    vp_windows_init(&windows, &source);
    for (guint i = 0; i < G_N_ELEMENTS(requests); i++) {
        VpReader from_memory;
        VpReader from_file;

        g_test_message("request %u", i);
        g_assert_cmpint(
            vp_windows_get(&windows, requests[i].offset, requests[i].len, &from_memory), ==,
            vp_windows_get(&fixture->windows, requests[i].offset, requests[i].len, &from_file));
        g_assert_cmpuint(from_memory.size, ==, from_file.size);
        g_assert_cmpuint(windows.reads, ==, fixture->windows.reads);
        g_assert_cmpuint(windows.bytes, ==, fixture->windows.bytes);
        g_assert_cmpuint(windows.memory, ==, fixture->windows.memory);
    }
    vp_windows_clear(&windows);
}

static void
add(const char *path, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, NULL, fixture_set_up, test, fixture_tear_down);
}

static void
add_gap_tests(void)
{
    add("/windows/fetches-a-range-once", test_fetches_a_range_once);
    add("/windows/fetches-only-what-follows-a-window", test_fetches_only_what_follows_a_window);
    add("/windows/fetches-only-what-precedes-a-window", test_fetches_only_what_precedes_a_window);
    add("/windows/fetches-only-the-gaps-between-windows",
        test_fetches_only_the_gaps_between_windows);
    add("/windows/fetches-nothing-when-windows-fill-the-range",
        test_fetches_nothing_when_windows_fill_the_range);
    add("/windows/fetches-nothing-for-no-bytes", test_fetches_nothing_for_no_bytes);
    add("/windows/keeps-old-readers-valid", test_keeps_old_readers_valid);
    add("/windows/shows-one-copy-of-a-byte-that-changes",
        test_shows_one_copy_of_a_byte_that_changes);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_gap_tests();
    add("/windows/budget/allows-64-reads", test_allows_64_reads);
    add("/windows/budget/gives-known-bytes-when-it-is-spent",
        test_gives_known_bytes_when_the_budget_is_spent);
    add("/windows/budget/allows-4-mib", test_allows_4_mib);
    add("/windows/budget/refuses-more-than-4-mib-at-once", test_refuses_more_than_4_mib_at_once);
    add("/windows/budget/bounds-the-memory-of-copies", test_bounds_the_memory_of_copies);
    add("/windows/budget/charges-nothing-for-a-refused-range",
        test_charges_nothing_for_a_refused_range);
    add("/windows/budget/counts-memory-like-any-other-source",
        test_counts_memory_like_any_other_source);
    add("/windows/prefetch/serves-many-small-reads", test_prefetches_for_many_small_reads);
    add("/windows/prefetch/fetches-only-gaps", test_prefetches_only_gaps);
    add("/windows/prefetch/goes-as-far-as-the-source", test_prefetches_as_far_as_the_source_goes);
    add("/windows/prefetch/stays-within-the-budget", test_prefetches_within_the_budget);
    add("/windows/end/gives-what-there-is", test_gives_what_there_is_at_the_end);
    add("/windows/end/gives-nothing-past-it", test_gives_nothing_past_the_end);
    add("/windows/error/is-a-source-that-became-shorter",
        test_calls_a_source_that_became_shorter_an_error);
    add("/windows/error/keeps-the-reason", test_keeps_the_reason_of_a_failed_read);
    add("/windows/error/does-not-end-reading", test_reads_on_after_a_failed_read);
    add("/windows/error/counts-against-the-budget", test_counts_failed_reads_too);
    g_test_add_func("/windows/memory/is-not-copied", test_points_into_memory_without_a_copy);
    return g_test_run();
}
