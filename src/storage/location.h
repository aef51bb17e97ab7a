/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* location.h: names by which images name other images. */
#pragma once

#include <glib.h>

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
