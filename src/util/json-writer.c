/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-writer.c: writes JSON piece by piece into a GString, laid out as QEMU's tools do. */
#include "util/json-writer.h"

#include "util/text.h"

#include <string.h>

#define INDENT 4

/* Where the next bytes go, with room for len of them. */
static inline char *
room_for(GString *out, gsize len)
{
    gsize before = out->len;

    if (G_UNLIKELY(len >= out->allocated_len - before)) {
        g_string_set_size(out, before + len);
        out->len = before;
    }
    return out->str + before;
}

/* The bytes up to end were filled. */
static inline void
filled_to(GString *out, char *end)
{
    end[0] = '\0';
    out->len = (gsize) (end - out->str);
}

static inline void
append_bytes(GString *out, const void *bytes, gsize len)
{
    char *place = room_for(out, len);

    memcpy(place, bytes, len);
    filled_to(out, place + len);
}

static inline void
append_byte(GString *out, char byte)
{
    append_bytes(out, &byte, 1);
}

void
vp_json_writer_init(VpJsonWriter *writer, GString *out, gboolean is_compact)
{
    *writer = (VpJsonWriter) { .out = out, .is_compact = is_compact };
}

static void
writer_new_line(VpJsonWriter *writer)
{
    static const char spaces[VP_JSON_DEPTH_MAX * INDENT + 2] =
        "\n"
        "                                                                "
        "                                                                ";

    if (!writer->is_compact)
        append_bytes(writer->out, spaces, writer->depth * INDENT + 1);
}

/* What stands before an item: a comma and a new line, or nothing when its key was just written. */
static void
writer_begin_item(VpJsonWriter *writer)
{
    if (writer->has_key) {
        writer->has_key = FALSE;
        return;
    }
    if (writer->depth == 0)
        return;
    if (writer->has_items[writer->depth - 1])
        append_bytes(writer->out, ", ", writer->is_compact ? 2 : 1);
    writer->has_items[writer->depth - 1] = TRUE;
    writer_new_line(writer);
}

static void
writer_open(VpJsonWriter *writer, char bracket)
{
    g_return_if_fail(writer->depth < VP_JSON_DEPTH_MAX);

    writer_begin_item(writer);
    append_byte(writer->out, bracket);
    writer->has_items[writer->depth++] = FALSE;
}

static void
writer_close(VpJsonWriter *writer, char bracket)
{
    g_return_if_fail(writer->depth > 0);

    writer->depth--;
    writer_new_line(writer);
    append_byte(writer->out, bracket);
}

void
vp_json_object_begin(VpJsonWriter *writer)
{
    writer_open(writer, '{');
}

void
vp_json_object_end(VpJsonWriter *writer)
{
    writer_close(writer, '}');
}

void
vp_json_array_begin(VpJsonWriter *writer)
{
    writer_open(writer, '[');
}

void
vp_json_array_end(VpJsonWriter *writer)
{
    writer_close(writer, ']');
}

void
vp_json_key(VpJsonWriter *writer, const char *key)
{
    gsize len = strlen(key);
    char *place;

    writer_begin_item(writer);
    place = room_for(writer->out, len + 4);
    place[0] = '"';
    memcpy(place + 1, key, len);
    memcpy(place + 1 + len, "\": ", 3);
    filled_to(writer->out, place + len + 4);
    writer->has_key = TRUE;
}

static void
append_code_point(GString *out, guint32 code)
{
    static const char escaped[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";

    for (guint i = 0; i < sizeof escaped - 1; i++) {
        if (code == (guint32) escaped[i]) {
            g_string_append_c(out, '\\');
            g_string_append_c(out, letters[i]);
            return;
        }
    }
    if (code >= 0x20 && code < 0x7f)
        g_string_append_c(out, (char) code);
    else if (code > 0xffff)
        g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
                               0xdc00 + ((code - 0x10000) & 0x3ff));
    else
        g_string_append_printf(out, "\\u%04x", code);
}

/* Text that is not plain all through. */
static void
append_text(GString *out, const guint8 *text, gsize len)
{
    gsize pos = 0;

    while (pos < len) {
        gsize used = vp_text_plain_prefix(text + pos, len - pos);

        if (used > 0) {
            append_bytes(out, text + pos, used);
        } else {
            guint32 code = vp_text_next(text + pos, len - pos, &used);

            append_code_point(out, code == VP_TEXT_INVALID ? 0xfffd : code);
        }
        pos += used;
    }
}

gboolean
vp_json_string(VpJsonWriter *writer, const void *bytes, gsize len)
{
    gboolean is_plain = vp_text_plain_prefix(bytes, len) == len;
    char *place;

    writer_begin_item(writer);
    if (!is_plain) {
        append_byte(writer->out, '"');
        append_text(writer->out, bytes, len);
        append_byte(writer->out, '"');
        return FALSE;
    }
    place = room_for(writer->out, len + 2);
    place[0] = '"';
    memcpy(place + 1, bytes, len);
    place[len + 1] = '"';
    filled_to(writer->out, place + len + 2);
    return TRUE;
}

static void
append_number(GString *out, guint64 value)
{
    char digits[VP_DECIMAL_MAX];
    const char *first = vp_text_decimal(digits + sizeof digits, value, 1);

    append_bytes(out, first, (gsize) (digits + sizeof digits - first));
}

void
vp_json_uint(VpJsonWriter *writer, guint64 value)
{
    writer_begin_item(writer);
    append_number(writer->out, value);
}

void
vp_json_int(VpJsonWriter *writer, gint64 value)
{
    writer_begin_item(writer);
    if (value < 0)
        g_string_append_c(writer->out, '-');
    append_number(writer->out, value < 0 ? -(guint64) value : (guint64) value);
}

void
vp_json_decimal(VpJsonWriter *writer, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE + 400];

    writer_begin_item(writer);
    /* Whatever the locale. */
    g_string_append(writer->out, g_ascii_formatd(text, sizeof text, "%.2f", value));
}

void
vp_json_bool(VpJsonWriter *writer, gboolean value)
{
    writer_begin_item(writer);
    g_string_append(writer->out, value ? "true" : "false");
}
