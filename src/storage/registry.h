/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry.h: the table of formats, and recognising them from bytes. */
#pragma once

#include "storage/format.h"

/* More formats than this can match one image at once only by malice. */
#define VP_MATCHES_MAX 8

typedef struct {
    guint count;
    const VpFormat *formats[VP_MATCHES_MAX];
    const VpMagic *magics[VP_MATCHES_MAX]; /* by which they matched */
} VpMatches;

/* NULL behind the last one. */
const VpFormat *vp_registry_nth(guint index);
const VpFormat *vp_registry_find(const char *name);

/* The set of one format. */
VpFormatSet vp_registry_bit(const VpFormat *format);

/* The formats to which names with the extension of this one belong; empty: none says so. */
VpFormatSet vp_registry_named(const char *name);

/* Container formats whose signature stands at the head of the bytes; size may be less than VP_HEAD_SIZE when
 * the image is that short. Without cost to speak of: no allocation, nothing but comparisons. */
void vp_registry_match_head(const guint8 *head, gsize size, VpMatches *out_matches);

/* The same among some of the formats. */
void vp_registry_match_head_among(const guint8 *head, gsize size, VpFormatSet formats,
                                  VpMatches *out_matches);

/* What a payload is in which nothing else is recognised. */
const VpFormat *vp_registry_fallback(void);

/* The format that QEMU takes a file for because of its name, when it recognises no bytes; NULL: none. named: the formats to
 * which the name belongs. */
const VpFormat *vp_registry_qemu_named(const char *name, VpFormatSet named);

/* TRUE when the bytes, as many as the signature has, are it. */
gboolean vp_magic_matches(const VpMagic *magic, const guint8 *bytes);

/* TRUE when the bytes begin with one of the signatures of the container (and its version, where that is part of it). */
gboolean vp_format_matches_head(const VpFormat *format, const guint8 *head, gsize size);

/* TRUE when any text may begin with the format's signature. */
gboolean vp_format_is_weak(const VpFormat *format);

/* TRUE when they do, and any text may begin so. */
gboolean vp_format_head_is_weak(const VpFormat *format, const guint8 *head, gsize size);

/* TRUE when both are recognised by the same bytes, and versions tell them apart. */
gboolean vp_formats_share_magic(const VpFormat *a, const VpFormat *b);

/* The version as QEMU sees it, which reads zeros behind the end of a file. *out_is_cut: the file ends before it. The
 * format has a version. */
guint64 vp_format_head_version(const VpFormat *format, const guint8 *head, gsize size,
                               gboolean *out_is_cut);

/* TRUE when the version is one that the format accepts, or it has none. */
gboolean vp_format_accepts_version(const VpFormat *format, guint64 version);

/* TRUE when QEMU would recognise an image of the format with that version by itself. */
gboolean vp_format_is_probed_by_qemu(const VpFormat *format, guint64 version);
