/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qed.c: QEMU enhanced disks. Source: QEMU's docs/interop/qed_spec.txt, and block/qed.c for what it refuses. */
#include "storage/format.h"
#include "util/numbers.h"

enum {
    MAGIC,
    CLUSTER_SIZE,
    TABLE_SIZE,
    HEADER_SIZE,
    FEATURES,
    COMPATIBLE,
    AUTOCLEAR,
    L1_OFFSET,
    IMAGE_SIZE,
    BACKING_OFFSET,
    BACKING_SIZE,
    FIELD_COUNT,
};

enum {
    BIT_BACKING_FILE,
    BIT_NEED_CHECK,
    BIT_BACKING_RAW,
};

#define KIB 1024
#define CLUSTER_MIN (4 * KIB)
#define CLUSTER_MAX (64 * KIB * KIB)
#define TABLE_MAX 16
#define ENTRY_SIZE 8
/* QEMU keeps the name in PATH_MAX bytes, with a NUL. */
#define BACKING_MAX 4095

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 4) },
    [CLUSTER_SIZE] = { "cluster-size", VP_AT(4, 4),
                       .checks = VP_CHECK_RANGE | VP_CHECK_POWER_OF_TWO, .minimum = CLUSTER_MIN,
                       .maximum = CLUSTER_MAX },
    [TABLE_SIZE] = { "table-size", VP_AT(8, 4), .checks = VP_CHECK_RANGE | VP_CHECK_POWER_OF_TWO,
                     .minimum = 1, .maximum = TABLE_MAX, .is_detail = TRUE },
    [HEADER_SIZE] = { "header-size", VP_AT(12, 4), .is_detail = TRUE },
    [FEATURES] = { "features", VP_AT(16, 8) },
    [COMPATIBLE] = { "compat-features", VP_AT(24, 8) },
    [AUTOCLEAR] = { "autoclear-features", VP_AT(32, 8) },
    [L1_OFFSET] = { "l1-table-offset", VP_AT(40, 8), .checks = VP_CHECK_ALIGNED_CLUSTER },
    [IMAGE_SIZE] = { "image-size", VP_AT(48, 8), .checks = VP_CHECK_ALIGNED_SECTOR },
    [BACKING_OFFSET] = { "backing-filename-offset", VP_AT(56, 4) },
    [BACKING_SIZE] = { "backing-filename-size", VP_AT(60, 4) },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpBitName feature_bits[] = {
    { BIT_BACKING_FILE, "backing file", "backing-filename" },
    { BIT_NEED_CHECK, "need check", "dirty-flag" },
    { BIT_BACKING_RAW, "backing format no probe", "backing-filename-format" },
    VP_BIT_NAMES_END,
};

static const VpBitName no_bits[] = { VP_BIT_NAMES_END };

static const VpFeatureRule features[] = {
    { "incompatible", FEATURES, VP_FEATURES_INCOMPATIBLE, feature_bits, TRUE },
    { "compatible", COMPATIBLE, VP_FEATURES_COMPATIBLE, no_bits, FALSE },
    { "autoclear", AUTOCLEAR, VP_FEATURES_AUTOCLEAR, no_bits, FALSE },
    { .set = NULL },
};

/* Two levels of tables, each of which has table_bytes. QEMU computes this in 64 bits too, and where it does not fit it
 * opens nothing but an empty disk. */
static void
check_image_size(VpProbe *probe, guint64 table_bytes)
{
    guint64 entries = table_bytes / ENTRY_SIZE;
    guint64 size = vp_probe_value(probe, IMAGE_SIZE);
    guint64 maximum = 0;

    if (vp_checked_mul(entries * entries, probe->header.cluster_size, &maximum) && size <= maximum)
        return;
    if (size > 0)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, IMAGE_SIZE,
                            "image-size is %" G_GUINT64_FORMAT ", at most %" G_GUINT64_FORMAT
                            " is possible with these tables",
                            size, maximum);
}

/* QEMU leaves a last cluster that is not whole out of account. */
static void
check_l1_table(VpProbe *probe, guint64 table_bytes)
{
    guint64 cluster_size = probe->header.cluster_size;
    guint64 offset = vp_probe_value(probe, L1_OFFSET);
    guint64 header_bytes;

    vp_fill_table(probe, "l1", offset, table_bytes / ENTRY_SIZE, table_bytes);
    if (vp_probe_value(probe, TABLE_SIZE) == 1)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, TABLE_SIZE,
                            "table-size is 1, which the format allows and QEMU cannot open");
    if (!vp_checked_mul(vp_probe_value(probe, HEADER_SIZE), cluster_size, &header_bytes)
        || header_bytes > G_MAXUINT32)
        vp_probe_find_field(probe, VP_RULE_HEADER_LENGTH, HEADER_SIZE,
                            "header-size is %" G_GUINT64_FORMAT " clusters, more than 4 GiB",
                            vp_probe_value(probe, HEADER_SIZE));
    else if (header_bytes == 0)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, HEADER_SIZE,
                            "header-size is 0 clusters");
    else if (offset < header_bytes)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, L1_OFFSET,
                            "L1 table begins at %" G_GUINT64_FORMAT
                            ", in the header of %" G_GUINT64_FORMAT " bytes",
                            offset, header_bytes);
    vp_probe_check_place(probe, "L1 table", offset, table_bytes);
}

static void
read_backing(VpProbe *probe)
{
    guint64 offset = vp_probe_value(probe, BACKING_OFFSET);
    guint64 len = vp_probe_value(probe, BACKING_SIZE);
    guint64 header_bytes = vp_probe_value(probe, HEADER_SIZE) * probe->header.cluster_size;
    VpReader reader;

    if (offset + len > header_bytes || len > BACKING_MAX) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, BACKING_SIZE,
                            "backing file name has %" G_GUINT64_FORMAT
                            " bytes, at most %" G_GUINT64_FORMAT " are possible here",
                            len, MIN(BACKING_MAX, header_bytes - MIN(offset, header_bytes)));
        return;
    }
    vp_probe_read(probe, offset, (gsize) len, "backing file name", &reader);
    vp_probe_set_backing(probe, reader.data, reader.size, offset);
    if (vp_bit_is_set(vp_probe_value(probe, FEATURES), BIT_BACKING_RAW))
        vp_record_set_constant(probe->image, VP_IMAGE_BACKING_FILENAME_FORMAT, "raw");
}

static gboolean
parse(VpProbe *probe)
{
    guint64 table_bytes = vp_probe_value(probe, TABLE_SIZE) * probe->header.cluster_size;

    if (!vp_probe_has(probe, BACKING_SIZE) || !vp_probe_is_valid(probe, TABLE_SIZE)
        || probe->header.cluster_size == 0)
        return FALSE;
    check_image_size(probe, table_bytes);
    if (vp_probe_is_valid(probe, L1_OFFSET))
        check_l1_table(probe, table_bytes);
    if (vp_bit_is_set(vp_probe_value(probe, FEATURES), BIT_BACKING_FILE))
        read_backing(probe);
    return TRUE;
}

static const VpMagic magics[] = {
    { .bytes = "QED\0", .len = 4 },
    { .len = 0 },
};

static const char *const extensions[] = { "qed", NULL };

const VpFormat vp_format_qed = {
    .name = "qed",
    .libvirt_name = "qed",
    .extensions = extensions,
    .title = "QEMU enhanced disk",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_BACKING | VP_FORMAT_LEGACY,
    .reads = 1,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .qemu_probe = VP_QEMU_ACCEPTED,
    .backing = { .rule = VP_RULE_QED_BACKING },
    VP_FIELDS(fields),
    .capacity = { VP_QUANTITY_VALUE, IMAGE_SIZE, 1, VP_ROUND_NONE },
    .cluster = { VP_QUANTITY_VALUE, CLUSTER_SIZE, 1, VP_ROUND_NONE },
    .features = features,
    .dirty = { VP_DIRTY_BIT, FEATURES, BIT_NEED_CHECK },
    .parse = parse,
};
