/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts.h: the files that an image needs besides itself, which only opening it tells. */
#pragma once

#include "util/look.h"

typedef struct {
    char *path;
    gboolean is_base; /* the image stands on it; else it holds data of the image */
} VpPart;

/* Asks each image for the files of its chain, without waiting for ever. is_direct: only those that the image itself names.
 * images: of paths. (transfer full) (array): one for each image; its answer, when there is one, is a GPtrArray of VpPart,
 * without the image itself. */
VpLookAnswer *vp_parts_ask(GPtrArray *images, gboolean is_direct);
