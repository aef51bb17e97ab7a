/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vpc.c: Virtual PC and Hyper-V disks (VHD). Source: VHD specification 1.0, and QEMU's block/vpc.c for which of
 * the three sizes counts and what it refuses. */
#include "storage/format.h"
#include "util/numbers.h"
#include "util/text.h"

#include <string.h>

#define LOCATORS 8
#define LOCATOR_FIELDS 4

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
    NEXT_OFFSET,
    TABLE_OFFSET,
    DYNAMIC_VERSION,
    TABLE_ENTRIES,
    BLOCK_SIZE,
    DYNAMIC_CHECKSUM,
    PARENT_UUID,
    PARENT_TIME_STAMP,
    PARENT_NAME,
    FIRST_LOCATOR,
    FIELD_COUNT = FIRST_LOCATOR + LOCATORS * LOCATOR_FIELDS,
};

/* Fields of a parent locator, counted from its first one. */
enum {
    LOCATOR_PLATFORM,
    LOCATOR_SPACE,
    LOCATOR_LENGTH,
    LOCATOR_OFFSET,
};

/* Parts of the header. */
enum {
    FOOTER,
    DYNAMIC,
};

#define SECTOR 512
#define FOOTER_SIZE 512
/* Virtual PC before 2004 left the last byte out. */
#define OLD_FOOTER_SIZE 511
#define DYNAMIC_HEADER_SIZE 1024
#define CHECKSUM_PLACE 64
#define PARENT_NAME_SIZE 512
/* Bytes of a parent locator; paths of Windows have 64 KiB at most. */
#define LOCATOR_MAX (64 * 1024)
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

#define LOCATOR_ROWS(n)                                                                            \
    [FIRST_LOCATOR + n * LOCATOR_FIELDS +                                                          \
        LOCATOR_PLATFORM] = { "locator-" #n "-platform", VP_AT(576 + n * 24, 4), .part = DYNAMIC,  \
                              .kind = VP_KIND_TEXT },                                              \
        [FIRST_LOCATOR + n * LOCATOR_FIELDS +                                                      \
            LOCATOR_SPACE] = { "locator-" #n "-space", VP_AT(580 + n * 24, 4), .part = DYNAMIC },  \
        [FIRST_LOCATOR + n * LOCATOR_FIELDS + LOCATOR_LENGTH] = { "locator-" #n "-length",         \
                                                                  VP_AT(584 + n * 24, 4),          \
                                                                  .part = DYNAMIC },               \
        [FIRST_LOCATOR + n * LOCATOR_FIELDS +                                                      \
            LOCATOR_OFFSET] = { "locator-" #n "-offset", VP_AT(592 + n * 24, 8), .part = DYNAMIC }

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
    [NEXT_OFFSET] = { "next-offset", VP_AT(8, 8), .part = DYNAMIC },
    [TABLE_OFFSET] = { "table-offset", VP_AT(16, 8), .part = DYNAMIC },
    [DYNAMIC_VERSION] = { "dynamic-version", VP_AT(24, 4), .part = DYNAMIC },
    [TABLE_ENTRIES] = { "table-entries", VP_AT(28, 4), VP_RANGE(0, G_MAXINT32 / 4),
                        .rule = VP_RULE_HUGE_ALLOCATION, .part = DYNAMIC },
    [BLOCK_SIZE] = { "block-size", VP_AT(32, 4), .part = DYNAMIC,
                     .checks = VP_CHECK_RANGE | VP_CHECK_POWER_OF_TWO, .minimum = SECTOR,
                     .maximum = G_MAXUINT32 },
    [DYNAMIC_CHECKSUM] = { "dynamic-checksum", VP_AT(36, 4), .part = DYNAMIC },
    [PARENT_UUID] = { "parent-uuid", VP_AT(40, 16), .part = DYNAMIC, .kind = VP_KIND_UUID_BE,
                      .is_detail = TRUE },
    [PARENT_TIME_STAMP] = { "parent-time-stamp", VP_AT(56, 4), .part = DYNAMIC },
    [PARENT_NAME] = { "parent-name", VP_AT(64, 512), .part = DYNAMIC, .kind = VP_KIND_UTF16_BE,
                      .is_detail = TRUE },
    LOCATOR_ROWS(0),
    LOCATOR_ROWS(1),
    LOCATOR_ROWS(2),
    LOCATOR_ROWS(3),
    LOCATOR_ROWS(4),
    LOCATOR_ROWS(5),
    LOCATOR_ROWS(6),
    LOCATOR_ROWS(7),
};

static const VpPart parts[] = {
    { .name = "VHD footer",
      .checksum = VP_CHECKSUM_COMPLEMENT,
      .checksum_place = CHECKSUM_PLACE,
      .checksum_len = FOOTER_SIZE,
      .may_lack = FOOTER_SIZE - OLD_FOOTER_SIZE,
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

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT && FIELD_COUNT <= VP_HEADER_FIELDS_MAX);

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

static gboolean
creator_is(const VpProbe *probe, const char *const *creators, guint count)
{
    gsize len;
    const char *creator = (const char *) vp_header_text(probe, CREATOR, &len);

    for (guint i = 0; creator != NULL && i < count; i++) {
        if (memcmp(creator, creators[i], 4) == 0)
            return TRUE;
    }
    return FALSE;
}

/* QEMU takes the geometry for images of these two programs, unless it is the largest possible one. */
static gboolean
size_is_by_geometry(const VpProbe *probe)
{
    static const char *const creators[] = { "vpc ", "qemu" };

    return geometry_sectors(probe) != CHS_MAX_CYLINDERS * CHS_MAX_HEADS * CHS_MAX_SECTORS
           && creator_is(probe, creators, G_N_ELEMENTS(creators));
}

static guint64
virtual_size(const VpProbe *probe)
{
    if (!size_is_by_geometry(probe))
        return vp_probe_value(probe, CURRENT_SIZE);
    return geometry_sectors(probe) * SECTOR;
}

/* QEMU before 10.0 took the current size only for images of these programs. */
static guint64
old_size(const VpProbe *probe, guint64 size)
{
    static const char *const creators[] = { "win ", "qem2", "d2v ", "tap\0", "CTXS" };
    guint64 sectors = geometry_sectors(probe);

    if (sectors == CHS_MAX_CYLINDERS * CHS_MAX_HEADS * CHS_MAX_SECTORS
        || creator_is(probe, creators, G_N_ELEMENTS(creators)))
        return size;
    return sectors * SECTOR;
}

/* size: the one that we and QEMU take. */
static void
check_sizes(VpProbe *probe, guint64 size)
{
    guint64 current = vp_probe_value(probe, CURRENT_SIZE);
    guint64 old = old_size(probe, size);

    if (!size_is_by_geometry(probe) && old != size)
        vp_probe_find_field(probe, VP_RULE_SIZE_AMBIGUOUS, CURRENT_SIZE,
                            "the disk has %" G_GUINT64_FORMAT
                            " bytes; QEMU before 10.0 takes its geometry, %" G_GUINT64_FORMAT
                            " bytes",
                            size, old);
    else if (size_is_by_geometry(probe) && current != size)
        vp_probe_find_field(
            probe, VP_RULE_SIZE_AMBIGUOUS, CURRENT_SIZE,
            "the disk has %" G_GUINT64_FORMAT
            " bytes by its geometry, as QEMU takes it; Hyper-V takes %" G_GUINT64_FORMAT " bytes",
            size, current);
}

static void
fill_size(VpProbe *probe, guint64 size)
{
    if (size > SIZE_MAX_BYTES)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, CURRENT_SIZE,
                            "virtual size is %" G_GUINT64_FORMAT ", at most %" G_GUINT64_FORMAT
                            " is possible",
                            size, SIZE_MAX_BYTES);
    else
        check_sizes(probe, size);
    vp_probe_set_capacity(probe, size, VP_RULE_HEADER_INVALID, CURRENT_SIZE);
    vp_record_set_uint(probe->extra, VP_PROBE_GEOMETRY_SIZE, geometry_sectors(probe) * SECTOR);
    vp_record_set_constant(probe->extra, VP_PROBE_SIZE_SOURCE,
                           size_is_by_geometry(probe) ? "geometry" : "current-size");
}

static guint32
stored_checksum(const VpReader *footer)
{
    VpReader reader = *footer;

    vp_reader_seek(&reader, CHECKSUM_PLACE);
    return vp_reader_u32be(&reader);
}

/* The footer at the end, of which the one at the beginning is a copy. The specification takes the former, QEMU the
 * latter, and so do we. */
static void
check_trailer(VpProbe *probe)
{
    guint64 place = probe->size - MIN(probe->size, FOOTER_SIZE);
    VpReader copy;
    VpReader trailer;

    if (probe->header_start > 0 || !probe->header.parts[FOOTER].is_sound
        || (probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) != 0 || place < FOOTER_SIZE
        || probe->has_no_end || !vp_probe_read(probe, 0, FOOTER_SIZE, "VHD footer", &copy)
        || !vp_probe_read(probe, place, FOOTER_SIZE, "VHD footer", &trailer))
        return;
    if (memcmp(trailer.data, "conectix", 8) != 0
        || vp_checksum(VP_CHECKSUM_COMPLEMENT, trailer.data, FOOTER_SIZE, CHECKSUM_PLACE)
               != stored_checksum(&trailer))
        vp_probe_find(probe, VP_RULE_COPY_DAMAGED, place, FOOTER_SIZE,
                      "there is no sound footer at the end, the copy at 0 is used");
    else if (memcmp(trailer.data, copy.data, FOOTER_SIZE) != 0)
        vp_probe_find(
            probe, VP_RULE_HEADER_INCONSISTENT, place, FOOTER_SIZE,
            "the footer at the end and its copy at 0 differ; the copy is described, as by "
            "QEMU, although the one at the end counts by the specification");
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
    else if (type == TYPE_FIXED && probe->header_start == 0)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, TYPE,
                            "a fixed disk has no footer in front; QEMU takes it for a dynamic one");
    if (probe->header_start % SECTOR != 0)
        vp_probe_find(probe, VP_RULE_QEMU_UNSUPPORTED, probe->header_start, OLD_FOOTER_SIZE,
                      "the footer begins at %" G_GUINT64_FORMAT
                      ", beside a sector; QEMU looks for it in the last one",
                      probe->header_start);
    if (vp_probe_value(probe, SAVED_STATE) != 0)
        vp_probe_find_field(probe, VP_RULE_DIRTY, SAVED_STATE,
                            "the disk belongs to a machine in saved state");
}

/* Names of these platforms are text; those of the others are data of their systems. */
static char *
locator_name(const char *platform, const guint8 *bytes, gsize len, gsize *out_len)
{
    if (strcmp(platform, "W2ku") == 0 || strcmp(platform, "W2ru") == 0)
        return vp_text_from_utf16(bytes, len, VP_ORDER_LITTLE, out_len);
    *out_len = strnlen((const char *) bytes, len);
    return strcmp(platform, "MacX") == 0 ? g_strndup((const char *) bytes, len) : NULL;
}

static void
fill_locator(VpProbe *probe, guint number)
{
    guint field = FIRST_LOCATOR + number * LOCATOR_FIELDS;
    guint64 offset = vp_probe_value(probe, field + LOCATOR_OFFSET);
    guint64 len = vp_probe_value(probe, field + LOCATOR_LENGTH);
    g_autofree char *platform = NULL;
    g_autofree char *name = NULL;
    gsize name_len = 0;
    VpReader reader;

    platform = g_strndup((const char *) vp_header_bytes(probe, field), 4);
    if (platform[0] == '\0')
        return;
    if (len > LOCATOR_MAX || offset > probe->size || len > probe->size - offset)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, field + LOCATOR_OFFSET,
                            "parent locator %u of %" G_GUINT64_FORMAT
                            " bytes does not lie in the file, or is longer than %d",
                            number, len, LOCATOR_MAX);
    else if (vp_probe_read(probe, offset, (gsize) len, "parent locator", &reader))
        name = locator_name(platform, reader.data, (gsize) len, &name_len);
    vp_probe_add_locator(probe, platform, name, name_len, TRUE, offset, len);
}

/* By what a differencing disk finds its parent. */
static void
fill_parent(VpProbe *probe)
{
    g_autofree char *name = NULL;
    gsize len;

    if (vp_probe_value(probe, TYPE) != TYPE_DIFFERENCING || !vp_probe_has(probe, FIELD_COUNT - 1)
        || !vp_record_wants(probe->extra, VP_PROBE_PARENT_LOCATOR))
        return;
    name = vp_text_from_utf16(vp_header_bytes(probe, PARENT_NAME), PARENT_NAME_SIZE, VP_ORDER_BIG,
                              &len);
    vp_probe_add_locator(probe, "parent-name", name, len, TRUE,
                         vp_header_field_place(probe, PARENT_NAME), PARENT_NAME_SIZE);
    for (guint i = 0; i < LOCATORS; i++)
        fill_locator(probe, i);
}

/* The sector behind the highest one at which a block begins; 0 when there is no block. QEMU takes sector 0 for a block as
 * well. The table is fetched at once and looked at in pieces. */
static gboolean
find_last_block(VpProbe *probe, guint64 table_offset, guint64 entries, guint64 *out_behind)
{
    vp_probe_prefetch(probe, table_offset, (gsize) entries * 4);
    for (guint64 pos = 0; pos < entries; pos += TABLE_PIECE) {
        guint64 count = MIN(entries - pos, TABLE_PIECE);
        VpReader reader;

        if (!vp_probe_read(probe, table_offset + pos * 4, (gsize) count * 4, "block table",
                           &reader))
            return FALSE;
        while (vp_reader_remaining(&reader) > 0) {
            guint64 sector = vp_reader_u32be(&reader);

            if (sector != NO_BLOCK)
                *out_behind = MAX(*out_behind, sector + 1);
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
    guint64 behind_last = 0;
    guint64 last_end;

    if (!find_last_block(probe, table_offset, checked, &behind_last))
        return;
    last_end = behind_last > 0 ? (behind_last - 1) * SECTOR + bitmap_size + block_size : 0;
    if (last_end > probe->size)
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
    guint64 needed;

    if (!vp_probe_is_valid(probe, BLOCK_SIZE) || !vp_probe_is_valid(probe, TABLE_ENTRIES))
        return;
    needed = vp_divide_up(MAX(size, old_size(probe, size)), block_size);
    if (entries < needed)
        vp_probe_find_field(probe,
                            entries < vp_divide_up(size, block_size) ? VP_RULE_HEADER_INVALID
                                                                     : VP_RULE_HEADER_INCONSISTENT,
                            TABLE_ENTRIES,
                            "block table has %" G_GUINT64_FORMAT " entries, %" G_GUINT64_FORMAT
                            " are needed",
                            entries, needed);
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
    fill_size(probe, size);
    check_trailer(probe);
    fill_parent(probe);
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
    { .offset = OLD_FOOTER_SIZE, .is_from_end = TRUE, .bytes = "conectix", .len = 8 },
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
    .flags = VP_FORMAT_RAW_PAYLOAD | VP_FORMAT_PARENT,
    .reads = 4,
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
