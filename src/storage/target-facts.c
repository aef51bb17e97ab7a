/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-facts.c: the facts of an image that the rules of targets compare, out of its description. */
#include "storage/target-judge.h"

#include <string.h>

const VirtProbeRecord *
vp_fact_record(const VirtProbeRecord *record, const char *key)
{
    return record != NULL ? virt_probe_record_get_record(record, key) : NULL;
}

const char *
vp_fact_text(const VirtProbeRecord *record, const char *key)
{
    return record != NULL ? virt_probe_record_get_text(record, key) : NULL;
}

gboolean
vp_fact_number(const VirtProbeRecord *record, const char *key, guint64 *out_number)
{
    return record != NULL && virt_probe_record_get_uint64(record, key, out_number);
}

guint
vp_fact_length(const VirtProbeRecord *record, const char *key)
{
    return record != NULL ? virt_probe_record_get_length(record, key) : 0;
}

const char *
vp_fact_encryption(const VpJudgement *judgement)
{
    const char *method = vp_fact_text(vp_fact_record(judgement->extra, "encryption"), "method");

    return method != NULL ? method : "none";
}

static const char *
specific_text(const VpJudgement *judgement, const char *type, const char *key)
{
    const VirtProbeRecord *specific = vp_fact_record(judgement->image, "format-specific");

    if (g_strcmp0(vp_fact_text(specific, "type"), type) != 0)
        return NULL;
    return vp_fact_text(vp_fact_record(specific, "data"), key);
}

const char *
vp_fact_compression(const VpJudgement *judgement)
{
    return specific_text(judgement, "qcow2", "compression-type");
}

const char *
vp_fact_create_type(const VpJudgement *judgement)
{
    if (g_strcmp0(vp_fact_text(judgement->image, "format"), "vmdk") != 0)
        return NULL;
    return vp_fact_text(vp_fact_record(judgement->extra, "details"), "create-type");
}

const char *
vp_fact_backing_format(const VpJudgement *judgement)
{
    return vp_fact_text(judgement->image, "backing-filename-format");
}

gboolean
vp_fact_version(const VpJudgement *judgement, guint64 *out_number)
{
    return vp_fact_number(judgement->extra, "version", out_number);
}

gboolean
vp_fact_size(const VpJudgement *judgement, guint64 *out_number)
{
    return vp_fact_number(judgement->extra, "exact-virtual-size", out_number)
           || vp_fact_number(judgement->image, "virtual-size", out_number);
}

gboolean
vp_fact_cluster_size(const VpJudgement *judgement, guint64 *out_number)
{
    return vp_fact_number(judgement->image, "cluster-size", out_number);
}

gboolean
vp_fact_file_size(const VpJudgement *judgement, guint64 *out_number)
{
    return vp_fact_number(judgement->extra, "file-size", out_number);
}

gboolean
vp_fact_snapshots(const VpJudgement *judgement, guint64 *out_number)
{
    if (!vp_fact_number(judgement->extra, "snapshot-count", out_number))
        *out_number = 0;
    return TRUE;
}

gboolean
vp_fact_bitmaps(const VpJudgement *judgement, guint64 *out_number)
{
    if (!vp_fact_number(judgement->extra, "bitmap-count", out_number))
        *out_number = 0;
    return TRUE;
}
