/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-json-writer.c: JSON is laid out as QEMU's tools do, and a strict parser reads it back. */
#include "unit.h"
#include "util/json-writer.h"

#include <jansson.h>
#include <string.h>

static json_t *
parse(const GString *text)
{
    json_error_t problem;
    json_t *parsed =
        json_loadb(text->str, text->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);

    if (parsed == NULL)
        g_test_message("%s in %s", problem.text, text->str);
    g_assert_nonnull(parsed);
    return parsed;
}

/* An object with a number, an empty list, a list of two and a nested object. */
static void
write_sample(VpJsonWriter *writer)
{
    vp_json_object_begin(writer);
    vp_json_key(writer, "size");
    vp_json_uint(writer, 512);
    vp_json_key(writer, "none");
    vp_json_array_begin(writer);
    vp_json_array_end(writer);
    vp_json_key(writer, "two");
    vp_json_array_begin(writer);
    vp_json_bool(writer, TRUE);
    vp_json_bool(writer, FALSE);
    vp_json_array_end(writer);
    vp_json_key(writer, "inner");
    vp_json_object_begin(writer);
    vp_json_key(writer, "name");
    vp_json_string(writer, "x", 1);
    vp_json_object_end(writer);
    vp_json_object_end(writer);
}

static void
test_lays_objects_out_with_four_blanks(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VpJsonWriter writer;

    vp_json_writer_init(&writer, out, FALSE);
    write_sample(&writer);
    g_assert_cmpstr(out->str, ==,
                    "{\n"
                    "    \"size\": 512,\n"
                    "    \"none\": [\n"
                    "    ],\n"
                    "    \"two\": [\n"
                    "        true,\n"
                    "        false\n"
                    "    ],\n"
                    "    \"inner\": {\n"
                    "        \"name\": \"x\"\n"
                    "    }\n"
                    "}");
}

static void
test_writes_one_line_when_compact(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VpJsonWriter writer;

    vp_json_writer_init(&writer, out, TRUE);
    write_sample(&writer);
    g_assert_cmpstr(out->str, ==,
                    "{\"size\": 512, \"none\": [], \"two\": [true, false], "
                    "\"inner\": {\"name\": \"x\"}}");
}

static void
test_is_read_back_by_a_strict_parser(void)
{
    for (guint is_compact = 0; is_compact < 2; is_compact++) {
        g_autoptr(GString) out = g_string_new(NULL);
        VpJsonWriter writer;
        json_t *parsed;

        vp_json_writer_init(&writer, out, is_compact != 0);
        write_sample(&writer);
        parsed = parse(out);
        g_assert_cmpint(json_integer_value(json_object_get(parsed, "size")), ==, 512);
        g_assert_cmpuint(json_array_size(json_object_get(parsed, "none")), ==, 0);
        g_assert_cmpuint(json_array_size(json_object_get(parsed, "two")), ==, 2);
        g_assert_cmpstr(
            json_string_value(json_object_get(json_object_get(parsed, "inner"), "name")), ==, "x");
        json_decref(parsed);
    }
}

typedef struct {
    const char *bytes;
    gsize len;
    const char *json;
} StringCase;

static const StringCase string_cases[] = {
    { BYTES(""), "\"\"" },
    { BYTES("plain ~"), "\"plain ~\"" },
    { BYTES("\"\\/"), "\"\\\"\\\\/\"" },
    { BYTES("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
    { BYTES("\x1b\x7f\x01"), "\"\\u001b\\u007f\\u0001\"" },
    { BYTES("\xc3\xa4"), "\"\\u00e4\"" },
    { BYTES("\xe2\x82\xac"), "\"\\u20ac\"" },
    { BYTES("\xf0\x9f\x92\xbe"), "\"\\ud83d\\udcbe\"" },
    { BYTES("\xf4\x8f\xbf\xbd"), "\"\\udbff\\udffd\"" },
    { BYTES("a\xff z"), "\"a\\ufffd z\"" },
    { BYTES("\xed\xa0\x80"), "\"\\ufffd\"" },
    { BYTES("\xe2\x82"), "\"\\ufffd\"" },
    { BYTES("a\0b"), "\"a\\u0000b\"" },
};

static void
test_escapes_strings_as_qemu_does(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(string_cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        VpJsonWriter writer;

        vp_json_writer_init(&writer, out, FALSE);
        vp_json_string(&writer, string_cases[i].bytes, string_cases[i].len);
        g_assert_cmpstr(out->str, ==, string_cases[i].json);
    }
}

static void
test_writes_every_byte_as_a_valid_string(void)
{
    for (guint byte = 1; byte < 256; byte++) {
        const guint8 bytes[3] = { 'a', (guint8) byte, 'z' };
        g_autoptr(GString) out = g_string_new(NULL);
        VpJsonWriter writer;
        json_t *parsed;

        vp_json_writer_init(&writer, out, TRUE);
        vp_json_string(&writer, bytes, sizeof bytes);
        parsed = parse(out);
        if (byte < 0x80)
            assert_same_bytes(json_string_value(parsed), json_string_length(parsed), bytes,
                              sizeof bytes);
        json_decref(parsed);
    }
}

static void
test_writes_numbers_up_to_their_ends(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VpJsonWriter writer;

    vp_json_writer_init(&writer, out, TRUE);
    vp_json_array_begin(&writer);
    vp_json_uint(&writer, 0);
    vp_json_uint(&writer, 10);
    vp_json_uint(&writer, G_MAXUINT64);
    vp_json_int(&writer, 0);
    vp_json_int(&writer, -1);
    vp_json_int(&writer, G_MAXINT64);
    vp_json_int(&writer, G_MININT64);
    vp_json_array_end(&writer);
    g_assert_cmpstr(out->str, ==,
                    "[0, 10, 18446744073709551615, 0, -1, 9223372036854775807, "
                    "-9223372036854775808]");
}

static void
test_writes_decimals_whatever_the_size(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0, "0.00" }, { 1.005, "1.00" }, { 2.999, "3.00" }, { 12345678.25, "12345678.25" }
    };
    g_autoptr(GString) out = g_string_new(NULL);
    VpJsonWriter writer;

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_string_truncate(out, 0);
        vp_json_writer_init(&writer, out, TRUE);
        vp_json_decimal(&writer, rows[i].value);
        g_assert_cmpstr(out->str, ==, rows[i].text);
    }
    vp_json_writer_init(&writer, out, TRUE);
    vp_json_decimal(&writer, G_MAXDOUBLE);
    g_assert_cmpuint(out->len, >, 300);
}

static void
test_nests_as_deep_as_it_promises(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VpJsonWriter writer;
    json_t *parsed;

    vp_json_writer_init(&writer, out, FALSE);
    for (guint i = 0; i < VP_JSON_DEPTH_MAX; i++)
        vp_json_array_begin(&writer);
    for (guint i = 0; i < VP_JSON_DEPTH_MAX; i++)
        vp_json_array_end(&writer);
    parsed = parse(out);
    g_assert_cmpuint(json_array_size(parsed), ==, 1);
    json_decref(parsed);
}

static void
test_survives_emptying_its_text_between_values(void)
{
    g_autoptr(GString) whole = g_string_new(NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    VpJsonWriter writer;

    vp_json_writer_init(&writer, out, TRUE);
    vp_json_array_begin(&writer);
    for (guint i = 0; i < 3; i++) {
        vp_json_uint(&writer, i);
        g_string_append_len(whole, out->str, (gssize) out->len);
        g_string_truncate(out, 0);
    }
    vp_json_array_end(&writer);
    g_string_append_len(whole, out->str, (gssize) out->len);
    g_assert_cmpstr(whole->str, ==, "[0, 1, 2]");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-writer/lays-objects-out-with-four-blanks",
                    test_lays_objects_out_with_four_blanks);
    g_test_add_func("/json-writer/writes-one-line-when-compact", test_writes_one_line_when_compact);
    g_test_add_func("/json-writer/is-read-back-by-a-strict-parser",
                    test_is_read_back_by_a_strict_parser);
    g_test_add_func("/json-writer/escapes-strings-as-qemu-does", test_escapes_strings_as_qemu_does);
    g_test_add_func("/json-writer/writes-every-byte-as-a-valid-string",
                    test_writes_every_byte_as_a_valid_string);
    g_test_add_func("/json-writer/writes-numbers-up-to-their-ends",
                    test_writes_numbers_up_to_their_ends);
    g_test_add_func("/json-writer/writes-decimals-whatever-the-size",
                    test_writes_decimals_whatever_the_size);
    g_test_add_func("/json-writer/nests-as-deep-as-it-promises", test_nests_as_deep_as_it_promises);
    g_test_add_func("/json-writer/survives-emptying-its-text-between-values",
                    test_survives_emptying_its_text_between_values);
    return g_test_run();
}
