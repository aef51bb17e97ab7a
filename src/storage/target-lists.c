/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-lists.c: keys of targets that compare lists: features, references, contents and findings. */
#include "storage/target-judge.h"

#include <string.h>

void
vp_judge_features(VpJudgement *judgement, G_GNUC_UNUSED const VpJudge *judge,
                  G_GNUC_UNUSED const VpTargetRules *rules, const VpTargetValue *value)
{
    const VirtProbeRecord *features = vp_fact_record(judgement->extra, "features");
    guint count = features != NULL ? virt_probe_record_get_length(features, "names") : 0;

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *bit = virt_probe_record_get_item(features, "names", i);
        const char *name = vp_fact_text(bit, "name");
        gboolean is_known = FALSE;
        guint64 number = 0;

        if (g_strcmp0(vp_fact_text(bit, "set"), "incompatible") != 0)
            continue;
        virt_probe_record_get_boolean(bit, "known", &is_known);
        vp_fact_number(bit, "bit", &number);
        /* A name that only the image gives is nothing to go by. */
        if (!is_known || name == NULL)
            vp_judgement_refuse(judgement,
                                "incompatible feature bit %" G_GUINT64_FORMAT " is not accepted",
                                number);
        else if (!vp_target_value_has(value, name))
            vp_judgement_refuse(judgement, "the incompatible feature \"%s\" is not accepted", name);
    }
}

static void
role_judge(VpJudgement *judgement, const VpTargetValue *value, const char *role)
{
    static const struct {
        const char *role;
        const char *phrase;
    } roles[] = {
        { "backing", "the image stands on a backing file" },
        { "data-file", "the guest data is in an external data file" },
        { "extent", "the guest data is in files of extents" },
        { "parent", "the image stands on a parent" },
    };

    for (guint i = 0; role != NULL && i < G_N_ELEMENTS(roles); i++) {
        if (strcmp(roles[i].role, role) == 0 && !vp_target_value_has(value, role))
            vp_judgement_refuse(judgement, "%s, which is not accepted", roles[i].phrase);
    }
}

void
vp_judge_references(VpJudgement *judgement, G_GNUC_UNUSED const VpJudge *judge,
                    G_GNUC_UNUSED const VpTargetRules *rules, const VpTargetValue *value)
{
    guint count =
        judgement->extra != NULL ? virt_probe_record_get_length(judgement->extra, "references") : 0;

    if (vp_fact_text(judgement->image, "backing-filename") != NULL)
        role_judge(judgement, value, "backing");
    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *reference =
            virt_probe_record_get_item(judgement->extra, "references", i);
        gboolean is_used = TRUE;

        virt_probe_record_get_boolean(reference, "used", &is_used);
        if (is_used)
            role_judge(judgement, value, vp_fact_text(reference, "role"));
    }
    /* A parent that is known by its identity need not have a name. */
    if (vp_fact_text(judgement->extra, "parent-identity") != NULL
        && vp_fact_text(judgement->image, "backing-filename") == NULL)
        role_judge(judgement, value, "parent");
}

static guint
content_count(const VpJudgement *judgement)
{
    return judgement->extra != NULL ? virt_probe_record_get_length(judgement->extra, "content") : 0;
}

static const char *
content_nth(const VpJudgement *judgement, guint index)
{
    return vp_fact_text(virt_probe_record_get_item(judgement->extra, "content", index), "format");
}

void
vp_judge_refused_contents(VpJudgement *judgement, G_GNUC_UNUSED const VpJudge *judge,
                          G_GNUC_UNUSED const VpTargetRules *rules, const VpTargetValue *value)
{
    for (guint i = 0; i < content_count(judgement); i++) {
        const char *format = content_nth(judgement, i);

        if (format != NULL && vp_target_value_has(value, format))
            vp_judgement_refuse(judgement, "the payload holds %s, which is not accepted", format);
    }
}

void
vp_judge_required_contents(VpJudgement *judgement, G_GNUC_UNUSED const VpJudge *judge,
                           G_GNUC_UNUSED const VpTargetRules *rules, const VpTargetValue *value)
{
    g_autofree char *list = NULL;

    if (g_strcmp0(vp_fact_text(judgement->image, "format"), "raw") != 0)
        return;
    for (guint i = 0; i < content_count(judgement); i++) {
        const char *format = content_nth(judgement, i);

        if (format != NULL && vp_target_value_has(value, format))
            return;
    }
    list = g_strjoinv(", ", value->words);
    vp_judgement_refuse(judgement, "the payload holds none of these: %s", list);
}

void
vp_judge_findings(VpJudgement *judgement, G_GNUC_UNUSED const VpJudge *judge,
                  G_GNUC_UNUSED const VpTargetRules *rules, const VpTargetValue *value)
{
    guint count =
        judgement->extra != NULL ? virt_probe_record_get_length(judgement->extra, "findings") : 0;

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *finding =
            virt_probe_record_get_item(judgement->extra, "findings", i);
        const char *rule = vp_fact_text(finding, "rule");

        if (rule != NULL && vp_target_value_has(value, rule))
            vp_judgement_refuse(judgement, "%s (%s)", vp_fact_text(finding, "message"), rule);
    }
}
