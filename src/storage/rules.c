/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rules.c: the rule table (rules.def) as C, and its public side. */
#include "storage/rules.h"

#include "util/i18n.h"

#include <string.h>

#define VP_BREAKS_NO FALSE, NULL
#define VP_BREAKS_TRUNCATED TRUE, "truncated"
#define VP_BREAKS_INVALID TRUE, "invalid"
#define VP_BREAKS_UNSUPPORTED TRUE, "unsupported"
#define VP_BREAKS_AMBIGUOUS TRUE, "ambiguous"
#define VP_BREAKS_LIMIT TRUE, "limit"
#define VP_BREAKS_IO TRUE, "io"
#define VP_BREAKS_NOT_FOUND TRUE, "not-found"
#define VP_BREAKS_REFUSED TRUE, "refused"
#define VP_BREAKS_LOOP TRUE, "loop"
#define VP_BREAKS_CANCELLED TRUE, "cancelled"

#define VP_FINDERS_DESCRIPTION VIRT_PROBE_FINDERS_DESCRIPTION
#define VP_FINDERS_EXAMINATION VIRT_PROBE_FINDERS_EXAMINATION
#define VP_FINDERS_JUDGEMENT VIRT_PROBE_FINDERS_JUDGEMENT
#define VP_FINDERS_CHAIN VIRT_PROBE_FINDERS_CHAIN
#define VP_FINDERS_DESCRIPTION_OR_EXAMINATION VP_FINDERS_DESCRIPTION | VP_FINDERS_EXAMINATION
#define VP_FINDERS_DESCRIPTION_OR_JUDGEMENT VP_FINDERS_DESCRIPTION | VP_FINDERS_JUDGEMENT
#define VP_FINDERS_DESCRIPTION_OR_CHAIN VP_FINDERS_DESCRIPTION | VP_FINDERS_CHAIN
#define VP_FINDERS_DESCRIPTION_OR_EXAMINATION_OR_JUDGEMENT                                         \
    VP_FINDERS_DESCRIPTION_OR_EXAMINATION | VP_FINDERS_JUDGEMENT
#define VP_FINDERS_DESCRIPTION_OR_EXAMINATION_OR_CHAIN                                             \
    VP_FINDERS_DESCRIPTION_OR_EXAMINATION | VP_FINDERS_CHAIN

static const VirtProbeRule rules[] = {
#define FINDER(F, name, text)
#define RULE(R, id, upload, pool, breaks, finders, title, explanation, remedy, cves)               \
    [VP_RULE_##R] = { id,                                                                          \
                      VIRT_PROBE_SEVERITY_##upload,                                                \
                      VIRT_PROBE_SEVERITY_##pool,                                                  \
                      VP_BREAKS_##breaks,                                                          \
                      VP_FINDERS_##finders,                                                        \
                      title,                                                                       \
                      explanation,                                                                 \
                      remedy,                                                                      \
                      cves },
#include "storage/rules.def"
#undef FINDER
#undef RULE
};

G_STATIC_ASSERT(G_N_ELEMENTS(rules) == VP_RULE_COUNT);

const VirtProbeRule *
vp_rule(VpRuleId id)
{
    return &rules[id];
}

const VirtProbeRule *
virt_probe_rule_find(const char *id)
{
    g_return_val_if_fail(id != NULL, NULL);

    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (strcmp(rules[i].id, id) == 0)
            return &rules[i];
    }
    return NULL;
}

const VirtProbeRule *
virt_probe_rule_get_nth(guint index)
{
    return index < G_N_ELEMENTS(rules) ? &rules[index] : NULL;
}

const char *
virt_probe_rule_get_id(const VirtProbeRule *rule)
{
    g_return_val_if_fail(rule != NULL, NULL);

    return rule->id;
}

const char *
virt_probe_rule_get_title(const VirtProbeRule *rule)
{
    g_return_val_if_fail(rule != NULL, NULL);

    return rule->title;
}

const char *
virt_probe_rule_get_explanation(const VirtProbeRule *rule)
{
    g_return_val_if_fail(rule != NULL, NULL);

    return rule->explanation;
}

const char *
virt_probe_rule_get_remedy(const VirtProbeRule *rule)
{
    g_return_val_if_fail(rule != NULL, NULL);

    return rule->remedy;
}

const char *
virt_probe_rule_get_cves(const VirtProbeRule *rule)
{
    g_return_val_if_fail(rule != NULL, NULL);

    return rule->cves;
}

VirtProbeSeverity
virt_probe_rule_get_severity(const VirtProbeRule *rule, VirtProbeProfile profile)
{
    g_return_val_if_fail(rule != NULL, VIRT_PROBE_SEVERITY_INFO);

    if (profile == VIRT_PROBE_PROFILE_UPLOAD)
        return rule->upload;
    return profile == VIRT_PROBE_PROFILE_POOL ? rule->pool
                                              : MIN(rule->pool, VIRT_PROBE_SEVERITY_WARNING);
}

gboolean
virt_probe_rule_breaks(const VirtProbeRule *rule)
{
    g_return_val_if_fail(rule != NULL, FALSE);

    return rule->does_break;
}

VirtProbeFinders
virt_probe_rule_get_finders(const VirtProbeRule *rule)
{
    g_return_val_if_fail(rule != NULL, 0);

    return rule->finders;
}

typedef struct {
    VirtProbeFinders finder;
    const char *name;
    const char *title;
} Finder;

/* NULL when it is not one of the finders alone. */
static const Finder *
finder_find(VirtProbeFinders finder)
{
    static const Finder finders[] = {
#define FINDER(F, name, text) { VIRT_PROBE_FINDERS_##F, name, text },
#define RULE(R, id, upload, pool, breaks, finders, title, explanation, remedy, cves)
#include "storage/rules.def"
#undef FINDER
#undef RULE
    };

    for (guint i = 0; i < G_N_ELEMENTS(finders); i++) {
        if (finders[i].finder == finder)
            return &finders[i];
    }
    return NULL;
}

const char *
vp_finder_name(VirtProbeFinders finder)
{
    const Finder *found = finder_find(finder);

    return found != NULL ? found->name : NULL;
}

const char *
virt_probe_finder_get_title(VirtProbeFinders finder)
{
    const Finder *found = finder_find(finder);

    return found != NULL ? found->title : NULL;
}

const char *
virt_probe_severity_get_name(VirtProbeSeverity severity)
{
    static const char *const names[] = { "info", "notice", "warning", "deny" };

    g_return_val_if_fail((guint) severity < G_N_ELEMENTS(names), NULL);

    return names[severity];
}

static const char *const profile_names[] = {
    [VIRT_PROBE_PROFILE_UPLOAD] = "upload",
    [VIRT_PROBE_PROFILE_POOL] = "pool",
    [VIRT_PROBE_PROFILE_REPORT] = "report",
};

const char *
virt_probe_profile_get_name(VirtProbeProfile profile)
{
    g_return_val_if_fail((guint) profile < G_N_ELEMENTS(profile_names), NULL);

    return profile_names[profile];
}
