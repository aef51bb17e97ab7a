/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fill.c: writing what a format's descriptors say of a judged header into the metadata. */
#include "storage/format.h"
#include "util/numbers.h"

#include <string.h>

#define SECTOR 512
/* QEMU reads nothing behind it, not even no bytes: the largest length that it gives a file. */
#define QEMU_OFFSET_MAX (G_MAXINT64 - ((1 << 30) - 1))

void
vp_probe_set_capacity(VpProbe *probe, guint64 size, VpRuleId rule, guint field)
{
    VpRounding rounding = probe->format->layer == VP_LAYER_CONTAINER
                              ? probe->format->capacity.rounding
                              : VP_ROUND_SECTOR_UP;
    guint64 whole = size - size % SECTOR;

    if (rounding == VP_ROUND_NONE)
        whole = size;
    else if (rounding == VP_ROUND_SECTOR_UP && !vp_checked_round_up(size, SECTOR, &whole))
        whole = G_MAXUINT64;
    if (whole > G_MAXINT64) {
        vp_probe_find_field(probe, rule, field,
                            "virtual size is %" G_GUINT64_FORMAT ", at most 2^63-1 is possible",
                            size);
        return;
    }
    vp_record_set_uint(probe->image, VP_IMAGE_VIRTUAL_SIZE, whole);
    if (whole != size)
        vp_record_set_uint(probe->extra, VP_PROBE_EXACT_VIRTUAL_SIZE, size);
}

/* Two fields make some sizes. FALSE: it is above all numbers. */
static gboolean
quantity_times_factor(const VpProbe *probe, const VpQuantity *quantity, guint64 *value)
{
    guint64 factor = vp_probe_value(probe, quantity->factor);

    if (quantity->factor_kind == VP_QUANTITY_NONE)
        return TRUE;
    if (quantity->factor_kind == VP_QUANTITY_POWER_OF_TWO
        && !vp_checked_shift_left(1, factor, &factor))
        return FALSE;
    return vp_checked_mul(*value, factor, value);
}

/* The disk is the file; what lies in it says how large it is meant to be. */
static void
fill_content_size(VpProbe *probe)
{
    const VpQuantity *capacity = &probe->format->capacity;
    guint64 unit = capacity->unit != 0 ? capacity->unit : 1;
    guint64 size;

    if (!probe->has_no_end)
        vp_probe_set_capacity(probe, probe->size, VP_RULE_HEADER_INVALID, capacity->field);
    if (capacity->kind != VP_QUANTITY_VALUE || !vp_probe_is_valid(probe, capacity->field)
        || (capacity->factor_kind != VP_QUANTITY_NONE
            && !vp_probe_is_valid(probe, capacity->factor)))
        return;
    if (!vp_checked_mul(vp_probe_value(probe, capacity->field), unit, &size)
        || !quantity_times_factor(probe, capacity, &size))
        size = G_MAXUINT64;
    vp_record_set_uint(probe->target, VP_CONTENT_SIZE, size);
    if (size > probe->size)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, capacity->field,
                            "the volume has %" G_GUINT64_FORMAT
                            " bytes, the file %" G_GUINT64_FORMAT,
                            size, probe->size);
}

static void
fill_capacity(VpProbe *probe)
{
    const VpQuantity *capacity = &probe->format->capacity;
    guint64 unit = capacity->unit != 0 ? capacity->unit : 1;
    guint64 size;

    if (capacity->kind != VP_QUANTITY_VALUE || !vp_probe_is_valid(probe, capacity->field))
        return;
    if (vp_checked_mul(vp_probe_value(probe, capacity->field), unit, &size)
        && quantity_times_factor(probe, capacity, &size))
        vp_probe_set_capacity(probe, size, VP_RULE_HEADER_INVALID, capacity->field);
    else
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, capacity->field,
                            "virtual size is above 2^64 bytes");
}

static void
fill_version(VpProbe *probe)
{
    const VpVersionRule *version = &probe->format->version;

    if (version->mode != VP_VERSION_NONE && vp_probe_has(probe, version->field))
        vp_record_set_uint(probe->extra, VP_PROBE_VERSION, vp_probe_value(probe, version->field));
}

static void
fill_dirty(VpProbe *probe)
{
    const VpDirtyRule *dirty = &probe->format->dirty;
    guint64 value = dirty->kind >= VP_DIRTY_BIT ? vp_probe_value(probe, dirty->field) : 0;
    gboolean is_dirty = FALSE;

    if (dirty->kind == VP_DIRTY_UNKNOWN)
        return;
    if (dirty->kind == VP_DIRTY_BIT)
        is_dirty = vp_bit_is_set(value, (guint) dirty->value);
    else if (dirty->kind == VP_DIRTY_VALUE)
        is_dirty = value == dirty->value;
    if (dirty->kind != VP_DIRTY_VALUE)
        vp_record_set_bool(probe->image, VP_IMAGE_DIRTY_FLAG, is_dirty);
    if (is_dirty)
        vp_probe_find_field(probe, VP_RULE_DIRTY, dirty->field, "the image was not closed cleanly");
}

static void
fill_backing_pointer(VpProbe *probe, const VpBackingRule *rule)
{
    guint64 offset = vp_probe_value(probe, rule->offset_field);
    guint64 len = vp_probe_value(probe, rule->size_field);
    guint64 maximum = rule->maximum;
    guint64 cluster_size = probe->header.cluster_size;
    VpReader reader;

    if (offset == 0 || !vp_probe_is_valid(probe, rule->offset_field))
        return;
    if (rule->is_in_first_cluster && cluster_size >= offset)
        maximum = MIN(maximum, cluster_size - offset);
    if (len > maximum) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, rule->size_field,
                            "backing file name has %" G_GUINT64_FORMAT
                            " bytes, at most %" G_GUINT64_FORMAT " are possible here",
                            len, maximum);
        return;
    }
    if (len == 0 && offset > (guint64) QEMU_OFFSET_MAX) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, rule->offset_field,
                            "an empty backing file name lies at %" G_GUINT64_FORMAT
                            ", where no file can have bytes",
                            offset);
        return;
    }
    /* QEMU takes what a cut file has of it for the name. */
    if (!vp_probe_read(probe, offset, (gsize) len, "backing file name", &reader)
        && probe->has_no_end)
        return;
    vp_probe_set_backing(probe, reader.data, reader.size, offset);
}

static void
fill_backing(VpProbe *probe)
{
    const VpBackingRule *rule = &probe->format->backing;
    const guint8 *name;
    gsize len;

    if (rule->kind == VP_BACKING_POINTER) {
        fill_backing_pointer(probe, rule);
    } else if (rule->kind == VP_BACKING_INLINE) {
        name = vp_header_text(probe, rule->offset_field, &len);
        if (name != NULL && vp_probe_is_valid(probe, rule->offset_field))
            vp_probe_set_backing(probe, name, len,
                                 vp_header_field_place(probe, rule->offset_field));
    }
}

static void
fill_encryption(VpProbe *probe)
{
    const VpEncryptionRule *rule = probe->format->encryption;

    for (; rule != NULL && rule->method != NULL; rule++) {
        VirtProbeRecord *encryption;

        if (!vp_probe_has(probe, rule->field) || vp_probe_value(probe, rule->field) != rule->value)
            continue;
        vp_record_set_bool(probe->image, VP_IMAGE_ENCRYPTED, TRUE);
        encryption = vp_record_set_record(probe->extra, VP_PROBE_ENCRYPTION, VP_RECORD_ENCRYPTION);
        vp_record_set_constant(encryption, VP_ENCRYPTION_METHOD, rule->method);
        vp_probe_find_field(probe, rule->rule, rule->field, "guest data is encrypted with %s",
                            rule->method);
    }
}

/* Where a table begins; FALSE when its field is not to be trusted. */
static gboolean
table_offset(const VpProbe *probe, const VpTableRule *table, guint64 *out_offset)
{
    guint64 unit = table->offset_unit != 0 ? table->offset_unit : 1;

    *out_offset = table->fixed_offset;
    if (table->fixed_offset != 0)
        return TRUE;
    return vp_probe_is_valid(probe, table->offset_field)
           && vp_checked_mul(vp_probe_value(probe, table->offset_field), unit, out_offset);
}

/* Bytes of the table; FALSE and a finding when they are more than allowed. */
static gboolean
table_size(VpProbe *probe, const VpTableRule *table, guint64 *out_size)
{
    guint64 unit = table->is_counted_in_clusters ? probe->header.cluster_size : table->entry_size;
    guint64 count = vp_probe_value(probe, table->count_field);
    guint64 maximum = table->maximum_size;

    if (!vp_checked_mul(count, unit, out_size))
        *out_size = G_MAXUINT64;
    if (*out_size <= (maximum != 0 ? maximum : G_MAXINT64))
        return TRUE;
    vp_probe_find_field(probe, VP_RULE_HUGE_ALLOCATION, table->count_field,
                        "%s has %" G_GUINT64_FORMAT " bytes, at most %" G_GUINT64_FORMAT
                        " are possible",
                        table->title, *out_size, maximum);
    return FALSE;
}

void
vp_fill_table(VpProbe *probe, const char *name, guint64 offset, guint64 entries, guint64 size)
{
    VirtProbeRecord *record = vp_record_append(probe->extra, VP_PROBE_TABLES);

    if (record == NULL)
        return;
    vp_record_set_constant(record, VP_TABLE_NAME, name);
    vp_record_set_uint(record, VP_TABLE_OFFSET, offset);
    vp_record_set_uint(record, VP_TABLE_ENTRIES, entries);
    vp_record_set_uint(record, VP_TABLE_SIZE, size);
}

static void
fill_table(VpProbe *probe, const VpTableRule *table)
{
    guint64 count = vp_probe_value(probe, table->count_field);
    guint64 offset;
    guint64 size;

    if (!vp_probe_is_valid(probe, table->count_field) || !table_offset(probe, table, &offset))
        return;
    if (table->is_absent_when_empty && count == 0)
        return;
    if (table_size(probe, table, &size))
        vp_probe_check_place(probe, table->title, offset, size);
    vp_fill_table(probe, table->name, offset, size / table->entry_size, size);
}

void
vp_fill(VpProbe *probe)
{
    const VpTableRule *table = probe->format->tables;

    fill_version(probe);
    if (probe->format->layer == VP_LAYER_CONTAINER)
        fill_capacity(probe);
    else
        fill_content_size(probe);
    if (probe->header.cluster_size != 0)
        vp_record_set_uint(probe->image, VP_IMAGE_CLUSTER_SIZE, probe->header.cluster_size);
    fill_dirty(probe);
    /* Inside another format, that one has said it. */
    if (!probe->is_nested)
        fill_encryption(probe);
    if (probe->is_version_known) {
        for (; table != NULL && table->name != NULL; table++)
            fill_table(probe, table);
    }
    fill_backing(probe);
}
