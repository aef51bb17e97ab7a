/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-writer.h: writes JSON piece by piece into a GString, laid out as QEMU's tools do. */
#pragma once

#include <glib.h>

/* Deep enough for every document of ours; more is a bug of the caller. */
#define VP_JSON_DEPTH_MAX 32

typedef struct {
    GString *out; /* borrowed; may be emptied by the caller between values to keep memory flat */
    gboolean is_compact;
    gboolean has_key; /* a key was written, its value comes next */
    guint depth;
    gboolean has_items[VP_JSON_DEPTH_MAX]; /* by depth: needs a comma before the next item */
} VpJsonWriter;

/* is_compact: everything on one line, for one document a line. */
void vp_json_writer_init(VpJsonWriter *writer, GString *out, gboolean is_compact);

void vp_json_object_begin(VpJsonWriter *writer);
void vp_json_object_end(VpJsonWriter *writer);
void vp_json_array_begin(VpJsonWriter *writer);
void vp_json_array_end(VpJsonWriter *writer);

/* The key of the next value; plain ASCII of our own. */
void vp_json_key(VpJsonWriter *writer, const char *key);

/* Any bytes: what is not UTF-8 becomes U+FFFD, as QEMU prints it. TRUE: they were plain ASCII, so they stand in the JSON
 * as they are. */
gboolean vp_json_string(VpJsonWriter *writer, const void *bytes, gsize len);
void vp_json_uint(VpJsonWriter *writer, guint64 value);
void vp_json_int(VpJsonWriter *writer, gint64 value);
/* A finite number, with two decimals. */
void vp_json_decimal(VpJsonWriter *writer, double value);
void vp_json_bool(VpJsonWriter *writer, gboolean value);
