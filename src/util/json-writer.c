/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-writer.c: writes JSON piece by piece into a GString, laid out as QEMU's tools do. */
#include "util/json-writer.h"

#include "util/text.h"

#include <string.h>

#define INDENT 4

/* Room for len bytes at the end, to be filled. As g_string_append_len(), without its cost where there is room. */
static char *
extend(GString *out, gsize len)
{
    gsize before = out->len;

    if (len >= out->allocated_len - before) {
        g_string_set_size(out, before + len);
    } else {
        out->len = before + len;
        out->str[out->len] = '\0';
    }
    return out->str + before;
}

static void
append_bytes(GString *out, const void *bytes, gsize len)
{
    memcpy(extend(out, len), bytes, len);
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
    g_string_append_c(writer->out, bracket);
    writer->has_items[writer->depth++] = FALSE;
}

static void
writer_close(VpJsonWriter *writer, char bracket)
{
    g_return_if_fail(writer->depth > 0);

    writer->depth--;
    writer_new_line(writer);
    g_string_append_c(writer->out, bracket);
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
    place = extend(writer->out, len + 4);
    place[0] = '"';
    memcpy(place + 1, key, len);
    memcpy(place + 1 + len, "\": ", 3);
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

#define EACH(byte) (G_GUINT64_CONSTANT(0x0101010101010101) * (byte))

/* Whether eight bytes can be copied as they are, all at once: in each byte the highest bit is set by one that is above
 * 0x7e, below 0x20, a quotation mark or a backslash. Behind such a byte others may be marked without cause. */
static gboolean
word_is_plain(const guint8 *text)
{
    guint64 word;

    memcpy(&word, text, sizeof word);
    return ((word | (word + EACH(1)) | (word - EACH(0x20)) | ((word ^ EACH('"')) - EACH(1))
             | ((word ^ EACH('\\')) - EACH(1)))
            & EACH(0x80))
           == 0;
}

/* How many of the bytes can be copied as they are. */
static gsize
plain_prefix(const guint8 *text, gsize len)
{
    gsize plain = 0;

    while (plain + sizeof(guint64) <= len && word_is_plain(text + plain))
        plain += sizeof(guint64);
    while (plain < len && text[plain] >= 0x20 && text[plain] < 0x7f && text[plain] != '"'
           && text[plain] != '\\')
        plain++;
    return plain;
}

void
vp_json_string(VpJsonWriter *writer, const void *bytes, gsize len)
{
    const guint8 *text = bytes;
    gsize pos = 0;

    writer_begin_item(writer);
    g_string_append_c(writer->out, '"');
    while (pos < len) {
        gsize used = plain_prefix(text + pos, len - pos);

        if (used > 0) {
            append_bytes(writer->out, text + pos, used);
        } else {
            guint32 code = vp_text_next(text + pos, len - pos, &used);

            append_code_point(writer->out, code == VP_TEXT_INVALID ? 0xfffd : code);
        }
        pos += used;
    }
    g_string_append_c(writer->out, '"');
}

static void
append_number(GString *out, guint64 value)
{
    char digits[20];
    gsize pos = sizeof digits;

    do {
        digits[--pos] = (char) ('0' + value % 10);
        value /= 10;
    } while (value != 0);
    append_bytes(out, digits + pos, sizeof digits - pos);
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
vp_json_bool(VpJsonWriter *writer, gboolean value)
{
    writer_begin_item(writer);
    g_string_append(writer->out, value ? "true" : "false");
}
