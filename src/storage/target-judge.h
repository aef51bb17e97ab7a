/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-judge.h: what judging an image by the rules of a target consists of. */
#pragma once

#include "storage/target.h"

typedef struct {
    const VirtProbeTarget *target;
    const VirtProbeRecord *image;
    const VirtProbeRecord *extra; /* "virt-probe" of it; may be NULL */
    GPtrArray *sentences;
} VpJudgement;

typedef struct VpJudge VpJudge;

/* How one key is judged. */
struct VpJudge {
    void (*judge)(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
                  const VpTargetValue *value);
    const char *subject;
    /* What is compared: a text (transfer none), NULL when it is not known, or a number. */
    const char *(*text)(const VpJudgement *judgement);
    gboolean (*number)(const VpJudgement *judgement, guint64 *out_number);
};

/* Adds a sentence, once. What stands in it from outside must be escaped already. */
void vp_judgement_refuse(VpJudgement *judgement, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same for a value that is none of those that are accepted. */
void vp_judgement_refuse_value(VpJudgement *judgement, const char *subject, const char *value,
                               char **accepted);

gboolean vp_target_value_has(const VpTargetValue *value, const char *word);

/* Reading records that may not be there. */
const VirtProbeRecord *vp_fact_record(const VirtProbeRecord *record, const char *key);
const char *vp_fact_text(const VirtProbeRecord *record, const char *key);
gboolean vp_fact_number(const VirtProbeRecord *record, const char *key, guint64 *out_number);
guint vp_fact_length(const VirtProbeRecord *record, const char *key);

/* Facts of an image. */
const char *vp_fact_encryption(const VpJudgement *judgement);
const char *vp_fact_compression(const VpJudgement *judgement);
const char *vp_fact_create_type(const VpJudgement *judgement);
const char *vp_fact_backing_format(const VpJudgement *judgement);
gboolean vp_fact_version(const VpJudgement *judgement, guint64 *out_number);
gboolean vp_fact_size(const VpJudgement *judgement, guint64 *out_number);
gboolean vp_fact_cluster_size(const VpJudgement *judgement, guint64 *out_number);
gboolean vp_fact_file_size(const VpJudgement *judgement, guint64 *out_number);
gboolean vp_fact_snapshots(const VpJudgement *judgement, guint64 *out_number);
gboolean vp_fact_bitmaps(const VpJudgement *judgement, guint64 *out_number);

/* Keys that compare lists of an image with the list of a key (target-lists.c). */
void vp_judge_features(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
                       const VpTargetValue *value);
void vp_judge_references(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
                         const VpTargetValue *value);
void vp_judge_refused_contents(VpJudgement *judgement, const VpJudge *judge,
                               const VpTargetRules *rules, const VpTargetValue *value);
void vp_judge_required_contents(VpJudgement *judgement, const VpJudge *judge,
                                const VpTargetRules *rules, const VpTargetValue *value);
void vp_judge_findings(VpJudgement *judgement, const VpJudge *judge, const VpTargetRules *rules,
                       const VpTargetValue *value);
