/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mbr.c: PC partition tables, as content of a raw payload. Source: UEFI specification 2.10, section 5.2. */
#include "storage/format.h"

#include <string.h>

enum {
    DISK_ID,
    COPY_PROTECTED,
    FIELD_COUNT,
};

#define SECTOR 512
#define TABLE 446
#define ENTRY_SIZE 16
#define PRIMARY_COUNT 4
#define TYPE_PROTECTIVE 0xee
/* Links of a chain of logical partitions that are followed: each is a read. */
#define LINKS_MAX 6
#define LINKS_MAX_FULL 24

static const VpHeaderField fields[] = {
    [DISK_ID] = { "disk-id", VP_AT(440, 4), .kind = VP_KIND_HEX, .is_detail = TRUE },
    [COPY_PROTECTED] = { "copy-protected", VP_AT(444, 2), .kind = VP_KIND_HEX },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

typedef struct {
    guint8 status;
    guint8 type;
    guint32 start;
    guint32 count;
    guint64 place;
} Entry;

static const VpValueText types[] = {
    { "0x01", "FAT12" },
    { "0x04", "FAT16, small" },
    { "0x05", "extended" },
    { "0x06", "FAT16" },
    { "0x07", "NTFS or exFAT" },
    { "0x0b", "FAT32" },
    { "0x0c", "FAT32, LBA" },
    { "0x0e", "FAT16, LBA" },
    { "0x0f", "extended, LBA" },
    { "0x17", "hidden NTFS, or ISO hybrid" },
    { "0x27", "Windows recovery" },
    { "0x82", "Linux swap" },
    { "0x83", "Linux" },
    { "0x85", "Linux extended" },
    { "0x8e", "Linux LVM" },
    { "0xa5", "FreeBSD" },
    { "0xa6", "OpenBSD" },
    { "0xa9", "NetBSD" },
    { "0xaf", "HFS+" },
    { "0xee", "protective GPT" },
    { "0xef", "EFI system" },
    { "0xfd", "Linux RAID" },
    { NULL, NULL },
};

/* FALSE when there is no partition table in the sector at that place. */
static gboolean
table_read(VpProbe *probe, guint64 place, Entry entries[PRIMARY_COUNT])
{
    VpReader reader;

    if (!vp_probe_peek(probe, place, SECTOR, &reader))
        return FALSE;
    vp_reader_seek(&reader, TABLE);
    for (guint i = 0; i < PRIMARY_COUNT; i++) {
        Entry *entry = &entries[i];

        entry->place = place + reader.pos;
        entry->status = vp_reader_u8(&reader);
        vp_reader_skip(&reader, 3);
        entry->type = vp_reader_u8(&reader);
        vp_reader_skip(&reader, 3);
        entry->start = vp_reader_u32le(&reader);
        entry->count = vp_reader_u32le(&reader);
    }
    return vp_reader_u16be(&reader) == 0x55aa;
}

static gboolean
has_bytes(VpProbe *probe, guint64 place, const char *bytes)
{
    gsize len = strlen(bytes);
    VpReader reader;

    return vp_probe_peek(probe, place, len, &reader) && memcmp(reader.data, bytes, len) == 0;
}

/* Boot sectors of file systems end as an MBR does. */
static gboolean
is_boot_sector(VpProbe *probe)
{
    return has_bytes(probe, 3, "NTFS    ") || has_bytes(probe, 3, "EXFAT   ")
           || has_bytes(probe, 54, "FAT1") || has_bytes(probe, 82, "FAT32");
}

/* A hybrid shows partitions of the GPT once more, inside the protective one. */
static gboolean
entries_overlap(const Entry *one, const Entry *other)
{
    return one->type != 0 && other->type != 0 && one->type != TYPE_PROTECTIVE
           && other->type != TYPE_PROTECTIVE
           && (guint64) one->start < (guint64) other->start + other->count
           && (guint64) other->start < (guint64) one->start + one->count;
}

static gboolean
entries_are_believable(const Entry entries[PRIMARY_COUNT])
{
    guint n_used = 0;

    for (guint i = 0; i < PRIMARY_COUNT; i++) {
        if (entries[i].type == 0)
            continue;
        n_used++;
        if ((entries[i].status & 0x7f) != 0 || entries[i].count == 0)
            return FALSE;
        for (guint k = 0; k < i; k++) {
            if (entries_overlap(&entries[i], &entries[k]))
                return FALSE;
        }
    }
    return n_used > 0;
}

static gboolean
is_protective_only(const Entry entries[PRIMARY_COUNT])
{
    for (guint i = 0; i < PRIMARY_COUNT; i++) {
        if (entries[i].type != 0 && entries[i].type != TYPE_PROTECTIVE)
            return FALSE;
    }
    return TRUE;
}

/* At the start, in sectors of either size, or at the end. */
static gboolean
has_gpt(VpProbe *probe)
{
    return has_bytes(probe, 512, "EFI PART") || has_bytes(probe, 4096, "EFI PART")
           || (!probe->has_no_end
               && (has_bytes(probe, probe->size - MIN(512, probe->size), "EFI PART")
                   || has_bytes(probe, probe->size - MIN(4096, probe->size), "EFI PART")));
}

/* The protective MBR belongs to the GPT, which says what is wrong with it. */
static gboolean
verify_content(VpProbe *probe)
{
    Entry entries[PRIMARY_COUNT];

    return table_read(probe, 0, entries) && entries_are_believable(entries)
           && !is_boot_sector(probe) && !(is_protective_only(entries) && has_gpt(probe));
}

static gboolean
is_extended(const Entry *entry)
{
    return entry->type == 0x05 || entry->type == 0x0f || entry->type == 0x85;
}

static void
add_entry(VpProbe *probe, guint number, const Entry *entry, guint64 start)
{
    char type[8];
    VpPartition partition = {
        .number = number,
        .type = type,
        .first = start,
        .last = start + entry->count - 1,
        .place = entry->place,
        .len = ENTRY_SIZE,
    };
    VirtProbeRecord *record;

    g_snprintf(type, sizeof type, "0x%02x", entry->type);
    partition.type_name = vp_value_text(types, type);
    record = vp_content_add_partition(probe, &partition, SECTOR);
    if (entry->status == 0x80)
        vp_record_set_bool(record, VP_PARTITION_BOOTABLE, TRUE);
}

/* FALSE, and a finding, when a link of the chain stands where one did before. */
static gboolean
link_is_new(VpProbe *probe, const guint64 *seen, guint count, guint64 sector)
{
    for (guint i = 0; i < count; i++) {
        if (seen[i] != sector)
            continue;
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, sector * SECTOR, SECTOR,
                      "the chain of logical partitions comes back to sector %" G_GUINT64_FORMAT,
                      sector);
        return FALSE;
    }
    return TRUE;
}

/* Logical partitions: each link has one, counted from the link, and names the next link, counted from the extended
 * partition. Gives how many there are. */
static guint
list_logical(VpProbe *probe, guint64 extended, guint number)
{
    gboolean is_full = (probe->flags & VIRT_PROBE_DESCRIBE_FULL) != 0;
    guint maximum = is_full ? LINKS_MAX_FULL : LINKS_MAX;
    guint64 seen[LINKS_MAX_FULL];
    guint64 sector = extended;
    guint count = 0;

    for (guint i = 0; link_is_new(probe, seen, i, sector); i++) {
        Entry entries[PRIMARY_COUNT];

        if (i == maximum) {
            vp_probe_find(probe, VP_RULE_TOO_MANY, 0, 0,
                          "there are more than %u logical partitions", maximum);
            break;
        }
        seen[i] = sector;
        if (!table_read(probe, sector * SECTOR, entries)) {
            vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, sector * SECTOR, SECTOR,
                          "no table of logical partitions in sector %" G_GUINT64_FORMAT, sector);
            break;
        }
        if (entries[0].type != 0 && entries[0].count > 0)
            add_entry(probe, number + count++, &entries[0], sector + entries[0].start);
        if (!is_extended(&entries[1]) || entries[1].count == 0)
            break;
        sector = extended + entries[1].start;
    }
    return count;
}

static gboolean
parse(VpProbe *probe)
{
    Entry entries[PRIMARY_COUNT];
    guint n_logical = 0;
    guint count = 0;

    /* A list of many files has no use for partitions. */
    if ((probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) != 0 || !table_read(probe, 0, entries))
        return TRUE;
    vp_record_set_uint(probe->target, VP_CONTENT_SECTOR_SIZE, SECTOR);
    for (guint i = 0; i < PRIMARY_COUNT; i++) {
        if (entries[i].type == 0 || entries[i].count == 0)
            continue;
        count++;
        /* The length of a protective one is often all that fits into its field. */
        if (entries[i].type == TYPE_PROTECTIVE && probe->size / SECTOR > entries[i].start)
            entries[i].count =
                (guint32) MIN(entries[i].count, probe->size / SECTOR - entries[i].start);
        add_entry(probe, i + 1, &entries[i], entries[i].start);
    }
    for (guint i = 0; i < PRIMARY_COUNT; i++) {
        if (is_extended(&entries[i]))
            n_logical += list_logical(probe, entries[i].start, 5 + n_logical);
    }
    vp_record_set_uint(probe->target, VP_CONTENT_PARTITION_COUNT, count + n_logical);
    if (is_protective_only(entries))
        vp_probe_find(probe, VP_RULE_PROTECTIVE_MBR, TABLE, 66,
                      "a protective MBR stands before no GPT");
    return TRUE;
}

/* The signature, and that each entry is bootable or not. */
#define ENTRY_BYTES "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ENTRY_MASK "\x7f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const VpMagic magics[] = {
    { .offset = TABLE,
      .bytes = ENTRY_BYTES ENTRY_BYTES ENTRY_BYTES ENTRY_BYTES "\x55\xaa",
      .mask = ENTRY_MASK ENTRY_MASK ENTRY_MASK ENTRY_MASK "\xff\xff",
      .len = 66 },
    { .len = 0 },
};

const VpFormat vp_format_mbr = {
    .name = "mbr",
    .title = "PC partition table",
    .layer = VP_LAYER_CONTENT,
    .reads = 3,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .qemu_probe = VP_QEMU_NEVER,
    VP_FIELDS(fields),
    .verify_content = verify_content,
    .parse = parse,
};
