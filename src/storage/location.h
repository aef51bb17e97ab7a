/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* location.h: names by which images name other images. */
#pragma once

#include "storage/record.h"

/* The longest name that is understood or kept, in bytes: Linux opens no longer path, and QEMU keeps less of a name. */
#define VP_NAME_MAX 4096

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

/* The same for a relative path, which is one whatever colons it has. (transfer full) */
char *vp_name_beside(const char *overlay, const char *path);

/* Writes what a name means into a record LOCATION; what is not understood becomes its error. location may be
 * NULL: then nothing is done. */
void vp_location_fill(VirtProbeRecord *location, const char *text);

/* The same of a name that is a path, even when it begins like a protocol or a json: description. */
void vp_location_fill_path(VirtProbeRecord *location, const char *text);

/* The first option of a json: name that its driver does not know, also of nodes that take the place of others; NULL
 * when there is none. (transfer none) */
const char *vp_location_find_unknown_option(const VirtProbeRecord *location);

/* The name with its credentials replaced by asterisks, for printing; NULL when it holds none. out_len may be NULL.
 * (transfer full) */
char *vp_name_mask(const char *bytes, gsize len, gsize *out_len);
