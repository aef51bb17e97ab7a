/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* summary.c: what lists of many images show of each, taken out of its description. */
#include "virtprobe/summary.h"

#include "storage/probe.h"

#include <string.h>

static guint64
number_of(const VirtProbeRecord *record, guint field)
{
    return vp_record_has(record, field) ? record->values[field].number : VIRT_PROBE_SUMMARY_UNKNOWN;
}

static gboolean
is_set(const VirtProbeRecord *record, guint field)
{
    return vp_record_has(record, field) && record->values[field].number != 0;
}

/* A plain path counts from the image's directory. One that a URI or json: name holds is as it is. */
static const char *
backing_path(const VirtProbeRecord *image, const char *backing)
{
    const VirtProbeRecord *reference = vp_image_find_reference(image, VP_ROLE_BACKING);
    const VirtProbeRecord *location = vp_record_get_record(reference, VP_REFERENCE_LOCATION);
    const char *kind = vp_record_get_text(location, VP_LOCATION_KIND);
    const char *path = vp_record_get_text(location, VP_LOCATION_PATH);

    if (path == NULL || kind == NULL
        || (strcmp(kind, "file") != 0 && strcmp(kind, "block-device") != 0))
        return NULL;
    return strcmp(path, backing) == 0 ? vp_record_get_text(image, VP_IMAGE_FULL_BACKING_FILENAME)
                                      : path;
}

static void
summarise_backing(const VirtProbeRecord *image, VirtProbeSummary *summary)
{
    summary->backing = vp_record_get_text(image, VP_IMAGE_BACKING_FILENAME);
    if (summary->backing == NULL)
        return;
    summary->backing_path = backing_path(image, summary->backing);
    summary->backing_format = vp_record_get_text(image, VP_IMAGE_BACKING_FILENAME_FORMAT);
}

/* Only some formats have these. */
static void
summarise_specific(const VirtProbeRecord *image, VirtProbeSummary *summary)
{
    const VirtProbeRecord *specific = vp_record_get_record(image, VP_IMAGE_FORMAT_SPECIFIC);
    const VirtProbeRecord *data = vp_record_get_record(specific, VP_SPECIFIC_DATA);

    if (data == NULL || data->type != vp_record_type(VP_RECORD_QCOW2))
        return;
    summary->is_corrupt = is_set(data, VP_QCOW2_CORRUPT);
    summary->data_file = vp_record_get_text(data, VP_QCOW2_DATA_FILE);
}

static void
summarise_state(const VirtProbeRecord *extra, VirtProbeSummary *summary)
{
    const VirtProbeRecord *error = vp_record_get_record(extra, VP_PROBE_ERROR);

    summary->state = vp_record_get_text(extra, VP_PROBE_STATE);
    if (error == NULL)
        return;
    summary->error_code = vp_record_get_text(error, VP_ERROR_CODE);
    summary->error_message = vp_record_get_text(error, VP_ERROR_MESSAGE);
    /* A disk that gives no byte at all leaves nothing to describe. */
    if (summary->format == NULL && g_strcmp0(summary->error_code, "io") == 0)
        summary->state = VP_STATE_UNREADABLE;
}

void
virt_probe_image_get_summary(const VirtProbeRecord *image, VirtProbeSummary *out_summary)
{
    const VirtProbeRecord *extra;

    g_return_if_fail(image != NULL && image->type == vp_record_type(VP_RECORD_IMAGE));

    extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    *out_summary = (VirtProbeSummary) {
        .format = vp_record_get_text(image, VP_IMAGE_FORMAT),
        .capacity = number_of(image, VP_IMAGE_VIRTUAL_SIZE),
        .snapshots = number_of(extra, VP_PROBE_SNAPSHOT_COUNT),
        .is_encrypted = is_set(image, VP_IMAGE_ENCRYPTED),
        .is_dirty = is_set(image, VP_IMAGE_DIRTY_FLAG),
        .findings = vp_record_has(extra, VP_PROBE_FINDINGS)
                        ? extra->values[VP_PROBE_FINDINGS].list->count
                        : 0,
    };
    if (vp_record_has(extra, VP_PROBE_EXACT_VIRTUAL_SIZE))
        out_summary->capacity = number_of(extra, VP_PROBE_EXACT_VIRTUAL_SIZE);
    summarise_backing(image, out_summary);
    summarise_specific(image, out_summary);
    summarise_state(extra, out_summary);
}
