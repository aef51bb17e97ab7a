/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-line.h: writes a flat JSON object on one line, many times over: the same bytes as a compact VpJsonWriter, but inline,
 * with keys that are ready to be copied, and the place of the next byte in a register. */
#pragma once

#include "util/text.h"

/* A key as it stands behind another item. */
#define VP_JSON_COMMA_LEN 2
#define VP_JSON_KEY_TEXT(key) ", \"" key "\": "
#define VP_JSON_KEY(key)                                                                           \
    {                                                                                              \
        VP_JSON_KEY_TEXT(key), sizeof VP_JSON_KEY_TEXT(key) - 1                                    \
    }
typedef struct {
    char text[32];
    gsize len;
} VpJsonKey;

/* What a key and a number take at most. */
#define VP_JSON_LINE_NUMBER_MAX (sizeof(VpJsonKey) + VP_DECIMAL_MAX + 8)

/* Between two calls of the functions below the GString holds what was written before the line. */
typedef struct {
    GString *out; /* borrowed */
    char *place;  /* in it: where the next byte goes */
    gboolean has_items;
} VpJsonLine;

/* What vp_json_line_need() does when there is not enough room. */
void vp_json_line_grow(VpJsonLine *line, gsize len);

/* Makes room for len bytes, and one more for a NUL. */
static inline void
vp_json_line_need(VpJsonLine *line, gsize len)
{
    if (G_UNLIKELY((gsize) (line->out->str + line->out->allocated_len - line->place) <= len))
        vp_json_line_grow(line, len);
}

static inline void
vp_json_line_begin(VpJsonLine *line, GString *out)
{
    *line = (VpJsonLine) { .out = out, .place = out->str + out->len };
    vp_json_line_need(line, 1);
    *line->place++ = '{';
}

/* There must be room for a whole VpJsonKey. */
static inline void
vp_json_line_key(VpJsonLine *line, const VpJsonKey *key)
{
    gsize skipped = line->has_items ? 0 : VP_JSON_COMMA_LEN;

    /* A copy of fixed length is but a few instructions. */
    memcpy(line->place, key->text + skipped, sizeof key->text - VP_JSON_COMMA_LEN);
    line->place += key->len - skipped;
    line->has_items = TRUE;
}

static inline void
vp_json_line_uint(VpJsonLine *line, const VpJsonKey *key, guint64 value)
{
    vp_json_line_need(line, VP_JSON_LINE_NUMBER_MAX);
    vp_json_line_key(line, key);
    line->place = vp_text_put_decimal(line->place, value);
}

/* Text that is not plain: as vp_json_string(). */
void vp_json_line_odd_string(VpJsonLine *line, const char *text, gsize len);

/* TRUE: it was plain ASCII, so it stands in the JSON as it is. */
static inline gboolean
vp_json_line_string(VpJsonLine *line, const VpJsonKey *key, const char *text, gsize len)
{
    vp_json_line_need(line, sizeof *key + len + 2);
    vp_json_line_key(line, key);
    if (!vp_text_copy_plain(line->place + 1, text, len)) {
        vp_json_line_odd_string(line, text, len);
        return FALSE;
    }
    line->place[0] = '"';
    line->place[len + 1] = '"';
    line->place += len + 2;
    return TRUE;
}

/* Bytes that are JSON already. */
static inline void
vp_json_line_raw(VpJsonLine *line, const char *bytes, gsize len)
{
    vp_json_line_need(line, len);
    memcpy(line->place, bytes, len);
    line->place += len;
}

/* Then the GString holds the line. */
static inline void
vp_json_line_end(VpJsonLine *line)
{
    vp_json_line_need(line, 1);
    *line->place++ = '}';
    *line->place = '\0';
    line->out->len = (gsize) (line->place - line->out->str);
}
