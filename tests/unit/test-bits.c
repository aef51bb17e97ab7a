/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-bits.c: sets of named bits are looked up by number, up to the last of 64. */
#include "util/bits.h"

static const VpBitName names[] = {
    { 0, "first", "key-of-first" },
    { 5, "known, not represented", NULL },
    { 63, "last", "key-of-last" },
    VP_BIT_NAMES_END,
};

static const VpBitName no_names[] = { VP_BIT_NAMES_END };

static void
test_finds_a_bit_by_its_number(void)
{
    g_assert_cmpstr(vp_bit_names_find(names, 0)->name, ==, "first");
    g_assert_cmpstr(vp_bit_names_find(names, 5)->name, ==, "known, not represented");
    g_assert_null(vp_bit_names_find(names, 5)->key);
    g_assert_cmpstr(vp_bit_names_find(names, 63)->key, ==, "key-of-last");
}

static void
test_finds_no_bit_that_has_no_name(void)
{
    g_assert_null(vp_bit_names_find(names, 1));
    g_assert_null(vp_bit_names_find(names, 62));
    g_assert_null(vp_bit_names_find(no_names, 0));
    g_assert_null(vp_bit_names_find(NULL, 0));
}

static void
test_never_finds_the_end_of_a_table(void)
{
    g_assert_null(vp_bit_names_find(names, 64));
    g_assert_null(vp_bit_names_find(names, G_MAXUINT));
}

static void
test_joins_all_known_bits_to_a_mask(void)
{
    g_assert_cmphex(vp_bit_names_mask(names), ==, 0x8000000000000021);
    g_assert_cmphex(vp_bit_names_mask(no_names), ==, 0);
    g_assert_cmphex(vp_bit_names_mask(NULL), ==, 0);
}

static void
test_tells_set_bits_from_clear_ones(void)
{
    for (guint bit = 0; bit < 64; bit++) {
        guint64 one = G_GUINT64_CONSTANT(1) << bit;

        g_assert_true(vp_bit_is_set(one, bit));
        g_assert_false(vp_bit_is_set(~one, bit));
    }
}

static void
test_takes_bits_beyond_the_set_for_clear(void)
{
    g_assert_false(vp_bit_is_set(G_MAXUINT64, 64));
    g_assert_false(vp_bit_is_set(G_MAXUINT64, G_MAXUINT));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bits/finds-a-bit-by-its-number", test_finds_a_bit_by_its_number);
    g_test_add_func("/bits/finds-no-bit-that-has-no-name", test_finds_no_bit_that_has_no_name);
    g_test_add_func("/bits/never-finds-the-end-of-a-table", test_never_finds_the_end_of_a_table);
    g_test_add_func("/bits/joins-all-known-bits-to-a-mask", test_joins_all_known_bits_to_a_mask);
    g_test_add_func("/bits/tells-set-bits-from-clear-ones", test_tells_set_bits_from_clear_ones);
    g_test_add_func("/bits/takes-bits-beyond-the-set-for-clear",
                    test_takes_bits_beyond_the_set_for_clear);
    return g_test_run();
}
