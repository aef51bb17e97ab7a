/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filesystems-linux.c: file systems of Linux that are met less often, as content of a raw payload: tables, and no function.
 * Sources: docs/formats/filesystems.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .reads = 3, .qemu_probe = VP_QEMU_NEVER
/* A detail that does not fit is no damage of the disk. */
#define ODD .rule = VP_RULE_HEADER_INCONSISTENT
/* A signature of four bytes. */
#define SHORT .evidence = VP_EVIDENCE_WEAK
#define LABEL(at, len) "label", VP_AT((at), (len)), .kind = VP_KIND_TEXT, .is_detail = TRUE
#define UUID(at) "uuid", VP_AT((at), 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE
#define BLOCK_SIZE(at, len)                                                                        \
    "block-size", VP_AT((at), (len)), .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE
#define LOG_BLOCK_SIZE(at, len)                                                                    \
    "log-block-size", VP_AT((at), (len)), VP_RANGE(9, 16), ODD, .is_detail = TRUE
#define BLOCKS(at, len) "blocks", VP_AT((at), (len)), .is_detail = TRUE
#define PRODUCT(field, other_kind, other)                                                          \
    {                                                                                              \
        VP_QUANTITY_VALUE, (field), 1, VP_ROUND_NONE, (other_kind), (other)                        \
    }

/* bcachefs: the number that bcache has too, or its own. */

#define BCACHEFS 4096

static const VpHeaderField bcachefs_fields[] = {
    { "version", VP_AT(BCACHEFS + 16, 2), .is_detail = TRUE },
    { UUID(BCACHEFS + 56) },
    { LABEL(BCACHEFS + 72, 32) },
};

static const VpMagic bcachefs_magics[] = {
    { .offset = BCACHEFS + 24,
      .bytes = "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef",
      .len = 16 },
    { .offset = BCACHEFS + 24,
      .bytes = "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81",
      .len = 16 },
    { .len = 0 },
};

const VpFormat vp_format_bcachefs = { .name = "bcachefs",
                                      .title = "bcachefs file system",
                                      CONTENT,
                                      .order = VP_ORDER_LITTLE,
                                      .magics = bcachefs_magics,
                                      VP_FIELDS(bcachefs_fields) };

/* EROFS. */

enum {
    EROFS_LOG_BLOCK_SIZE,
    EROFS_BLOCKS,
    EROFS_UUID,
    EROFS_LABEL,
};

#define EROFS_PLACE 1024

static const VpHeaderField erofs_fields[] = {
    [EROFS_LOG_BLOCK_SIZE] = { LOG_BLOCK_SIZE(EROFS_PLACE + 12, 1) },
    [EROFS_BLOCKS] = { BLOCKS(EROFS_PLACE + 36, 4) },
    [EROFS_UUID] = { UUID(EROFS_PLACE + 48) },
    [EROFS_LABEL] = { LABEL(EROFS_PLACE + 64, 16) },
};

static const VpMagic erofs_magics[] = {
    { .offset = EROFS_PLACE, .bytes = "\xe2\xe1\xf5\xe0", .len = 4, SHORT },
    { .len = 0 },
};

/* The number of its inodes may be that of Minix. */
static const char *const erofs_hides[] = { "minix", NULL };

const VpFormat vp_format_erofs = { .name = "erofs",
                                   .title = "EROFS file system",
                                   CONTENT,
                                   .hides = erofs_hides,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = erofs_magics,
                                   VP_FIELDS(erofs_fields),
                                   .capacity = PRODUCT(EROFS_BLOCKS, VP_QUANTITY_POWER_OF_TWO,
                                                       EROFS_LOG_BLOCK_SIZE) };

/* cramfs, in the byte order of the machine that it is for: only one shows a size. */

enum {
    CRAMFS_MAGIC,
    CRAMFS_SIZE,
    CRAMFS_LABEL,
};

static const VpHeaderField cramfs_fields[] = {
    [CRAMFS_MAGIC] = { "magic", VP_AT(0, 4) },
    [CRAMFS_SIZE] = { "image-size", VP_AT(4, 4), .given = CRAMFS_MAGIC, .given_minimum = 0x28cd3d45,
                      .given_maximum = 0x28cd3d45 },
    [CRAMFS_LABEL] = { LABEL(48, 16) },
};

/* The second half is a text. */
#define CRAMFS(magic)                                                                              \
    {                                                                                              \
        .bytes = magic "\0\0\0\0\0\0\0\0\0\0\0\0"                                                  \
                       "Compressed ROMFS",                                                         \
        .mask = "\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0"                                         \
                "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",                \
        .len = 32                                                                                  \
    }

static const VpMagic cramfs_magics[] = {
    CRAMFS("\x45\x3d\xcd\x28"),
    CRAMFS("\x28\xcd\x3d\x45"),
    { .len = 0 },
};

const VpFormat vp_format_cramfs = { .name = "cramfs",
                                    .title = "cramfs file system",
                                    CONTENT,
                                    .order = VP_ORDER_LITTLE,
                                    .magics = cramfs_magics,
                                    VP_FIELDS(cramfs_fields),
                                    .capacity = { VP_QUANTITY_VALUE, CRAMFS_SIZE } };

/* JFS: the first of two superblocks. Its size counts blocks of the disk. */

enum {
    JFS_VERSION,
    JFS_SIZE,
    JFS_BLOCK_SIZE,
    JFS_DISK_BLOCK_SIZE,
    JFS_UUID,
    JFS_LABEL,
};

#define JFS 32768

static const VpHeaderField jfs_fields[] = {
    [JFS_VERSION] = { "version", VP_AT(JFS + 4, 4), .is_detail = TRUE },
    [JFS_SIZE] = { "disk-blocks", VP_AT(JFS + 8, 8), .is_detail = TRUE },
    [JFS_BLOCK_SIZE] = { BLOCK_SIZE(JFS + 16, 4) },
    [JFS_DISK_BLOCK_SIZE] = { "disk-block-size", VP_AT(JFS + 24, 4),
                              .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE },
    [JFS_UUID] = { UUID(JFS + 136) },
    [JFS_LABEL] = { LABEL(JFS + 152, 16) },
};

static const VpMagic jfs_magics[] = {
    { .offset = JFS, .bytes = "JFS1", .len = 4, SHORT },
    { .len = 0 },
};

const VpFormat vp_format_jfs = { .name = "jfs",
                                 .title = "JFS file system",
                                 CONTENT,
                                 .order = VP_ORDER_LITTLE,
                                 .magics = jfs_magics,
                                 VP_FIELDS(jfs_fields),
                                 .capacity =
                                     PRODUCT(JFS_SIZE, VP_QUANTITY_VALUE, JFS_DISK_BLOCK_SIZE) };

/* ReiserFS 3.5, 3.6, and with a journal of its own place; the oldest has no UUID, and zeros there. */

enum {
    REISERFS_BLOCKS,
    REISERFS_BLOCK_SIZE,
    REISERFS_UUID,
    REISERFS_LABEL,
};

static const VpHeaderField reiserfs_fields[] = {
    [REISERFS_BLOCKS] = { BLOCKS(0, 4) },
    [REISERFS_BLOCK_SIZE] = { BLOCK_SIZE(44, 2) },
    [REISERFS_UUID] = { UUID(84) },
    [REISERFS_LABEL] = { LABEL(100, 16) },
};

#define REISER 65536
#define REISER_OLD 8192
#define REISERFS_AT(at, text)                                                                      \
    {                                                                                              \
        .offset = (at) + 52, .bytes = (text), .len = sizeof(text) - 1, .header_start = (at)        \
    }

static const VpMagic reiserfs_magics[] = {
    REISERFS_AT(REISER, "ReIsEr2Fs"),
    REISERFS_AT(REISER, "ReIsEr3Fs"),
    REISERFS_AT(REISER, "ReIsErFs"),
    REISERFS_AT(REISER_OLD, "ReIsErFs"),
    { .len = 0 },
};

const VpFormat vp_format_reiserfs = { .name = "reiserfs",
                                      .title = "ReiserFS file system",
                                      CONTENT,
                                      .order = VP_ORDER_LITTLE,
                                      .magics = reiserfs_magics,
                                      VP_FIELDS(reiserfs_fields),
                                      .capacity = PRODUCT(REISERFS_BLOCKS, VP_QUANTITY_VALUE,
                                                          REISERFS_BLOCK_SIZE) };

static const VpHeaderField reiser4_fields[] = {
    { BLOCK_SIZE(REISER + 18, 2) },
    { UUID(REISER + 20) },
    { LABEL(REISER + 36, 16) },
};

static const VpMagic reiser4_magics[] = {
    { .offset = REISER, .bytes = "ReIsEr4", .len = 7 },
    { .len = 0 },
};

const VpFormat vp_format_reiser4 = { .name = "reiser4",
                                     .title = "Reiser4 file system",
                                     CONTENT,
                                     .order = VP_ORDER_LITTLE,
                                     .magics = reiser4_magics,
                                     VP_FIELDS(reiser4_fields) };

/* NILFS2: the first of two superblocks. Its magic has two bytes, so the revision and a superblock and blocks of sizes that are
 * possible count too. */

enum {
    NILFS2_DEVICE_SIZE,
    NILFS2_UUID,
    NILFS2_LABEL,
};

#define NILFS2 1024

static const VpHeaderField nilfs2_fields[] = {
    [NILFS2_DEVICE_SIZE] = { "device-size", VP_AT(NILFS2 + 32, 8) },
    [NILFS2_UUID] = { UUID(NILFS2 + 152) },
    [NILFS2_LABEL] = { LABEL(NILFS2 + 168, 80) },
};

static const VpMagic nilfs2_magics[] = {
    { .offset = NILFS2,
      .bytes = "\2\0\0\0\0\0\x34\x34\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
      .mask = "\xff\xff\xff\xff\xff\xff\xff\xff\0\xf8\0\0\0\0\0\0\0\0\0\0\xf8\xff\xff\xff",
      .len = 24 },
    { .len = 0 },
};

const VpFormat vp_format_nilfs2 = { .name = "nilfs2",
                                    .title = "NILFS2 file system",
                                    CONTENT,
                                    .order = VP_ORDER_LITTLE,
                                    .magics = nilfs2_magics,
                                    VP_FIELDS(nilfs2_fields),
                                    .capacity = { VP_QUANTITY_VALUE, NILFS2_DEVICE_SIZE } };

/* OCFS2: the superblock is block 2, an inode. */

enum {
    OCFS2_CLUSTERS,
    OCFS2_LOG_BLOCK_SIZE,
    OCFS2_LOG_CLUSTER_SIZE,
    OCFS2_LABEL,
    OCFS2_UUID,
};

static const VpHeaderField ocfs2_fields[] = {
    [OCFS2_CLUSTERS] = { "clusters", VP_AT(20, 4), .is_detail = TRUE },
    [OCFS2_LOG_BLOCK_SIZE] = { LOG_BLOCK_SIZE(248, 4) },
    [OCFS2_LOG_CLUSTER_SIZE] = { "log-cluster-size", VP_AT(252, 4), VP_RANGE(12, 20), ODD,
                                 .is_detail = TRUE },
    [OCFS2_LABEL] = { LABEL(272, 64) },
    [OCFS2_UUID] = { UUID(336) },
};

#define OCFS2_AT(at)                                                                               \
    {                                                                                              \
        .offset = (at), .bytes = "OCFSV2", .len = 6, .header_start = (at)                          \
    }

static const VpMagic ocfs2_magics[] = {
    OCFS2_AT(8192), OCFS2_AT(4096), OCFS2_AT(2048), OCFS2_AT(1024), { .len = 0 },
};

const VpFormat vp_format_ocfs2 = { .name = "ocfs2",
                                   .title = "OCFS2 file system",
                                   CONTENT,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = ocfs2_magics,
                                   VP_FIELDS(ocfs2_fields),
                                   .capacity = PRODUCT(OCFS2_CLUSTERS, VP_QUANTITY_POWER_OF_TWO,
                                                       OCFS2_LOG_CLUSTER_SIZE) };

/* GFS2: big-endian. GFS has the same number, and another format in the superblock. */

#define GFS2 65536

static const VpHeaderField gfs2_fields[] = {
    { "format", VP_AT(GFS2 + 24, 4), .is_detail = TRUE },
    { BLOCK_SIZE(GFS2 + 36, 4) },
    { "lock-protocol", VP_AT(GFS2 + 96, 64), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    { LABEL(GFS2 + 160, 64) },
    { UUID(GFS2 + 256) },
};

static const VpMagic gfs2_magics[] = {
    { .offset = GFS2,
      .bytes = "\x01\x16\x19\x70\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x07\x08",
      .mask = "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xfc",
      .len = 28 },
    { .len = 0 },
};

const VpFormat vp_format_gfs2 = { .name = "gfs2",
                                  .title = "GFS2 file system",
                                  CONTENT,
                                  .order = VP_ORDER_BIG,
                                  .magics = gfs2_magics,
                                  VP_FIELDS(gfs2_fields) };
