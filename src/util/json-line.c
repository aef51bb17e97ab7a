/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-line.c: what is rarely needed for a line of JSON. */
#include "util/json-line.h"

#include "util/json-writer.h"

void
vp_json_line_grow(VpJsonLine *line, gsize len)
{
    GString *out = line->out;
    gsize before = (gsize) (line->place - out->str);
    gsize kept = out->len;

    /* The bytes of the line are behind the end of the text as GLib knows it, which would not be copied. */
    out->len = before;
    g_string_set_size(out, before + len);
    out->len = kept;
    line->place = out->str + before;
}

void
vp_json_line_odd_string(VpJsonLine *line, const char *text, gsize len)
{
    GString *out = line->out;
    gsize kept = out->len;
    VpJsonWriter writer;

    out->len = (gsize) (line->place - out->str);
    vp_json_writer_init(&writer, out, TRUE);
    vp_json_string(&writer, text, len);
    line->place = out->str + out->len;
    out->len = kept;
}
