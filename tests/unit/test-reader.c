/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-reader.c: the cursor over untrusted bytes reads both byte orders and never past its end. */
#include "util/reader.h"

static const guint8 counting[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a };

static void
test_reads_big_endian_numbers(void)
{
    VpReader reader;

    vp_reader_init(&reader, counting, sizeof counting, 0);
    g_assert_cmphex(vp_reader_u8(&reader), ==, 0x01);
    g_assert_cmphex(vp_reader_u16be(&reader), ==, 0x0203);
    g_assert_cmphex(vp_reader_u32be(&reader), ==, 0x04050607);
    vp_reader_seek(&reader, 0);
    g_assert_cmphex(vp_reader_u64be(&reader), ==, 0x0102030405060708);
    g_assert_false(vp_reader_failed(&reader));
}

static void
test_reads_little_endian_numbers(void)
{
    VpReader reader;

    vp_reader_init(&reader, counting, sizeof counting, 0);
    g_assert_cmphex(vp_reader_u16le(&reader), ==, 0x0201);
    g_assert_cmphex(vp_reader_u32le(&reader), ==, 0x06050403);
    vp_reader_seek(&reader, 0);
    g_assert_cmphex(vp_reader_u64le(&reader), ==, 0x0807060504030201);
    g_assert_false(vp_reader_failed(&reader));
}

static void
test_reads_numbers_of_every_width(void)
{
    static const struct {
        guint width;
        guint64 big;
        guint64 little;
    } cases[] = {
        { 1, 0x01, 0x01 },
        { 2, 0x0102, 0x0201 },
        { 3, 0x010203, 0x030201 },
        { 4, 0x01020304, 0x04030201 },
        { 5, 0x0102030405, 0x0504030201 },
        { 6, 0x010203040506, 0x060504030201 },
        { 7, 0x01020304050607, 0x07060504030201 },
        { 8, 0x0102030405060708, 0x0807060504030201 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        VpReader reader;

        vp_reader_init(&reader, counting, sizeof counting, 0);
        g_assert_cmphex(vp_reader_uint(&reader, cases[i].width, VP_ORDER_BIG), ==, cases[i].big);
        vp_reader_seek(&reader, 0);
        g_assert_cmphex(vp_reader_uint(&reader, cases[i].width, VP_ORDER_LITTLE), ==,
                        cases[i].little);
        g_assert_cmpuint(vp_reader_remaining(&reader), ==, sizeof counting - cases[i].width);
    }
}

static void
test_gives_zero_when_a_number_is_cut(void)
{
    for (guint width = 1; width <= 8; width++) {
        VpReader reader;

        vp_reader_init(&reader, counting, width - 1, 0);
        g_assert_cmphex(vp_reader_uint(&reader, width, VP_ORDER_BIG), ==, 0);
        g_assert_true(vp_reader_failed(&reader));
    }
}

static void
test_stays_failed_after_a_cut_read(void)
{
    VpReader reader;

    vp_reader_init(&reader, counting, 4, 0);
    vp_reader_skip(&reader, 1);
    g_assert_cmphex(vp_reader_u32be(&reader), ==, 0);
    g_assert_cmphex(vp_reader_u8(&reader), ==, 0);
    vp_reader_seek(&reader, 0);
    g_assert_cmphex(vp_reader_u8(&reader), ==, 0);
    g_assert_cmpuint(vp_reader_remaining(&reader), ==, 0);
    g_assert_true(vp_reader_failed(&reader));
}

static void
test_remembers_where_the_first_read_failed(void)
{
    VpReader reader;

    vp_reader_init(&reader, counting, 4, 512);
    vp_reader_skip(&reader, 3);
    vp_reader_u16be(&reader);
    vp_reader_u64be(&reader);
    g_assert_cmpuint(reader.failed_at, ==, 515);
}

static void
test_borrows_bytes_without_a_copy(void)
{
    VpReader reader;

    vp_reader_init(&reader, counting, sizeof counting, 0);
    vp_reader_skip(&reader, 2);
    g_assert_true(vp_reader_bytes(&reader, 3) == counting + 2);
    g_assert_cmpuint(vp_reader_remaining(&reader), ==, 5);
}

static void
test_gives_no_bytes_when_too_many_are_asked_for(void)
{
    static const gsize lens[] = { 9, 10, G_MAXSIZE - 1, G_MAXSIZE };

    for (guint i = 0; i < G_N_ELEMENTS(lens); i++) {
        VpReader reader;

        vp_reader_init(&reader, counting, sizeof counting, 0);
        vp_reader_skip(&reader, 2);
        g_assert_null(vp_reader_bytes(&reader, lens[i]));
        g_assert_true(vp_reader_failed(&reader));
    }
}

static void
test_seeks_to_its_end_but_not_beyond(void)
{
    VpReader reader;

    vp_reader_init(&reader, counting, sizeof counting, 0);
    vp_reader_seek(&reader, sizeof counting);
    g_assert_false(vp_reader_failed(&reader));
    g_assert_cmpuint(vp_reader_remaining(&reader), ==, 0);
    vp_reader_seek(&reader, sizeof counting + 1);
    g_assert_true(vp_reader_failed(&reader));
}

static void
test_fails_when_a_skip_leaves_its_bytes(void)
{
    VpReader reader;

    vp_reader_init(&reader, counting, sizeof counting, 0);
    vp_reader_skip(&reader, G_MAXSIZE);
    g_assert_true(vp_reader_failed(&reader));
}

static void
test_reads_nothing_from_no_bytes(void)
{
    VpReader reader;

    vp_reader_init(&reader, NULL, 0, 0);
    vp_reader_bytes(&reader, 0);
    g_assert_false(vp_reader_failed(&reader));
    g_assert_cmphex(vp_reader_u8(&reader), ==, 0);
    g_assert_true(vp_reader_failed(&reader));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reader/reads-big-endian-numbers", test_reads_big_endian_numbers);
    g_test_add_func("/reader/reads-little-endian-numbers", test_reads_little_endian_numbers);
    g_test_add_func("/reader/reads-numbers-of-every-width", test_reads_numbers_of_every_width);
    g_test_add_func("/reader/gives-zero-when-a-number-is-cut",
                    test_gives_zero_when_a_number_is_cut);
    g_test_add_func("/reader/stays-failed-after-a-cut-read", test_stays_failed_after_a_cut_read);
    g_test_add_func("/reader/remembers-where-the-first-read-failed",
                    test_remembers_where_the_first_read_failed);
    g_test_add_func("/reader/borrows-bytes-without-a-copy", test_borrows_bytes_without_a_copy);
    g_test_add_func("/reader/gives-no-bytes-when-too-many-are-asked-for",
                    test_gives_no_bytes_when_too_many_are_asked_for);
    g_test_add_func("/reader/seeks-to-its-end-but-not-beyond",
                    test_seeks_to_its_end_but_not_beyond);
    g_test_add_func("/reader/fails-when-a-skip-leaves-its-bytes",
                    test_fails_when_a_skip_leaves_its_bytes);
    g_test_add_func("/reader/reads-nothing-from-no-bytes", test_reads_nothing_from_no_bytes);
    return g_test_run();
}
