/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks.c: the block allocation table of VHDX: its size, and whether the blocks lie within the file. */
#include "storage/vhdx/vhdx.h"
#include "util/numbers.h"

#define ENTRY_SIZE 8
/* Entries that are looked at together. */
#define TABLE_PIECE 4096
#define STATE_MASK 7
#define STATE_PRESENT 6
#define PLACE_MASK (~G_GUINT64_CONSTANT(0xfffff))
/* Sectors that one block of the bitmap of sectors stands for. */
#define BITMAP_SECTORS (G_GUINT64_CONSTANT(1) << 23)

typedef struct {
    VpProbe *probe;
    const GArray *places;
    guint64 offset;  /* of the table */
    guint64 entries; /* that the disk needs */
    guint64 chunk;   /* blocks of data before each block of bitmap */
    guint64 block_size;
    guint64 last_size; /* of the last block, which ends with the disk */
    gboolean has_found_end;
    gboolean has_found_overlap;
} Table;

/* Of a disk with a parent the last chunk is whole as well. */
static guint64
entries_needed(guint64 blocks, guint64 chunk, gboolean has_parent)
{
    if (has_parent)
        return vp_divide_up(blocks, chunk) * (chunk + 1);
    return blocks + (blocks - 1) / chunk;
}

static void
check_block(Table *table, guint64 number, guint64 entry)
{
    gboolean is_bitmap = number % (table->chunk + 1) == table->chunk;
    guint64 size = number + 1 == table->entries ? table->last_size : table->block_size;
    guint64 place = entry & PLACE_MASK;
    guint64 entry_place = table->offset + number * ENTRY_SIZE;
    const VhdxPlace *taken;

    if (is_bitmap)
        size = VHDX_MIB;
    if (place > table->probe->size || size > table->probe->size - place) {
        if (!table->has_found_end)
            vp_probe_find(table->probe, VP_RULE_TRUNCATED, entry_place, ENTRY_SIZE,
                          "block %" G_GUINT64_FORMAT " at %" G_GUINT64_FORMAT
                          " does not end within the file, which has %" G_GUINT64_FORMAT " bytes",
                          number, place, table->probe->size);
        table->has_found_end = TRUE;
        return;
    }
    taken = table->has_found_overlap ? NULL : vhdx_places_find(table->places, place, size);
    if (taken == NULL)
        return;
    table->has_found_overlap = TRUE;
    vp_probe_find(table->probe, VP_RULE_TABLE_INVALID, entry_place, ENTRY_SIZE,
                  "block %" G_GUINT64_FORMAT " at %" G_GUINT64_FORMAT
                  " overlaps the region at %" G_GUINT64_FORMAT,
                  number, place, taken->offset);
}

static void
check_blocks(Table *table)
{
    guint64 checked = MIN(table->entries, VHDX_TABLE_READ_MAX / ENTRY_SIZE);

    vp_probe_prefetch(table->probe, table->offset, (gsize) checked * ENTRY_SIZE);
    for (guint64 pos = 0; pos < checked; pos += TABLE_PIECE) {
        guint64 count = MIN(checked - pos, TABLE_PIECE);
        VpReader reader;

        if (!vp_probe_read(table->probe, table->offset + pos * ENTRY_SIZE,
                           (gsize) count * ENTRY_SIZE, "block allocation table", &reader))
            return;
        for (guint64 i = 0; i < count; i++) {
            guint64 entry = vp_reader_u64le(&reader);

            if ((entry & STATE_MASK) == STATE_PRESENT)
                check_block(table, pos + i, entry);
        }
    }
    if (checked < table->entries)
        vp_probe_find(table->probe, VP_RULE_NOT_EXAMINED, table->offset,
                      table->entries * ENTRY_SIZE,
                      "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " blocks were looked at",
                      checked, table->entries);
}

void
vhdx_blocks_check(VpProbe *probe, const GArray *places)
{
    guint64 size = vp_probe_value(probe, VHDX_DISK_SIZE);
    Table table = { .probe = probe, .places = places };
    VhdxPlace region;

    if (!vp_probe_is_valid(probe, VHDX_DISK_SIZE) || !vp_probe_is_valid(probe, VHDX_BLOCK_SIZE)
        || !vp_probe_is_valid(probe, VHDX_LOGICAL_SECTOR)
        || !vhdx_region_find(probe, VHDX_REGION_BAT, &region))
        return;
    table.offset = region.offset;
    table.block_size = vp_probe_value(probe, VHDX_BLOCK_SIZE);
    table.last_size = size % table.block_size != 0 ? size % table.block_size : table.block_size;
    table.chunk = BITMAP_SECTORS * vp_probe_value(probe, VHDX_LOGICAL_SECTOR) / table.block_size;
    table.entries = entries_needed(vp_divide_up(size, table.block_size), table.chunk,
                                   (vp_probe_value(probe, VHDX_DISK_TYPE) & 2) != 0);
    vp_fill_table(probe, "bat", region.offset, table.entries, table.entries * ENTRY_SIZE);
    if (table.entries * ENTRY_SIZE > region.length)
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, region.offset, 0,
                      "the block allocation table has room for %" G_GUINT64_FORMAT
                      " entries, %" G_GUINT64_FORMAT " are needed",
                      region.length / ENTRY_SIZE, table.entries);
    else if (vp_probe_check_place(probe, "block allocation table", region.offset,
                                  table.entries * ENTRY_SIZE))
        check_blocks(&table);
}
