/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cloop.c: compressed loopback images, version 2.0. Source: the cloop tools, and QEMU's block/cloop.c for what it
 * refuses. */
#include "storage/format.h"
#include "util/numbers.h"

enum {
    PREAMBLE,
    BLOCK_SIZE,
    BLOCKS,
    FIRST_OFFSET,
    FIELD_COUNT,
};

#define SECTOR 512
#define TABLE_OFFSET 136
#define OFFSET_SIZE 8
/* QEMU's limits. */
#define BLOCK_MAX (64 * 1024 * 1024)
#define COMPRESSED_MAX (2 * (guint64) BLOCK_MAX)
#define TABLE_MAX (512 * 1024 * 1024)
/* Offsets that are looked at, so that the image stays below 4 MiB of reads: 32 GiB in usual blocks of 64 KiB. */
#define CHECKED_MAX (1020 * 512)
#define TABLE_PIECE 4096

static const VpHeaderField fields[] = {
    [PREAMBLE] = { "preamble", VP_AT(0, 128), .kind = VP_KIND_TEXT },
    [BLOCK_SIZE] = { "block-size", VP_AT(128, 4),
                     .checks = VP_CHECK_RANGE | VP_CHECK_ALIGNED_SECTOR, .minimum = SECTOR,
                     .maximum = BLOCK_MAX, .is_detail = TRUE },
    [BLOCKS] = { "blocks", VP_AT(132, 4), VP_RANGE(0, TABLE_MAX / OFFSET_SIZE - 1),
                 .rule = VP_RULE_HUGE_ALLOCATION, .is_detail = TRUE },
    [FIRST_OFFSET] = { "first-offset", VP_AT(TABLE_OFFSET, OFFSET_SIZE) },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

/* FALSE: a block ends before it begins, or is larger than it can be compressed. */
static gboolean
check_piece(VpProbe *probe, VpReader *reader, guint64 *last)
{
    while (vp_reader_remaining(reader) > 0) {
        guint64 place = reader->base + reader->pos;
        guint64 offset = vp_reader_u64be(reader);

        if (offset < *last || offset - *last > COMPRESSED_MAX) {
            vp_probe_find(probe, VP_RULE_TABLE_INVALID, place, OFFSET_SIZE,
                          "a block that begins at %" G_GUINT64_FORMAT
                          " cannot end at %" G_GUINT64_FORMAT,
                          *last, offset);
            return FALSE;
        }
        *last = offset;
    }
    return TRUE;
}

/* QEMU reads the offsets when it opens the image. They are fetched at once and looked at in pieces. */
static void
check_offsets(VpProbe *probe, guint64 entries)
{
    guint64 checked = MIN(entries, CHECKED_MAX);
    guint64 last = vp_probe_value(probe, FIRST_OFFSET);

    vp_probe_prefetch(probe, TABLE_OFFSET, (gsize) checked * OFFSET_SIZE);
    for (guint64 pos = 0; pos < checked; pos += TABLE_PIECE) {
        guint64 count = MIN(checked - pos, TABLE_PIECE);
        VpReader reader;

        if (!vp_probe_read(probe, TABLE_OFFSET + pos * OFFSET_SIZE, (gsize) count * OFFSET_SIZE,
                           "offsets of blocks", &reader)
            || !check_piece(probe, &reader, &last))
            return;
    }
    if (last > probe->size)
        vp_probe_find(probe, VP_RULE_TRUNCATED, TABLE_OFFSET, entries * OFFSET_SIZE,
                      "the last block ends at %" G_GUINT64_FORMAT
                      ", the file has %" G_GUINT64_FORMAT " bytes",
                      last, probe->size);
    if (checked < entries)
        vp_probe_find(probe, VP_RULE_NOT_EXAMINED, TABLE_OFFSET, entries * OFFSET_SIZE,
                      "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " offsets were looked at",
                      checked, entries);
}

static gboolean
parse(VpProbe *probe)
{
    guint64 entries = vp_probe_value(probe, BLOCKS) + 1;
    guint64 size = vp_probe_value(probe, BLOCKS) * vp_probe_value(probe, BLOCK_SIZE);

    if (!vp_probe_has(probe, FIRST_OFFSET) || !vp_probe_is_valid(probe, BLOCKS))
        return FALSE;
    if (vp_probe_is_valid(probe, BLOCK_SIZE)) {
        vp_probe_set_capacity(probe, size, VP_RULE_HEADER_INVALID, BLOCKS);
        if (size / SECTOR > G_MAXUINT32)
            vp_probe_find_field(
                probe, VP_RULE_HEADER_INCONSISTENT, BLOCKS,
                "virtual size is %" G_GUINT64_FORMAT ", QEMU takes it for less than 2 TiB", size);
    }
    vp_fill_table(probe, "offsets", TABLE_OFFSET, entries, entries * OFFSET_SIZE);
    if (!vp_probe_check_place(probe, "table of offsets", TABLE_OFFSET, entries * OFFSET_SIZE))
        return FALSE;
    if (vp_probe_value(probe, FIRST_OFFSET) < TABLE_OFFSET + entries * OFFSET_SIZE)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, FIRST_OFFSET,
                            "the first block begins at %" G_GUINT64_FORMAT
                            ", in the table of offsets",
                            vp_probe_value(probe, FIRST_OFFSET));
    check_offsets(probe, entries);
    return TRUE;
}

/* The second one is what other versions of the tools begin with. */
static const VpMagic magics[] = {
    { .bytes =
          "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n",
      .len = 83 },
    { .bytes = "#!/bin/sh\n#V2.0 Format\n", .len = 23, .is_unknown_to_qemu = TRUE },
    { .len = 0 },
};

static const char *const extensions[] = { "cloop", NULL };

const VpFormat vp_format_cloop = {
    .name = "cloop",
    .libvirt_name = "cloop",
    .extensions = extensions,
    .title = "compressed loopback image",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_LEGACY,
    .reads = 2,
    .order = VP_ORDER_BIG,
    .magics = magics,
    .qemu_probe = VP_QEMU_UNLESS_NAMED,
    VP_FIELDS(fields),
    .parse = parse,
};
