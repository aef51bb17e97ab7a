/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parallels.c: Parallels and ploop expandable images. Source: QEMU's docs/interop/parallels.txt. */
#include "storage/format.h"
#include "util/numbers.h"
#include "util/text.h"

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
#define FEATURE_HEADER_SIZE 24
#define BITMAP_HEADER_SIZE 32
#define ID_LEN 16
/* Bitmaps that are looked at; programs keep a handful. */
#define BITMAPS_MAX 1024
#define IN_USE_OPEN 0x746f6e59
#define IN_USE_CLOSED 0x312e3276
#define OLD_MAGIC "WithoutFreeSpace"
#define NEW_MAGIC "WithouFreSpacExt"
/* QEMU's limit on sectors per cluster. */
#define TRACKS_MAX (G_MAXINT32 / 513)

static const VpValueName in_use_values[] = {
    { 0, "not recorded" },
    { IN_USE_OPEN, "open" },
    { IN_USE_CLOSED, "closed" },
    { 0, NULL },
};

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 16), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [VERSION] = { "version", VP_AT(16, 4) },
    [HEADS] = { "heads", VP_AT(20, 4), .is_detail = TRUE },
    [CYLINDERS] = { "cylinders", VP_AT(24, 4), .is_detail = TRUE },
    [TRACKS] = { "tracks", VP_AT(28, 4), VP_RANGE(1, TRACKS_MAX), .is_detail = TRUE },
    [BAT_ENTRIES] = { "bat-entries", VP_AT(32, 4), VP_RANGE(0, G_MAXINT32 / 4),
                      .rule = VP_RULE_HUGE_ALLOCATION },
    [SECTORS] = { "sectors", VP_AT(36, 8) },
    [IN_USE] = { "in-use", VP_AT(44, 4), .names = in_use_values, .is_detail = TRUE },
    [DATA_OFFSET] = { "data-offset", VP_AT(48, 4), .is_detail = TRUE },
    [FLAGS] = { "flags", VP_AT(52, 4), .is_detail = TRUE },
    [EXTENSION_OFFSET] = { "extension-offset", VP_AT(56, 8),
                           VP_RANGE(0, (G_GUINT64_CONSTANT(1) << 54) - 1), .is_detail = TRUE },
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

/* Bitmaps of the extension, as far as they were looked at. */
typedef struct {
    const guint8 *ids[BITMAPS_MAX];
    guint count;
} Bitmaps;

/* With the old magic only the low half of the sector count means something. */
static guint64
disk_sectors(const VpProbe *probe)
{
    guint64 sectors = vp_probe_value(probe, SECTORS);

    return memcmp(vp_header_bytes(probe, MAGIC), OLD_MAGIC, 16) == 0 ? sectors & G_MAXUINT32
                                                                     : sectors;
}

/* Entries of the table of a bitmap: clusters that its bits fill, which QEMU keeps in words of 64. */
static guint64
bitmap_table_entries(const VpProbe *probe, guint64 granularity)
{
    guint64 words = vp_divide_up(vp_divide_up(disk_sectors(probe), granularity), 64);

    return vp_divide_up(words * 8, vp_probe_value(probe, TRACKS) * SECTOR);
}

/* What is wrong with a bitmap so that QEMU refuses the image; NULL: nothing. */
static const char *
bitmap_fault(const VpProbe *probe, const Bitmaps *bitmaps, const guint8 *id, guint64 size,
             guint32 granularity, guint32 entries)
{
    if (size != disk_sectors(probe))
        return "is not for a disk of this size";
    if (!vp_is_power_of_two(granularity) || granularity > G_MAXUINT32 / SECTOR)
        return "has an impossible granularity";
    if (entries != bitmap_table_entries(probe, granularity))
        return "has a table of the wrong length";
    for (guint i = 0; i < bitmaps->count; i++) {
        if (memcmp(bitmaps->ids[i], id, ID_LEN) == 0)
            return "has the id of another one";
    }
    return NULL;
}

/* Header, allocation table and extension: whoever wrote to a cluster there would change them. */
static gboolean
is_among_metadata(VpProbe *probe, guint64 start, guint64 cluster_size)
{
    guint64 table_end = HEADER_SIZE + vp_probe_value(probe, BAT_ENTRIES) * 4;
    guint64 extension = vp_probe_value(probe, EXTENSION_OFFSET) * SECTOR;

    return start < table_end
           || (start < extension + cluster_size && extension < start + cluster_size);
}

/* FALSE when a cluster of a bitmap at the sector is a finding; PLACE is that of the entry. */
static gboolean
check_bitmap_cluster(VpProbe *probe, guint64 place, guint64 sector)
{
    guint64 cluster_size = vp_probe_value(probe, TRACKS) * SECTOR;

    if (sector > (G_MAXINT64 - cluster_size) / SECTOR) {
        vp_probe_find(probe, VP_RULE_TABLE_INVALID, place, 8,
                      "a cluster of a bitmap is at sector %" G_GUINT64_FORMAT, sector);
        return FALSE;
    }
    if (sector * SECTOR + cluster_size > probe->size) {
        vp_probe_find(probe, VP_RULE_TABLE_ODD, place, 8,
                      "a cluster of a bitmap at %" G_GUINT64_FORMAT
                      " ends behind the end of the file",
                      sector * SECTOR);
        return FALSE;
    }
    if (is_among_metadata(probe, sector * SECTOR, cluster_size)) {
        vp_probe_find(probe, VP_RULE_TABLE_OVERLAP, place, 8,
                      "a cluster of a bitmap at %" G_GUINT64_FORMAT
                      " lies in the tables of the image",
                      sector * SECTOR);
        return FALSE;
    }
    return TRUE;
}

/* An entry is 0 or 1 for a cluster full of such bits, or the sector of the cluster. */
static void
check_bitmap_table(VpProbe *probe, VpReader *table)
{
    while (vp_reader_remaining(table) >= 8) {
        guint64 place = table->base + table->pos;
        guint64 sector = vp_reader_u64le(table);

        if (sector > 1 && !check_bitmap_cluster(probe, place, sector))
            return;
    }
}

static void
list_bitmap(VpProbe *probe, const guint8 *id, guint64 size, guint32 granularity, guint64 table,
            guint32 entries)
{
    VirtProbeRecord *record = vp_record_append(probe->extra, VP_PROBE_BITMAPS);
    g_autoptr(GString) text = g_string_new(NULL);

    vp_text_append_uuid(text, id, FALSE);
    vp_record_set_string(record, VP_BITMAP_DETAIL_ID, text->str);
    vp_record_set_uint(record, VP_BITMAP_DETAIL_SIZE, size * SECTOR);
    vp_record_set_uint(record, VP_BITMAP_DETAIL_GRANULARITY, (guint64) granularity * SECTOR);
    vp_record_set_uint(record, VP_BITMAP_DETAIL_TABLE_OFFSET, table);
    vp_record_set_uint(record, VP_BITMAP_DETAIL_TABLE_ENTRIES, entries);
}

/* The data of a feature. FALSE: QEMU refuses it, and a finding says why. */
static gboolean
read_bitmap(VpProbe *probe, Bitmaps *bitmaps, VpReader *data)
{
    guint64 size = vp_reader_u64le(data);
    const guint8 *id = vp_reader_bytes(data, ID_LEN);
    guint32 granularity = vp_reader_u32le(data);
    guint32 entries = vp_reader_u32le(data);
    guint64 table = data->base + data->pos;
    const char *fault = vp_reader_failed(data) || entries > vp_reader_remaining(data) / 8
                            ? "does not fit into its place"
                            : bitmap_fault(probe, bitmaps, id, size, granularity, entries);
    VpReader clusters;

    if (fault == NULL && bitmaps->count == BITMAPS_MAX) {
        vp_probe_find(probe, VP_RULE_LIMIT, data->base, 0, "more than %u bitmaps", BITMAPS_MAX);
        return FALSE;
    }
    if (fault != NULL) {
        vp_probe_find(probe, VP_RULE_TABLE_INVALID, data->base, BITMAP_HEADER_SIZE, "bitmap %u %s",
                      bitmaps->count, fault);
        return FALSE;
    }
    bitmaps->ids[bitmaps->count++] = id;
    list_bitmap(probe, id, size, granularity, table, entries);
    vp_reader_init(&clusters, vp_reader_bytes(data, (gsize) entries * 8), (gsize) entries * 8,
                   table);
    check_bitmap_table(probe, &clusters);
    return TRUE;
}

/* QEMU refuses what it does not know here, whatever its flags say. FALSE: the last feature, or a finding says why. */
static gboolean
read_feature(VpProbe *probe, Bitmaps *bitmaps, VpReader *cluster)
{
    guint64 place = cluster->base + cluster->pos;
    guint64 magic = vp_reader_u64le(cluster);
    guint64 feature_flags = vp_reader_u64le(cluster);
    guint32 len = vp_reader_u32le(cluster);
    VpReader data;

    /* Data follows behind 4 bytes of padding, padded to 8. */
    vp_reader_skip(cluster, 4);
    if (vp_reader_failed(cluster) || ((guint64) len + 7) / 8 * 8 > vp_reader_remaining(cluster)) {
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, cluster->base, cluster->size,
                      "a feature ends past the format extension");
        return FALSE;
    }
    if ((magic != 0 && magic != FEATURE_DIRTY_BITMAP) || feature_flags != 0) {
        vp_probe_find(probe, VP_RULE_UNKNOWN_FEATURE, place, 16,
                      "feature 0x%016" G_GINT64_MODIFIER "x with flags 0x%" G_GINT64_MODIFIER
                      "x is not known",
                      magic, feature_flags);
        return FALSE;
    }
    vp_reader_init(&data, vp_reader_bytes(cluster, len), len, place + FEATURE_HEADER_SIZE);
    vp_reader_skip(cluster, (8 - len % 8) % 8);
    return magic != 0 && read_bitmap(probe, bitmaps, &data);
}

static void
check_extension_features(VpProbe *probe, VpReader *cluster)
{
    Bitmaps *bitmaps = g_new0(Bitmaps, 1);

    while (read_feature(probe, bitmaps, cluster))
        ;
    if (bitmaps->count > 0) {
        vp_record_set_uint(probe->extra, VP_PROBE_BITMAP_COUNT, bitmaps->count);
        vp_probe_find(probe, VP_RULE_BITMAPS, cluster->base, 0, "%u persistent bitmaps",
                      bitmaps->count);
    }
    g_free(bitmaps);
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

/* QEMU takes the least possible place instead of one that cannot be. */
static void
check_data_offset(VpProbe *probe)
{
    guint64 tracks = vp_probe_value(probe, TRACKS);
    guint64 offset = vp_probe_value(probe, DATA_OFFSET);
    guint64 least = vp_divide_up(HEADER_SIZE + vp_probe_value(probe, BAT_ENTRIES) * 4, SECTOR);

    if (offset == 0 || !vp_probe_is_valid(probe, TRACKS))
        return;
    if (memcmp(vp_header_bytes(probe, MAGIC), OLD_MAGIC, 16) != 0)
        least = vp_divide_up(least, tracks) * tracks;
    if (offset < least)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, DATA_OFFSET,
                            "data begins at sector %" G_GUINT64_FORMAT
                            ", must be at least %" G_GUINT64_FORMAT,
                            offset, least);
    else if (offset > vp_divide_up(probe->size, SECTOR))
        vp_probe_find_field(
            probe, VP_RULE_HEADER_INCONSISTENT, DATA_OFFSET,
            "data begins at sector %" G_GUINT64_FORMAT ", behind the end of the file", offset);
}

static gboolean
parse(VpProbe *probe)
{
    guint64 sectors;

    if (!vp_probe_has(probe, SECTORS))
        return FALSE;
    check_extension(probe);
    if (vp_probe_has(probe, DATA_OFFSET))
        check_data_offset(probe);
    sectors = disk_sectors(probe);
    if (sectors > G_MAXINT64 / SECTOR) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, SECTORS,
                            "%" G_GUINT64_FORMAT " sectors are more than 2^63 bytes", sectors);
        return FALSE;
    }
    vp_probe_set_capacity(probe, sectors * SECTOR, VP_RULE_HEADER_INVALID, SECTORS);
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
    .dirty = { VP_DIRTY_VALUE, IN_USE, IN_USE_OPEN },
    .parse = parse,
};
