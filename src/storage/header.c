/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* header.c: the one reader and the one checker of header fields, driven by a format's rows. */
#include "storage/format.h"
#include "util/numbers.h"

#include <string.h>

G_STATIC_ASSERT(VP_HEADER_FIELDS_MAX == G_N_ELEMENTS(((VpHeader *) NULL)->values));

#define SECTOR 512

static guint64
bit_of(guint field)
{
    return G_GUINT64_CONSTANT(1) << field;
}

static gboolean
row_is_given(const VpHeader *header, const VpHeaderField *row)
{
    return header->values[row->given] >= row->given_minimum;
}

static void
row_read(VpProbe *probe, guint field, VpReader *reader)
{
    const VpHeaderField *row = &probe->format->fields[field];

    vp_reader_seek(reader, row->offset - (gsize) (reader->base - probe->header.place));
    if (row->kind == VP_KIND_UINT)
        probe->header.values[field] = vp_reader_uint(reader, row->width, probe->format->order);
    else
        vp_reader_bytes(reader, row->width);
    if (!vp_reader_failed(reader))
        probe->header.present |= bit_of(field);
}

static void
header_report_cut(VpProbe *probe, const VpReader *reader)
{
    guint64 end = reader->base + reader->size;

    /* Content that is cut is no damage of the raw disk that it lies in. */
    vp_probe_find(probe,
                  probe->is_nested && probe->format->layer == VP_LAYER_CONTENT
                      ? VP_RULE_HEADER_INCONSISTENT
                      : VP_RULE_TRUNCATED,
                  end, 0, "%s header is cut, %s has %" G_GUINT64_FORMAT " bytes",
                  probe->format->name, probe->is_nested ? "its place" : "the file", probe->size);
}

void
vp_header_read(VpProbe *probe)
{
    VpHeader *header = &probe->header;
    const VpFormat *format = probe->format;
    guint32 start;
    guint32 end;
    VpReader reader;
    VpWindowState state;

    memset(header->values, 0, format->n_fields * sizeof header->values[0]);
    header->present = header->valid = 0;
    header->cluster_size = 0;
    header->bytes = NULL;
    header->place = probe->header_start;
    if (format->n_fields == 0)
        return;
    /* All rows lie between the first and the last; a test sees to it. */
    start = format->fields[0].offset;
    end = format->fields[format->n_fields - 1].offset + format->fields[format->n_fields - 1].width;
    state =
        vp_windows_get(probe->windows, probe->start + header->place + start, end - start, &reader);
    reader.base = header->place + start;
    /* What lies beyond the image is not ours, although it may be in the file. */
    reader.size = MIN(reader.size, (gsize) (probe->size - MIN(reader.base, probe->size)));
    header->bytes = reader.data;
    header->bytes_start = start;
    for (guint i = 0; i < format->n_fields && !vp_reader_failed(&reader); i++) {
        if (row_is_given(header, &format->fields[i]))
            row_read(probe, i, &reader);
    }
    if (state == VP_WINDOW_OK || state == VP_WINDOW_PAST_END) {
        if (vp_reader_failed(&reader))
            header_report_cut(probe, &reader);
    } else {
        vp_probe_read(probe, reader.base, end - start, "header", &reader);
    }
}

const guint8 *
vp_header_bytes(const VpProbe *probe, guint field)
{
    return probe->header.bytes + (probe->format->fields[field].offset - probe->header.bytes_start);
}

const guint8 *
vp_header_text(const VpProbe *probe, guint field, gsize *out_len)
{
    const VpHeaderField *row = &probe->format->fields[field];
    const guint8 *text;

    *out_len = 0;
    if (!vp_probe_has(probe, field))
        return NULL;
    text = vp_header_bytes(probe, field);
    *out_len = strnlen((const char *) text, row->width);
    while (row->kind == VP_KIND_PADDED_TEXT && *out_len > 0 && text[*out_len - 1] == ' ')
        (*out_len)--;
    return text;
}

static gboolean
row_check_range(VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    guint64 value = vp_probe_value(probe, field);

    if (value >= row->minimum && value <= row->maximum)
        return TRUE;
    if (row->maximum
        >= (row->width >= 8 ? G_MAXUINT64 : (G_GUINT64_CONSTANT(1) << row->width * 8) - 1))
        vp_probe_find_field(probe, row->rule, field,
                            "%s is %" G_GUINT64_FORMAT ", must be at least %" G_GUINT64_FORMAT,
                            row->name, value, row->minimum);
    else if (row->minimum == row->maximum)
        vp_probe_find_field(probe, row->rule, field,
                            "%s is %" G_GUINT64_FORMAT ", must be %" G_GUINT64_FORMAT, row->name,
                            value, row->minimum);
    else
        vp_probe_find_field(probe, row->rule, field,
                            "%s is %" G_GUINT64_FORMAT ", must be %" G_GUINT64_FORMAT
                            " to %" G_GUINT64_FORMAT,
                            row->name, value, row->minimum, row->maximum);
    return FALSE;
}

static gboolean
row_check_aligned(VpProbe *probe, guint field, guint64 unit, const char *unit_name)
{
    const VpHeaderField *row = &probe->format->fields[field];
    guint64 value = vp_probe_value(probe, field);

    if (unit == 0 || vp_is_aligned(value, unit))
        return TRUE;
    vp_probe_find_field(probe, row->rule, field,
                        "%s is %" G_GUINT64_FORMAT
                        ", must be a multiple of the %s, %" G_GUINT64_FORMAT,
                        row->name, value, unit_name, unit);
    return FALSE;
}

static gboolean
row_check_within_cluster(VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    guint64 value = vp_probe_value(probe, field);
    guint64 cluster_size = probe->header.cluster_size;

    if (cluster_size == 0 || value <= cluster_size)
        return TRUE;
    vp_probe_find_field(probe, row->rule, field,
                        "%s is %" G_GUINT64_FORMAT
                        ", beyond the first cluster of %" G_GUINT64_FORMAT " bytes",
                        row->name, value, cluster_size);
    return FALSE;
}

static gboolean
row_check_power_of_two(VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    guint64 value = vp_probe_value(probe, field);

    if (vp_is_power_of_two(value))
        return TRUE;
    vp_probe_find_field(probe, row->rule, field,
                        "%s is %" G_GUINT64_FORMAT ", must be a power of two", row->name, value);
    return FALSE;
}

static gboolean
row_check_zero(VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    const guint8 *bytes = vp_header_bytes(probe, field);

    for (guint i = 0; i < row->width; i++) {
        if (bytes[i] != 0) {
            vp_probe_find_field(probe, row->rule, field, "%s is reserved and not zero", row->name);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
row_check_terminated(VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];

    if (memchr(vp_header_bytes(probe, field), 0, row->width) != NULL)
        return TRUE;
    vp_probe_find_field(probe, row->rule, field, "%s is not ended by a NUL in its %u bytes",
                        row->name, row->width);
    return FALSE;
}

/* TRUE when the field passes everything that its row asks. */
static gboolean
row_check(VpProbe *probe, guint field)
{
    guint32 checks = probe->format->fields[field].checks;

    if ((checks & VP_CHECK_RANGE) != 0 && !row_check_range(probe, field))
        return FALSE;
    if ((checks & VP_CHECK_POWER_OF_TWO) != 0 && !row_check_power_of_two(probe, field))
        return FALSE;
    if ((checks & VP_CHECK_WITHIN_CLUSTER) != 0 && !row_check_within_cluster(probe, field))
        return FALSE;
    if ((checks & VP_CHECK_ALIGNED_CLUSTER) != 0
        && !row_check_aligned(probe, field, probe->header.cluster_size, "cluster size"))
        return FALSE;
    if ((checks & VP_CHECK_ALIGNED_SECTOR) != 0
        && !row_check_aligned(probe, field, SECTOR, "sector size"))
        return FALSE;
    if ((checks & VP_CHECK_TERMINATED) != 0 && !row_check_terminated(probe, field))
        return FALSE;
    return (checks & VP_CHECK_ZERO) == 0 || row_check_zero(probe, field);
}

static gboolean
quantity_field_is_sound(const VpProbe *probe, const VpQuantity *quantity)
{
    const VpHeaderField *row = &probe->format->fields[quantity->field];
    guint64 value = vp_probe_value(probe, quantity->field);

    if (!vp_probe_has(probe, quantity->field))
        return FALSE;
    if ((row->checks & VP_CHECK_POWER_OF_TWO) != 0 && !vp_is_power_of_two(value))
        return FALSE;
    return (row->checks & VP_CHECK_RANGE) == 0 || (value >= row->minimum && value <= row->maximum);
}

/* The cluster size bounds other fields, also those that stand before it, so it is found first; what is wrong
 * with it is said when its own row's turn comes. */
static guint64
header_cluster_size(const VpProbe *probe)
{
    const VpQuantity *cluster = &probe->format->cluster;
    guint64 unit = cluster->unit != 0 ? cluster->unit : 1;
    guint64 value;

    if (cluster->kind == VP_QUANTITY_NONE)
        return 0;
    if (cluster->kind == VP_QUANTITY_CONSTANT)
        return unit;
    if (!quantity_field_is_sound(probe, cluster))
        return 0;
    value = vp_probe_value(probe, cluster->field);
    if (cluster->kind == VP_QUANTITY_POWER_OF_TWO && !vp_checked_shift_left(1, value, &value))
        return 0;
    return vp_checked_mul(value, unit, &value) ? value : 0;
}

void
vp_header_check(VpProbe *probe)
{
    probe->header.cluster_size = header_cluster_size(probe);
    probe->header.valid = probe->header.present;
    for (guint64 rest = probe->header.present; rest != 0; rest &= rest - 1) {
        const guint i = (guint) __builtin_ctzll(rest);

        if (probe->format->fields[i].checks != 0 && !row_check(probe, i))
            probe->header.valid &= ~bit_of(i);
    }
}
