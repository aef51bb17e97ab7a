/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-format-set.c: sets of formats on both sides of the border of a word. */
#include "storage/format-set.h"

static const guint numbers[] = { 0, 1, 31, 32, 63, 64, 65, 127 };

static VpFormatSet
set_of_all(void)
{
    VpFormatSet set = vp_format_set_empty();

    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        set = vp_format_set_or(set, vp_format_set_one(numbers[i]));
    return set;
}

static void
test_one_has_itself_alone(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        VpFormatSet one = vp_format_set_one(numbers[i]);

        g_assert_cmpuint(vp_format_set_first(one), ==, numbers[i]);
        for (guint k = 0; k < VP_FORMATS_MAX; k++)
            g_assert_cmpint(vp_format_set_has(one, k), ==, k == numbers[i]);
    }
}

static void
test_take_goes_through_all_in_order(void)
{
    VpFormatSet rest = set_of_all();

    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_assert_false(vp_format_set_is_empty(rest));
        g_assert_cmpuint(vp_format_set_take(&rest), ==, numbers[i]);
    }
    g_assert_true(vp_format_set_is_empty(rest));
}

static void
test_words_do_not_mix(void)
{
    VpFormatSet low = vp_format_set_one(3);
    VpFormatSet high = vp_format_set_one(64 + 3);
    VpFormatSet both = vp_format_set_or(low, high);

    g_assert_false(vp_format_set_meets(low, high));
    g_assert_false(vp_format_set_is_equal(low, high));
    g_assert_true(vp_format_set_meets(both, high));
    g_assert_true(vp_format_set_is_equal(vp_format_set_without(both, low), high));
    g_assert_true(vp_format_set_is_equal(vp_format_set_without(both, high), low));
    g_assert_true(vp_format_set_is_equal(vp_format_set_and(both, high), high));
    g_assert_true(vp_format_set_is_empty(vp_format_set_and(low, high)));
}

static void
test_all_has_each(void)
{
    VpFormatSet rest = vp_format_set_all();

    for (guint i = 0; i < VP_FORMATS_MAX; i++)
        g_assert_cmpuint(vp_format_set_take(&rest), ==, i);
    g_assert_true(vp_format_set_is_empty(rest));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/format-set/one-has-itself-alone", test_one_has_itself_alone);
    g_test_add_func("/format-set/take-goes-through-all-in-order",
                    test_take_goes_through_all_in_order);
    g_test_add_func("/format-set/words-do-not-mix", test_words_do_not_mix);
    g_test_add_func("/format-set/all-has-each", test_all_has_each);
    return g_test_run();
}
