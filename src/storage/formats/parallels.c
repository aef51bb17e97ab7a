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
#define SECTOR 512
/* The extension: its own magic, MD5 of all behind that, then features with a header of 24 bytes each. */
#define EXTENSION_MAGIC G_GUINT64_CONSTANT(0xab234cef23dcea87)
#define EXTENSION_HEADER_SIZE 24
#define FEATURE_DIRTY_BITMAP G_GUINT64_CONSTANT(0x20385fae252cb34a)
#define MD5_LEN 16
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
    { .name = "bat",
      .title = "block allocation table",
      .fixed_offset = HEADER_SIZE,
      .count_field = BAT_ENTRIES,
      .entry_size = 4 },
    { .name = NULL },
};

static gboolean
extension_checksum_fits(VpReader *cluster, const guint8 *expected)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_MD5);
    guint8 digest[MD5_LEN];
    gsize digest_len = sizeof digest;
    gsize len = vp_reader_remaining(cluster);

    g_checksum_update(checksum, cluster->data + EXTENSION_HEADER_SIZE, (gssize) len);
    g_checksum_get_digest(checksum, digest, &digest_len);
    return memcmp(digest, expected, sizeof digest) == 0;
}

/* QEMU refuses what it does not know here, whatever its flags say. */
static void
check_extension_features(VpProbe *probe, VpReader *cluster)
{
    while (vp_reader_remaining(cluster) >= EXTENSION_HEADER_SIZE) {
        guint64 place = cluster->base + cluster->pos;
        guint64 magic = vp_reader_u64le(cluster);
        guint64 feature_flags = vp_reader_u64le(cluster);
        guint32 len = vp_reader_u32le(cluster);

        if (magic == 0)
            return;
        if (magic != FEATURE_DIRTY_BITMAP || feature_flags != 0) {
            vp_probe_find(probe, VP_RULE_UNKNOWN_FEATURE, place, 16,
                          "feature 0x%016" G_GINT64_MODIFIER "x with flags 0x%" G_GINT64_MODIFIER
                          "x is not known",
                          magic, feature_flags);
            return;
        }
        /* Data follows behind 4 bytes of padding, padded to 8. */
        vp_reader_skip(cluster, 4 + (((gsize) len + 7) & ~(gsize) 7));
    }
    if (vp_reader_failed(cluster))
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, cluster->base, cluster->size,
                      "a feature ends past the format extension");
}

static void
check_extension(VpProbe *probe)
{
    guint64 place = vp_probe_value(probe, EXTENSION_OFFSET) * SECTOR;
    guint64 cluster_size = vp_probe_value(probe, TRACKS) * SECTOR;
    const guint8 *checksum;
    guint64 magic;
    VpReader cluster;

    if (place == 0 || !vp_probe_is_valid(probe, EXTENSION_OFFSET)
        || !vp_probe_is_valid(probe, TRACKS)
        || !vp_probe_read(probe, place, (gsize) cluster_size, "format extension", &cluster))
        return;
    magic = vp_reader_u64le(&cluster);
    checksum = vp_reader_bytes(&cluster, MD5_LEN);
    if (checksum == NULL || magic != EXTENSION_MAGIC)
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, place, 8,
                      "no format extension at %" G_GUINT64_FORMAT, place);
    else if (!extension_checksum_fits(&cluster, checksum))
        vp_probe_find(probe, VP_RULE_CHECKSUM, place + 8, MD5_LEN,
                      "checksum of the format extension does not fit its bytes");
    else
        check_extension_features(probe, &cluster);
}

/* With the old magic only the low half of the sector count means something. */
static gboolean
parse(VpProbe *probe)
{
    guint64 sectors = vp_probe_value(probe, SECTORS);

    if (!vp_probe_has(probe, SECTORS))
        return FALSE;
    check_extension(probe);
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
    .title = "Parallels and ploop expandable image",
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
