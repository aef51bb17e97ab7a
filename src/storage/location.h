/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* location.h: names by which images name other images. */
#pragma once

#include "storage/record.h"

typedef enum {
    VP_NAME_RELATIVE,
    VP_NAME_ABSOLUTE,
    VP_NAME_PROTOCOL, /* a colon stands before the first slash */
    VP_NAME_JSON,     /* begins with json: */
} VpNameKind;

/* How QEMU understands a name that stands in an image. name ends with a NUL. */
VpNameKind vp_name_kind(const char *name);

/* The name of a backing file seen from where its overlay was named: QEMU joins the directory of the overlay's
 * name and the backing name as they are, without tidying. NULL when that cannot be told. (transfer full) */
char *vp_name_resolve(const char *overlay, const char *backing);

/* Writes what a name means into a record LOCATION; what is not understood becomes its error. location may be
 * NULL: then nothing is done. */
void vp_location_fill(VirtProbeRecord *location, const char *text);

/* What the member last of a chain is called seen from the directory of the member above first: what a commit or
 * rebase has to write into an image so that it stays relative. relative_names: by member, from the top down, the name
 * that the member above it holds, or NULL when that is not relative. Each name replaces what follows the last slash of
 * the ones before it; nothing is tidied. NULL when a member is not named relatively, or last is above first.
 * (transfer full) */
char *vp_name_join_relative(const char *const *relative_names, guint first, guint last);

/* The name with its credentials replaced by asterisks, for printing; NULL when it holds none. out_len may be NULL.
 * (transfer full) */
char *vp_name_mask(const char *bytes, gsize len, gsize *out_len);
