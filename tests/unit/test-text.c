/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-text.c: bytes that claim to be text are read as QEMU reads them and shown without danger. */
#include "unit.h"
#include "util/text.h"

#include <string.h>

typedef struct {
    const char *bytes;
    gsize len;
    guint32 code;
    gsize used;
} Sequence;

static void
check_sequences(const Sequence *cases, guint count)
{
    for (guint i = 0; i < count; i++) {
        gsize used = 0;
        guint32 code = vp_text_next((const guint8 *) cases[i].bytes, cases[i].len, &used);

        g_test_message("row %u", i);
        g_assert_cmphex(code, ==, cases[i].code);
        g_assert_cmpuint(used, ==, cases[i].used);
    }
}

static void
test_decodes_sequences_of_every_length(void)
{
    static const Sequence cases[] = {
        { BYTES("A"), 'A', 1 },
        { BYTES("\0"), 0, 1 },
        { BYTES("\x7f"), 0x7f, 1 },
        { BYTES("\xc2\x80"), 0x80, 2 },
        { BYTES("\xdf\xbf"), 0x7ff, 2 },
        { BYTES("\xe0\xa0\x80"), 0x800, 3 },
        { BYTES("\xef\xbf\xbd"), 0xfffd, 3 },
        { BYTES("\xf0\x90\x80\x80"), 0x10000, 4 },
        { BYTES("\xf4\x8f\xbf\xbd"), 0x10fffd, 4 },
        { BYTES("\xc3\xa4plus"), 0xe4, 2 },
    };

    check_sequences(cases, G_N_ELEMENTS(cases));
}

static void
test_takes_the_two_byte_form_of_nul_for_nul(void)
{
    static const Sequence cases[] = { { BYTES("\xc0\x80"), 0, 2 } };

    check_sequences(cases, G_N_ELEMENTS(cases));
}

static void
test_refuses_overlong_sequences(void)
{
    static const Sequence cases[] = {
        { BYTES("\xc1\xbf"), VP_TEXT_INVALID, 2 },
        { BYTES("\xe0\x80\x80"), VP_TEXT_INVALID, 3 },
        { BYTES("\xe0\x9f\xbf"), VP_TEXT_INVALID, 3 },
        { BYTES("\xf0\x8f\xbf\xbf"), VP_TEXT_INVALID, 4 },
        { BYTES("\xf8\x88\x80\x80\x80"), VP_TEXT_INVALID, 5 },
        { BYTES("\xfc\x84\x80\x80\x80\x80"), VP_TEXT_INVALID, 6 },
    };

    check_sequences(cases, G_N_ELEMENTS(cases));
}

static void
test_refuses_code_points_that_are_no_characters(void)
{
    static const Sequence cases[] = {
        { BYTES("\xed\xa0\x80"), VP_TEXT_INVALID, 3 },     /* U+D800, a surrogate */
        { BYTES("\xed\xbf\xbf"), VP_TEXT_INVALID, 3 },     /* U+DFFF */
        { BYTES("\xef\xb7\x90"), VP_TEXT_INVALID, 3 },     /* U+FDD0 */
        { BYTES("\xef\xbf\xbe"), VP_TEXT_INVALID, 3 },     /* U+FFFE */
        { BYTES("\xf4\x8f\xbf\xbf"), VP_TEXT_INVALID, 4 }, /* U+10FFFF */
        { BYTES("\xf4\x90\x80\x80"), VP_TEXT_INVALID, 4 }, /* U+110000 */
    };

    check_sequences(cases, G_N_ELEMENTS(cases));
}

static void
test_counts_a_cut_sequence_as_one_character(void)
{
    static const Sequence cases[] = {
        { BYTES("\xc3"), VP_TEXT_INVALID, 1 },
        { BYTES("\xe2\x82"), VP_TEXT_INVALID, 2 },
        { BYTES("\xf0\x9f\x92"), VP_TEXT_INVALID, 3 },
        { BYTES("\xe2\x82"
                "A"),
          VP_TEXT_INVALID, 2 },
        { BYTES("\xe2\xe2\x82\xac"), VP_TEXT_INVALID, 1 },
    };

    check_sequences(cases, G_N_ELEMENTS(cases));
}

static void
test_refuses_bytes_that_start_no_sequence(void)
{
    static const Sequence cases[] = {
        { BYTES("\x80"), VP_TEXT_INVALID, 1 },
        { BYTES("\xbf"), VP_TEXT_INVALID, 1 },
        { BYTES("\xfe\x80"), VP_TEXT_INVALID, 1 },
        { BYTES("\xff"), VP_TEXT_INVALID, 1 },
    };

    check_sequences(cases, G_N_ELEMENTS(cases));
}

static void
test_moves_forward_whatever_the_bytes_are(void)
{
    for (guint first = 0; first < 256; first++) {
        for (guint second = 0; second < 256; second++) {
            const guint8 bytes[2] = { (guint8) first, (guint8) second };
            gsize used = 0;

            vp_text_next(bytes, sizeof bytes, &used);
            g_assert_cmpuint(used, >=, 1);
            g_assert_cmpuint(used, <=, sizeof bytes);
        }
    }
}

static void
test_calls_plain_utf8_clean(void)
{
    g_assert_true(vp_text_is_clean("", 0));
    g_assert_true(vp_text_is_clean(BYTES("base image.qcow2")));
    g_assert_true(vp_text_is_clean(BYTES("b\xc3\xa4se \xf0\x9f\x92\xbe")));
}

static void
test_calls_dangerous_text_unclean(void)
{
    static const struct {
        const char *bytes;
        gsize len;
    } cases[] = {
        { BYTES("a\0b") },         { BYTES("a\nb") },     { BYTES("\x1b[2J") },
        { BYTES("\x7f") },         { BYTES("\xc2\x9b") }, /* U+009B: starts an escape sequence in eight bits */
        { BYTES("\xe2\x80\xa8") },                        /* line separator */
        { BYTES("\xe2\x80\xae") },                        /* right-to-left override */
        { BYTES("\xe2\x81\xa6") },                        /* left-to-right isolate */
        { BYTES("\xd8\x9c") },                            /* Arabic letter mark */
        { BYTES("\xff") },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("row %u", i);
        g_assert_false(vp_text_is_clean(cases[i].bytes, cases[i].len));
    }
}

static void
test_says_which_text_json_can_hold(void)
{
    g_assert_true(vp_text_is_lossless("", 0));
    g_assert_true(vp_text_is_lossless(BYTES("line\nwith \x1b and \xc2\x9b")));
    g_assert_false(vp_text_is_lossless(BYTES("a\0b")));
    g_assert_false(vp_text_is_lossless(BYTES("\xc0\x80")));
    g_assert_false(vp_text_is_lossless(BYTES("a\xff")));
    g_assert_false(vp_text_is_lossless(BYTES("\xed\xa0\x80")));
}

static void
test_escapes_what_is_dangerous(void)
{
    static const struct {
        const char *bytes;
        gsize len;
        const char *shown;
    } cases[] = {
        { BYTES(""), "" },
        { BYTES("plain"), "plain" },
        { BYTES("a\0b"), "a\\x00b" },
        { BYTES("\x1b[2J\n"), "\\x1b[2J\\x0a" },
        { BYTES("\xc3\xa4\xc3"), "\xc3\xa4\\xc3" },
        { BYTES("\xe2\x80\xae!"), "\\xe2\\x80\\xae!" },
        { BYTES("\xe2\x82 "), "\\xe2\\x82 " },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = vp_text_escape(cases[i].bytes, cases[i].len);

        g_assert_cmpstr(shown, ==, cases[i].shown);
    }
}

static void
test_escapes_every_byte_into_clean_text(void)
{
    for (guint byte = 0; byte < 256; byte++) {
        const guint8 bytes[3] = { 'a', (guint8) byte, 'z' };
        g_autofree char *shown = vp_text_escape(bytes, sizeof bytes);

        g_assert_true(vp_text_is_clean(shown, strlen(shown)));
    }
}

static void
test_writes_sizes_with_three_digits(void)
{
    static const struct {
        guint64 size;
        const char *text;
    } cases[] = {
        { 0, "0 B" },
        { 1, "1 B" },
        { 512, "512 B" },
        { 999, "999 B" },
        { 1000, "0.977 KiB" },
        { 1024, "1 KiB" },
        { 1536, "1.5 KiB" },
        { 10 * 1024 * 1024, "10 MiB" },
        { G_GUINT64_CONSTANT(1417339208), "1.32 GiB" },
        { G_GUINT64_CONSTANT(1) << 40, "1 TiB" },
        { G_GUINT64_CONSTANT(1) << 50, "1 PiB" },
        { G_MAXUINT64, "16 EiB" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);

        vp_text_append_size(out, cases[i].size);
        g_assert_cmpstr(out->str, ==, cases[i].text);
    }
}

static void
check_size_is_rounded_as_printf_does(guint64 size)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *expected = NULL;
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    double value = (double) size;
    guint unit = 0;

    for (; value >= 1000.0 && unit + 1 < G_N_ELEMENTS(units); unit++)
        value /= 1024.0;
    g_ascii_formatd(number, sizeof number, "%.3g", value);
    expected = g_strdup_printf("%s %s", number, units[unit]);
    vp_text_append_size(out, size);
    g_assert_cmpstr(out->str, ==, expected);
}

static void
test_rounds_sizes_as_printf_does(void)
{
    for (guint64 size = 0; size < 3000; size++)
        check_size_is_rounded_as_printf_does(size);
    for (guint shift = 0; shift <= 54; shift++) {
        /* Halves, what is next to them, and what becomes 1000. */
        for (guint64 part = 1; part < 1030; part++) {
            guint64 size = part << shift;

            check_size_is_rounded_as_printf_does(size - 1);
            check_size_is_rounded_as_printf_does(size);
            check_size_is_rounded_as_printf_does(size + (size >> 1));
            check_size_is_rounded_as_printf_does(size + (size >> 7) + 1);
        }
    }
    check_size_is_rounded_as_printf_does(G_MAXUINT64);
}

static void
test_writes_bytes_as_hexadecimal_digits(void)
{
    g_autoptr(GString) out = g_string_new("0x");

    vp_text_append_hex(out, BYTES("\0\x09\xab\xff"));
    g_assert_cmpstr(out->str, ==, "0x0009abff");
}

static void
test_uuid_has_two_orders(void)
{
    static const guint8 bytes[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    g_autoptr(GString) big = g_string_new(NULL);
    g_autoptr(GString) little = g_string_new(NULL);

    vp_text_append_uuid(big, bytes, FALSE);
    vp_text_append_uuid(little, bytes, TRUE);
    g_assert_cmpstr(big->str, ==, "00010203-0405-0607-0809-0a0b0c0d0e0f");
    g_assert_cmpstr(little->str, ==, "03020100-0504-0706-0809-0a0b0c0d0e0f");
}

/* A character, a pair of surrogates, halves of such a pair at both ends, and what stands behind the NUL. */
static void
test_turns_utf16_into_utf8(void)
{
    static const guint8 little[] = { 0x00, 0xdc, 'a',  0,    0xac, 0x20, 0x3d, 0xd8,
                                     0xbe, 0xdc, 0x00, 0xd8, 0,    0,    'b',  0 };
    static const char wanted[] = "\xed\xb0\x80"
                                 "a\xe2\x82\xac\xf0\x9f\x92\xbe\xed\xa0\x80";
    guint8 big[sizeof little];
    gsize len;
    g_autofree char *from_little = vp_text_from_utf16(little, sizeof little, VP_ORDER_LITTLE, &len);
    g_autofree char *from_big = NULL;
    g_autofree char *cut = NULL;

    g_assert_cmpstr(from_little, ==, wanted);
    g_assert_cmpuint(len, ==, sizeof wanted - 1);
    g_assert_false(vp_text_is_clean(from_little, len));
    for (gsize i = 0; i < sizeof little; i++)
        big[i] = little[i ^ 1];
    from_big = vp_text_from_utf16(big, sizeof big, VP_ORDER_BIG, &len);
    g_assert_cmpstr(from_big, ==, wanted);
    cut = vp_text_from_utf16(little + 2, 3, VP_ORDER_LITTLE, &len);
    g_assert_cmpstr(cut, ==, "a");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/decodes-sequences-of-every-length",
                    test_decodes_sequences_of_every_length);
    g_test_add_func("/text/takes-the-two-byte-form-of-nul-for-nul",
                    test_takes_the_two_byte_form_of_nul_for_nul);
    g_test_add_func("/text/turns-utf16-into-utf8", test_turns_utf16_into_utf8);
    g_test_add_func("/text/refuses-overlong-sequences", test_refuses_overlong_sequences);
    g_test_add_func("/text/refuses-code-points-that-are-no-characters",
                    test_refuses_code_points_that_are_no_characters);
    g_test_add_func("/text/counts-a-cut-sequence-as-one-character",
                    test_counts_a_cut_sequence_as_one_character);
    g_test_add_func("/text/refuses-bytes-that-start-no-sequence",
                    test_refuses_bytes_that_start_no_sequence);
    g_test_add_func("/text/moves-forward-whatever-the-bytes-are",
                    test_moves_forward_whatever_the_bytes_are);
    g_test_add_func("/text/calls-plain-utf8-clean", test_calls_plain_utf8_clean);
    g_test_add_func("/text/calls-dangerous-text-unclean", test_calls_dangerous_text_unclean);
    g_test_add_func("/text/says-which-text-json-can-hold", test_says_which_text_json_can_hold);
    g_test_add_func("/text/escapes-what-is-dangerous", test_escapes_what_is_dangerous);
    g_test_add_func("/text/escapes-every-byte-into-clean-text",
                    test_escapes_every_byte_into_clean_text);
    g_test_add_func("/text/writes-sizes-with-three-digits", test_writes_sizes_with_three_digits);
    g_test_add_func("/text/rounds-sizes-as-printf-does", test_rounds_sizes_as_printf_does);
    g_test_add_func("/text/writes-bytes-as-hexadecimal-digits",
                    test_writes_bytes_as_hexadecimal_digits);
    g_test_add_func("/text/uuid-has-two-orders", test_uuid_has_two_orders);
    return g_test_run();
}
