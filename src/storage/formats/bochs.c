/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bochs.c: growing disk images of the Bochs emulator. Source: the Bochs documentation, and QEMU's block/bochs.c for what
 * it refuses. */
#include "storage/format.h"
#include "util/numbers.h"

#include <string.h>

enum {
    MAGIC,
    TYPE,
    SUBTYPE,
    VERSION,
    HEADER_SIZE,
    CATALOG_ENTRIES,
    BITMAP_SIZE,
    EXTENT_SIZE,
    DISK_SIZE_1,
    TIME_STAMP,
    DISK_SIZE_2,
    FIELD_COUNT,
};

#define SECTOR 512
#define VERSION_1 0x00010000
#define VERSION_2 0x00020000
/* QEMU's limits: 4 MiB of catalog, which is 8 TiB in the largest extents. */
#define CATALOG_MAX 0x100000
#define EXTENT_MAX 0x800000

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 32), .kind = VP_KIND_TEXT },
    [TYPE] = { "type", VP_AT(32, 16), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [SUBTYPE] = { "subtype", VP_AT(48, 16), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [VERSION] = { "version", VP_AT(64, 4) },
    [HEADER_SIZE] = { "header-size", VP_AT(68, 4) },
    [CATALOG_ENTRIES] = { "catalog-entries", VP_AT(72, 4), VP_RANGE(0, CATALOG_MAX),
                          .rule = VP_RULE_HUGE_ALLOCATION },
    /* QEMU's arithmetic goes round at 0. */
    [BITMAP_SIZE] = { "bitmap-size", VP_AT(76, 4), VP_RANGE(1, G_MAXUINT32), .is_detail = TRUE },
    [EXTENT_SIZE] = { "extent-size", VP_AT(80, 4), .checks = VP_CHECK_RANGE | VP_CHECK_POWER_OF_TWO,
                      .minimum = SECTOR, .maximum = EXTENT_MAX, .is_detail = TRUE },
    /* Version 2 put a time before the size. */
    [DISK_SIZE_1] = { "disk-size-1", VP_AT(84, 8), .given = VERSION, .given_maximum = VERSION_1 },
    [TIME_STAMP] = { "time-stamp", VP_AT(84, 4), .given = VERSION, .given_minimum = VERSION_2,
                     .is_detail = TRUE },
    [DISK_SIZE_2] = { "disk-size-2", VP_AT(88, 8), .given = VERSION, .given_minimum = VERSION_2 },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpTableRule tables[] = {
    { .name = "catalog",
      .title = "catalog",
      .offset_field = HEADER_SIZE,
      .count_field = CATALOG_ENTRIES,
      .entry_size = 4 },
    { .name = NULL },
};

static gboolean
text_is(const VpProbe *probe, guint field, const char *expected)
{
    gsize len;
    const guint8 *text = vp_header_text(probe, field, &len);

    return text != NULL && len == strlen(expected) && memcmp(text, expected, len) == 0;
}

static gboolean
parse(VpProbe *probe)
{
    guint field = vp_probe_value(probe, VERSION) == VERSION_1 ? DISK_SIZE_1 : DISK_SIZE_2;
    guint64 size = vp_probe_value(probe, field);
    guint64 extent = vp_probe_value(probe, EXTENT_SIZE);

    if (!vp_probe_has(probe, field))
        return FALSE;
    vp_probe_set_capacity(probe, size, VP_RULE_HEADER_INVALID, field);
    if (!text_is(probe, TYPE, "Redolog") || !text_is(probe, SUBTYPE, "Growing"))
        vp_probe_find_field(
            probe, VP_RULE_NOT_DESCRIBED, SUBTYPE,
            "a file of Bochs that is no growing disk, such as the changes to another image");
    if (vp_probe_is_valid(probe, EXTENT_SIZE)
        && vp_probe_value(probe, CATALOG_ENTRIES) < vp_divide_up(size / SECTOR, extent / SECTOR))
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, CATALOG_ENTRIES,
                            "a catalog of %" G_GUINT64_FORMAT
                            " extents is too small for this disk size",
                            vp_probe_value(probe, CATALOG_ENTRIES));
    return TRUE;
}

/* Three texts with their NUL; what follows in each field does not count. */
#define MAGIC_TEXT "Bochs Virtual HD Image\0\0\0\0\0\0\0\0\0\0"
#define MAGIC_MASK                                                                                 \
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" \
    "\0\0\0\0\0\0\0\0\0"
#define WORD_MASK "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0"

static const VpMagic magics[] = {
    { .bytes = MAGIC_TEXT "Redolog\0\0\0\0\0\0\0\0\0"
                          "Growing\0\0\0\0\0\0\0\0\0",
      .mask = MAGIC_MASK WORD_MASK WORD_MASK,
      .len = 64 },
    { .bytes = MAGIC_TEXT, .mask = MAGIC_MASK, .len = 32, .is_unknown_to_qemu = TRUE },
    { .len = 0 },
};

static const char *const extensions[] = { "bochs", "redolog", NULL };

const VpFormat vp_format_bochs = {
    .name = "bochs",
    .libvirt_name = "bochs",
    .extensions = extensions,
    .title = "Bochs growing disk image",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_LEGACY,
    .reads = 1,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, VERSION, 2, { VERSION_1, VERSION_2 } },
    .qemu_probe = VP_QEMU_ACCEPTED,
    VP_FIELDS(fields),
    .capacity = { .rounding = VP_ROUND_SECTOR_DOWN },
    .tables = tables,
    .parse = parse,
};
