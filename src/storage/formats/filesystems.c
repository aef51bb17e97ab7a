/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filesystems.c: file systems and what else fills a disk as a whole, as content of a raw payload: tables, and no function.
 * Sources: docs/formats/filesystems.md. */
#include "storage/format.h"

#define SUPERBLOCK 1024
/* A detail that does not fit is no damage of the disk. */
#define ODD .rule = VP_RULE_HEADER_INCONSISTENT

/* ext2, ext3, ext4: the bytes from log-block-size on. Besides the magic 0xef53, block sizes to 64 KiB, systems to 4 and
 * revisions to 1 count, since two bytes alone are seldom but not never there by chance. */

enum {
    EXT_BLOCKS,
    EXT_LOG_BLOCK_SIZE,
    EXT_COMPATIBLE,
    EXT_INCOMPATIBLE,
    EXT_READ_ONLY_COMPATIBLE,
    EXT_UUID,
    EXT_LABEL,
    EXT_LAST_MOUNTED,
    EXT_FIELD_COUNT,
};

static const VpHeaderField ext_fields[] = {
    [EXT_BLOCKS] = { "blocks", VP_AT(SUPERBLOCK + 4, 4), .is_detail = TRUE },
    [EXT_LOG_BLOCK_SIZE] = { "log-block-size", VP_AT(SUPERBLOCK + 24, 4) },
    [EXT_COMPATIBLE] = { "compatible-features", VP_AT(SUPERBLOCK + 92, 4), .kind = VP_KIND_HEX,
                         .is_detail = TRUE },
    [EXT_INCOMPATIBLE] = { "incompatible-features", VP_AT(SUPERBLOCK + 96, 4), .kind = VP_KIND_HEX,
                           .is_detail = TRUE },
    [EXT_READ_ONLY_COMPATIBLE] = { "read-only-compatible-features", VP_AT(SUPERBLOCK + 100, 4),
                                   .kind = VP_KIND_HEX, .is_detail = TRUE },
    [EXT_UUID] = { "uuid", VP_AT(SUPERBLOCK + 104, 16), .kind = VP_KIND_UUID_BE,
                   .is_detail = TRUE },
    [EXT_LABEL] = { "label", VP_AT(SUPERBLOCK + 120, 16), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [EXT_LAST_MOUNTED] = { "last-mounted", VP_AT(SUPERBLOCK + 136, 64), .kind = VP_KIND_TEXT,
                           .is_detail = TRUE },
};

G_STATIC_ASSERT(G_N_ELEMENTS(ext_fields) == EXT_FIELD_COUNT);

/* The journal of one that stands alone has no more. */
static const VpHeaderField jbd_fields[] = {
    [EXT_BLOCKS] = { "blocks", VP_AT(SUPERBLOCK + 4, 4), .is_detail = TRUE },
    [EXT_LOG_BLOCK_SIZE] = { "log-block-size", VP_AT(SUPERBLOCK + 24, 4) },
    { "uuid", VP_AT(SUPERBLOCK + 104, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
};

#define Z4 "\0\0\0\0"
#define F4 "\xff\xff\xff\xff"
#define EXT_MAGIC Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z4 "\x53\xef\0\0" Z4 Z4 Z4 Z4 Z4
#define EXT_MASK                                                                                   \
    "\xf8\xff\xff\xff" Z4 Z4 Z4 Z4 Z4 Z4 Z4 "\xff\xff\0\0" Z4 Z4 Z4 "\xf8\xff\xff\xff"             \
    "\xfe\xff\xff\xff"
/* A journal that stands alone says so among the incompatible features. ext3 has a journal, ext2 has none; features above theirs make both ext4. */
#define EXT_TO_FEATURES Z4 Z4 Z4
#define EXT2_FEATURES                                                                              \
    EXT_TO_FEATURES "\4\0\0\0"                                                                     \
                    "\xed\xff\xff\xff"                                                             \
                    "\xf8\xff\xff\xff"
#define EXT3_FEATURES                                                                              \
    EXT_TO_FEATURES "\4\0\0\0"                                                                     \
                    "\xe9\xff\xff\xff"                                                             \
                    "\xf8\xff\xff\xff"

#define JBD_FEATURES Z4 Z4 Z4 Z4 "\x8\0\0\0" Z4

#define EXT_AT .offset = SUPERBLOCK + 24

static const VpMagic ext2_magics[] = {
    { EXT_AT, .bytes = EXT_MAGIC EXT_TO_FEATURES Z4 Z4 Z4, .mask = EXT_MASK EXT2_FEATURES,
      .len = 80 },
    { .len = 0 },
};

static const VpMagic ext3_magics[] = {
    { EXT_AT, .bytes = EXT_MAGIC EXT_TO_FEATURES "\4\0\0\0" Z4 Z4, .mask = EXT_MASK EXT3_FEATURES,
      .len = 80 },
    { .len = 0 },
};

static const VpMagic jbd_magics[] = {
    { EXT_AT, .bytes = EXT_MAGIC JBD_FEATURES, .mask = EXT_MASK JBD_FEATURES, .len = 80 },
    { .len = 0 },
};

static const VpMagic ext4_magics[] = {
    { EXT_AT, .bytes = EXT_MAGIC, .mask = EXT_MASK, .len = 56 },
    { .len = 0 },
};

G_STATIC_ASSERT(sizeof EXT_MAGIC == 57 && sizeof EXT_MASK == 57);
G_STATIC_ASSERT(sizeof(EXT_MASK EXT2_FEATURES) == 81 && sizeof(EXT_MASK JBD_FEATURES) == 81);

#define EXT_SIZE                                                                                   \
    {                                                                                              \
        VP_QUANTITY_VALUE, EXT_BLOCKS, 1024, VP_ROUND_NONE, VP_QUANTITY_POWER_OF_TWO,              \
            EXT_LOG_BLOCK_SIZE                                                                     \
    }
#define CONTENT .layer = VP_LAYER_CONTENT, .qemu_probe = VP_QEMU_NEVER

/* How many inodes are free may be the number of Minix. */
static const char *const ext_hides[] = { "minix", NULL };

const VpFormat vp_format_ext2 = { .name = "ext2",
                                  .title = "ext2 file system",
                                  CONTENT,
                                  .refines = "ext4",
                                  .hides = ext_hides,
                                  .reads = 3,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = ext2_magics,
                                  VP_FIELDS(ext_fields),
                                  .capacity = EXT_SIZE };

const VpFormat vp_format_ext3 = { .name = "ext3",
                                  .title = "ext3 file system",
                                  CONTENT,
                                  .refines = "ext4",
                                  .hides = ext_hides,
                                  .reads = 3,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = ext3_magics,
                                  VP_FIELDS(ext_fields),
                                  .capacity = EXT_SIZE };

const VpFormat vp_format_ext4 = { .name = "ext4",
                                  .title = "ext4 file system",
                                  CONTENT,
                                  .hides = ext_hides,
                                  .reads = 3,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = ext4_magics,
                                  VP_FIELDS(ext_fields),
                                  .capacity = EXT_SIZE };

const VpFormat vp_format_jbd = { .name = "jbd",
                                 .title = "ext3 or ext4 journal",
                                 CONTENT,
                                 .refines = "ext4",
                                 .hides = ext_hides,
                                 .reads = 3,
                                 .order = VP_ORDER_LITTLE,
                                 .magics = jbd_magics,
                                 VP_FIELDS(jbd_fields),
                                 .capacity = EXT_SIZE };

/* XFS: big-endian. */

enum {
    XFS_BLOCK_SIZE,
    XFS_BLOCKS,
    XFS_UUID,
    XFS_LABEL,
};

static const VpHeaderField xfs_fields[] = {
    [XFS_BLOCK_SIZE] = { "block-size", VP_AT(4, 4), .checks = VP_CHECK_POWER_OF_TWO, ODD,
                         .is_detail = TRUE },
    [XFS_BLOCKS] = { "blocks", VP_AT(8, 8), .is_detail = TRUE },
    [XFS_UUID] = { "uuid", VP_AT(32, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    [XFS_LABEL] = { "label", VP_AT(108, 12), .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

static const VpMagic xfs_magics[] = {
    { .bytes = "XFSB", .len = 4 },
    { .len = 0 },
};

const VpFormat vp_format_xfs = { .name = "xfs",
                                 .title = "XFS file system",
                                 CONTENT,
                                 .reads = 3,
                                 .order = VP_ORDER_BIG,
                                 .magics = xfs_magics,
                                 VP_FIELDS(xfs_fields),
                                 .capacity = { VP_QUANTITY_VALUE, XFS_BLOCKS, 1, VP_ROUND_NONE,
                                               VP_QUANTITY_VALUE, XFS_BLOCK_SIZE } };

/* btrfs: the first of its superblocks. */

enum {
    BTRFS_UUID,
    BTRFS_GENERATION,
    BTRFS_TOTAL,
    BTRFS_USED,
    BTRFS_DEVICES,
    BTRFS_SECTOR_SIZE,
    BTRFS_NODE_SIZE,
    BTRFS_DEVICE,
    BTRFS_DEVICE_SIZE,
    BTRFS_LABEL,
};

#define BTRFS 65536

static const VpHeaderField btrfs_fields[] = {
    [BTRFS_UUID] = { "uuid", VP_AT(BTRFS + 32, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    [BTRFS_GENERATION] = { "generation", VP_AT(BTRFS + 72, 8), .is_detail = TRUE },
    [BTRFS_TOTAL] = { "total-bytes", VP_AT(BTRFS + 112, 8), .is_detail = TRUE },
    [BTRFS_USED] = { "bytes-used", VP_AT(BTRFS + 120, 8), .is_detail = TRUE },
    [BTRFS_DEVICES] = { "devices", VP_AT(BTRFS + 136, 8), .is_detail = TRUE },
    [BTRFS_SECTOR_SIZE] = { "sector-size", VP_AT(BTRFS + 144, 4), .checks = VP_CHECK_POWER_OF_TWO,
                            ODD, .is_detail = TRUE },
    [BTRFS_NODE_SIZE] = { "node-size", VP_AT(BTRFS + 148, 4), .checks = VP_CHECK_POWER_OF_TWO, ODD,
                          .is_detail = TRUE },
    [BTRFS_DEVICE] = { "device-id", VP_AT(BTRFS + 201, 8), .is_detail = TRUE },
    [BTRFS_DEVICE_SIZE] = { "device-size", VP_AT(BTRFS + 209, 8) },
    [BTRFS_LABEL] = { "label", VP_AT(BTRFS + 299, 256), .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

static const VpMagic btrfs_magics[] = {
    { .offset = BTRFS + 64, .bytes = "_BHRfS_M", .len = 8 },
    { .len = 0 },
};

const VpFormat vp_format_btrfs = { .name = "btrfs",
                                   .title = "btrfs file system",
                                   CONTENT,
                                   .reads = 3,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = btrfs_magics,
                                   VP_FIELDS(btrfs_fields),
                                   .capacity = { VP_QUANTITY_VALUE, BTRFS_DEVICE_SIZE } };

/* NTFS and exFAT. */

enum {
    NTFS_SECTOR_SIZE,
    NTFS_SECTORS_PER_CLUSTER,
    NTFS_SECTORS,
    NTFS_SERIAL,
};

static const VpHeaderField ntfs_fields[] = {
    [NTFS_SECTOR_SIZE] = { "sector-size", VP_AT(11, 2), .checks = VP_CHECK_POWER_OF_TWO, ODD,
                           .is_detail = TRUE },
    [NTFS_SECTORS_PER_CLUSTER] = { "sectors-per-cluster", VP_AT(13, 1), .is_detail = TRUE },
    [NTFS_SECTORS] = { "sectors", VP_AT(40, 8), .is_detail = TRUE },
    [NTFS_SERIAL] = { "serial", VP_AT(72, 8), .kind = VP_KIND_HEX, .is_detail = TRUE },
};

static const VpMagic ntfs_magics[] = {
    { .offset = 3, .bytes = "NTFS    ", .len = 8 },
    { .len = 0 },
};

const VpFormat vp_format_ntfs = { .name = "ntfs",
                                  .title = "NTFS file system",
                                  CONTENT,
                                  .reads = 3,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = ntfs_magics,
                                  VP_FIELDS(ntfs_fields),
                                  .capacity = { VP_QUANTITY_VALUE, NTFS_SECTORS, 1, VP_ROUND_NONE,
                                                VP_QUANTITY_VALUE, NTFS_SECTOR_SIZE } };

enum {
    EXFAT_SECTORS,
    EXFAT_SERIAL,
    EXFAT_SECTOR_SHIFT,
};

static const VpHeaderField exfat_fields[] = {
    [EXFAT_SECTORS] = { "sectors", VP_AT(72, 8), .is_detail = TRUE },
    [EXFAT_SERIAL] = { "serial", VP_AT(100, 4), .kind = VP_KIND_HEX, .is_detail = TRUE },
    [EXFAT_SECTOR_SHIFT] = { "sector-shift", VP_AT(108, 1), VP_RANGE(9, 12), ODD,
                             .is_detail = TRUE },
};

static const VpMagic exfat_magics[] = {
    { .offset = 3, .bytes = "EXFAT   ", .len = 8 },
    { .len = 0 },
};

const VpFormat vp_format_exfat = { .name = "exfat",
                                   .title = "exFAT file system",
                                   CONTENT,
                                   .reads = 3,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = exfat_magics,
                                   VP_FIELDS(exfat_fields),
                                   .capacity = { VP_QUANTITY_VALUE, EXFAT_SECTORS, 1, VP_ROUND_NONE,
                                                 VP_QUANTITY_POWER_OF_TWO, EXFAT_SECTOR_SHIFT } };

/* FAT: its name stands in a field that is meant for people, and every tool writes it; what fills the field up differs. Sizes of 16 bits that are 0 stand in a
 * field of 32; so none is shown. */

static const VpHeaderField fat_fields[] = {
    { "sector-size", VP_AT(11, 2), .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE },
    { "sectors-per-cluster", VP_AT(13, 1), .checks = VP_CHECK_POWER_OF_TWO, ODD,
      .is_detail = TRUE },
    { "serial", VP_AT(39, 4), .kind = VP_KIND_HEX, .is_detail = TRUE },
    { "label", VP_AT(43, 11), .kind = VP_KIND_PADDED_TEXT, .is_detail = TRUE },
};

static const VpHeaderField fat32_fields[] = {
    { "sector-size", VP_AT(11, 2), .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE },
    { "sectors-per-cluster", VP_AT(13, 1), .checks = VP_CHECK_POWER_OF_TWO, ODD,
      .is_detail = TRUE },
    { "serial", VP_AT(67, 4), .kind = VP_KIND_HEX, .is_detail = TRUE },
    { "label", VP_AT(71, 11), .kind = VP_KIND_PADDED_TEXT, .is_detail = TRUE },
};

static const VpMagic fat12_magics[] = {
    { .offset = 54, .bytes = "FAT12", .len = 5 },
    { .len = 0 },
};

static const VpMagic fat16_magics[] = {
    { .offset = 54, .bytes = "FAT16", .len = 5 },
    { .len = 0 },
};

static const VpMagic fat32_magics[] = {
    { .offset = 82, .bytes = "FAT32", .len = 5 },
    { .len = 0 },
};

const VpFormat vp_format_fat12 = { .name = "fat12",
                                   .title = "FAT12 file system",
                                   CONTENT,
                                   .reads = 3,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = fat12_magics,
                                   VP_FIELDS(fat_fields) };

const VpFormat vp_format_fat16 = { .name = "fat16",
                                   .title = "FAT16 file system",
                                   CONTENT,
                                   .reads = 3,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = fat16_magics,
                                   VP_FIELDS(fat_fields) };

const VpFormat vp_format_fat32 = { .name = "fat32",
                                   .title = "FAT32 file system",
                                   CONTENT,
                                   .reads = 3,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = fat32_magics,
                                   VP_FIELDS(fat32_fields) };

/* SquashFS, little-endian. Before version 4 other fields stand beyond the version. */

enum {
    SQUASHFS_INODES,
    SQUASHFS_VERSION,
    SQUASHFS_CREATED,
    SQUASHFS_BLOCK_SIZE,
    SQUASHFS_COMPRESSION,
    SQUASHFS_BYTES,
};

#define SINCE_4 .given = SQUASHFS_VERSION, .given_minimum = 4

static const VpValueName squashfs_compressions[] = {
    { 1, "gzip" }, { 2, "lzma" }, { 3, "lzo" }, { 4, "xz" },
    { 5, "lz4" },  { 6, "zstd" }, { 0, NULL },
};

static const VpHeaderField squashfs_fields[] = {
    [SQUASHFS_INODES] = { "inodes", VP_AT(4, 4) },
    [SQUASHFS_VERSION] = { "version", VP_AT(28, 2), VP_RANGE(1, 4), ODD, .is_detail = TRUE },
    [SQUASHFS_CREATED] = { "created", VP_AT(8, 4), SINCE_4, .is_detail = TRUE },
    [SQUASHFS_BLOCK_SIZE] = { "block-size", VP_AT(12, 4), SINCE_4, .checks = VP_CHECK_POWER_OF_TWO,
                              ODD, .is_detail = TRUE },
    [SQUASHFS_COMPRESSION] = { "compression", VP_AT(20, 2), SINCE_4, .names = squashfs_compressions,
                               .is_detail = TRUE },
    [SQUASHFS_BYTES] = { "bytes-used", VP_AT(40, 8), SINCE_4 },
};

static const VpMagic squashfs_magics[] = {
    { .bytes = "hsqs", .len = 4 },
    { .len = 0 },
};

const VpFormat vp_format_squashfs = { .name = "squashfs",
                                      .title = "SquashFS file system",
                                      CONTENT,
                                      .reads = 3,
                                      .order = VP_ORDER_LITTLE,
                                      .magics = squashfs_magics,
                                      VP_FIELDS(squashfs_fields),
                                      .capacity = { VP_QUANTITY_VALUE, SQUASHFS_BYTES } };

/* F2FS: the first of two superblocks. */

enum {
    F2FS_MAJOR,
    F2FS_LOG_BLOCK_SIZE,
    F2FS_BLOCKS,
    F2FS_UUID,
    F2FS_LABEL,
};

static const VpHeaderField f2fs_fields[] = {
    [F2FS_MAJOR] = { "version", VP_AT(SUPERBLOCK + 4, 2), .is_detail = TRUE },
    [F2FS_LOG_BLOCK_SIZE] = { "log-block-size", VP_AT(SUPERBLOCK + 16, 4), VP_RANGE(9, 16), ODD,
                              .is_detail = TRUE },
    [F2FS_BLOCKS] = { "blocks", VP_AT(SUPERBLOCK + 36, 8), .is_detail = TRUE },
    [F2FS_UUID] = { "uuid", VP_AT(SUPERBLOCK + 108, 16), .kind = VP_KIND_UUID_BE,
                    .is_detail = TRUE },
    [F2FS_LABEL] = { "label", VP_AT(SUPERBLOCK + 124, 1024), .kind = VP_KIND_UTF16_LE,
                     .is_detail = TRUE },
};

static const VpMagic f2fs_magics[] = {
    { .offset = SUPERBLOCK, .bytes = "\x10\x20\xf5\xf2", .len = 4 },
    { .len = 0 },
};

const VpFormat vp_format_f2fs = { .name = "f2fs",
                                  .title = "F2FS file system",
                                  CONTENT,
                                  .reads = 3,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = f2fs_magics,
                                  VP_FIELDS(f2fs_fields),
                                  .capacity = { VP_QUANTITY_VALUE, F2FS_BLOCKS, 1, VP_ROUND_NONE,
                                                VP_QUANTITY_POWER_OF_TWO, F2FS_LOG_BLOCK_SIZE } };

/* ZFS: the label's list of names and values begins with "version", in XDR; who wrote it says which byte order it has. */

static const VpHeaderField zfs_fields[] = {
    { "version", VP_AT(16384 + 40, 8), .is_detail = TRUE },
};

static const VpMagic zfs_magics[] = {
    { .offset = 16384,
      .bytes = "\1\0\0\0" Z4 "\0\0\0\1" Z4 Z4 "\0\0\0\7"
               "version",
      .mask = "\xff\xfe\xff\xff" F4 F4 Z4 Z4 F4 F4 F4,
      .len = 32 },
    { .len = 0 },
};

const VpFormat vp_format_zfs = { .name = "zfs",
                                 .title = "ZFS pool member",
                                 CONTENT,
                                 .reads = 3,
                                 .order = VP_ORDER_BIG,
                                 .magics = zfs_magics,
                                 VP_FIELDS(zfs_fields) };
