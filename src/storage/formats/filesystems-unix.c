/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filesystems-unix.c: file systems of macOS and the BSDs, as content of a raw payload: tables, and no function. Sources:
 * docs/formats/filesystems.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .reads = 3, .qemu_probe = VP_QEMU_NEVER
/* A detail that does not fit is no damage of the disk. */
#define ODD .rule = VP_RULE_HEADER_INCONSISTENT
/* A signature of four bytes. */
#define SHORT .evidence = VP_EVIDENCE_WEAK
#define SUPERBLOCK 1024

/* APFS: the superblock of a container. */

enum {
    APFS_BLOCK_SIZE,
    APFS_BLOCKS,
    APFS_UUID,
};

static const VpHeaderField apfs_fields[] = {
    [APFS_BLOCK_SIZE] = { "block-size", VP_AT(36, 4), .checks = VP_CHECK_POWER_OF_TWO, ODD,
                          .is_detail = TRUE },
    [APFS_BLOCKS] = { "blocks", VP_AT(40, 8), .is_detail = TRUE },
    [APFS_UUID] = { "uuid", VP_AT(72, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
};

static const VpMagic apfs_magics[] = {
    { .offset = 32, .bytes = "NXSB", .len = 4, SHORT },
    { .len = 0 },
};

const VpFormat vp_format_apfs = { .name = "apfs",
                                  .title = "APFS container",
                                  CONTENT,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = apfs_magics,
                                  VP_FIELDS(apfs_fields),
                                  .capacity = { VP_QUANTITY_VALUE, APFS_BLOCKS, 1, VP_ROUND_NONE,
                                                VP_QUANTITY_VALUE, APFS_BLOCK_SIZE } };

/* HFS+ and HFSX: two letters and the version that belongs to them. */

enum {
    HFSPLUS_BLOCK_SIZE,
    HFSPLUS_BLOCKS,
    HFSPLUS_ID,
};

static const VpHeaderField hfsplus_fields[] = {
    [HFSPLUS_BLOCK_SIZE] = { "block-size", VP_AT(SUPERBLOCK + 40, 4),
                             .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE },
    [HFSPLUS_BLOCKS] = { "blocks", VP_AT(SUPERBLOCK + 44, 4), .is_detail = TRUE },
    [HFSPLUS_ID] = { "volume-identifier", VP_AT(SUPERBLOCK + 104, 8), .kind = VP_KIND_HEX,
                     .is_detail = TRUE },
};

static const VpMagic hfsplus_magics[] = {
    { .offset = SUPERBLOCK, .bytes = "H+\0\4", .len = 4, SHORT },
    { .offset = SUPERBLOCK, .bytes = "HX\0\5", .len = 4, SHORT },
    { .len = 0 },
};

const VpFormat vp_format_hfsplus = { .name = "hfsplus",
                                     .title = "HFS+ file system",
                                     CONTENT,
                                     .order = VP_ORDER_BIG,
                                     .magics = hfsplus_magics,
                                     VP_FIELDS(hfsplus_fields),
                                     .capacity = { VP_QUANTITY_VALUE, HFSPLUS_BLOCKS, 1,
                                                   VP_ROUND_NONE, VP_QUANTITY_VALUE,
                                                   HFSPLUS_BLOCK_SIZE } };

/* HFS: two letters say little, so the map of blocks in block 3, where it always is, allocation blocks of whole sectors and
 * below 16 MiB, and a name that fits its field count too. */

enum {
    HFS_BLOCKS,
    HFS_BLOCK_SIZE,
    HFS_LABEL,
    HFS_EMBEDDED,
};

static const VpHeaderField hfs_fields[] = {
    [HFS_BLOCKS] = { "blocks", VP_AT(SUPERBLOCK + 18, 2), .is_detail = TRUE },
    [HFS_BLOCK_SIZE] = { "block-size", VP_AT(SUPERBLOCK + 20, 4), .is_detail = TRUE },
    [HFS_LABEL] = { "label", VP_AT(SUPERBLOCK + 37, 27), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [HFS_EMBEDDED] = { "embedded", VP_AT(SUPERBLOCK + 124, 2), .kind = VP_KIND_TEXT,
                       .is_detail = TRUE },
};

static const VpMagic hfs_magics[] = {
    { .offset = SUPERBLOCK,
      .bytes = "BD\0\0\0\0\0\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
      .mask = "\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\0\xff\0\1\xff\0\0\0\0\0\0\0\0\0\0\0\0"
              "\xe0",
      .len = 37 },
    { .len = 0 },
};

const VpFormat vp_format_hfs = { .name = "hfs",
                                 .title = "HFS file system",
                                 CONTENT,
                                 .order = VP_ORDER_BIG,
                                 .magics = hfs_magics,
                                 VP_FIELDS(hfs_fields),
                                 .capacity = { VP_QUANTITY_VALUE, HFS_BLOCKS, 1, VP_ROUND_NONE,
                                               VP_QUANTITY_VALUE, HFS_BLOCK_SIZE } };

/* UFS 1 and 2, in the byte order of the machine, so that no number is shown. */

static const VpHeaderField ufs_fields[] = {
    { "last-mounted", VP_AT(212, 468), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    { "label", VP_AT(680, 32), .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

#define UFS_MAGIC 1372
#define UFS_AT(at, magic)                                                                          \
    {                                                                                              \
        .offset = (at) + UFS_MAGIC, .bytes = (magic), .len = 4, .header_start = (at), SHORT        \
    }
#define UFS_EACH_AT(at)                                                                            \
    UFS_AT(at, "\x19\x01\x54\x19"), UFS_AT(at, "\x54\x19\x01\x00"),                                \
        UFS_AT(at, "\x19\x54\x01\x19"), UFS_AT(at, "\x00\x01\x19\x54")

static const VpMagic ufs_magics[] = {
    UFS_EACH_AT(65536),
    UFS_EACH_AT(8192),
    UFS_EACH_AT(0),
    { .len = 0 },
};

const VpFormat vp_format_ufs = { .name = "ufs",
                                 .title = "UFS file system",
                                 CONTENT,
                                 .order = VP_ORDER_LITTLE,
                                 .magics = ufs_magics,
                                 VP_FIELDS(ufs_fields) };
