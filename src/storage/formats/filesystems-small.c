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
