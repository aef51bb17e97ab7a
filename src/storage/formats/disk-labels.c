/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* disk-labels.c: partition tables of machines that are no PCs, as content of a raw payload: tables, and no function. They are
 * named, and their partitions are not listed. Source: docs/formats/disk-labels.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .reads = 3, .qemu_probe = VP_QEMU_NEVER
#define TEXT(at, len) VP_AT((at), (len)), .kind = VP_KIND_TEXT, .is_detail = TRUE
#define Z4 "\0\0\0\0"
#define F4 "\xff\xff\xff\xff"
#define Z16 Z4 Z4 Z4 Z4

/* Sun: the table of contents with its version, that it has eight entries and its own number; and two bytes at the end of the
 * sector. */

static const VpHeaderField sun_fields[] = {
    { "description", TEXT(0, 128) },
    { "label", TEXT(132, 8) },
    { "cylinders", VP_AT(432, 2), .is_detail = TRUE },
    { "heads", VP_AT(436, 2), .is_detail = TRUE },
    { "sectors-per-track", VP_AT(438, 2), .is_detail = TRUE },
};

static const VpMagic sun_magics[] = {
    { .offset = 128,
      .bytes = "\0\0\0\1" Z4 Z4 "\0\x08\0\0" Z16 Z16 Z4 Z4 Z4 "\x60\x0d\xde\xee",
      .mask = F4 Z4 Z4 "\xff\xff\0\0" Z16 Z16 Z4 Z4 Z4 F4,
      .len = 64,
      .also = "\xda\xbe",
      .also_len = 2,
      .also_behind = 380 },
    { .len = 0 },
};

const VpFormat vp_format_sun = { .name = "sun",
                                 .title = "Sun disk label",
                                 CONTENT,
                                 .order = VP_ORDER_BIG,
                                 .magics = sun_magics,
                                 VP_FIELDS(sun_fields) };

/* SGI: its number, partitions for root and swap of which there are sixteen, and zeros at the end of the sector. */

static const VpHeaderField sgi_fields[] = {
    { "root-partition", VP_AT(4, 2), .is_detail = TRUE },
    { "swap-partition", VP_AT(6, 2), .is_detail = TRUE },
    { "boot-file", TEXT(8, 16) },
};

static const VpMagic sgi_magics[] = {
    { .bytes = "\x0b\xe5\xa9\x41\0\0\0\0",
      .mask = F4 "\xff\xf0\xff\xf0",
      .len = 8,
      .evidence = VP_EVIDENCE_WEAK,
      .also = Z4,
      .also_len = 4,
      .also_behind = 508 },
    { .len = 0 },
};

const VpFormat vp_format_sgi = { .name = "sgi",
                                 .title = "SGI disk label",
                                 CONTENT,
                                 .order = VP_ORDER_BIG,
                                 .magics = sgi_magics,
                                 VP_FIELDS(sgi_fields) };

/* BSD: the same number twice, in the second sector, or where a boot sector of some machines leaves room. */

enum {
    BSD_TYPE_NAME,
    BSD_PACK_NAME,
    BSD_SECTOR_SIZE,
    BSD_SECTORS,
    BSD_PARTITIONS,
};

static const VpHeaderField bsd_fields[] = {
    [BSD_TYPE_NAME] = { "description", TEXT(8, 16) },
    [BSD_PACK_NAME] = { "label", TEXT(24, 16) },
    [BSD_SECTOR_SIZE] = { "sector-size", VP_AT(40, 4), .is_detail = TRUE },
    [BSD_SECTORS] = { "sectors", VP_AT(60, 4), .is_detail = TRUE },
    [BSD_PARTITIONS] = { "partition-entries", VP_AT(138, 2), .is_detail = TRUE },
};

#define BSD_NUMBER "\x57\x45\x56\x82"
#define BSD_AT(at)                                                                                 \
    {                                                                                              \
        .offset = (at), .bytes = BSD_NUMBER, .len = 4, .header_start = (at), .also = BSD_NUMBER,   \
        .also_len = 4, .also_behind = 132                                                          \
    }

static const VpMagic bsd_magics[] = { BSD_AT(512), BSD_AT(64), BSD_AT(128), { .len = 0 } };

const VpFormat vp_format_bsd = { .name = "bsd",
                                 .title = "BSD disk label",
                                 CONTENT,
                                 .order = VP_ORDER_LITTLE,
                                 .magics = bsd_magics,
                                 VP_FIELDS(bsd_fields),
                                 .capacity = { VP_QUANTITY_VALUE, BSD_SECTORS, 1, VP_ROUND_NONE,
                                               VP_QUANTITY_VALUE, BSD_SECTOR_SIZE } };

/* Apple: two letters and the size of blocks, and in the next of them the first entry of the map. */

enum {
    MAC_BLOCK_SIZE,
    MAC_BLOCKS,
};

static const VpHeaderField mac_fields[] = {
    [MAC_BLOCK_SIZE] = { "block-size", VP_AT(2, 2), .is_detail = TRUE },
    [MAC_BLOCKS] = { "blocks", VP_AT(4, 4), .is_detail = TRUE },
};

#define MAC_WITH(size, size_bytes)                                                                 \
    {                                                                                              \
        .bytes = "ER" size_bytes, .len = 4, .also = "PM\0\0", .also_len = 4, .also_behind = (size) \
    }

static const VpMagic mac_magics[] = {
    MAC_WITH(512, "\x02\0"),
    MAC_WITH(1024, "\x04\0"),
    MAC_WITH(2048, "\x08\0"),
    { .len = 0 },
};

const VpFormat vp_format_mac = { .name = "mac",
                                 .title = "Apple partition map",
                                 CONTENT,
                                 .order = VP_ORDER_BIG,
                                 .magics = mac_magics,
                                 VP_FIELDS(mac_fields),
                                 .capacity = { VP_QUANTITY_VALUE, MAC_BLOCKS, 1, VP_ROUND_NONE,
                                               VP_QUANTITY_VALUE, MAC_BLOCK_SIZE } };
