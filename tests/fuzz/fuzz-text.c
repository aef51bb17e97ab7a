/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-text.c: bytes that claim to be text: escaped, written as JSON, used as a file's name. */
#include "fuzz.h"

#include "util/json-writer.h"
#include "util/text.h"

#include <jansson.h>
#include <string.h>

/* Every byte is looked at, none twice, and GLib agrees about what is text. */
static void
check_next(const guint8 *data, gsize size)
{
    gsize used;

    for (gsize pos = 0; pos < size; pos += used) {
        guint32 code = vp_text_next(data + pos, size - pos, &used);

        g_assert_cmpuint(used, >=, 1);
        g_assert_cmpuint(used, <=, size - pos);
        if (code == VP_TEXT_INVALID || code == 0)
            continue;
        g_assert_true(g_utf8_validate((const char *) data + pos, (gssize) used, NULL));
        g_assert_cmpuint(g_utf8_get_char((const char *) data + pos), ==, code);
    }
}

/* What is escaped is clean, and what is clean stays as it is. */
static void
check_escape(const guint8 *data, gsize size)
{
    g_autofree char *escaped = vp_text_escape(data, size);
    g_autofree char *again = vp_text_escape(escaped, strlen(escaped));
    gsize len = strlen(escaped);

    g_assert_true(vp_text_is_clean(escaped, len));
    g_assert_true(g_utf8_validate(escaped, -1, NULL));
    g_assert_cmpstr(again, ==, escaped);
    g_assert_cmpint(vp_text_is_clean(data, size), ==,
                    len == size && memcmp(escaped, data, size) == 0);
}

/* Without loss means: a JSON reader gets the same bytes back, and they have no NUL, which ends C strings. */
static void
check_json_string(const guint8 *data, gsize size)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VpJsonWriter writer;
    json_error_t error;
    json_t *value;
    gboolean is_same;

    vp_json_writer_init(&writer, out, TRUE);
    vp_json_string(&writer, data, size);
    value = json_loadb(out->str, out->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (value == NULL)
        g_error("not JSON: %s at byte %d", error.text, error.position);
    is_same =
        json_string_length(value) == size && memcmp(json_string_value(value), data, size) == 0;
    g_assert_cmpint(vp_text_is_lossless(data, size), ==,
                    is_same && memchr(json_string_value(value), 0, size) == NULL);
    json_decref(value);
}

/* Whoever may create files chooses their names too. */
static void
check_name(const guint8 *data, gsize size)
{
    g_autofree char *name = g_strndup((const char *) data, size);
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_memory(data, size, name, "raw", VIRT_PROBE_DESCRIBE_FULL, NULL);

    g_assert_nonnull(image);
    g_assert_cmpstr(virt_probe_record_get_text(image, "filename"), ==, name);
    fuzz_check_outputs(image);
}

static void
check_numbers(const guint8 *data, gsize size)
{
    g_autoptr(GString) out = g_string_new(NULL);
    guint64 value = 0;

    vp_text_append_hex(out, data, size);
    g_assert_cmpuint(out->len, ==, 2 * size);
    g_assert_cmpuint(strspn(out->str, "0123456789abcdef"), ==, out->len);
    if (size < sizeof value)
        return;
    memcpy(&value, data, sizeof value);
    g_string_truncate(out, 0);
    vp_text_append_size(out, value);
    g_assert_cmpuint(out->len, <=, strlen("1.02e+03 KiB"));
    g_assert_cmpuint(strspn(out->str, "0123456789.e+ KMGTPEiB"), ==, out->len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const guint8 nothing[1];

    if (size == 0)
        data = nothing; /* memcmp() and memchr() want a place even for no bytes */
    check_next(data, size);
    check_escape(data, size);
    check_json_string(data, size);
    check_name(data, size);
    check_numbers(data, size);
    return 0;
}
