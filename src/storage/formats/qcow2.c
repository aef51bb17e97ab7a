/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qcow2.c: qcow2 versions 2 and 3: header, rules that need two fields, what QEMU calls format-specific. */
#include "storage/qcow2/qcow2.h"
#include "util/numbers.h"

#include <string.h>

static const VpValueName crypt_methods[] = {
    { QCOW2_CRYPT_NONE, "none" },
    { QCOW2_CRYPT_AES, "aes" },
    { QCOW2_CRYPT_LUKS, "luks" },
    { 0, NULL },
};

/* Version 3 says more; up to version 2 the header ends at byte 72. */
#define SINCE_VERSION_3 .given = QCOW2_VERSION, .given_minimum = 3

static const VpHeaderField fields[] = {
    [QCOW2_MAGIC] = { "magic", VP_AT(0, 4) },
    [QCOW2_VERSION] = { "version", VP_AT(4, 4) },
    [QCOW2_BACKING_OFFSET] = { "backing-file-offset", VP_AT(8, 8),
                               .checks = VP_CHECK_WITHIN_CLUSTER },
    [QCOW2_BACKING_SIZE] = { "backing-file-size", VP_AT(16, 4) },
    [QCOW2_CLUSTER_BITS] = { "cluster-bits", VP_AT(20, 4), VP_RANGE(9, 21) },
    [QCOW2_SIZE] = { "size", VP_AT(24, 8) },
    [QCOW2_CRYPT_METHOD] = { "crypt-method", VP_AT(32, 4),
                             VP_RANGE(QCOW2_CRYPT_NONE, QCOW2_CRYPT_LUKS),
                             .rule = VP_RULE_ENCRYPTION_UNKNOWN, .names = crypt_methods },
    [QCOW2_L1_SIZE] = { "l1-size", VP_AT(36, 4) },
    [QCOW2_L1_OFFSET] = { "l1-table-offset", VP_AT(40, 8), .checks = VP_CHECK_ALIGNED_CLUSTER },
    [QCOW2_REFCOUNT_OFFSET] = { "refcount-table-offset", VP_AT(48, 8),
                                .checks = VP_CHECK_ALIGNED_CLUSTER },
    [QCOW2_REFCOUNT_CLUSTERS] = { "refcount-table-clusters", VP_AT(56, 4),
                                  VP_RANGE(1, G_MAXUINT32) },
    [QCOW2_SNAPSHOT_COUNT] = { "nb-snapshots", VP_AT(60, 4), VP_RANGE(0, QCOW2_SNAPSHOTS_MAX),
                               .rule = VP_RULE_HUGE_ALLOCATION },
    [QCOW2_SNAPSHOT_OFFSET] = { "snapshots-offset", VP_AT(64, 8),
                                .checks = VP_CHECK_RANGE | VP_CHECK_ALIGNED_CLUSTER,
                                .maximum = G_MAXINT64 },
    [QCOW2_INCOMPATIBLE] = { "incompatible-features", VP_AT(72, 8), SINCE_VERSION_3 },
    [QCOW2_COMPATIBLE] = { "compatible-features", VP_AT(80, 8), SINCE_VERSION_3 },
    [QCOW2_AUTOCLEAR] = { "autoclear-features", VP_AT(88, 8), SINCE_VERSION_3 },
    [QCOW2_REFCOUNT_ORDER] = { "refcount-order", VP_AT(96, 4), SINCE_VERSION_3, VP_RANGE(0, 6) },
    [QCOW2_HEADER_LENGTH] = { "header-length", VP_AT(100, 4), SINCE_VERSION_3,
                              .checks = VP_CHECK_RANGE | VP_CHECK_WITHIN_CLUSTER,
                              .minimum = QCOW2_V3_HEADER_LENGTH, .maximum = G_MAXUINT64,
                              .rule = VP_RULE_HEADER_LENGTH },
    [QCOW2_COMPRESSION_TYPE] = { "compression-type", VP_AT(104, 1), .given = QCOW2_HEADER_LENGTH,
                                 .given_minimum = 105, VP_RANGE(0, 1),
                                 .rule = VP_RULE_COMPRESSION_TYPE },
    [QCOW2_PADDING] = { "padding", VP_AT(105, 7), .kind = VP_KIND_BYTES,
                        .given = QCOW2_HEADER_LENGTH, .given_minimum = 112, .checks = VP_CHECK_ZERO,
                        .rule = VP_RULE_RESERVED },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == QCOW2_FIELD_COUNT);

static const VpTableRule tables[] = {
    { .name = "refcount",
      .title = "refcount table",
      .offset_field = QCOW2_REFCOUNT_OFFSET,
      .count_field = QCOW2_REFCOUNT_CLUSTERS,
      .entry_size = 8,
      .is_counted_in_clusters = TRUE,
      .maximum_size = QCOW2_REFCOUNT_TABLE_MAX },
    { .name = "snapshots",
      .title = "snapshot table",
      .offset_field = QCOW2_SNAPSHOT_OFFSET,
      .count_field = QCOW2_SNAPSHOT_COUNT,
      .entry_size = QCOW2_SNAPSHOT_HEADER_SIZE,
      .is_absent_when_empty = TRUE },
    { .name = "l1",
      .title = "L1 table",
      .offset_field = QCOW2_L1_OFFSET,
      .count_field = QCOW2_L1_SIZE,
      .entry_size = 8,
      .maximum_size = QCOW2_L1_SIZE_MAX },
    { .name = NULL },
};

static const VpEncryptionRule encryption[] = {
    { QCOW2_CRYPT_METHOD, QCOW2_CRYPT_AES, "aes", VP_RULE_LEGACY_AES },
    { QCOW2_CRYPT_METHOD, QCOW2_CRYPT_LUKS, "luks", VP_RULE_ENCRYPTED },
    { .method = NULL },
};

/* Names as QEMU writes them into the feature name table. */
static const VpBitName incompatible_bits[] = {
    { QCOW2_INCOMPATIBLE_DIRTY, "dirty bit", "dirty-flag" },
    { QCOW2_INCOMPATIBLE_CORRUPT, "corrupt bit", "corrupt" },
    { QCOW2_INCOMPATIBLE_DATA_FILE, "external data file", "data-file" },
    { QCOW2_INCOMPATIBLE_COMPRESSION, "compression type", "compression-type" },
    { QCOW2_INCOMPATIBLE_EXTENDED_L2, "extended L2 entries", "extended-l2" },
    VP_BIT_NAMES_END,
};

static const VpBitName compatible_bits[] = {
    { QCOW2_COMPATIBLE_LAZY_REFCOUNTS, "lazy refcounts", "lazy-refcounts" },
    VP_BIT_NAMES_END,
};

static const VpBitName autoclear_bits[] = {
    { QCOW2_AUTOCLEAR_BITMAPS, "bitmaps", "bitmaps" },
    { QCOW2_AUTOCLEAR_RAW_DATA_FILE, "raw external data", "data-file-raw" },
    VP_BIT_NAMES_END,
};

static const VpFeatureRule features[] = {
    { "incompatible", QCOW2_INCOMPATIBLE, VP_FEATURES_INCOMPATIBLE, incompatible_bits, TRUE },
    { "compatible", QCOW2_COMPATIBLE, VP_FEATURES_COMPATIBLE, compatible_bits, FALSE },
    { "autoclear", QCOW2_AUTOCLEAR, VP_FEATURES_AUTOCLEAR, autoclear_bits, FALSE },
    { .set = NULL },
};

static guint
l2_entry_size(const VpProbe *probe)
{
    return qcow2_has_incompatible(probe, QCOW2_INCOMPATIBLE_EXTENDED_L2) ? 16 : 8;
}

/* The L1 table must reach the end of the disk. */
static void
check_l1_size(VpProbe *probe)
{
    guint64 cluster_size = probe->header.cluster_size;
    guint64 bytes_per_entry;
    guint64 needed;

    if (cluster_size == 0 || !vp_probe_is_valid(probe, QCOW2_L1_SIZE))
        return;
    bytes_per_entry = cluster_size * (cluster_size / l2_entry_size(probe));
    needed = vp_divide_up(vp_probe_value(probe, QCOW2_SIZE), bytes_per_entry);
    if (vp_probe_value(probe, QCOW2_L1_SIZE) < needed)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, QCOW2_L1_SIZE,
                            "L1 table has %" G_GUINT64_FORMAT " entries, %" G_GUINT64_FORMAT
                            " are needed for this size",
                            vp_probe_value(probe, QCOW2_L1_SIZE), needed);
}

/* Subclusters are a 32nd of a cluster and at least a sector. */
static void
check_subclusters(VpProbe *probe)
{
    if (l2_entry_size(probe) == 16 && probe->header.cluster_size != 0
        && probe->header.cluster_size < 16384)
        vp_probe_find_field(
            probe, VP_RULE_HEADER_INVALID, QCOW2_CLUSTER_BITS,
            "extended L2 entries need clusters of 16384 bytes or more, not %" G_GUINT64_FORMAT,
            probe->header.cluster_size);
}

static void
check_compression(VpProbe *probe)
{
    gboolean has_bit = qcow2_has_incompatible(probe, QCOW2_INCOMPATIBLE_COMPRESSION);
    guint64 type = vp_probe_value(probe, QCOW2_COMPRESSION_TYPE);

    if (has_bit && type == 0)
        vp_probe_find_field(probe, VP_RULE_COMPRESSION_TYPE, QCOW2_INCOMPATIBLE,
                            "the compression type bit is set, but the type is zlib");
    else if (!has_bit && type != 0)
        vp_probe_find_field(probe, VP_RULE_COMPRESSION_TYPE, QCOW2_COMPRESSION_TYPE,
                            "compression type is %" G_GUINT64_FORMAT
                            ", but the bit that announces it is clear",
                            type);
}

/* QEMU accepts these; somebody else may not, or may read the image differently. */
static void
check_odd_fields(VpProbe *probe)
{
    guint64 offset = vp_probe_value(probe, QCOW2_BACKING_OFFSET);
    guint64 header_length = vp_probe_value(probe, QCOW2_HEADER_LENGTH);

    if (vp_probe_is_valid(probe, QCOW2_HEADER_LENGTH) && !vp_is_aligned(header_length, 8))
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, QCOW2_HEADER_LENGTH,
                            "header-length is %" G_GUINT64_FORMAT ", not a multiple of 8",
                            header_length);
    if ((offset == 0) != (vp_probe_value(probe, QCOW2_BACKING_SIZE) == 0))
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, QCOW2_BACKING_SIZE,
                            "backing file name is at %" G_GUINT64_FORMAT
                            " and has %" G_GUINT64_FORMAT " bytes, one of them is 0",
                            offset, vp_probe_value(probe, QCOW2_BACKING_SIZE));
    if (offset != 0 && offset < QCOW2_V2_HEADER_LENGTH)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, QCOW2_BACKING_OFFSET,
                            "backing file name is at %" G_GUINT64_FORMAT ", inside the header",
                            offset);
    if (qcow2_has_autoclear(probe, QCOW2_AUTOCLEAR_RAW_DATA_FILE)
        && !qcow2_has_incompatible(probe, QCOW2_INCOMPATIBLE_DATA_FILE))
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, QCOW2_AUTOCLEAR,
                            "the raw external data bit is set without an external data file");
}

static void
cross_check(VpProbe *probe)
{
    check_subclusters(probe);
    check_l1_size(probe);
    check_compression(probe);
    check_odd_fields(probe);
}

VirtProbeRecord *
qcow2_specific(VpProbe *probe)
{
    VirtProbeRecord *specific =
        vp_record_set_record(probe->image, VP_IMAGE_FORMAT_SPECIFIC, VP_RECORD_SPECIFIC);

    vp_record_set_constant(specific, VP_SPECIFIC_TYPE, "qcow2");
    return vp_record_set_record(specific, VP_SPECIFIC_DATA, VP_RECORD_QCOW2);
}

/* QEMU leaves these out for version 2, which cannot have them. */
static void
fill_version_3(VpProbe *probe, VirtProbeRecord *data)
{
    guint64 compatible = vp_probe_value(probe, QCOW2_COMPATIBLE);
    gboolean is_corrupt = qcow2_has_incompatible(probe, QCOW2_INCOMPATIBLE_CORRUPT);

    vp_record_set_bool(data, VP_QCOW2_LAZY_REFCOUNTS,
                       vp_bit_is_set(compatible, QCOW2_COMPATIBLE_LAZY_REFCOUNTS));
    vp_record_set_bool(data, VP_QCOW2_CORRUPT, is_corrupt);
    vp_record_set_bool(data, VP_QCOW2_EXTENDED_L2, l2_entry_size(probe) == 16);
    if (is_corrupt)
        vp_probe_find_field(probe, VP_RULE_CORRUPT, QCOW2_INCOMPATIBLE,
                            "the image is marked as corrupt");
    if (qcow2_has_incompatible(probe, QCOW2_INCOMPATIBLE_DATA_FILE))
        vp_record_set_bool(data, VP_QCOW2_DATA_FILE_RAW,
                           qcow2_has_autoclear(probe, QCOW2_AUTOCLEAR_RAW_DATA_FILE));
}

static void
fill_specific(VpProbe *probe, const Qcow2State *state)
{
    VirtProbeRecord *data = qcow2_specific(probe);
    gboolean is_version_3 = vp_probe_value(probe, QCOW2_VERSION) >= 3;
    gboolean has_order = vp_probe_is_valid(probe, QCOW2_REFCOUNT_ORDER);

    vp_record_set_constant(data, VP_QCOW2_COMPAT, is_version_3 ? "1.1" : "0.10");
    if (!vp_probe_has(probe, QCOW2_COMPRESSION_TYPE)
        || vp_probe_is_valid(probe, QCOW2_COMPRESSION_TYPE))
        vp_record_set_constant(data, VP_QCOW2_COMPRESSION_TYPE,
                               vp_probe_value(probe, QCOW2_COMPRESSION_TYPE) == 1 ? "zstd"
                                                                                  : "zlib");
    if (!is_version_3 || has_order)
        vp_record_set_uint(data, VP_QCOW2_REFCOUNT_BITS,
                           is_version_3 ? 1u << vp_probe_value(probe, QCOW2_REFCOUNT_ORDER) : 16);
    if (is_version_3)
        fill_version_3(probe, data);
    vp_record_set_uint(probe->extra, VP_PROBE_HEADER_LENGTH, state->header_length);
}

static void
find_data_file(VpProbe *probe, const Qcow2State *state)
{
    gboolean has_bit = qcow2_has_incompatible(probe, QCOW2_INCOMPATIBLE_DATA_FILE);

    if (has_bit)
        vp_probe_find_field(probe, VP_RULE_DATA_FILE, QCOW2_INCOMPATIBLE,
                            "the guest data is in an external file");
    if (has_bit && !state->has_data_file_name)
        vp_probe_find_field(probe, VP_RULE_DATA_FILE_NO_NAME, QCOW2_INCOMPATIBLE,
                            "an external data file is used, but not named");
    if (!has_bit && state->has_data_file_name)
        vp_probe_find_field(probe, VP_RULE_DATA_FILE_NO_BIT, QCOW2_INCOMPATIBLE,
                            "an external data file is named, but the feature bit is clear");
    if (has_bit && qcow2_has_autoclear(probe, QCOW2_AUTOCLEAR_RAW_DATA_FILE)
        && vp_record_has(probe->image, VP_IMAGE_BACKING_FILENAME))
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, QCOW2_AUTOCLEAR,
                            "a raw external data file and a backing file exclude each other");
}

static void
describe_encryption(VpProbe *probe, const Qcow2State *state)
{
    guint64 method = vp_probe_value(probe, QCOW2_CRYPT_METHOD);
    VirtProbeRecord *place = vp_record_get_record(probe->extra, VP_PROBE_ENCRYPTION);
    VirtProbeRecord *encrypt;

    if (state->has_luks && method != QCOW2_CRYPT_LUKS)
        vp_probe_find_field(
            probe, VP_RULE_EXTENSION_INVALID, QCOW2_CRYPT_METHOD,
            "a LUKS header is named, but the guest data is not encrypted with LUKS");
    if (method == QCOW2_CRYPT_NONE || !vp_probe_is_valid(probe, QCOW2_CRYPT_METHOD))
        return;
    encrypt = vp_record_set_record(qcow2_specific(probe), VP_QCOW2_ENCRYPT, VP_RECORD_LUKS);
    vp_record_set_constant(encrypt, VP_LUKS_FORMAT, method == QCOW2_CRYPT_AES ? "aes" : "luks");
    if (method == QCOW2_CRYPT_AES)
        return;
    if (!state->has_luks) {
        vp_probe_find_field(probe, VP_RULE_ENCRYPTION_HEADER, QCOW2_CRYPT_METHOD,
                            "encrypted with LUKS, but the place of the LUKS header is missing");
        return;
    }
    vp_record_set_uint(place, VP_ENCRYPTION_OFFSET, state->luks_offset);
    vp_record_set_uint(place, VP_ENCRYPTION_LENGTH, state->luks_length);
    if (state->luks_offset < probe->size)
        vp_describe_as(probe, "luks", state->luks_offset,
                       MIN(state->luks_length, probe->size - state->luks_offset), encrypt);
}

/* Where the header ends and extensions begin; FALSE when that cannot be told. */
static gboolean
find_header_length(const VpProbe *probe, Qcow2State *state)
{
    state->header_length = QCOW2_V2_HEADER_LENGTH;
    if (vp_probe_value(probe, QCOW2_VERSION) < 3)
        return TRUE;
    state->header_length = vp_probe_value(probe, QCOW2_HEADER_LENGTH);
    return vp_probe_is_valid(probe, QCOW2_HEADER_LENGTH);
}

static gboolean
parse(VpProbe *probe)
{
    Qcow2State *state = vp_record_alloc(probe->image, sizeof *state);
    gboolean is_sound;

    if (state == NULL || probe->header.cluster_size == 0)
        return FALSE;
    probe->state = state;
    is_sound = find_header_length(probe, state);
    fill_specific(probe, state);
    is_sound = is_sound && qcow2_extensions_parse(probe, state);
    find_data_file(probe, state);
    if (is_sound)
        describe_encryption(probe, state);
    qcow2_snapshots_parse(probe);
    if (is_sound)
        qcow2_bitmaps_parse(probe, state);
    return is_sound;
}

static const guint8 *
feature_name(VpProbe *probe, const VpFeatureRule *set, guint bit, gsize *out_len)
{
    return probe->state != NULL
               ? qcow2_feature_name(probe->state, (guint) (set - features), bit, out_len)
               : NULL;
}

static const VpMagic magics[] = {
    { .bytes = "QFI\xfb", .len = 4 },
    { .len = 0 },
};

static const char *const extensions[] = { "qcow2", NULL };

const VpFormat vp_format_qcow2 = {
    .name = "qcow2",
    .libvirt_name = "qcow2",
    .extensions = extensions,
    .title = "QEMU copy-on-write image, versions 2 and 3",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_BACKING | VP_FORMAT_DATA_FILE | VP_FORMAT_SNAPSHOTS,
    .reads = 1,
    .order = VP_ORDER_BIG,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, QCOW2_VERSION, 2, { 2, 3 } },
    .qemu_probe = VP_QEMU_FROM_MINIMUM,
    .qemu_minimum = 2,
    VP_FIELDS(fields),
    .capacity = { VP_QUANTITY_VALUE, QCOW2_SIZE, 1, VP_ROUND_SECTOR_DOWN },
    .cluster = { VP_QUANTITY_POWER_OF_TWO, QCOW2_CLUSTER_BITS, 1, VP_ROUND_NONE },
    .backing = { VP_BACKING_POINTER, QCOW2_BACKING_OFFSET, QCOW2_BACKING_SIZE,
                 QCOW2_BACKING_NAME_MAX, TRUE },
    .tables = tables,
    .encryption = encryption,
    .features = features,
    .dirty = { VP_DIRTY_BIT, QCOW2_INCOMPATIBLE, QCOW2_INCOMPATIBLE_DIRTY },
    .cross_check = cross_check,
    .parse = parse,
    .feature_name = feature_name,
};
