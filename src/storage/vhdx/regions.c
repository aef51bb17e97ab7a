/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* regions.c: the region table and the metadata table of VHDX: finding what they list, and judging them. */
#include "storage/vhdx/vhdx.h"
#include "util/numbers.h"
#include "util/text.h"

#include <string.h>

/* Both tables have entries of 32 bytes in 64 KiB. */
#define TABLE_SIZE (64 * 1024)
#define ENTRY_SIZE 32
#define ENTRIES_MAX 2047
#define REGION_ENTRIES_AT 16
#define METADATA_ENTRIES_AT 32
#define REGION_REQUIRED 1
#define ITEM_REQUIRED 4
/* Items stand behind the table; with this much of them one read fetches all of a usual image. */
#define ITEMS_READ 4096

typedef struct {
    const guint8 *guid;
    VhdxPlace place;
    gboolean is_required;
} Entry;

/* GUIDs as they stand in the file. */
static const char region_guids[VHDX_REGION_KINDS][VHDX_GUID_SIZE + 1] = {
    [VHDX_REGION_BAT] = "\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08",
    [VHDX_REGION_METADATA] = "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e",
};
static const char *const region_names[] = { "block allocation table", "metadata" };

static const char item_guids[VHDX_ITEM_COUNT][VHDX_GUID_SIZE + 1] = {
    [VHDX_ITEM_PARAMETERS] = "\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b",
    [VHDX_ITEM_SIZE] = "\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8",
    [VHDX_ITEM_ID] = "\xab\x12\xca\xbe\xe6\xb2\x23\x45\x93\xef\xc3\x09\xe0\x00\xc7\x46",
    [VHDX_ITEM_LOGICAL] = "\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f",
    [VHDX_ITEM_PHYSICAL] = "\xc7\x48\xa3\xcd\x5d\x44\x71\x44\x9c\xc9\xe9\x88\x52\x51\xc5\x56",
    [VHDX_ITEM_PARENT] = "\x2d\x5f\xd3\xa8\x0b\xb3\x4d\x45\xab\xf7\xd3\xd8\x48\x34\xab\x0c",
};
static const char *const item_names[] = { "file parameters",      "virtual disk size",
                                          "page 83 data",         "logical sector size",
                                          "physical sector size", "parent locator" };
/* The locator is as long as its texts. */
static const guint item_sizes[VHDX_ITEM_COUNT] = { 8, 8, 16, 4, 4, 0 };

/* A cursor over the entries of a table that was read and is sound; FALSE: it is not. */
static gboolean
entries_open(VpProbe *probe, VhdxPart part, guint count_field, guint entries_at,
             VpReader *out_reader)
{
    const VpHeaderPart *table = &probe->header.parts[part];
    guint64 count = vp_probe_value(probe, count_field);

    if (!vp_probe_has(probe, count_field) || !table->is_sound || count > ENTRIES_MAX)
        return FALSE;
    return vp_probe_read(probe, table->place + entries_at, (gsize) count * ENTRY_SIZE,
                         probe->format->parts[part].name, out_reader);
}

static gboolean
region_next(VpReader *reader, Entry *out_region)
{
    out_region->guid = vp_reader_bytes(reader, VHDX_GUID_SIZE);
    out_region->place.offset = vp_reader_u64le(reader);
    out_region->place.length = vp_reader_u32le(reader);
    out_region->is_required = (vp_reader_u32le(reader) & REGION_REQUIRED) != 0;
    return !vp_reader_failed(reader);
}

static gboolean
item_next(VpProbe *probe, VpReader *reader, Entry *out_item)
{
    out_item->guid = vp_reader_bytes(reader, VHDX_GUID_SIZE);
    out_item->place.offset =
        probe->header.parts[VHDX_PART_METADATA].place + vp_reader_u32le(reader);
    out_item->place.length = vp_reader_u32le(reader);
    out_item->is_required = (vp_reader_u32le(reader) & ITEM_REQUIRED) != 0;
    vp_reader_skip(reader, 4);
    return !vp_reader_failed(reader);
}

static gboolean
regions_open(VpProbe *probe, VpReader *out_reader)
{
    return entries_open(probe, VHDX_PART_REGIONS, VHDX_REGION_COUNT, REGION_ENTRIES_AT, out_reader);
}

static gboolean
items_open(VpProbe *probe, VpReader *out_reader)
{
    return entries_open(probe, VHDX_PART_METADATA, VHDX_METADATA_COUNT, METADATA_ENTRIES_AT,
                        out_reader);
}

gboolean
vhdx_region_find(VpProbe *probe, VhdxRegionKind kind, VhdxPlace *out_place)
{
    VpReader reader;
    Entry region;

    if (!regions_open(probe, &reader))
        return FALSE;
    while (region_next(&reader, &region)) {
        if (memcmp(region.guid, region_guids[kind], VHDX_GUID_SIZE) != 0)
            continue;
        *out_place = region.place;
        /* The metadata is read in pieces. */
        if (kind == VHDX_REGION_METADATA)
            vp_probe_prefetch(probe, region.place.offset, TABLE_SIZE + ITEMS_READ);
        return TRUE;
    }
    return FALSE;
}

gboolean
vhdx_item_find(VpProbe *probe, VhdxItemKind kind, VhdxPlace *out_place)
{
    VpReader reader;
    Entry item;

    if (!items_open(probe, &reader))
        return FALSE;
    while (item_next(probe, &reader, &item)) {
        if (memcmp(item.guid, item_guids[kind], VHDX_GUID_SIZE) == 0) {
            *out_place = item.place;
            return TRUE;
        }
    }
    return FALSE;
}

static gint
place_compare(gconstpointer a, gconstpointer b)
{
    const VhdxPlace *one = a;
    const VhdxPlace *other = b;

    if (one->offset != other->offset)
        return one->offset < other->offset ? -1 : 1;
    return one->length < other->length ? -1 : one->length > other->length;
}

/* Which of the known ones the GUID is, counted in its table; -1: none. */
static gint
guid_find(const guint8 *guid, const char known[][VHDX_GUID_SIZE + 1], guint count)
{
    for (guint i = 0; i < count; i++) {
        if (memcmp(guid, known[i], VHDX_GUID_SIZE) == 0)
            return (gint) i;
    }
    return -1;
}

/* What QEMU asks of any entry. what: "region". seen: how often each known one was there. */
static void
check_entry(VpProbe *probe, const Entry *entry, guint64 place, gint kind, guint *seen,
            const char *what, const char *const *names)
{
    if (kind < 0 && entry->is_required) {
        g_autoptr(GString) guid = g_string_new(NULL);

        vp_text_append_hex(guid, entry->guid, VHDX_GUID_SIZE);
        vp_probe_find(probe, VP_RULE_UNKNOWN_FEATURE, place, ENTRY_SIZE,
                      "the required %s with the GUID bytes %s is not known", what, guid->str);
    } else if (kind >= 0 && seen[kind]++ == 1) {
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, place, ENTRY_SIZE, "there are two %ss %s",
                      what, names[kind]);
    }
}

static void
check_region_place(VpProbe *probe, const Entry *region, guint64 place)
{
    if (!vp_is_aligned(region->place.offset, VHDX_MIB)
        || !vp_is_aligned(region->place.length, VHDX_MIB) || region->place.offset < VHDX_MIB)
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, place, ENTRY_SIZE,
                      "a region has the offset %" G_GUINT64_FORMAT
                      " and the length %" G_GUINT64_FORMAT
                      ", which are no whole MiB behind the first one",
                      region->place.offset, region->place.length);
}

static void
check_regions(VpProbe *probe, GArray *places)
{
    guint64 table = probe->header.parts[VHDX_PART_REGIONS].place + REGION_ENTRIES_AT;
    guint seen[VHDX_REGION_KINDS] = { 0 };
    VpReader reader;
    Entry region;

    if (!regions_open(probe, &reader))
        return;
    for (guint i = 0; region_next(&reader, &region); i++) {
        gint kind = guid_find(region.guid, region_guids, VHDX_REGION_KINDS);

        g_array_append_val(places, region.place);
        check_entry(probe, &region, table + i * ENTRY_SIZE, kind, seen, "region", region_names);
        /* How much of it is needed the metadata say, which may come later. */
        if (kind == VHDX_REGION_BAT)
            vp_probe_announce(probe, region.place.offset,
                              MIN(region.place.length, VHDX_TABLE_READ_MAX));
        if (kind >= 0)
            check_region_place(probe, &region, table + i * ENTRY_SIZE);
    }
    for (guint i = 0; i < VHDX_REGION_KINDS; i++) {
        if (seen[i] == 0)
            vp_probe_find(probe, VP_RULE_HEADER_INVALID, table, 0, "there is no region %s",
                          region_names[i]);
    }
}

static void
check_items(VpProbe *probe)
{
    guint64 table = probe->header.parts[VHDX_PART_METADATA].place;
    guint seen[VHDX_ITEM_COUNT] = { 0 };
    VhdxPlace region;
    VpReader reader;
    Entry item;

    if (!items_open(probe, &reader) || !vhdx_region_find(probe, VHDX_REGION_METADATA, &region))
        return;
    for (guint i = 0; item_next(probe, &reader, &item); i++) {
        guint64 place = table + METADATA_ENTRIES_AT + i * ENTRY_SIZE;
        guint64 start = item.place.offset - table;
        gint kind = guid_find(item.guid, item_guids, VHDX_ITEM_COUNT);

        check_entry(probe, &item, place, kind, seen, "metadata item", item_names);
        if (kind >= 0 && (start < TABLE_SIZE || start + item.place.length > region.length))
            vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, place, ENTRY_SIZE,
                          "the metadata item %s does not lie in its region", item_names[kind]);
        if (kind >= 0 && item.place.length < item_sizes[kind])
            vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, place, ENTRY_SIZE,
                          "the metadata item %s claims %" G_GUINT64_FORMAT " bytes, and has %u",
                          item_names[kind], item.place.length, item_sizes[kind]);
    }
    for (guint i = 0; i < VHDX_ITEM_PARENT; i++) {
        if (seen[i] == 0)
            vp_probe_find(probe, VP_RULE_HEADER_INVALID, table, 0, "there is no metadata item %s",
                          item_names[i]);
    }
}

static void
check_overlap(VpProbe *probe, const GArray *places)
{
    for (guint i = 1; i < places->len; i++) {
        const VhdxPlace *place = &g_array_index(places, VhdxPlace, i);
        const VhdxPlace *before = place - 1;
        guint64 end;

        if (vp_checked_add(before->offset, before->length, &end) && end <= place->offset)
            continue;
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, place->offset, 0,
                      "regions at %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " overlap",
                      before->offset, place->offset);
        return;
    }
}

GArray *
vhdx_tables_check(VpProbe *probe)
{
    GArray *places = g_array_new(FALSE, FALSE, sizeof(VhdxPlace));
    const VhdxPlace log = { vp_probe_value(probe, VHDX_LOG_OFFSET),
                            vp_probe_value(probe, VHDX_LOG_LENGTH) };

    g_array_append_val(places, log);
    check_regions(probe, places);
    g_array_sort(places, place_compare);
    check_overlap(probe, places);
    check_items(probe);
    return places;
}

const VhdxPlace *
vhdx_places_find(const GArray *places, guint64 offset, guint64 length)
{
    guint first = 0;
    guint end = places->len;

    /* The last one that begins before the end of the piece. */
    while (first < end) {
        guint middle = first + (end - first) / 2;

        if (g_array_index(places, VhdxPlace, middle).offset < offset + length)
            first = middle + 1;
        else
            end = middle;
    }
    if (first == 0)
        return NULL;
    first--;
    if (g_array_index(places, VhdxPlace, first).offset
            + g_array_index(places, VhdxPlace, first).length
        > offset)
        return &g_array_index(places, VhdxPlace, first);
    return NULL;
}
