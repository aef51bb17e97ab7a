/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vhdx.c: disks of Hyper-V (VHDX). Source: Microsoft's [MS-VHDX], and QEMU's block/vhdx.c for what it refuses. */
#include "storage/vhdx/vhdx.h"

#define KIB 1024
#define HEADER_SIZE 4096
#define TABLE_SIZE (64 * KIB)
#define SIZE_MAX_BYTES (G_GUINT64_CONSTANT(64) << 40)
#define SECTOR 512
#define HAS_PARENT 2

static const VpValueName disk_types[] = {
    { 0, "dynamic" }, { 1, "fixed" }, { 2, "differencing" }, { 3, "fixed differencing" },
    { 0, NULL },
};

static const VpHeaderField fields[] = {
    [VHDX_SIGNATURE] = { "signature", VP_AT(0, 8), .kind = VP_KIND_BYTES },
    [VHDX_CREATOR] = { "creator", VP_AT(8, 512), .kind = VP_KIND_UTF16_LE, .is_detail = TRUE },
    [VHDX_HEADER_SIGNATURE] = { "header-signature", VP_AT(0, 4), .part = VHDX_PART_HEADER,
                                .kind = VP_KIND_BYTES },
    [VHDX_HEADER_CHECKSUM] = { "header-checksum", VP_AT(4, 4), .part = VHDX_PART_HEADER },
    [VHDX_SEQUENCE] = { "sequence-number", VP_AT(8, 8), .part = VHDX_PART_HEADER },
    [VHDX_FILE_WRITE_GUID] = { "file-write-guid", VP_AT(16, 16), .part = VHDX_PART_HEADER,
                               .kind = VP_KIND_UUID_LE, .is_detail = TRUE },
    [VHDX_DATA_WRITE_GUID] = { "data-write-guid", VP_AT(32, 16), .part = VHDX_PART_HEADER,
                               .kind = VP_KIND_UUID_LE, .is_detail = TRUE },
    [VHDX_LOG_GUID] = { "log-guid", VP_AT(48, 16), .part = VHDX_PART_HEADER,
                        .kind = VP_KIND_UUID_LE, .is_detail = TRUE },
    [VHDX_LOG_VERSION] = { "log-version", VP_AT(64, 2), VP_RANGE(0, 0), .part = VHDX_PART_HEADER,
                           .rule = VP_RULE_UNSUPPORTED_VERSION },
    [VHDX_VERSION] = { "version", VP_AT(66, 2), .part = VHDX_PART_HEADER },
    [VHDX_LOG_LENGTH] = { "log-length", VP_AT(68, 4), .part = VHDX_PART_HEADER },
    [VHDX_LOG_OFFSET] = { "log-offset", VP_AT(72, 8), VP_RANGE(VHDX_MIB, G_MAXUINT64),
                          .part = VHDX_PART_HEADER },
    [VHDX_REGION_SIGNATURE] = { "region-signature", VP_AT(0, 4), .part = VHDX_PART_REGIONS,
                                .kind = VP_KIND_BYTES },
    [VHDX_REGION_CHECKSUM] = { "region-checksum", VP_AT(4, 4), .part = VHDX_PART_REGIONS },
    [VHDX_REGION_COUNT] = { "region-count", VP_AT(8, 4), VP_RANGE(0, 2047),
                            .part = VHDX_PART_REGIONS },
    [VHDX_METADATA_SIGNATURE] = { "metadata-signature", VP_AT(0, 8), .part = VHDX_PART_METADATA,
                                  .kind = VP_KIND_BYTES },
    [VHDX_METADATA_COUNT] = { "metadata-count", VP_AT(10, 2), VP_RANGE(0, 2047),
                              .part = VHDX_PART_METADATA },
    [VHDX_BLOCK_SIZE] = { "block-size", VP_AT(0, 4), .part = VHDX_PART_PARAMETERS,
                          .checks = VP_CHECK_RANGE | VP_CHECK_POWER_OF_TWO, .minimum = VHDX_MIB,
                          .maximum = 256 * VHDX_MIB },
    /* Bit 0: blocks stay allocated; bit 1: there is a parent. */
    [VHDX_DISK_TYPE] = { "disk-type", VP_AT(4, 4), .part = VHDX_PART_PARAMETERS,
                         .names = disk_types, .is_detail = TRUE },
    [VHDX_DISK_SIZE] = { "disk-size", VP_AT(0, 8), VP_RANGE(1, SIZE_MAX_BYTES),
                         .part = VHDX_PART_SIZE },
    [VHDX_DISK_ID] = { "disk-id", VP_AT(0, 16), .part = VHDX_PART_ID, .kind = VP_KIND_UUID_LE,
                       .is_detail = TRUE },
    [VHDX_LOGICAL_SECTOR] = { "logical-sector-size", VP_AT(0, 4), .part = VHDX_PART_LOGICAL,
                              .checks = VP_CHECK_RANGE | VP_CHECK_POWER_OF_TWO, .minimum = SECTOR,
                              .maximum = 4096, .is_detail = TRUE },
    [VHDX_PHYSICAL_SECTOR] = { "physical-sector-size", VP_AT(0, 4), .part = VHDX_PART_PHYSICAL,
                               .is_detail = TRUE },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == VHDX_FIELD_COUNT);

#define FOUND .place = { VP_PLACE_FOUND }

static const VpPart parts[] = {
    { .name = "file identifier" },
    { .name = "header",
      .place = { VP_PLACE_AT, .offset = 64 * KIB },
      .copy = { VP_PLACE_AT, .offset = 128 * KIB },
      .sequence = VHDX_SEQUENCE,
      .is_same_when_equal = TRUE,
      .magic = "head",
      .magic_len = 4,
      .checksum = VP_CHECKSUM_CRC32C,
      .checksum_place = 4,
      .checksum_len = HEADER_SIZE,
      .checksum_rule = VP_RULE_CHECKSUM },
    /* QEMU reads the first copy only. */
    { .name = "region table",
      .place = { VP_PLACE_AT, .offset = 192 * KIB },
      .copy = { VP_PLACE_AT, .offset = 256 * KIB },
      .copy_rule = VP_RULE_CHECKSUM,
      .magic = "regi",
      .magic_len = 4,
      .checksum = VP_CHECKSUM_CRC32C,
      .checksum_place = 4,
      .checksum_len = TABLE_SIZE,
      .checksum_rule = VP_RULE_CHECKSUM },
    { .name = "metadata table", FOUND, .magic = "metadata", .magic_len = 8 },
    { .name = "metadata item file parameters", FOUND },
    { .name = "metadata item virtual disk size", FOUND },
    { .name = "metadata item page 83 data", FOUND },
    { .name = "metadata item logical sector size", FOUND },
    { .name = "metadata item physical sector size", FOUND },
    { .name = NULL },
};

G_STATIC_ASSERT(G_N_ELEMENTS(parts) <= VP_PARTS_MAX);

static gboolean
find_part(VpProbe *probe, guint part, guint64 *out_place)
{
    VhdxPlace place = { .offset = 0 };
    gboolean is_there =
        part == VHDX_PART_METADATA
            ? vhdx_region_find(probe, VHDX_REGION_METADATA, &place)
            : vhdx_item_find(probe, (VhdxItemKind) (part - VHDX_PART_PARAMETERS), &place);

    *out_place = place.offset;
    return is_there;
}

static void
check_sectors(VpProbe *probe)
{
    guint64 logical = vp_probe_value(probe, VHDX_LOGICAL_SECTOR);
    guint64 physical = vp_probe_value(probe, VHDX_PHYSICAL_SECTOR);
    guint64 size = vp_probe_value(probe, VHDX_DISK_SIZE);

    if (vp_probe_is_valid(probe, VHDX_LOGICAL_SECTOR) && logical != SECTOR)
        vp_probe_find_field(probe, VP_RULE_QEMU_UNSUPPORTED, VHDX_LOGICAL_SECTOR,
                            "logical sectors have %" G_GUINT64_FORMAT
                            " bytes, QEMU knows no others than 512",
                            logical);
    if (vp_probe_has(probe, VHDX_PHYSICAL_SECTOR) && physical != SECTOR && physical != 4096)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, VHDX_PHYSICAL_SECTOR,
                            "physical-sector-size is %" G_GUINT64_FORMAT ", must be 512 or 4096",
                            physical);
    if (vp_probe_is_valid(probe, VHDX_LOGICAL_SECTOR) && size % logical != 0)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, VHDX_DISK_SIZE,
                            "disk-size is %" G_GUINT64_FORMAT
                            ", must be a multiple of the logical sector size, %" G_GUINT64_FORMAT,
                            size, logical);
}

static void
check_type(VpProbe *probe)
{
    guint64 type = vp_probe_value(probe, VHDX_DISK_TYPE);
    gboolean has_parent = (type & HAS_PARENT) != 0;
    VhdxPlace locator;
    gboolean has_locator = vhdx_item_find(probe, VHDX_ITEM_PARENT, &locator);

    if (has_parent)
        vp_probe_find_field(probe, VP_RULE_VHDX_PARENT, VHDX_DISK_TYPE,
                            "the disk is the difference to its parent");
    if (has_parent && !has_locator)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, VHDX_DISK_TYPE,
                            "a differencing disk without a parent locator");
    else if (has_parent)
        vp_probe_find_field(probe, VP_RULE_QEMU_UNSUPPORTED, VHDX_DISK_TYPE,
                            "a differencing disk: what it does not hold itself is in its parent");
    else if (has_locator)
        vp_probe_find(probe, VP_RULE_QEMU_UNSUPPORTED, locator.offset, locator.length,
                      "a parent locator in a disk that is none of the differencing kind");
}

static gboolean
parse(VpProbe *probe)
{
    g_autoptr(GArray) places = NULL;

    vhdx_log_check(probe);
    places = vhdx_tables_check(probe);
    check_sectors(probe);
    check_type(probe);
    vhdx_parent_fill(probe);
    vhdx_blocks_check(probe, places);
    return vp_probe_has(probe, VHDX_DISK_SIZE);
}

static const VpMagic magics[] = {
    { .bytes = "vhdxfile", .len = 8 },
    { .len = 0 },
};

static const char *const extensions[] = { "vhdx", "avhdx", NULL };

const VpFormat vp_format_vhdx = {
    .name = "vhdx",
    .extensions = extensions,
    .title = "Hyper-V disk (VHDX)",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_PARENT,
    .reads = 6,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, VHDX_VERSION, 1, { 1 } },
    .qemu_probe = VP_QEMU_FROM_MINIMUM,
    VP_FIELDS(fields),
    .parts = parts,
    .identity = { VHDX_DATA_WRITE_GUID, 0 },
    .capacity = { VP_QUANTITY_VALUE, VHDX_DISK_SIZE, 1, VP_ROUND_SECTOR_DOWN },
    .cluster = { VP_QUANTITY_VALUE, VHDX_BLOCK_SIZE, 1, VP_ROUND_NONE },
    .dirty = { VP_DIRTY_NEVER },
    .find_part = find_part,
    .parse = parse,
};
