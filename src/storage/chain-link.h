/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-link.h: a name in an image, on the way to the member of the chain that it means. */
#pragma once

#include "storage/describe-source.h"

#include <string.h>

typedef struct {
    const char *role;
    const char *recorded_name; /* borrowed, as all that is constant here, from the owner's record */
    const char *recorded_format; /* NULL: none */
    const VirtProbeRecord *location;
    char *owner_path;        /* by which the owner was opened; NULL: it cannot be told */
    char *name;              /* of the member, seen from where the chain was opened */
    char *path;              /* to open it by; NULL: it is no file, or cannot be told */
    gboolean is_override;    /* a json: name further up says it, not the owner */
    gboolean is_not_allowed; /* … although the owner's format has no such file */
    gboolean is_owner_slice; /* the owner is a part of a file */
    gboolean
        depends_on_directory; /* QEMU looks in the current directory, libvirt beside the image */
} VpLink;

/* TRUE when the owner stands on the member. */
static inline gboolean
vp_role_is_below(const char *role)
{
    return strcmp(role, VP_ROLE_BACKING) == 0 || strcmp(role, VP_ROLE_PARENT) == 0;
}

/* The link of owner to the member with that role; VP_ROLE_BACKING stands for VP_ROLE_PARENT too. owner_path: by which owner was opened; relative names count from its
 * directory. via: the location that led to owner, which may override what owner
 * says; NULL at the top. FALSE: there is none. To be given up by vp_link_clear(). */
gboolean vp_link_init(VpLink *link, const VirtProbeRecord *owner, const char *owner_path,
                      const VirtProbeRecord *via, const char *role);
/* The link to an extent, which counts from the owner's directory and whose format the reference says. */
void vp_link_init_extent(VpLink *link, const VirtProbeRecord *reference, const char *owner_path);
void vp_link_clear(VpLink *link);

/* The format by which the member is described, and who says so; NULL: it is recognised. FALSE when it may not be
 * opened, because its format is not known: then the rule and the error say why. */
gboolean vp_link_find_format(const VpLink *link, VirtProbeDescribeFlags flags,
                             const VpFormat **out_format, const char **out_source,
                             VpRuleId *out_rule, GError **error);

/* FALSE when the member is nothing that is opened at all. *error stays NULL for a server, which is no failure. */
gboolean vp_link_check_kind(const VpLink *link, VpRuleId *out_rule, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VpLink, vp_link_clear)
