/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-parent.h: images that know the one that they stand on by its identity, and have names only as hints. */
#pragma once

#include "storage/opener.h"
#include "storage/record.h"

/* Where the parent is looked for: under the last component of its name, which may be a path of Windows, beside the image.
 * NULL: it cannot be told. (transfer full) */
char *vp_parent_path(const char *owner_path, const char *name);

/* Says what is to be said of a member that was found so, or by a name as well: whether it is the one that its owner
 * means. */
void vp_parent_judge(VirtProbeRecord *image, const VirtProbeRecord *owner, const char *role);

/* An image of a format that names no parents gets a reference to the file beside it, of the same format, that is the one
 * it stands on. Says when there is none, or it may not be looked for. path: by which the image was opened. */
void vp_parent_search(VirtProbeRecord *image, VpOpener *opener, const char *path);

/* What the parent of an image is known by that names none, and for which the search has found no file; NULL: the image stands on
 * nothing, or it is known on what. */
const char *vp_parent_unfound(const VirtProbeRecord *image);
