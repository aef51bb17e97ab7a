/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-parent.h: images that know the one that they stand on by its identity, and have names only as hints. */
#pragma once

#include "storage/record.h"

/* Where the parent is looked for: under the last component of its name, which may be a path of Windows, beside the image.
 * NULL: it cannot be told. (transfer full) */
char *vp_parent_path(const char *owner_path, const char *name);

/* Says what is to be said of a member that was found so, or by a name as well: whether it is the one that its owner
 * means. */
void vp_parent_judge(VirtProbeRecord *image, const VirtProbeRecord *owner, const char *role);

/* Says when the image stands on another one without any name for it. */
void vp_parent_find_unnamed(VirtProbeRecord *image);
