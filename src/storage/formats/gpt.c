/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gpt.c: GUID partition tables, as content of a raw payload. Source: UEFI specification 2.10, chapter 5. */
#include "storage/format.h"
#include "util/numbers.h"
#include "util/text.h"

#include <string.h>

enum {
    SIGNATURE,
    REVISION,
    HEADER_SIZE,
    HEADER_CHECKSUM,
    MY_SECTOR,
    ALTERNATE_SECTOR,
    FIRST_USABLE,
    LAST_USABLE,
    DISK_GUID,
    TABLE_SECTOR,
    ENTRIES,
    ENTRY_SIZE,
    TABLE_CHECKSUM,
    FIELD_COUNT,
};

#define ODD .rule = VP_RULE_HEADER_INCONSISTENT
#define HEADER_MIN 92
#define CHECKSUM_AT 16
/* An array of 16 KiB is usual; more than this is not read. */
#define TABLE_MAX (1024 * 1024)
#define NAME_UNITS 36

static const VpHeaderField fields[] = {
    [SIGNATURE] = { "signature", VP_AT(0, 8), .kind = VP_KIND_BYTES },
    [REVISION] = { "revision", VP_AT(8, 4), .kind = VP_KIND_HEX, .is_detail = TRUE },
    [HEADER_SIZE] = { "header-size", VP_AT(12, 4), VP_RANGE(HEADER_MIN, 4096), ODD },
    [HEADER_CHECKSUM] = { "header-checksum", VP_AT(CHECKSUM_AT, 4), .kind = VP_KIND_HEX },
    [MY_SECTOR] = { "my-sector", VP_AT(24, 8) },
    [ALTERNATE_SECTOR] = { "alternate-sector", VP_AT(32, 8) },
    [FIRST_USABLE] = { "first-usable-sector", VP_AT(40, 8), .is_detail = TRUE },
    [LAST_USABLE] = { "last-usable-sector", VP_AT(48, 8), .is_detail = TRUE },
    [DISK_GUID] = { "disk-guid", VP_AT(56, 16), .kind = VP_KIND_UUID_LE, .is_detail = TRUE },
    [TABLE_SECTOR] = { "table-sector", VP_AT(72, 8) },
    [ENTRIES] = { "entries", VP_AT(80, 4), .is_detail = TRUE },
    [ENTRY_SIZE] = { "entry-size", VP_AT(84, 4), .minimum = 128, .maximum = 4096,
                     .checks = VP_CHECK_RANGE | VP_CHECK_POWER_OF_TWO, ODD },
    [TABLE_CHECKSUM] = { "table-checksum", VP_AT(88, 4), .kind = VP_KIND_HEX },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpValueText types[] = {
    { "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI system" },
    { "21686148-6449-6e6f-744e-656564454649", "BIOS boot" },
    { "024dee41-33e7-11d3-9d69-0008c781f39f", "MBR partition scheme" },
    { "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "Microsoft basic data" },
    { "e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved" },
    { "de94bba4-06d1-4d40-a16a-bfd50179d6ac", "Windows recovery" },
    { "0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux data" },
    { "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "Linux root (x86-64)" },
    { "b921b045-1df0-41c3-af44-4c6f280d3fae", "Linux root (ARM 64)" },
    { "bc13c2ff-59e6-4262-a352-b275fd6f7172", "Linux extended boot" },
    { "933ac7e1-2eb4-4f13-b844-0e14e2aef915", "Linux home" },
    { "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap" },
    { "e6d6d379-f507-44c2-a23c-238f2a3df928", "Linux LVM" },
    { "a19d880f-05fc-4d3b-a006-743f0f84911e", "Linux RAID" },
    { "516e7cb4-6ecf-11d6-8ff8-00022d09712b", "FreeBSD data" },
    { NULL, NULL },
};

static guint64
table_bytes(const VpProbe *probe)
{
    return vp_probe_value(probe, ENTRIES) * vp_probe_value(probe, ENTRY_SIZE);
}

/* The checksum over the header's own length, which says where it stands. */
static gboolean
header_is_sound(VpProbe *probe, guint sector_size)
{
    guint size = (guint) vp_probe_value(probe, HEADER_SIZE);
    VpReader reader;
    guint64 place;

    if (!vp_probe_is_valid(probe, HEADER_SIZE) || !vp_probe_is_valid(probe, ENTRY_SIZE)
        || !vp_checked_mul(vp_probe_value(probe, MY_SECTOR), sector_size, &place)
        || place != probe->header_start || !vp_probe_peek(probe, place, size, &reader))
        return FALSE;
    return memcmp(reader.data, "EFI PART", 8) == 0
           && vp_header_number(probe, HEADER_CHECKSUM)
                  == vp_checksum(VP_CHECKSUM_CRC32, reader.data, size, CHECKSUM_AT);
}

/* TRUE when header and table of the copy that was read are right. */
static gboolean
copy_is_sound(VpProbe *probe, guint sector_size)
{
    guint64 size = table_bytes(probe);
    VpReader reader;
    guint64 place;

    if (!header_is_sound(probe, sector_size))
        return FALSE;
    if (size > TABLE_MAX)
        return TRUE; /* it is not looked at, which is said */
    return vp_checked_mul(vp_probe_value(probe, TABLE_SECTOR), sector_size, &place)
           && vp_probe_peek(probe, place, (gsize) size, &reader)
           && vp_header_number(probe, TABLE_CHECKSUM)
                  == vp_checksum(VP_CHECKSUM_CRC32, reader.data, (gsize) size, size);
}

/* Reads the header that begins there in place of the one before. */
static void
header_take(VpProbe *probe, guint64 place)
{
    gboolean was_quiet = probe->is_quiet;

    probe->header_start = place;
    probe->is_quiet = TRUE;
    vp_header_read(probe);
    vp_header_check(probe);
    probe->is_quiet = was_quiet;
}

/* With a sound primary: the backup in the last sector, which was read with the end, must be whole too. */
static void
check_backup(VpProbe *probe, guint sector_size)
{
    guint64 primary = probe->header_start;
    guint64 sectors = probe->size / sector_size;
    guint64 alternate = vp_probe_value(probe, ALTERNATE_SECTOR);

    if (alternate >= sectors) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, ALTERNATE_SECTOR,
                            "the backup GPT is in sector %" G_GUINT64_FORMAT
                            ", the disk has %" G_GUINT64_FORMAT,
                            alternate, sectors);
        return;
    }
    /* Of a disk that grew the backup is somewhere else. */
    if (alternate + 1 != sectors)
        return;
    header_take(probe, alternate * sector_size);
    if (!header_is_sound(probe, sector_size))
        vp_probe_find(probe, VP_RULE_COPY_DAMAGED, alternate * sector_size, HEADER_MIN,
                      "the backup GPT in the last sector is damaged");
    header_take(probe, primary);
}

/* The copy that counts; FALSE: none is sound. */
static gboolean
choose_copy(VpProbe *probe, guint sector_size)
{
    guint64 found = probe->header_start;
    guint64 last = probe->size / sector_size - 1;

    if (found == sector_size && copy_is_sound(probe, sector_size)) {
        check_backup(probe, sector_size);
        return TRUE;
    }
    /* The other copy stands at the end. */
    if (probe->has_no_end)
        return FALSE;
    header_take(probe, last * sector_size);
    if (copy_is_sound(probe, sector_size)) {
        vp_probe_find(
            probe, VP_RULE_COPY_DAMAGED, sector_size, HEADER_MIN,
            "the primary GPT in sector 1 is damaged, the backup in sector %" G_GUINT64_FORMAT
            " is used",
            last);
        return TRUE;
    }
    header_take(probe, found);
    vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, found, HEADER_MIN,
                  "no copy of the GPT is whole, its checksums do not fit");
    return FALSE;
}

/* How many partitions an MBR has that protect a GPT, and how many others. FALSE: there is no MBR. */
static gboolean
count_mbr(VpProbe *probe, guint *out_protective, guint *out_others)
{
    VpReader reader;

    *out_protective = *out_others = 0;
    vp_probe_peek(probe, 446, 66, &reader);
    for (guint i = 0; i < 4; i++) {
        guint8 type;

        vp_reader_skip(&reader, 4);
        type = vp_reader_u8(&reader);
        vp_reader_skip(&reader, 3);
        if (type == 0xee && vp_reader_u32le(&reader) == 1)
            (*out_protective)++;
        else if (type != 0)
            (*out_others)++;
        vp_reader_seek(&reader, (i + 1) * 16);
    }
    return vp_reader_u16be(&reader) == 0x55aa;
}

/* One partition from sector 1 on, alone unless other systems need to see more. */
static void
check_protective_mbr(VpProbe *probe)
{
    guint n_protective;
    guint n_others;

    if (!count_mbr(probe, &n_protective, &n_others) || n_protective == 0)
        vp_probe_find(probe, VP_RULE_PROTECTIVE_MBR, 446, 66,
                      "there is a GPT, and no protective MBR before it");
    else if (n_others > 0)
        vp_probe_find(probe, VP_RULE_PROTECTIVE_MBR, 446, 66,
                      "beside the GPT there are partitions of an MBR");
    else
        vp_content_add_feature(probe, "protective-mbr");
}

static void
add_entry(VpProbe *probe, guint number, VpReader *entry, guint sector_size)
{
    g_autoptr(GString) type = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    const guint8 *bytes = vp_reader_bytes(entry, 32);
    VpPartition partition = { .number = number, .place = entry->base, .len = 128 };
    VirtProbeRecord *record;
    g_autofree char *name = NULL;
    gsize name_len;
    guint64 attributes;

    vp_text_append_uuid(type, bytes, TRUE);
    partition.type = type->str;
    partition.type_name = vp_value_text(types, type->str);
    partition.first = vp_reader_u64le(entry);
    partition.last = vp_reader_u64le(entry);
    attributes = vp_reader_u64le(entry);
    record = vp_content_add_partition(probe, &partition, sector_size);
    if (record == NULL)
        return;
    vp_text_append_uuid(text, bytes + 16, TRUE);
    vp_record_set_string(record, VP_PARTITION_UUID, text->str);
    if (attributes != 0)
        vp_record_set_mask(record, VP_PARTITION_ATTRIBUTES, attributes);
    name = vp_text_from_utf16(vp_reader_bytes(entry, 2 * NAME_UNITS), 2 * NAME_UNITS,
                              VP_ORDER_LITTLE, &name_len);
    if (name_len > 0)
        vp_probe_set_text(probe, record, VP_PARTITION_NAME, (const guint8 *) name, name_len,
                          entry->base + 56);
}

/* Of a sound copy. */
static void
list_partitions(VpProbe *probe, guint sector_size)
{
    static const guint8 unused[16] = { 0 };
    guint64 place = vp_probe_value(probe, TABLE_SECTOR) * sector_size;
    guint entry_size = (guint) vp_probe_value(probe, ENTRY_SIZE);
    guint64 size = table_bytes(probe);
    guint count = 0;
    VpReader table;

    if (size > TABLE_MAX) {
        vp_probe_find_field(probe, VP_RULE_NOT_EXAMINED, ENTRIES,
                            "the GPT has %" G_GUINT64_FORMAT " entries, more than are looked at",
                            vp_probe_value(probe, ENTRIES));
        return;
    }
    if (!vp_probe_peek(probe, place, (gsize) size, &table))
        return;
    for (guint i = 0; (guint64) i * entry_size < size; i++) {
        gsize at = (gsize) i * entry_size;
        VpReader entry;

        vp_reader_init(&entry, table.data + at, entry_size, place + at);
        if (memcmp(entry.data, unused, sizeof unused) == 0)
            continue;
        add_entry(probe, i + 1, &entry, sector_size);
        count++;
    }
    vp_record_set_uint(probe->target, VP_CONTENT_PARTITION_COUNT, count);
}

/* The header stands in sector 1, or in the last one, whose number it says itself. */
static guint
find_sector_size(const VpProbe *probe)
{
    guint64 place;

    if (probe->header_start == 4096)
        return 4096;
    return probe->size % 4096 == 0 && vp_checked_mul(vp_probe_value(probe, MY_SECTOR), 4096, &place)
                   && place == probe->header_start
               ? 4096
               : 512;
}

static gboolean
parse(VpProbe *probe)
{
    guint sector_size = find_sector_size(probe);

    /* A list of many files has no use for partitions. */
    if ((probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) != 0)
        return TRUE;
    vp_record_set_uint(probe->target, VP_CONTENT_SECTOR_SIZE, sector_size);
    if (choose_copy(probe, sector_size))
        list_partitions(probe, sector_size);
    check_protective_mbr(probe);
    return TRUE;
}

#define EFI_PART .bytes = "EFI PART", .len = 8

static const VpMagic magics[] = {
    { .offset = 512, EFI_PART, .header_start = 512 },
    { .offset = 4096, EFI_PART, .header_start = 4096 },
    { .is_from_end = TRUE, .offset = 512, EFI_PART },
    { .is_from_end = TRUE, .offset = 4096, EFI_PART },
    { .len = 0 },
};

const VpFormat vp_format_gpt = {
    .name = "gpt",
    .title = "GUID partition table",
    .layer = VP_LAYER_CONTENT,
    .reads = 5,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .qemu_probe = VP_QEMU_NEVER,
    VP_FIELDS(fields),
    .parse = parse,
};
