/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vpc.c: Virtual PC and Hyper-V disks (VHD). Source: VHD specification 1.0, and QEMU's block/vpc.c for which of
 * the three sizes counts and what it refuses. */
#include "storage/format.h"
#include "util/numbers.h"

#include <string.h>

enum {
    COOKIE,
    FEATURES,
    VERSION,
    DATA_OFFSET,
    TIME_STAMP,
    CREATOR,
    CREATOR_VERSION,
    CREATOR_OS,
    ORIGINAL_SIZE,
    CURRENT_SIZE,
    CYLINDERS,
    HEADS,
    SECTORS,
    TYPE,
    CHECKSUM,
    UUID,
    SAVED_STATE,
    DYNAMIC_COOKIE,
    TABLE_OFFSET,
    DYNAMIC_VERSION,
    TABLE_ENTRIES,
    BLOCK_SIZE,
    PARENT_UUID,
    PARENT_TIME_STAMP,
    FIELD_COUNT,
};

/* Parts of the header. */
enum {
    FOOTER,
    DYNAMIC,
};

#define SECTOR 512
#define FOOTER_SIZE 512
#define DYNAMIC_HEADER_SIZE 1024
#define NO_BLOCK G_MAXUINT32
/* Bytes of the block allocation table that are looked at: enough for the largest disk in blocks of 2 MiB. */
#define TABLE_READ_MAX (1044480 * 4)
/* Entries that are looked at together. */
#define TABLE_PIECE 4096
#define TYPE_FIXED 2
#define TYPE_DYNAMIC 3
#define TYPE_DIFFERENCING 4
#define CHS_MAX_CYLINDERS 65535
#define CHS_MAX_HEADS 16
#define CHS_MAX_SECTORS 255
/* QEMU's limit: 2040 GiB. */
#define SIZE_MAX_BYTES (G_GUINT64_CONSTANT(0xff000000) * 512)

static const VpValueName types[] = {
    { 0, "none" },
    { TYPE_FIXED, "fixed" },
    { TYPE_DYNAMIC, "dynamic" },
    { TYPE_DIFFERENCING, "differencing" },
    { 0, NULL },
};

static const VpHeaderField fields[] = {
    [COOKIE] = { "cookie", VP_AT(0, 8), .kind = VP_KIND_BYTES },
    [FEATURES] = { "features", VP_AT(8, 4) },
    [VERSION] = { "version", VP_AT(12, 4) },
    [DATA_OFFSET] = { "data-offset", VP_AT(16, 8) },
    [TIME_STAMP] = { "time-stamp", VP_AT(24, 4) },
    [CREATOR] = { "creator", VP_AT(28, 4), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [CREATOR_VERSION] = { "creator-version", VP_AT(32, 4) },
    [CREATOR_OS] = { "creator-os", VP_AT(36, 4), .kind = VP_KIND_TEXT },
    [ORIGINAL_SIZE] = { "original-size", VP_AT(40, 8), .is_detail = TRUE },
    [CURRENT_SIZE] = { "current-size", VP_AT(48, 8), .is_detail = TRUE },
    [CYLINDERS] = { "cylinders", VP_AT(56, 2), .is_detail = TRUE },
    [HEADS] = { "heads", VP_AT(58, 1), .is_detail = TRUE },
    [SECTORS] = { "sectors-per-track", VP_AT(59, 1), .is_detail = TRUE },
    [TYPE] = { "disk-type", VP_AT(60, 4), .names = types, .is_detail = TRUE },
    [CHECKSUM] = { "checksum", VP_AT(64, 4) },
    [UUID] = { "uuid", VP_AT(68, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    [SAVED_STATE] = { "saved-state", VP_AT(84, 1), .is_detail = TRUE },
    [DYNAMIC_COOKIE] = { "dynamic-cookie", VP_AT(0, 8), .part = DYNAMIC, .kind = VP_KIND_BYTES },
    [TABLE_OFFSET] = { "table-offset", VP_AT(16, 8), .part = DYNAMIC },
    [DYNAMIC_VERSION] = { "dynamic-version", VP_AT(24, 4), .part = DYNAMIC },
    [TABLE_ENTRIES] = { "table-entries", VP_AT(28, 4), VP_RANGE(0, G_MAXINT32 / 4),
                        .part = DYNAMIC },
    [BLOCK_SIZE] = { "block-size", VP_AT(32, 4), .part = DYNAMIC,
                     .checks = VP_CHECK_RANGE | VP_CHECK_POWER_OF_TWO, .minimum = SECTOR,
                     .maximum = G_MAXUINT32 },
    [PARENT_UUID] = { "parent-uuid", VP_AT(40, 16), .part = DYNAMIC, .kind = VP_KIND_UUID_BE,
                      .is_detail = TRUE },
    [PARENT_TIME_STAMP] = { "parent-time-stamp", VP_AT(56, 4), .part = DYNAMIC },
};

static const VpPart parts[] = {
    { .name = "VHD footer",
      .checksum = VP_CHECKSUM_COMPLEMENT,
      .checksum_place = 64,
      .checksum_len = FOOTER_SIZE,
      .checksum_rule = VP_RULE_CHECKSUM },
    /* QEMU does not look at its checksum. */
    { .name = "dynamic disk header",
      .place = { VP_PLACE_FIELD, DATA_OFFSET },
      .is_only_with_head = TRUE,
      .magic = "cxsparse",
      .magic_len = 8,
      .checksum = VP_CHECKSUM_COMPLEMENT,
      .checksum_place = 36,
      .checksum_len = DYNAMIC_HEADER_SIZE,
      .checksum_rule = VP_RULE_HEADER_INCONSISTENT },
    { .name = NULL },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

/* Guest data may end with a footer by chance or intent, so everything in it must agree. */
static gboolean
verify_tail(VpProbe *probe)
{
    return vp_probe_value(probe, TYPE) == TYPE_FIXED
           && vp_divide_up(vp_probe_value(probe, CURRENT_SIZE), SECTOR) * SECTOR
                  == vp_divide_up(probe->header_start, SECTOR) * SECTOR;
}

static guint64
geometry_sectors(const VpProbe *probe)
{
    return vp_probe_value(probe, CYLINDERS) * vp_probe_value(probe, HEADS)
           * vp_probe_value(probe, SECTORS);
}

/* QEMU takes the geometry for images of these two programs, unless it is the largest possible one. */
static gboolean
size_is_by_geometry(const VpProbe *probe)
{
    gsize len;
    const char *creator = (const char *) vp_header_text(probe, CREATOR, &len);

    if (creator == NULL || (memcmp(creator, "vpc ", 4) != 0 && memcmp(creator, "qemu", 4) != 0))
        return FALSE;
    return geometry_sectors(probe) != CHS_MAX_CYLINDERS * CHS_MAX_HEADS * CHS_MAX_SECTORS;
}

static guint64
virtual_size(const VpProbe *probe)
{
    if (!size_is_by_geometry(probe))
        return vp_probe_value(probe, CURRENT_SIZE);
    return geometry_sectors(probe) * SECTOR;
}

/* What QEMU opens without a word, although it may read other data than the image means. */
static void
check_type(VpProbe *probe)
{
    guint64 type = vp_probe_value(probe, TYPE);

    if (type == TYPE_DIFFERENCING)
        vp_probe_find_field(probe, VP_RULE_VHD_PARENT, TYPE,
                            "a differencing disk: unallocated blocks are in its parent");
    else if (type != TYPE_FIXED && type != TYPE_DYNAMIC)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, TYPE,
                            "disk-type %" G_GUINT64_FORMAT " is not known", type);
    if (vp_probe_value(probe, SAVED_STATE) != 0)
        vp_probe_find_field(probe, VP_RULE_DIRTY, SAVED_STATE,
                            "the disk belongs to a machine in saved state");
}

/* The highest sector at which a block begins; 0 when there is none. The table is fetched at once and looked at in
 * pieces. */
static gboolean
find_last_block(VpProbe *probe, guint64 table_offset, guint64 entries, guint64 *out_sector)
{
    vp_probe_prefetch(probe, table_offset, (gsize) entries * 4);
    for (guint64 pos = 0; pos < entries; pos += TABLE_PIECE) {
        guint64 count = MIN(entries - pos, TABLE_PIECE);
        VpReader reader;

        if (!vp_probe_read(probe, table_offset + pos * 4, (gsize) count * 4, "block table",
                           &reader))
            return FALSE;
        while (vp_reader_remaining(&reader) > 0) {
            guint32 sector = vp_reader_u32be(&reader);

            if (sector != NO_BLOCK)
                *out_sector = MAX(*out_sector, sector);
        }
    }
    return TRUE;
}

/* QEMU refuses a disk with a block that ends behind the end of the file. A block is its bitmap of sectors and its
 * data; the table has the sector where each begins. */
static void
check_blocks(VpProbe *probe, guint64 table_offset, guint64 entries, guint64 block_size)
{
    guint64 bitmap_size = vp_divide_up(block_size / SECTOR, 8 * SECTOR) * SECTOR;
    guint64 checked = MIN(entries, TABLE_READ_MAX / 4);
    guint64 last_sector = 0;
    guint64 last_end;

    if (!find_last_block(probe, table_offset, checked, &last_sector))
        return;
    last_end = last_sector * SECTOR + bitmap_size + block_size;
    if (last_sector > 0 && last_end > probe->size)
        vp_probe_find(probe, VP_RULE_TRUNCATED, table_offset, checked * 4,
                      "the last block ends at %" G_GUINT64_FORMAT
                      ", the file has %" G_GUINT64_FORMAT " bytes",
                      last_end, probe->size);
    if (checked < entries)
        vp_probe_find(probe, VP_RULE_NOT_EXAMINED, table_offset, entries * 4,
                      "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " blocks were looked at",
                      checked, entries);
}

/* The block allocation table of a disk that grows. */
static void
check_table(VpProbe *probe, guint64 size)
{
    guint64 offset = vp_probe_value(probe, TABLE_OFFSET);
    guint64 entries = vp_probe_value(probe, TABLE_ENTRIES);
    guint64 block_size = vp_probe_value(probe, BLOCK_SIZE);

    if (!vp_probe_is_valid(probe, BLOCK_SIZE) || !vp_probe_is_valid(probe, TABLE_ENTRIES))
        return;
    if (entries < vp_divide_up(size, block_size))
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, TABLE_ENTRIES,
                            "block table has %" G_GUINT64_FORMAT " entries, %" G_GUINT64_FORMAT
                            " are needed",
                            entries, vp_divide_up(size, block_size));
    else if (vp_probe_check_place(probe, "block table", offset, entries * 4))
        check_blocks(probe, offset, entries, block_size);
}

static gboolean
parse(VpProbe *probe)
{
    guint64 size = virtual_size(probe);

    if (!vp_probe_has(probe, SAVED_STATE))
        return FALSE;
    check_type(probe);
    if (size > SIZE_MAX_BYTES)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, CURRENT_SIZE,
                            "virtual size is %" G_GUINT64_FORMAT ", at most %" G_GUINT64_FORMAT
                            " is possible",
                            size, SIZE_MAX_BYTES);
    vp_probe_set_capacity(probe, size, VP_RULE_HEADER_INVALID, CURRENT_SIZE);
    if (vp_probe_value(probe, TYPE) == TYPE_FIXED && size > probe->header_start
        && probe->header_start > 0)
        vp_probe_find(probe, VP_RULE_TRUNCATED, 0, size,
                      "data of %" G_GUINT64_FORMAT " bytes is claimed, %" G_GUINT64_FORMAT
                      " stand before the footer",
                      size, probe->header_start);
    if (vp_probe_has(probe, BLOCK_SIZE))
        check_table(probe, size);
    return probe->header_start > 0 || vp_probe_has(probe, BLOCK_SIZE);
}

static const VpMagic magics[] = {
    { .bytes = "conectix", .len = 8 },
    { .offset = FOOTER_SIZE, .is_from_end = TRUE, .bytes = "conectix", .len = 8 },
    { .len = 0 },
};

static const char *const aliases[] = { "vhd", NULL };
static const char *const extensions[] = { "vhd", "vpc", NULL };

const VpFormat vp_format_vpc = {
    .name = "vpc",
    .aliases = aliases,
    .libvirt_name = "vpc",
    .extensions = extensions,
    .title = "Virtual PC and Hyper-V disk (VHD)",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_RAW_PAYLOAD,
    .reads = 3,
    .order = VP_ORDER_BIG,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, VERSION, 1, { 0x00010000 } },
    .qemu_probe = VP_QEMU_FROM_MINIMUM,
    VP_FIELDS(fields),
    .parts = parts,
    .identity = { UUID, PARENT_UUID },
    .cluster = { VP_QUANTITY_VALUE, BLOCK_SIZE },
    .capacity = { .rounding = VP_ROUND_SECTOR_DOWN },
    .dirty = { VP_DIRTY_NEVER },
    .verify_tail = verify_tail,
    .parse = parse,
};
