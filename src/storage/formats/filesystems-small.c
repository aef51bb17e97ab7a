/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filesystems-small.c: small and old file systems of several systems, as content of a raw payload: tables, and no function.
 * Sources: docs/formats/filesystems.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .reads = 3, .qemu_probe = VP_QEMU_NEVER
/* A signature of four bytes or less, which other fields confirm. */
#define SHORT .evidence = VP_EVIDENCE_WEAK
#define LABEL(at, len) "label", VP_AT((at), (len)), .kind = VP_KIND_TEXT, .is_detail = TRUE

/* Minix 1, 2 and 3, in the byte order of the machine: two bytes. Zones are as large as blocks everywhere. Besides, versions 1
 * and 2 have few blocks for the map of inodes and two bits of state; version 3, which is little-endian, blocks of whole KiB, and zeros where nothing is. */

static const VpValueName minix_versions[] = {
    { 0x137f, "1, names of 14 bytes" },
    { 0x138f, "1, names of 30 bytes" },
    { 0x2468, "2, names of 14 bytes" },
    { 0x2478, "2, names of 30 bytes" },
    { 0x4d5a, "3" },
    { 0x7f13, "1, names of 14 bytes, big-endian" },
    { 0x8f13, "1, names of 30 bytes, big-endian" },
    { 0x6824, "2, names of 14 bytes, big-endian" },
    { 0x7824, "2, names of 30 bytes, big-endian" },
    { 0, NULL },
};

static const VpHeaderField minix_fields[] = {
    { "version", VP_AT(0, 2), .names = minix_versions, .is_detail = TRUE },
};

/* From the blocks of the map of inodes on: four bytes that count, two of them in version 2, zones, the size, the magic, state. */
#define MINIX_LITTLE(magic)                                                                        \
    {                                                                                              \
        .offset = 1024 + 4, .bytes = "\0\0\0\0\0\0\0\0\0\0\0\0" magic "\0\0", SHORT,               \
        .mask = "\xf0\xff\0\0\0\0\xff\xff\0\0\0\0\xff\xff\xfc\xff", .len = 16,                     \
        .header_start = 1024 + 16                                                                  \
    }
#define MINIX_BIG(magic)                                                                           \
    {                                                                                              \
        .offset = 1024 + 4, .bytes = "\0\0\0\0\0\0\0\0\0\0\0\0" magic "\0\0", SHORT,               \
        .mask = "\xff\xf0\0\0\0\0\xff\xff\0\0\0\0\xff\xff\xff\xfc", .len = 16,                     \
        .header_start = 1024 + 16                                                                  \
    }
static const VpMagic minix_magics[] = {
    MINIX_LITTLE("\x7f\x13"),
    MINIX_LITTLE("\x8f\x13"),
    MINIX_LITTLE("\x68\x24"),
    MINIX_LITTLE("\x78\x24"),
    { .offset = 1024 + 12,
      .bytes = "\0\0\0\0\0\0\0\0\0\0\0\0\x5a\x4d\0\0\0\0",
      .mask = "\xff\xff\xff\xff\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\x03",
      .len = 18,
      SHORT,
      .header_start = 1024 + 24 },
    MINIX_BIG("\x13\x7f"),
    MINIX_BIG("\x13\x8f"),
    MINIX_BIG("\x24\x68"),
    MINIX_BIG("\x24\x78"),
    { .len = 0 },
};

const VpFormat vp_format_minix = { .name = "minix",
                                   .title = "Minix file system",
                                   CONTENT,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = minix_magics,
                                   VP_FIELDS(minix_fields) };

/* BFS of SCO: its number, and data that begin behind at most a thousand inodes of 64 bytes. */

static const VpHeaderField bfs_fields[] = {
    { "last-byte", VP_AT(8, 4), .is_detail = TRUE },
    { "name", VP_AT(28, 6), .kind = VP_KIND_PADDED_TEXT, .is_detail = TRUE },
    { "label", VP_AT(34, 6), .kind = VP_KIND_PADDED_TEXT, .is_detail = TRUE },
};

static const VpMagic bfs_magics[] = {
    { .bytes = "\xce\xfa\xad\x1b\0\0\0\0",
      .mask = "\xff\xff\xff\xff\x3f\0\xff\xff",
      .len = 8,
      SHORT },
    { .len = 0 },
};

const VpFormat vp_format_bfs = { .name = "bfs",
                                 .title = "BFS file system of SCO",
                                 CONTENT,
                                 .order = VP_ORDER_LITTLE,
                                 .magics = bfs_magics,
                                 VP_FIELDS(bfs_fields) };

/* romfs. */

enum {
    ROMFS_SIZE,
    ROMFS_LABEL,
};

static const VpHeaderField romfs_fields[] = {
    [ROMFS_SIZE] = { "image-size", VP_AT(8, 4) },
    [ROMFS_LABEL] = { LABEL(16, 16) },
};

static const VpMagic romfs_magics[] = {
    { .bytes = "-rom1fs-", .len = 8 },
    { .len = 0 },
};

const VpFormat vp_format_romfs = { .name = "romfs",
                                   .title = "romfs file system",
                                   CONTENT,
                                   .order = VP_ORDER_BIG,
                                   .magics = romfs_magics,
                                   VP_FIELDS(romfs_fields),
                                   .capacity = { VP_QUANTITY_VALUE, ROMFS_SIZE } };

/* BeFS: where the boot sector is a PC's, the superblock stands behind it. Two numbers, and "BIGE" in the byte order of the
 * machine; only one order shows numbers. */

enum {
    BEFS_LABEL,
    BEFS_ORDER,
    BEFS_BLOCK_SIZE,
    BEFS_BLOCKS,
};

#define BEFS_LITTLE .given = BEFS_ORDER, .given_minimum = 0x42494745, .given_maximum = 0x42494745

static const VpHeaderField befs_fields[] = {
    [BEFS_LABEL] = { LABEL(0, 32) },
    [BEFS_ORDER] = { "byte-order", VP_AT(36, 4) },
    [BEFS_BLOCK_SIZE] = { "block-size", VP_AT(40, 4), BEFS_LITTLE, .is_detail = TRUE },
    [BEFS_BLOCKS] = { "blocks", VP_AT(48, 8), BEFS_LITTLE, .is_detail = TRUE },
};

#define BEFS_ANY "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define BEFS_AT(at, letters, number)                                                               \
    {                                                                                              \
        .offset = (at) + 32, .bytes = letters BEFS_ANY number,                                     \
        .mask = "\xff\xff\xff\xff\xff\xff\xff\xff" BEFS_ANY "\xff\xff\xff\xff", .len = 40,         \
        .header_start = (at)                                                                       \
    }

static const VpMagic befs_magics[] = {
    BEFS_AT(512, "1SFBEGIB", "\x31\x10\x12\xdd"),
    BEFS_AT(512, "BFS1BIGE", "\xdd\x12\x10\x31"),
    BEFS_AT(0, "1SFBEGIB", "\x31\x10\x12\xdd"),
    BEFS_AT(0, "BFS1BIGE", "\xdd\x12\x10\x31"),
    { .len = 0 },
};

const VpFormat vp_format_befs = { .name = "befs",
                                  .title = "BFS file system of BeOS",
                                  CONTENT,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = befs_magics,
                                  VP_FIELDS(befs_fields),
                                  .capacity = { VP_QUANTITY_VALUE, BEFS_BLOCKS, 1, VP_ROUND_NONE,
                                                VP_QUANTITY_VALUE, BEFS_BLOCK_SIZE } };

/* HPFS: the superblock; label and serial are in the boot sector, where a byte says whether it has them. */

enum {
    HPFS_EXTENDED,
    HPFS_SERIAL,
    HPFS_LABEL,
    HPFS_VERSION,
    HPFS_SECTORS,
};

#define HPFS 8192
#define HPFS_GIVEN .given = HPFS_EXTENDED, .given_minimum = 0x28, .given_maximum = 0x28

static const VpHeaderField hpfs_fields[] = {
    [HPFS_EXTENDED] = { "extended-boot-signature", VP_AT(38, 1) },
    [HPFS_SERIAL] = { "serial", VP_AT(39, 4), HPFS_GIVEN, .kind = VP_KIND_HEX, .is_detail = TRUE },
    [HPFS_LABEL] = { "label", VP_AT(43, 11), HPFS_GIVEN, .kind = VP_KIND_PADDED_TEXT,
                     .is_detail = TRUE },
    [HPFS_VERSION] = { "version", VP_AT(HPFS + 8, 1), .is_detail = TRUE },
    [HPFS_SECTORS] = { "sectors", VP_AT(HPFS + 16, 4), .is_detail = TRUE },
};

static const VpMagic hpfs_magics[] = {
    { .offset = HPFS, .bytes = "\x49\xe8\x95\xf9\xc5\xe9\x53\xfa", .len = 8 },
    { .len = 0 },
};

const VpFormat vp_format_hpfs = { .name = "hpfs",
                                  .title = "HPFS file system",
                                  CONTENT,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = hpfs_magics,
                                  VP_FIELDS(hpfs_fields),
                                  .capacity = { VP_QUANTITY_VALUE, HPFS_SECTORS, 512 } };

/* ReFS: its name, and that of the structure. */

enum {
    REFS_SECTORS,
    REFS_SECTOR_SIZE,
    REFS_MAJOR,
    REFS_MINOR,
    REFS_SERIAL,
};

static const VpHeaderField refs_fields[] = {
    [REFS_SECTORS] = { "sectors", VP_AT(24, 8), .is_detail = TRUE },
    [REFS_SECTOR_SIZE] = { "sector-size", VP_AT(32, 4), .is_detail = TRUE },
    [REFS_MAJOR] = { "major-version", VP_AT(40, 1), .is_detail = TRUE },
    [REFS_MINOR] = { "minor-version", VP_AT(41, 1), .is_detail = TRUE },
    [REFS_SERIAL] = { "serial", VP_AT(56, 8), .kind = VP_KIND_HEX, .is_detail = TRUE },
};

static const VpMagic refs_magics[] = {
    { .offset = 3,
      .bytes = "ReFS\0\0\0\0\0\0\0\0\0"
               "FSRS",
      .mask = "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\xff\xff\xff\xff",
      .len = 17 },
    { .len = 0 },
};

const VpFormat vp_format_refs = { .name = "refs",
                                  .title = "ReFS file system",
                                  CONTENT,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = refs_magics,
                                  VP_FIELDS(refs_fields),
                                  .capacity = { VP_QUANTITY_VALUE, REFS_SECTORS, 1, VP_ROUND_NONE,
                                                VP_QUANTITY_VALUE, REFS_SECTOR_SIZE } };

/* zonefs: four letters, few features, and permissions that are possible. */

static const VpHeaderField zonefs_fields[] = {
    { LABEL(8, 64) },
    { "uuid", VP_AT(72, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
};

#define Z4 "\0\0\0\0"
#define Z16 Z4 Z4 Z4 Z4
#define Z64 Z16 Z16 Z16 Z16

static const VpMagic zonefs_magics[] = {
    { .bytes = "SFOZ" Z64 Z16 Z4 "\0\0\0\0\0\0\0\0" Z4 Z4 Z4 Z4,
      .mask =
          "\xff\xff\xff\xff" Z64 Z16 Z4 "\0\xff\xff\xff\xff\xff\xff\xff" Z4 Z4 "\0\xfe\xff\xff" Z4,
      .len = 108,
      SHORT },
    { .len = 0 },
};

const VpFormat vp_format_zonefs = { .name = "zonefs",
                                    .title = "zonefs file system",
                                    CONTENT,
                                    .order = VP_ORDER_LITTLE,
                                    .magics = zonefs_magics,
                                    VP_FIELDS(zonefs_fields) };
