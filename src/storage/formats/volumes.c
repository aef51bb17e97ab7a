/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volumes.c: what is a piece of something else, as content of a raw payload: physical volumes, members of arrays, swap areas,
 * encrypted volumes: tables, and no function. Sources: docs/formats/filesystems.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .qemu_probe = VP_QEMU_NEVER

/* LVM2: the label is in one of the first four sectors, and fields count from there. */

enum {
    LVM2_SECTOR,
    LVM2_UUID,
    LVM2_DEVICE_SIZE,
};

static const VpHeaderField lvm2_fields[] = {
    [LVM2_SECTOR] = { "sector", VP_AT(8, 8), VP_RANGE(0, 3), .rule = VP_RULE_HEADER_INCONSISTENT },
    [LVM2_UUID] = { "uuid", VP_AT(32, 32), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [LVM2_DEVICE_SIZE] = { "device-size", VP_AT(64, 8), .is_detail = TRUE },
};

#define ANY8 "\0\0\0\0\0\0\0\0"
#define ALL8 "\xff\xff\xff\xff\xff\xff\xff\xff"
#define LVM2_LABEL(at)                                                                             \
    {                                                                                              \
        .offset = (at), .bytes = "LABELONE" ANY8 ANY8 "LVM2 001", .mask = ALL8 ANY8 ANY8 ALL8,     \
        .len = 32, .header_start = (at)                                                            \
    }

static const VpMagic lvm2_magics[] = {
    LVM2_LABEL(512), LVM2_LABEL(0), LVM2_LABEL(1024), LVM2_LABEL(1536), { .len = 0 },
};

const VpFormat vp_format_lvm2 = { .name = "lvm2",
                                  .title = "LVM2 physical volume",
                                  CONTENT,
                                  .reads = 3,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = lvm2_magics,
                                  VP_FIELDS(lvm2_fields),
                                  .capacity = { VP_QUANTITY_VALUE, LVM2_DEVICE_SIZE } };

/* Swap: the signature ends the first page, whose size is the machine's; the fields have one place. Numbers are in the
 * machine's byte order, so those of another one are not shown; version 0 has a map of pages there, and no field. */

enum {
    SWAP_FIRST_WORD,
    SWAP_VERSION,
    SWAP_LAST_PAGE,
    SWAP_BAD_PAGES,
    SWAP_UUID,
    SWAP_LABEL,
};

#define SWAP_LITTLE .given = SWAP_FIRST_WORD, .given_minimum = 1, .given_maximum = 255
#define SWAP_ANY .given = SWAP_FIRST_WORD, .given_minimum = 1, .given_maximum = 1 << 24

static const VpHeaderField swap_fields[] = {
    [SWAP_FIRST_WORD] = { "first-word", VP_AT(1024, 4) },
    [SWAP_VERSION] = { "version", VP_AT(1024, 4), SWAP_LITTLE, .is_detail = TRUE },
    [SWAP_LAST_PAGE] = { "last-page", VP_AT(1028, 4), SWAP_LITTLE, .is_detail = TRUE },
    [SWAP_BAD_PAGES] = { "bad-pages", VP_AT(1032, 4), SWAP_LITTLE, .is_detail = TRUE },
    [SWAP_UUID] = { "uuid", VP_AT(1036, 16), SWAP_ANY, .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    [SWAP_LABEL] = { "label", VP_AT(1052, 16), SWAP_ANY, .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

#define PAGE_ENDS(size, text)                                                                      \
    {                                                                                              \
        .offset = (size) -10, .bytes = (text), .len = sizeof(text) - 1                             \
    }
#define EACH_PAGE_ENDS(text)                                                                       \
    PAGE_ENDS(4096, text), PAGE_ENDS(8192, text), PAGE_ENDS(16384, text), PAGE_ENDS(32768, text),  \
        PAGE_ENDS(65536, text)

static const VpMagic swap_magics[] = {
    EACH_PAGE_ENDS("SWAPSPACE2"),
    EACH_PAGE_ENDS("SWAP-SPACE"),
    { .len = 0 },
};

const VpFormat vp_format_swap = { .name = "swap",
                                  .title = "Linux swap area",
                                  CONTENT,
                                  .reads = 3,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = swap_magics,
                                  VP_FIELDS(swap_fields) };

/* An image of a hibernated system puts its own signature in the place of that of the swap area; TuxOnIce stands in front. */

static const VpMagic swsuspend_magics[] = {
    EACH_PAGE_ENDS("S1SUSPEND"),
    EACH_PAGE_ENDS("S2SUSPEND"),
    EACH_PAGE_ENDS("ULSUSPEND"),
    EACH_PAGE_ENDS("LINHIB0001"),
    { .bytes = "\xed\xc3\x02\xe9\x98\x56\xe5\x0c", .len = 8 },
    { .len = 0 },
};

static const char *const swsuspend_hides[] = { "swap", NULL };

const VpFormat vp_format_swsuspend = { .name = "swsuspend",
                                       .title = "hibernated Linux swap area",
                                       CONTENT,
                                       .hides = swsuspend_hides,
                                       .reads = 3,
                                       .order = VP_ORDER_LITTLE,
                                       .magics = swsuspend_magics,
                                       VP_FIELDS(swap_fields) };

/* BitLocker: a boot sector with a name of its own, or on removable disks that of a FAT32 with a number in it. It looks as FAT
 * does to who does not know it, and its text ends as an MBR. */

#define ODD .rule = VP_RULE_HEADER_INCONSISTENT

static const VpHeaderField bitlocker_fields[] = {
    { "sector-size", VP_AT(11, 2), .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE },
    { "sectors-per-cluster", VP_AT(13, 1), .checks = VP_CHECK_POWER_OF_TWO, ODD,
      .is_detail = TRUE },
};

static const VpMagic bitlocker_magics[] = {
    { .offset = 3, .bytes = "-FVE-FS-", .len = 8 },
    { .offset = 424,
      .bytes = "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01",
      .len = 16 },
    { .len = 0 },
};

static const char *const bitlocker_hides[] = { "mbr", "fat32", NULL };

const VpFormat vp_format_bitlocker = { .name = "bitlocker",
                                       .title = "BitLocker encrypted volume",
                                       CONTENT,
                                       .hides = bitlocker_hides,
                                       .reads = 3,
                                       .order = VP_ORDER_LITTLE,
                                       .magics = bitlocker_magics,
                                       VP_FIELDS(bitlocker_fields) };

/* Linux software RAID, whose superblock is at the start (1.1) or behind 4 KiB (1.2). Those at the end (0.90, 1.0) are in the
 * last 64 KiB and 8 KiB. */

enum {
    MDRAID_FEATURES,
    MDRAID_UUID,
    MDRAID_NAME,
    MDRAID_LEVEL,
    MDRAID_DISKS,
    MDRAID_DEVICE_UUID,
};

static const VpHeaderField mdraid_fields[] = {
    [MDRAID_FEATURES] = { "features", VP_AT(8, 4), .kind = VP_KIND_HEX, .is_detail = TRUE },
    [MDRAID_UUID] = { "uuid", VP_AT(16, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    [MDRAID_NAME] = { "label", VP_AT(32, 32), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    [MDRAID_LEVEL] = { "raid-level", VP_AT(72, 4), .is_detail = TRUE },
    [MDRAID_DISKS] = { "raid-disks", VP_AT(92, 4), .is_detail = TRUE },
    [MDRAID_DEVICE_UUID] = { "device-uuid", VP_AT(168, 16), .kind = VP_KIND_UUID_BE,
                             .is_detail = TRUE },
};

#define MDRAID_AT(at)                                                                              \
    {                                                                                              \
        .offset = (at), .bytes = "\xfc\x4e\x2b\xa9\1\0\0\0", .len = 8, .header_start = (at)        \
    }

static const VpMagic mdraid_magics[] = { MDRAID_AT(4096), MDRAID_AT(0), { .len = 0 } };

const VpFormat vp_format_mdraid = { .name = "mdraid",
                                    .title = "Linux software RAID member",
                                    CONTENT,
                                    .reads = 3,
                                    .order = VP_ORDER_LITTLE,
                                    .magics = mdraid_magics,
                                    VP_FIELDS(mdraid_fields) };

/* bcache: a cache or what it stands before. bcachefs began with its number, and has other versions. */

#define BCACHE 4096

static const VpValueName bcache_versions[] = {
    { 0, "cache" },
    { 1, "backing device" },
    { 3, "cache with a UUID" },
    { 4, "backing device with an offset" },
    { 5, "cache with features" },
    { 6, "backing device with features" },
    { 0, NULL },
};

static const VpHeaderField bcache_fields[] = {
    { "version", VP_AT(BCACHE + 16, 8), .names = bcache_versions, .is_detail = TRUE },
    { "uuid", VP_AT(BCACHE + 40, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    { "set-uuid", VP_AT(BCACHE + 56, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    { "label", VP_AT(BCACHE + 72, 32), .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

static const VpMagic bcache_magics[] = {
    { .offset = BCACHE + 16,
      .bytes = ANY8 "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81",
      .mask = "\xf8\xff\xff\xff\xff\xff\xff\xff" ALL8 ALL8,
      .len = 24 },
    { .len = 0 },
};

static const char *const bcache_hides[] = { "bcachefs", NULL };

const VpFormat vp_format_bcache = { .name = "bcache",
                                    .title = "bcache device",
                                    CONTENT,
                                    .hides = bcache_hides,
                                    .reads = 3,
                                    .order = VP_ORDER_LITTLE,
                                    .magics = bcache_magics,
                                    VP_FIELDS(bcache_fields) };
