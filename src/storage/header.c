/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* header.c: the one checker of header fields, driven by a format's rows. */
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

static void
find_out_of_range(VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    guint64 value = vp_probe_value(probe, field);

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
}

static gboolean
row_check_range(VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    guint64 value = vp_probe_value(probe, field);

    if (value >= row->minimum && value <= row->maximum)
        return TRUE;
    find_out_of_range(probe, field);
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
    /* Most rows ask no more. */
    if (checks == VP_CHECK_RANGE)
        return TRUE;
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
    for (guint64 rest = probe->header.checked; rest != 0; rest &= rest - 1) {
        const guint i = (guint) __builtin_ctzll(rest);

        if (!row_check(probe, i))
            probe->header.valid &= ~bit_of(i);
    }
}
