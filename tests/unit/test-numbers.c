/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-numbers.c: arithmetic on numbers from files says when it overflows and keeps the result then. */
#include "util/numbers.h"

#define LARGEST G_MAXUINT64
/* What results are set to before, to see that they are left alone. */
#define UNTOUCHED G_GUINT64_CONSTANT(0x5555)

typedef struct {
    guint64 a;
    guint64 b;
    gboolean fits;
    guint64 result;
} Case;

typedef gboolean (*Operation)(guint64 a, guint64 b, guint64 *out_result);

static void
check_cases(Operation operation, const Case *cases, guint count)
{
    for (guint i = 0; i < count; i++) {
        guint64 result = UNTOUCHED;
        gboolean fits = operation(cases[i].a, cases[i].b, &result);

        g_test_message("%" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT, cases[i].a, cases[i].b);
        g_assert_cmpint(fits, ==, cases[i].fits);
        g_assert_cmpuint(result, ==, fits ? cases[i].result : UNTOUCHED);
    }
}

static void
test_adds_up_to_the_largest_number(void)
{
    static const Case cases[] = {
        { 0, 0, TRUE, 0 },
        { 2, 3, TRUE, 5 },
        { LARGEST, 0, TRUE, LARGEST },
        { LARGEST - 1, 1, TRUE, LARGEST },
        { LARGEST, 1, FALSE, 0 },
        { 1, LARGEST, FALSE, 0 },
        { LARGEST, LARGEST, FALSE, 0 },
    };

    check_cases(vp_checked_add, cases, G_N_ELEMENTS(cases));
}

static void
test_multiplies_up_to_the_largest_number(void)
{
    static const Case cases[] = {
        { 0, LARGEST, TRUE, 0 },
        { 7, 6, TRUE, 42 },
        { LARGEST, 1, TRUE, LARGEST },
        { LARGEST, 2, FALSE, 0 },
        { G_GUINT64_CONSTANT(1) << 32, G_GUINT64_CONSTANT(1) << 31, TRUE,
          G_GUINT64_CONSTANT(1) << 63 },
        { G_GUINT64_CONSTANT(1) << 32, G_GUINT64_CONSTANT(1) << 32, FALSE, 0 },
    };

    check_cases(vp_checked_mul, cases, G_N_ELEMENTS(cases));
}

static void
test_shifts_no_bit_out(void)
{
    static const Case cases[] = {
        { 1, 0, TRUE, 1 },        { 1, 63, TRUE, G_GUINT64_CONSTANT(1) << 63 },
        { 2, 63, FALSE, 0 },      { 3, 62, TRUE, G_GUINT64_CONSTANT(3) << 62 },
        { 5, 62, FALSE, 0 },      { LARGEST, 0, TRUE, LARGEST },
        { LARGEST, 1, FALSE, 0 }, { 0, 63, TRUE, 0 },
    };

    check_cases(vp_checked_shift_left, cases, G_N_ELEMENTS(cases));
}

static void
test_refuses_shifts_by_a_whole_number_or_more(void)
{
    static const Case cases[] = {
        { 1, 64, FALSE, 0 },
        { 0, 64, FALSE, 0 },
        { 1, LARGEST, FALSE, 0 },
        { 1, G_GUINT64_CONSTANT(1) << 32, FALSE, 0 },
    };

    check_cases(vp_checked_shift_left, cases, G_N_ELEMENTS(cases));
}

static void
test_rounds_up_to_whole_units(void)
{
    static const Case cases[] = {
        { 0, 512, TRUE, 0 },           { 1, 512, TRUE, 512 },
        { 512, 512, TRUE, 512 },       { 513, 512, TRUE, 1024 },
        { 10, 3, TRUE, 12 },           { LARGEST - 511, 512, TRUE, LARGEST - 511 },
        { LARGEST, 512, FALSE, 0 },    { LARGEST - 510, 512, FALSE, 0 },
        { LARGEST, 1, TRUE, LARGEST },
    };

    check_cases(vp_checked_round_up, cases, G_N_ELEMENTS(cases));
}

static void
test_divides_and_rounds_up(void)
{
    g_assert_cmpuint(vp_divide_up(0, 8), ==, 0);
    g_assert_cmpuint(vp_divide_up(1, 8), ==, 1);
    g_assert_cmpuint(vp_divide_up(8, 8), ==, 1);
    g_assert_cmpuint(vp_divide_up(9, 8), ==, 2);
    g_assert_cmpuint(vp_divide_up(LARGEST, 1), ==, LARGEST);
    g_assert_cmpuint(vp_divide_up(LARGEST, 2), ==, G_GUINT64_CONSTANT(1) << 63);
}

static void
test_knows_multiples(void)
{
    g_assert_true(vp_is_aligned(0, 512));
    g_assert_true(vp_is_aligned(1024, 512));
    g_assert_true(vp_is_aligned(9, 3));
    g_assert_false(vp_is_aligned(511, 512));
    g_assert_false(vp_is_aligned(LARGEST, 512));
}

static void
test_knows_powers_of_two(void)
{
    g_assert_false(vp_is_power_of_two(0));
    g_assert_false(vp_is_power_of_two(3));
    g_assert_false(vp_is_power_of_two(LARGEST));
    for (guint bit = 0; bit < 64; bit++)
        g_assert_true(vp_is_power_of_two(G_GUINT64_CONSTANT(1) << bit));
}

static void
test_reads_digits_and_nothing_else(void)
{
    static const struct {
        const char *text;
        guint base;
        guint64 minimum;
        guint64 maximum;
        gboolean is_number;
        guint64 number;
    } texts[] = {
        { "0", 10, 0, G_MAXUINT64, TRUE, 0 },
        { "18446744073709551615", 10, 0, G_MAXUINT64, TRUE, G_MAXUINT64 },
        { "18446744073709551616", 10, 0, G_MAXUINT64, FALSE, 0 },
        { "99999999999999999999", 10, 0, G_MAXUINT64, FALSE, 0 },
        { "007", 10, 0, 7, TRUE, 7 },
        { "0777", 8, 0, 0777, TRUE, 0777 },
        { "8", 8, 0, 0777, FALSE, 0 },
        { "8", 10, 0, 7, FALSE, 0 },
        { "1", 10, 2, 7, FALSE, 0 },
        { "", 10, 0, 7, FALSE, 0 },
        { " 1", 10, 0, 7, FALSE, 0 },
        { "1 ", 10, 0, 7, FALSE, 0 },
        { "+1", 10, 0, 7, FALSE, 0 },
        { "-1", 10, 0, G_MAXUINT64, FALSE, 0 },
        { "0x1", 10, 0, 7, FALSE, 0 },
        { "\xb2", 10, 0, 7, FALSE, 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        guint64 number = 12345;
        gboolean is_number = vp_number_parse(texts[i].text, texts[i].base, texts[i].minimum,
                                             texts[i].maximum, &number);

        g_assert_cmpint(is_number, ==, texts[i].is_number);
        g_assert_cmpuint(number, ==, is_number ? texts[i].number : 12345);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/numbers/adds-up-to-the-largest-number", test_adds_up_to_the_largest_number);
    g_test_add_func("/numbers/multiplies-up-to-the-largest-number",
                    test_multiplies_up_to_the_largest_number);
    g_test_add_func("/numbers/shifts-no-bit-out", test_shifts_no_bit_out);
    g_test_add_func("/numbers/refuses-shifts-by-64-bits-or-more",
                    test_refuses_shifts_by_a_whole_number_or_more);
    g_test_add_func("/numbers/rounds-up-to-whole-units", test_rounds_up_to_whole_units);
    g_test_add_func("/numbers/divides-and-rounds-up", test_divides_and_rounds_up);
    g_test_add_func("/numbers/reads-digits-and-nothing-else", test_reads_digits_and_nothing_else);
    g_test_add_func("/numbers/knows-multiples", test_knows_multiples);
    g_test_add_func("/numbers/knows-powers-of-two", test_knows_powers_of_two);
    return g_test_run();
}
