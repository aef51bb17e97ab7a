/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rule-record.c: a rule as a record, with which it can be printed as JSON. */
#include "storage/record.h"
#include "storage/rules.h"

#include <string.h>

static void
fill_severities(VirtProbeRecord *severities, const VirtProbeRule *rule)
{
    static const guint fields[] = {
        [VIRT_PROBE_PROFILE_UPLOAD] = VP_SEVERITIES_UPLOAD,
        [VIRT_PROBE_PROFILE_POOL] = VP_SEVERITIES_POOL,
        [VIRT_PROBE_PROFILE_REPORT] = VP_SEVERITIES_REPORT,
    };

    for (guint profile = 0; profile < G_N_ELEMENTS(fields); profile++)
        vp_record_set_constant(severities, fields[profile],
                               virt_probe_severity_get_name(
                                   virt_probe_rule_get_severity(rule, (VirtProbeProfile) profile)));
}

static void
fill_finders(VirtProbeRecord *record, VirtProbeFinders finders)
{
    for (guint bit = 1; bit <= VIRT_PROBE_FINDERS_CHAIN; bit <<= 1) {
        const char *name = (finders & bit) != 0 ? vp_finder_name((VirtProbeFinders) bit) : NULL;

        if (name != NULL)
            vp_record_append_text(record, VP_EXPLANATION_FINDERS, name, strlen(name));
    }
}

VirtProbeRecord *
virt_probe_rule_to_record(const VirtProbeRule *rule)
{
    g_auto(GStrv) cves = NULL;
    VirtProbeRecord *record;

    g_return_val_if_fail(rule != NULL, NULL);

    record = vp_tree_new(VP_RECORD_EXPLANATION, TRUE);
    vp_record_set_constant(record, VP_EXPLANATION_RULE, rule->id);
    vp_record_set_constant(record, VP_EXPLANATION_TITLE, rule->title);
    vp_record_set_constant(record, VP_EXPLANATION_TEXT, rule->explanation);
    vp_record_set_constant(record, VP_EXPLANATION_REMEDY, rule->remedy);
    fill_severities(vp_record_set_record(record, VP_EXPLANATION_SEVERITIES, VP_RECORD_SEVERITIES),
                    rule);
    if (rule->does_break)
        vp_record_set_constant(record, VP_EXPLANATION_ERROR_CODE, rule->error_name);
    fill_finders(record, rule->finders);
    cves = g_strsplit(rule->cves, " ", -1);
    for (guint i = 0; cves[i] != NULL; i++)
        vp_record_append_text(record, VP_EXPLANATION_CVES, cves[i], strlen(cves[i]));
    vp_record_set_uint(record, VP_EXPLANATION_SCHEMA, 1);
    return record;
}
