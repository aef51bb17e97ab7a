/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rules.h: the rule table (rules.def) as C. */
#pragma once

#include "virtprobe/error.h"
#include "virtprobe/rule.h"

typedef enum {
#define FINDER(F, name, text)
#define RULE(R, id, upload, pool, breaks, finders, title, explanation, remedy, cves) VP_RULE_##R,
#include "storage/rules.def"
#undef FINDER
#undef RULE
    VP_RULE_COUNT,
} VpRuleId;

struct _VirtProbeRule {
    const char *id;
    VirtProbeSeverity upload;
    VirtProbeSeverity pool;
    gboolean does_break;
    const char
        *error_name; /* what it makes of the image when it breaks, as vp_error_name() says it */
    VirtProbeFinders finders;
    const char *title;
    const char *explanation;
    const char *remedy;
    const char *cves;
};

const VirtProbeRule *vp_rule(VpRuleId id);

/* The stable name of one of the finders; NULL when it is not one of them alone. */
const char *vp_finder_name(VirtProbeFinders finder);
