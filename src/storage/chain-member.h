/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-member.h: one member of a chain: opened and described, or the reason why not. */
#pragma once

#include "storage/chain-link.h"
#include "storage/chain.h"

/* What a file is known by, whatever its name. */
typedef struct {
    guint64 device;
    guint64 inode;
    guint64 offset; /* of a slice */
} VpIdentity;

/* What the members of one chain share while it is followed. */
typedef struct {
    VpOpener *opener;
    VirtProbeDescribeFlags flags;
    VpIdentity visited[VP_CHAIN_IMAGES_MAX];
    guint n_visited;
    guint64 output; /* bytes that the descriptions so far take, printed */
    char *path;     /* by which the last image of the chain was opened */
} VpWalk;

void vp_walk_free(VpWalk *walk);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpWalk, vp_walk_free)

/* Opens the image at the top and describes it. (transfer full) */
VirtProbeRecord *vp_member_describe_top(VpWalk *walk, const char *path, const VpFormat *declared);

/* Describes the backing file that link leads to from owner. *out_is_end: the chain ends here, because it was not
 * opened. (transfer full) */
VirtProbeRecord *vp_member_describe_backing(VpWalk *walk, const VirtProbeRecord *owner,
                                            const VpLink *link, gboolean *out_is_end);

/* The parent of owner that has no name and was not found, as a member that is missing. NULL: there is none. (transfer full) */
VirtProbeRecord *vp_member_new_unfound(VpWalk *walk, const VirtProbeRecord *owner);

/* Describes the external data file of owner, if it has one, into owner's side members. via: the location that owner
 * was opened by; NULL at the top. */
void vp_member_describe_sides(VpWalk *walk, VirtProbeRecord *owner, const VirtProbeRecord *via);
