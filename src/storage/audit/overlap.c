/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overlap.c: tables of an image that share bytes with each other, or with its signature. */
#include "storage/audit/audit.h"
#include "util/numbers.h"

/* Tables that are compared; no format lists as many. */
#define TABLES_MAX 16

typedef struct {
    const char *name;
    guint64 start;
    guint64 end;
} Range;

/* Where the signature at the start of the image ends; fields behind it may belong to the first table. */
static guint64
signature_end(const VpProbe *probe)
{
    const VpMagic *magic = probe->format->magics;

    return probe->header_start == 0 && magic != NULL && !magic->is_from_end && magic->offset == 0
               ? magic->len
               : 0;
}

static guint
ranges_collect(const VpProbe *probe, Range *ranges)
{
    const VpValue *list = vp_record_get(probe->extra, VP_PROBE_TABLES);
    guint count = 1;

    ranges[0] = (Range) { "signature", 0, signature_end(probe) };
    for (guint i = 0; list != NULL && i < list->list->count && count < TABLES_MAX; i++) {
        const VirtProbeRecord *table = list->list->items[i];
        guint64 start = vp_record_get_number(table, VP_TABLE_OFFSET);
        guint64 end;

        if (vp_record_has(table, VP_TABLE_OFFSET)
            && vp_checked_add(start, vp_record_get_number(table, VP_TABLE_SIZE), &end)
            && end > start)
            ranges[count++] = (Range) { vp_record_get_text(table, VP_TABLE_NAME), start, end };
    }
    return count;
}

void
vp_audit_find_overlaps(VpProbe *probe)
{
    Range ranges[TABLES_MAX];
    guint count = ranges_collect(probe, ranges);

    for (guint i = 0; i < count; i++) {
        for (guint k = i + 1; k < count; k++) {
            guint64 start = MAX(ranges[i].start, ranges[k].start);
            guint64 end = MIN(ranges[i].end, ranges[k].end);

            if (start < end)
                vp_probe_find(probe, VP_RULE_TABLE_OVERLAP, start, end - start,
                              "%s and %s share %" G_GUINT64_FORMAT " bytes", ranges[i].name,
                              ranges[k].name, end - start);
        }
    }
}
