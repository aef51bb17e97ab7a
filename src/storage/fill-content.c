/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fill-content.c: what formats of content say beyond their rows: properties and partitions. */
#include "storage/format.h"

#include <string.h>

/* Partitions that are listed; the usual table has 128 entries. */
#define LISTED_MAX 32
#define LISTED_MAX_FULL 128

const char *
vp_value_text(const VpValueText *texts, const char *value)
{
    for (; texts->value != NULL; texts++) {
        if (strcmp(texts->value, value) == 0)
            return texts->name;
    }
    return NULL;
}

guint64
vp_header_number(const VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    VpReader reader;

    if (!vp_probe_has(probe, field))
        return 0;
    vp_reader_init(&reader, vp_header_bytes(probe, field), row->width, 0);
    return vp_reader_uint(&reader, row->width, probe->format->order);
}

void
vp_content_add_feature(VpProbe *probe, const char *name)
{
    vp_record_append_text(probe->target, VP_CONTENT_FEATURES, name, strlen(name));
}

static void
find_past_end(VpProbe *probe, const VpPartition *partition, guint sector_size)
{
    guint64 sectors = probe->size / sector_size;

    if (partition->last >= partition->first && partition->last < sectors)
        return;
    vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, partition->place, partition->len,
                  "partition %u lies in sectors %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                  ", the disk has %" G_GUINT64_FORMAT,
                  partition->number, partition->first, partition->last, sectors);
}

VirtProbeRecord *
vp_content_add_partition(VpProbe *probe, const VpPartition *partition, guint sector_size)
{
    const VpValue *list = vp_record_get(probe->target, VP_CONTENT_PARTITIONS);
    gboolean is_full = (probe->flags & VIRT_PROBE_DESCRIBE_FULL) != 0;
    VirtProbeRecord *record;

    find_past_end(probe, partition, sector_size);
    if (list != NULL && list->list->count >= (is_full ? LISTED_MAX_FULL : LISTED_MAX))
        return NULL;
    record = vp_record_append(probe->target, VP_CONTENT_PARTITIONS);
    vp_record_set_uint(record, VP_PARTITION_NUMBER, partition->number);
    vp_record_set_string(record, VP_PARTITION_TYPE, partition->type);
    if (partition->type_name != NULL)
        vp_record_set_constant(record, VP_PARTITION_TYPE_NAME, partition->type_name);
    vp_record_set_uint(record, VP_PARTITION_FIRST_SECTOR, partition->first);
    vp_record_set_uint(record, VP_PARTITION_LAST_SECTOR, partition->last);
    return record;
}
