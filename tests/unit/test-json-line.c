/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-json-line.c: a line holds the same bytes as what the compact writer writes. */
#include "util/json-line.h"

#include "util/json-writer.h"

#include <string.h>

#define LENGTH_MAX 40

static const VpJsonKey text_key = VP_JSON_KEY("text");
static const VpJsonKey number_key = VP_JSON_KEY("a-longer-number");

static GString *
by_writer(const char *text, gsize len, guint64 number)
{
    GString *out = g_string_new("before ");
    VpJsonWriter writer;

    vp_json_writer_init(&writer, out, TRUE);
    vp_json_object_begin(&writer);
    vp_json_key(&writer, "text");
    vp_json_string(&writer, text, len);
    vp_json_key(&writer, "a-longer-number");
    vp_json_uint(&writer, number);
    vp_json_object_end(&writer);
    return out;
}

/* The text stands at the end of its memory, where reading too much would be noticed. */
static void
check(const char *bytes, gsize len, guint64 number, gboolean is_plain)
{
    g_autofree char *text = g_memdup2(bytes, len);
    GString *out = g_string_new("before ");
    GString *expected = by_writer(bytes, len, number);
    VpJsonLine line;

    vp_json_line_begin(&line, out);
    g_assert_cmpint(vp_json_line_string(&line, &text_key, text != NULL ? text : "", len), ==,
                    is_plain);
    vp_json_line_uint(&line, &number_key, number);
    vp_json_line_end(&line);
    g_assert_cmpstr(out->str, ==, expected->str);
    g_assert_cmpuint(out->len, ==, expected->len);
    g_string_free(out, TRUE);
    g_string_free(expected, TRUE);
}

static void
test_writes_texts_of_every_length(void)
{
    char text[LENGTH_MAX];

    for (gsize i = 0; i < sizeof text; i++)
        text[i] = (char) ('A' + i);
    for (gsize len = 0; len <= sizeof text; len++) {
        text[LENGTH_MAX - 1] = '~';
        check(text, len, len, memchr(text, '\\', len) == NULL);
    }
}

static void
test_finds_an_odd_byte_wherever_it_is(void)
{
    static const char odd[] = { 0x1f, 0x7f, '"', '\\', '\0', '\n', (char) 0x80, (char) 0xff };
    char text[LENGTH_MAX];

    for (gsize len = 1; len <= sizeof text; len++) {
        for (gsize place = 0; place < len; place++) {
            for (guint i = 0; i < sizeof odd; i++) {
                memset(text, 'x', sizeof text);
                text[place] = odd[i];
                check(text, len, 0, FALSE);
            }
        }
    }
}

static void
test_writes_numbers_of_every_length(void)
{
    guint64 power = 1;

    for (guint digits = 1; digits <= VP_DECIMAL_MAX; digits++, power *= 10) {
        check("x", 1, power - 1, TRUE);
        check("x", 1, power, TRUE);
        check("x", 1, power + 1, TRUE);
    }
    for (guint bit = 0; bit < 64; bit++)
        check("x", 1, (G_GUINT64_CONSTANT(1) << bit) - 1, TRUE);
    check("x", 1, G_MAXUINT64, TRUE);
}

static void
test_grows_with_what_is_written(void)
{
    g_autofree char *text = g_strnfill(1 << 20, 'x');

    check(text, 1 << 20, 1, TRUE);
    text[1 << 19] = '"';
    check(text, 1 << 20, 1, FALSE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-line/writes-texts-of-every-length", test_writes_texts_of_every_length);
    g_test_add_func("/json-line/finds-an-odd-byte-wherever-it-is",
                    test_finds_an_odd_byte_wherever_it_is);
    g_test_add_func("/json-line/writes-numbers-of-every-length",
                    test_writes_numbers_of_every_length);
    g_test_add_func("/json-line/grows-with-what-is-written", test_grows_with_what_is_written);
    return g_test_run();
}
