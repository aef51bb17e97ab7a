/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* content.h: what lies in a raw payload: finding it by its signatures, and listing it. */
#pragma once

#include "storage/registry.h"

/* What was found, and by which signature, where. */
typedef struct {
    VpFormatSet formats;
    VpFormatSet from_end; /* found by a signature that counts from the end */
    guint8 magics
        [VP_FORMATS_MAX]; /* by the format's number, for those found: which of its signatures */
} VpContents;

/* Finds content of the formats in wanted. Needs at most two reads: most signatures stand at the head, which was read
 * already, the others lie together behind it, and those at the end were read with the end. */
void vp_content_find(VpProbe *probe, VpFormatSet wanted, VpContents *out_contents);

/* The same among all that a payload as this one may hold; empties the set when it may hold none. */
void vp_content_find_all(VpProbe *probe, VpContents *out_contents);

/* The signature by which a format was found. */
const VpMagic *vp_content_magic(const VpContents *contents, guint number);

/* Where the header of a format that was found begins, and where its signature stands. */
guint64 vp_content_header_start(const VpProbe *probe, const VpContents *contents, guint number);
guint64 vp_content_offset(const VpProbe *probe, const VpContents *contents, guint number);

/* Lists what is recognised in a raw payload. */
void vp_recognise_content(VpProbe *probe);
