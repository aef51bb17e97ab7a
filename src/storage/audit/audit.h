/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit.h: judging an image: what is looked for besides its description, and what its facts mean. */
#pragma once

#include "storage/format.h"
#include "virtprobe/audit.h"

/* Looks in a described image for what only an audit asks: signatures of other formats, and what programs may take the
 * bytes for. Adds findings, and none of them changes the state of the image. */
void vp_audit_examine(VpProbe *probe);

/* Says which of its tables share bytes with each other, or with the signature. */
void vp_audit_find_overlaps(VpProbe *probe);

/* A judgement that is being made. */
typedef struct {
    VirtProbeRecord *record; /* AUDIT */
    const VirtProbeAuditSettings *settings;
    gboolean is_denied;     /* by a finding, listed or not */
    gboolean is_unreadable; /* nothing of it could be read, so there is no verdict */
} VpAudit;

/* Adds a finding of the rule; its severity is that of the profile, unless the rule is allowed. len 0: about no bytes. */
void vp_audit_find(VpAudit *audit, VpRuleId rule, guint64 offset, guint64 len, const char *message,
                   ...) G_GNUC_PRINTF(5, 6);

/* Says what the facts of a described image mean: its size, its format, and where its names lead. */
void vp_audit_judge(VpAudit *audit, const VirtProbeRecord *image);

/* Looks at the file itself, without opening it: a symbolic link, a device, something that is no file. FALSE, and an error
 * when there is no such file. *out_may_open: it is a file with bytes of its own. */
gboolean vp_audit_look_at_place(VpAudit *audit, const char *path, gboolean *out_may_open,
                                GError **error);

/* Says the same of a descriptor that is open. */
void vp_audit_look_at_descriptor(VpAudit *audit, int fd);
