/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parallels.c: Parallels and ploop expandable images. Source: QEMU's docs/interop/parallels.txt. */
#include "storage/format.h"

#include <string.h>

enum {
    MAGIC,
    VERSION,
    HEADS,
    CYLINDERS,
    TRACKS,
    BAT_ENTRIES,
    SECTORS,
    IN_USE,
    DATA_OFFSET,
    FLAGS,
    EXTENSION_OFFSET,
    FIELD_COUNT,
};

#define HEADER_SIZE 64
#define IN_USE_MAGIC 0x746f6e59
#define OLD_MAGIC "WithoutFreeSpace"
#define NEW_MAGIC "WithouFreSpacExt"
/* QEMU's limit on sectors per cluster. */
#define TRACKS_MAX (G_MAXINT32 / 513)

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 16), .kind = VP_KIND_BYTES },
    [VERSION] = { "version", VP_AT(16, 4) },
    [HEADS] = { "heads", VP_AT(20, 4) },
    [CYLINDERS] = { "cylinders", VP_AT(24, 4) },
    [TRACKS] = { "tracks", VP_AT(28, 4), VP_RANGE(1, TRACKS_MAX), .is_detail = TRUE },
    [BAT_ENTRIES] = { "bat-entries", VP_AT(32, 4), VP_RANGE(0, G_MAXINT32 / 4),
                      .rule = VP_RULE_HUGE_ALLOCATION },
    [SECTORS] = { "sectors", VP_AT(36, 8) },
    [IN_USE] = { "in-use", VP_AT(44, 4) },
    [DATA_OFFSET] = { "data-offset", VP_AT(48, 4) },
    [FLAGS] = { "flags", VP_AT(52, 4) },
    [EXTENSION_OFFSET] = { "extension-offset", VP_AT(56, 8),
                           VP_RANGE(0, (G_GUINT64_CONSTANT(1) << 54) - 1) },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpTableRule tables[] = {
    { .name = "bat", .fixed_offset = HEADER_SIZE, .count_field = BAT_ENTRIES, .entry_size = 4 },
    { .name = NULL },
};

/* With the old magic only the low half of the sector count means something. */
static gboolean
parse(VpProbe *probe)
{
    guint64 sectors = vp_probe_value(probe, SECTORS);

    if (!vp_probe_has(probe, SECTORS))
        return FALSE;
    if (memcmp(vp_header_bytes(probe, MAGIC), OLD_MAGIC, 16) == 0)
        sectors &= G_MAXUINT32;
    if (sectors > G_MAXINT64 / 512) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, SECTORS,
                            "%" G_GUINT64_FORMAT " sectors are more than 2^63 bytes", sectors);
        return FALSE;
    }
    vp_probe_set_capacity(probe, sectors * 512, VP_RULE_HEADER_INVALID, SECTORS);
    return TRUE;
}

static const VpMagic magics[] = {
    { .bytes = OLD_MAGIC, .len = 16 },
    { .bytes = NEW_MAGIC, .len = 16 },
    { .len = 0 },
};

static const char *const aliases[] = { "ploop", NULL };
static const char *const extensions[] = { "hds", "hdd", NULL };

const VpFormat vp_format_parallels = {
    .name = "parallels",
    .aliases = aliases,
    .libvirt_name = "ploop",
    .extensions = extensions,
    .title = N_("Parallels and ploop expandable image"),
    .layer = VP_LAYER_CONTAINER,
    .reads = 1,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, VERSION, 1, { 2 } },
    .qemu_probe = VP_QEMU_ACCEPTED,
    VP_FIELDS(fields),
    .tables = tables,
    .dirty = { VP_DIRTY_VALUE, IN_USE, IN_USE_MAGIC },
    .parse = parse,
};
