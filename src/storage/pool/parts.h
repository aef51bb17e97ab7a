/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts.h: the files that an image needs besides itself, which only opening it tells. */
#pragma once

#include "virtprobe/relations.h"

typedef struct {
    char *path;
    gboolean is_base; /* the image stands on it; else it holds data of the image */
} VpPart;

/* What an image itself names. */
typedef struct {
    GPtrArray *parts;       /* of VpPart */
    VirtProbeDoubts doubts; /* why these may not be all */
} VpParts;

/* parts: of that image; NULL: it did not answer in time. */
typedef void (*VpPartsFunc)(guint image, const VpParts *parts, gpointer user_data);

/* Asks each image for the files that it names itself, without waiting for ever: no other image is opened but its extents, and for a
 * parent that is known by its identity those beside it. What they answer
 * is kept for a few of them only. images: of paths, which are copied. */
void vp_parts_foreach(GPtrArray *images, VpPartsFunc func, gpointer user_data);
