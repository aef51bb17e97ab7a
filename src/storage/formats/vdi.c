/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdi.c: VirtualBox disk images, version 1.1. Source: QEMU's block/vdi.c and files of VirtualBox. */
#include "storage/format.h"
#include "util/numbers.h"

#include <string.h>

enum {
    BANNER,
    SIGNATURE,
    VERSION,
    HEADER_SIZE,
    IMAGE_TYPE,
    IMAGE_FLAGS,
    DESCRIPTION,
    BLOCK_MAP_OFFSET,
    DATA_OFFSET,
    CYLINDERS,
    HEADS,
    SECTORS,
    SECTOR_SIZE,
    DISK_SIZE,
    BLOCK_SIZE,
    BLOCK_EXTRA,
    BLOCKS_IN_IMAGE,
    BLOCKS_ALLOCATED,
    UUID_IMAGE,
    UUID_LAST_SNAPSHOT,
    UUID_LINK,
    UUID_PARENT,
    LOGICAL_CYLINDERS,
    LOGICAL_HEADS,
    LOGICAL_SECTORS,
    LOGICAL_SECTOR_SIZE,
    FIELD_COUNT,
};

#define SECTOR 512
#define TYPE_DYNAMIC 1
#define TYPE_DIFFERENCING 4
/* Headers of this length end with the geometry that a guest sees; QEMU writes shorter ones. */
#define HEADER_WITH_GEOMETRY 0x190
#define MIB (1024 * 1024)
/* QEMU's limit, so that the block map stays below 2 GiB. */
#define BLOCKS_MAX 0x1fffff80

static const VpValueName image_types[] = {
    { TYPE_DYNAMIC, "dynamic" },           { 2, "static" }, { 3, "undo" },
    { TYPE_DIFFERENCING, "differencing" }, { 0, NULL },
};

static const VpHeaderField fields[] = {
    [BANNER] = { "banner", VP_AT(0, 64), .kind = VP_KIND_TEXT },
    [SIGNATURE] = { "signature", VP_AT(64, 4) },
    [VERSION] = { "version", VP_AT(68, 4) },
    [HEADER_SIZE] = { "header-size", VP_AT(72, 4), .is_detail = TRUE },
    [IMAGE_TYPE] = { "image-type", VP_AT(76, 4), .names = image_types, .is_detail = TRUE },
    [IMAGE_FLAGS] = { "image-flags", VP_AT(80, 4), .is_detail = TRUE },
    [DESCRIPTION] = { "description", VP_AT(84, 256), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [BLOCK_MAP_OFFSET] = { "block-map-offset", VP_AT(340, 4), .checks = VP_CHECK_ALIGNED_SECTOR },
    [DATA_OFFSET] = { "data-offset", VP_AT(344, 4), .checks = VP_CHECK_ALIGNED_SECTOR,
                      .is_detail = TRUE },
    [CYLINDERS] = { "cylinders", VP_AT(348, 4), .is_detail = TRUE },
    [HEADS] = { "heads", VP_AT(352, 4), .is_detail = TRUE },
    [SECTORS] = { "sectors-per-track", VP_AT(356, 4), .is_detail = TRUE },
    [SECTOR_SIZE] = { "sector-size", VP_AT(360, 4), VP_RANGE(SECTOR, SECTOR) },
    [DISK_SIZE] = { "disk-size", VP_AT(368, 8), VP_RANGE(0, (guint64) BLOCKS_MAX *MIB) },
    [BLOCK_SIZE] = { "block-size", VP_AT(376, 4), VP_RANGE(MIB, MIB) },
    [BLOCK_EXTRA] = { "block-extra", VP_AT(380, 4), .is_detail = TRUE },
    [BLOCKS_IN_IMAGE] = { "blocks-in-image", VP_AT(384, 4), VP_RANGE(0, BLOCKS_MAX) },
    [BLOCKS_ALLOCATED] = { "blocks-allocated", VP_AT(388, 4), .is_detail = TRUE },
    [UUID_IMAGE] = { "uuid", VP_AT(392, 16), .kind = VP_KIND_UUID_LE, .is_detail = TRUE },
    [UUID_LAST_SNAPSHOT] = { "uuid-last-snapshot", VP_AT(408, 16), .kind = VP_KIND_UUID_LE,
                             .is_detail = TRUE },
    [UUID_LINK] = { "uuid-link", VP_AT(424, 16), .kind = VP_KIND_UUID_LE, .is_detail = TRUE },
    [UUID_PARENT] = { "uuid-parent", VP_AT(440, 16), .kind = VP_KIND_UUID_LE, .is_detail = TRUE },
    [LOGICAL_CYLINDERS] = { "logical-cylinders", VP_AT(456, 4), .given = HEADER_SIZE,
                            .given_minimum = HEADER_WITH_GEOMETRY, .is_detail = TRUE },
    [LOGICAL_HEADS] = { "logical-heads", VP_AT(460, 4), .given = HEADER_SIZE,
                        .given_minimum = HEADER_WITH_GEOMETRY, .is_detail = TRUE },
    [LOGICAL_SECTORS] = { "logical-sectors-per-track", VP_AT(464, 4), .given = HEADER_SIZE,
                          .given_minimum = HEADER_WITH_GEOMETRY, .is_detail = TRUE },
    [LOGICAL_SECTOR_SIZE] = { "logical-sector-size", VP_AT(468, 4), .given = HEADER_SIZE,
                              .given_minimum = HEADER_WITH_GEOMETRY },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpTableRule tables[] = {
    { .name = "block-map",
      .title = "block map",
      .offset_field = BLOCK_MAP_OFFSET,
      .count_field = BLOCKS_IN_IMAGE,
      .entry_size = 4 },
    { .name = NULL },
};

static gboolean
uuid_is_set(const VpProbe *probe, guint field)
{
    static const guint8 none[16] = { 0 };

    return vp_probe_has(probe, field) && memcmp(vp_header_bytes(probe, field), none, 16) != 0;
}

/* QEMU does not look at the type, and opens no image that stands on another one. */
static void
check_type(VpProbe *probe)
{
    guint64 type = vp_probe_value(probe, IMAGE_TYPE);
    gboolean has_link = uuid_is_set(probe, UUID_LINK);

    if (type < TYPE_DYNAMIC || type > TYPE_DIFFERENCING)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, IMAGE_TYPE,
                            "image-type %" G_GUINT64_FORMAT " is not known", type);
    if (has_link || type == TYPE_DIFFERENCING)
        vp_probe_find_field(probe, VP_RULE_VDI_PARENT, has_link ? UUID_LINK : IMAGE_TYPE,
                            "the image is the difference to another one");
    if (has_link || uuid_is_set(probe, UUID_PARENT))
        vp_probe_find_field(probe, VP_RULE_QEMU_UNSUPPORTED, has_link ? UUID_LINK : UUID_PARENT,
                            "the image stands on another one, which QEMU does not support");
    else if (type == TYPE_DIFFERENCING)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, UUID_LINK,
                            "a differencing image that names no parent");
}

static void
check_blocks(VpProbe *probe)
{
    guint64 blocks = vp_probe_value(probe, BLOCKS_IN_IMAGE);
    guint64 needed = vp_divide_up(vp_probe_value(probe, DISK_SIZE), MIB);

    if (vp_probe_is_valid(probe, BLOCKS_IN_IMAGE) && vp_probe_is_valid(probe, DISK_SIZE)
        && blocks < needed)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, BLOCKS_IN_IMAGE,
                            "%" G_GUINT64_FORMAT " blocks, %" G_GUINT64_FORMAT
                            " are needed for this size",
                            blocks, needed);
    if (vp_probe_value(probe, BLOCKS_ALLOCATED) > blocks)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, BLOCKS_ALLOCATED,
                            "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " blocks are allocated",
                            vp_probe_value(probe, BLOCKS_ALLOCATED), blocks);
}

static void
cross_check(VpProbe *probe)
{
    guint64 map_end =
        vp_probe_value(probe, BLOCK_MAP_OFFSET) + vp_probe_value(probe, BLOCKS_IN_IMAGE) * 4;

    check_blocks(probe);
    if (vp_probe_has(probe, DATA_OFFSET) && vp_probe_is_valid(probe, BLOCKS_IN_IMAGE)
        && vp_probe_value(probe, DATA_OFFSET) < map_end)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, DATA_OFFSET,
                            "data begins at %" G_GUINT64_FORMAT
                            ", before the end of the block map at %" G_GUINT64_FORMAT,
                            vp_probe_value(probe, DATA_OFFSET), map_end);
    check_type(probe);
}

static const VpMagic magics[] = {
    { .offset = 64, .bytes = "\x7f\x10\xda\xbe", .len = 4 },
    { .len = 0 },
};

static const char *const extensions[] = { "vdi", NULL };

const VpFormat vp_format_vdi = {
    .name = "vdi",
    .libvirt_name = "vdi",
    .extensions = extensions,
    .title = "VirtualBox disk image",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_PARENT,
    .reads = 1,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, VERSION, 1, { 0x00010001 } },
    .qemu_probe = VP_QEMU_FROM_MINIMUM,
    VP_FIELDS(fields),
    .identity = { UUID_IMAGE, UUID_LINK },
    .capacity = { VP_QUANTITY_VALUE, DISK_SIZE, 1, VP_ROUND_SECTOR_UP },
    .cluster = { VP_QUANTITY_VALUE, BLOCK_SIZE, 1, VP_ROUND_NONE },
    .tables = tables,
    .dirty = { VP_DIRTY_NEVER },
    .cross_check = cross_check,
};
