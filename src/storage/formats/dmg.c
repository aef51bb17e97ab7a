/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dmg.c: Apple disk images (UDIF), by the trailer at their end. Source: the UDIF trailer as libmodi's documents describe
 * it, and QEMU's block/dmg.c for what it refuses. */
#include "storage/format.h"

enum {
    MAGIC,
    VERSION,
    HEADER_SIZE,
    IMAGE_FLAGS,
    DATA_OFFSET,
    DATA_LENGTH,
    RESOURCE_OFFSET,
    RESOURCE_LENGTH,
    SEGMENT,
    SEGMENTS,
    SEGMENT_ID,
    CHECKSUM_TYPE,
    PLIST_OFFSET,
    PLIST_LENGTH,
    VARIANT,
    SECTORS,
    FIELD_COUNT,
};

#define TRAILER_SIZE 512
#define SECTOR 512
/* QEMU's limit. */
#define PLIST_MAX (16 * 1024 * 1024)

static const VpValueName variants[] = { { 1, "device" }, { 2, "partition" }, { 0, NULL } };

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 4) },
    [VERSION] = { "version", VP_AT(4, 4) },
    [HEADER_SIZE] = { "header-size", VP_AT(8, 4) },
    [IMAGE_FLAGS] = { "flags", VP_AT(12, 4), .is_detail = TRUE },
    [DATA_OFFSET] = { "data-fork-offset", VP_AT(24, 8), .is_detail = TRUE },
    [DATA_LENGTH] = { "data-fork-length", VP_AT(32, 8), .is_detail = TRUE },
    [RESOURCE_OFFSET] = { "resource-fork-offset", VP_AT(40, 8) },
    [RESOURCE_LENGTH] = { "resource-fork-length", VP_AT(48, 8) },
    [SEGMENT] = { "segment", VP_AT(56, 4), .is_detail = TRUE },
    [SEGMENTS] = { "segments", VP_AT(60, 4), .is_detail = TRUE },
    [SEGMENT_ID] = { "segment-id", VP_AT(64, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    [CHECKSUM_TYPE] = { "data-checksum-type", VP_AT(80, 4) },
    [PLIST_OFFSET] = { "plist-offset", VP_AT(216, 8), .is_detail = TRUE },
    [PLIST_LENGTH] = { "plist-length", VP_AT(224, 8), .is_detail = TRUE },
    [VARIANT] = { "variant", VP_AT(488, 4), .names = variants, .is_detail = TRUE },
    [SECTORS] = { "sectors", VP_AT(492, 8), VP_RANGE(0, G_MAXINT64 / SECTOR) },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

/* TRUE when the bytes lie before the trailer, where QEMU wants them to begin even when there are none. */
static gboolean
lies_before_trailer(const VpProbe *probe, guint offset_field, guint length_field)
{
    guint64 offset = vp_probe_value(probe, offset_field);

    return offset < probe->header_start
           && vp_probe_value(probe, length_field) <= probe->header_start - offset;
}

static gboolean
data_is_before_trailer(const VpProbe *probe)
{
    guint64 offset = vp_probe_value(probe, DATA_OFFSET);

    return offset <= probe->header_start
           && vp_probe_value(probe, DATA_LENGTH) <= probe->header_start - offset;
}

/* Guest data may end with a trailer by chance or intent, so everything in it must agree, unless the name says too what
 * the file is: then what is wrong is said. */
static gboolean
verify_tail(VpProbe *probe)
{
    if (probe->name != NULL && g_str_has_suffix(probe->name, ".dmg"))
        return TRUE;
    return vp_probe_value(probe, HEADER_SIZE) == TRAILER_SIZE
           && lies_before_trailer(probe, RESOURCE_OFFSET, RESOURCE_LENGTH)
           && lies_before_trailer(probe, PLIST_OFFSET, PLIST_LENGTH)
           && data_is_before_trailer(probe);
}

static void
check_place(VpProbe *probe, const char *what, guint offset_field, guint length_field)
{
    guint64 offset = vp_probe_value(probe, offset_field);
    guint64 length = vp_probe_value(probe, length_field);

    if (!lies_before_trailer(probe, offset_field, length_field))
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, offset_field,
                            "%s of %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT
                            " does not lie before the trailer at %" G_GUINT64_FORMAT,
                            what, length, offset, probe->header_start);
    else if (length > 0)
        vp_fill_table(probe, what, offset, 1, length);
}

/* TRUE when QEMU opens the image as far as the trailer tells. */
static gboolean
check_index_size(VpProbe *probe, guint64 resources, guint64 plist)
{
    if (resources == 0 && plist == 0)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, PLIST_LENGTH,
                            "neither a property list nor a resource fork says where data is");
    else if (resources == 0 && plist > PLIST_MAX)
        vp_probe_find_field(probe, VP_RULE_HUGE_ALLOCATION, PLIST_LENGTH,
                            "plist has %" G_GUINT64_FORMAT " bytes, at most %u are possible", plist,
                            PLIST_MAX);
    else
        return TRUE;
    return FALSE;
}

static void
check_data(VpProbe *probe)
{
    guint64 offset = vp_probe_value(probe, DATA_OFFSET);

    if (offset > probe->header_start)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, DATA_OFFSET,
                            "data fork begins at %" G_GUINT64_FORMAT
                            ", behind the trailer at %" G_GUINT64_FORMAT,
                            offset, probe->header_start);
    else if (!data_is_before_trailer(probe))
        vp_probe_find_field(probe, VP_RULE_TRUNCATED, DATA_LENGTH,
                            "data fork of %" G_GUINT64_FORMAT
                            " bytes does not end before the trailer at %" G_GUINT64_FORMAT,
                            vp_probe_value(probe, DATA_LENGTH), probe->header_start);
}

/* What says where the pieces of the disk are. */
static void
check_index(VpProbe *probe)
{
    guint64 plist = vp_probe_value(probe, PLIST_LENGTH);
    guint64 resources = vp_probe_value(probe, RESOURCE_LENGTH);

    check_place(probe, "resource-fork", RESOURCE_OFFSET, RESOURCE_LENGTH);
    check_place(probe, "plist", PLIST_OFFSET, PLIST_LENGTH);
    if (check_index_size(probe, resources, plist))
        vp_probe_find_field(probe, VP_RULE_NOT_EXAMINED,
                            resources > 0 ? RESOURCE_OFFSET : PLIST_OFFSET,
                            "the list of the pieces of the disk is not read; QEMU reads it when it "
                            "opens the image, and may refuse it");
}

static void
cross_check(VpProbe *probe)
{
    guint64 size = vp_probe_value(probe, HEADER_SIZE);
    guint64 segments = vp_probe_value(probe, SEGMENTS);

    if (!vp_probe_has(probe, SECTORS))
        return;
    if (size != TRAILER_SIZE)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, HEADER_SIZE,
                            "the trailer claims %" G_GUINT64_FORMAT " bytes, it has %u", size,
                            TRAILER_SIZE);
    check_data(probe);
    check_index(probe);
    if (segments > 1)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, SEGMENTS,
                            "segment %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                            ": the other ones are in files beside it",
                            vp_probe_value(probe, SEGMENT), segments);
}

static const VpMagic magics[] = {
    { .offset = TRAILER_SIZE, .is_from_end = TRUE, .bytes = "koly", .len = 4 },
    { .len = 0 },
};

static const char *const extensions[] = { "dmg", NULL };

const VpFormat vp_format_dmg = {
    .name = "dmg",
    .libvirt_name = "dmg",
    .extensions = extensions,
    .title = "Apple disk image (UDIF)",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_LEGACY,
    .reads = 2,
    .order = VP_ORDER_BIG,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, VERSION, 1, { 4 } },
    .qemu_probe = VP_QEMU_BY_NAME,
    VP_FIELDS(fields),
    .capacity = { VP_QUANTITY_VALUE, SECTORS, SECTOR, VP_ROUND_NONE },
    .verify_tail = verify_tail,
    .cross_check = cross_check,
};
