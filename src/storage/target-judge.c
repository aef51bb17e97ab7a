/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-judge.c: would a target accept an image? Works on the description only. */
#include "storage/target-judge.h"

#include "util/text.h"
#include "virtprobe/rule.h"

#include <string.h>

void
vp_judgement_refuse(VpJudgement *judgement, const char *format, ...)
{
    const char *name = judgement->target->name;
    g_autoptr(GString) sentence = g_string_new(NULL);
    va_list args;

    vp_text_append_escaped(sentence, name, strlen(name));
    g_string_append(sentence, ": ");
    va_start(args, format);
    g_string_append_vprintf(sentence, format, args);
    va_end(args);
    for (guint i = 0; i < judgement->sentences->len; i++) {
        if (strcmp(judgement->sentences->pdata[i], sentence->str) == 0)
            return;
    }
    g_ptr_array_add(judgement->sentences, g_strdup(sentence->str));
}

void
vp_judgement_refuse_value(VpJudgement *judgement, const char *subject, const char *value,
                          char **accepted)
{
    g_autofree char *shown = vp_text_escape(value, strlen(value));
    g_autofree char *list = g_strjoinv(", ", accepted);

    vp_judgement_refuse(judgement, "%s %s is not accepted, only %s", subject, shown, list);
}

gboolean
vp_target_value_has(const VpTargetValue *value, const char *word)
{
    return value->is_set && g_strv_contains((const char *const *) value->words, word);
}

/* Where an image is damaged nobody wonders that facts are missing, and that was said. */
static void
refuse_unknown(VpJudgement *judgement, const VpJudge *judge)
{
    if (judgement->sentences->len == 0
        || g_strcmp0(vp_fact_text(judgement->extra, "state"), "ok") == 0)
        vp_judgement_refuse(judgement, "%s is not known", judge->subject);
}

/* A fact that only some formats have may be absent where a rule holds of all. */
static void
refuse_unknown_of_format(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules)
{
    if (rules->format != NULL)
        refuse_unknown(judgement, judge);
}

static void
judge_text(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
           const VpTargetValue *value)
{
    const char *text = judge->text(judgement);

    if (text == NULL)
        refuse_unknown_of_format(judgement, judge, rules);
    else if (!vp_target_value_has(value, text))
        vp_judgement_refuse_value(judgement, judge->subject, text, value->words);
}

static void
judge_backing_format(VpJudgement *judgement, const VpJudge *judge,
                     G_GNUC_UNUSED const VpTargetRules *rules, const VpTargetValue *value)
{
    const char *text = judge->text(judgement);

    if (vp_fact_text(judgement->image, "backing-filename") == NULL)
        return;
    if (text == NULL)
        vp_judgement_refuse(judgement, "%s is not recorded", judge->subject);
    else if (!vp_target_value_has(value, text))
        vp_judgement_refuse_value(judgement, judge->subject, text, value->words);
}

static void
judge_listed_number(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
                    const VpTargetValue *value)
{
    guint64 number;
    g_autofree char *text = NULL;

    if (!judge->number(judgement, &number)) {
        refuse_unknown_of_format(judgement, judge, rules);
        return;
    }
    text = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    if (!vp_target_value_has(value, text))
        vp_judgement_refuse_value(judgement, judge->subject, text, value->words);
}

static void
judge_count(VpJudgement *judgement, const VpJudge *judge, G_GNUC_UNUSED const VpTargetRules *rules,
            const VpTargetValue *value)
{
    guint64 number;

    if (judge->number(judgement, &number) && number > value->number)
        vp_judgement_refuse(judgement,
                            "the image has %" G_GUINT64_FORMAT " %s, at most %" G_GUINT64_FORMAT
                            " are accepted",
                            number, judge->subject, value->number);
}

/* Every image has sizes of disk and file; when one is not known, nobody can say that it is in bounds. */
static gboolean
size_get(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
         guint64 *out_number)
{
    if (judge->number(judgement, out_number))
        return TRUE;
    if (judge->number != vp_fact_cluster_size)
        refuse_unknown(judgement, judge);
    else
        refuse_unknown_of_format(judgement, judge, rules);
    return FALSE;
}

static void
judge_multiple(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
               const VpTargetValue *value)
{
    guint64 number;

    if (size_get(judgement, judge, rules, &number) && number % value->number != 0)
        vp_judgement_refuse(
            judgement, "%s of %" G_GUINT64_FORMAT " bytes is not a multiple of %" G_GUINT64_FORMAT,
            judge->subject, number, value->number);
}

static void
judge_minimum(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
              const VpTargetValue *value)
{
    guint64 number;

    if (size_get(judgement, judge, rules, &number) && number < value->number)
        vp_judgement_refuse(judgement,
                            "%s of %" G_GUINT64_FORMAT
                            " bytes is too small, at least %" G_GUINT64_FORMAT " are needed",
                            judge->subject, number, value->number);
}

static void
judge_maximum(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
              const VpTargetValue *value)
{
    guint64 number;

    if (size_get(judgement, judge, rules, &number) && number > value->number)
        vp_judgement_refuse(judgement,
                            "%s of %" G_GUINT64_FORMAT
                            " bytes is too large, at most %" G_GUINT64_FORMAT " are accepted",
                            judge->subject, number, value->number);
}

static const VpJudge judges[] = {
    [VP_TARGET_VERSIONS] = { judge_listed_number, "the version", .number = vp_fact_version },
    [VP_TARGET_ENCRYPTION] = { judge_text, "the encryption", .text = vp_fact_encryption },
    [VP_TARGET_COMPRESSION_TYPES] = { judge_text, "the compression type",
                                      .text = vp_fact_compression },
    [VP_TARGET_CREATE_TYPES] = { judge_text, "the createType", .text = vp_fact_create_type },
    [VP_TARGET_INCOMPATIBLE_FEATURES] = { vp_judge_features },
    [VP_TARGET_REFERENCES] = { vp_judge_references },
    [VP_TARGET_BACKING_FORMATS] = { judge_backing_format, "the backing format",
                                    .text = vp_fact_backing_format },
    [VP_TARGET_SNAPSHOTS_MAXIMUM] = { judge_count, "internal snapshots",
                                      .number = vp_fact_snapshots },
    [VP_TARGET_BITMAPS_MAXIMUM] = { judge_count, "persistent bitmaps", .number = vp_fact_bitmaps },
    [VP_TARGET_CLUSTER_SIZE_MINIMUM] = { judge_minimum, "the cluster size",
                                         .number = vp_fact_cluster_size },
    [VP_TARGET_CLUSTER_SIZE_MAXIMUM] = { judge_maximum, "the cluster size",
                                         .number = vp_fact_cluster_size },
    [VP_TARGET_SIZE_MULTIPLE] = { judge_multiple, "the virtual size", .number = vp_fact_size },
    [VP_TARGET_SIZE_MINIMUM] = { judge_minimum, "the virtual size", .number = vp_fact_size },
    [VP_TARGET_SIZE_MAXIMUM] = { judge_maximum, "the virtual size", .number = vp_fact_size },
    [VP_TARGET_FILE_SIZE_MAXIMUM] = { judge_maximum, "the file size", .number = vp_fact_file_size },
    [VP_TARGET_REFUSE_CONTENTS] = { vp_judge_refused_contents },
    [VP_TARGET_REQUIRE_CONTENTS] = { vp_judge_required_contents },
    [VP_TARGET_REFUSE] = { vp_judge_findings },
    [VP_TARGET_TOLERATE] = { NULL }, /* not_sound_refuse() looks at it */
};

G_STATIC_ASSERT(G_N_ELEMENTS(judges) == VP_TARGET_KEY_COUNT);

static gboolean
rules_hold(const VpJudgement *judgement, const VpTargetRules *rules)
{
    return rules->format == NULL
           || g_strcmp0(virt_probe_format_get_name(rules->format),
                        vp_fact_text(judgement->image, "format"))
                  == 0;
}

static gboolean
is_tolerated(const VpJudgement *judgement, const char *rule)
{
    const GPtrArray *groups = judgement->target->groups;

    for (guint i = 0; i < groups->len; i++) {
        const VpTargetRules *rules = groups->pdata[i];

        if (rules_hold(judgement, rules)
            && vp_target_value_has(&rules->values[VP_TARGET_TOLERATE], rule))
            return TRUE;
    }
    return FALSE;
}

/* What is damaged, or not understood, is accepted only where the file says that it does not matter. */
static void
not_sound_refuse(VpJudgement *judgement)
{
    const char *message = vp_fact_text(vp_fact_record(judgement->extra, "error"), "message");
    guint count = vp_fact_length(judgement->extra, "findings");
    gboolean is_explained = FALSE;

    if (g_strcmp0(vp_fact_text(judgement->extra, "state"), "ok") == 0)
        return;
    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *finding =
            virt_probe_record_get_item(judgement->extra, "findings", i);
        const char *id = vp_fact_text(finding, "rule");
        const VirtProbeRule *rule = id != NULL ? virt_probe_rule_find(id) : NULL;

        if (rule == NULL || !virt_probe_rule_breaks(rule))
            continue;
        is_explained = TRUE;
        if (!is_tolerated(judgement, id))
            vp_judgement_refuse(judgement, "%s (%s)", vp_fact_text(finding, "message"), id);
    }
    if (!is_explained)
        vp_judgement_refuse(judgement, "%s", message != NULL ? message : "the image is not known");
}

static void
format_refuse(VpJudgement *judgement)
{
    const char *format = vp_fact_text(judgement->image, "format");
    const char *kind = vp_target_kind_of(judgement->image);
    g_autofree char *whole = NULL;

    if (format == NULL) {
        vp_judgement_refuse(judgement, "the format is not known");
        return;
    }
    whole = kind != NULL ? g_strconcat(format, "/", kind, NULL) : g_strdup(format);
    for (guint i = 0; judgement->target->formats[i] != NULL; i++) {
        const char *accepted = judgement->target->formats[i];

        if (strcmp(accepted, format) == 0 || strcmp(accepted, whole) == 0)
            return;
    }
    vp_judgement_refuse_value(judgement, "the format", whole, judgement->target->formats);
}

char **
virt_probe_target_judge(const VirtProbeTarget *target, const VirtProbeRecord *image)
{
    VpJudgement judgement = { target, image, NULL, NULL };

    g_return_val_if_fail(target != NULL && image != NULL, NULL);

    judgement.extra = vp_fact_record(image, "virt-probe");
    judgement.sentences = g_ptr_array_new();
    format_refuse(&judgement);
    not_sound_refuse(&judgement);
    for (guint i = 0; i < target->groups->len; i++) {
        const VpTargetRules *rules = target->groups->pdata[i];

        for (guint key = 0; rules_hold(&judgement, rules) && key < VP_TARGET_KEY_COUNT; key++) {
            if (rules->values[key].is_set && judges[key].judge != NULL)
                judges[key].judge(&judgement, &judges[key], rules, &rules->values[key]);
        }
    }
    g_ptr_array_add(judgement.sentences, NULL);
    return (char **) g_ptr_array_free(judgement.sentences, FALSE);
}
