/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volumes.c: physical volumes of LVM2 and swap areas, as content of a raw payload: tables, and no function. Sources:
 * docs/formats/filesystems.md. */
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

/* Swap: the signature ends the first page, whose size is the machine's; the fields have one place. */

static const VpHeaderField swap_fields[] = {
    { "version", VP_AT(1024, 4), .is_detail = TRUE },
    { "last-page", VP_AT(1028, 4), .is_detail = TRUE },
    { "bad-pages", VP_AT(1032, 4), .is_detail = TRUE },
    { "uuid", VP_AT(1036, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    { "label", VP_AT(1052, 16), .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

#define SWAP_PAGE(size)                                                                            \
    {                                                                                              \
        .offset = (size) -10, .bytes = "SWAPSPACE2", .len = 10                                     \
    }

static const VpMagic swap_magics[] = {
    SWAP_PAGE(4096),  SWAP_PAGE(8192),  SWAP_PAGE(16384),
    SWAP_PAGE(32768), SWAP_PAGE(65536), { .len = 0 },
};

const VpFormat vp_format_swap = { .name = "swap",
                                  .title = "Linux swap area",
                                  CONTENT,
                                  .reads = 3,
                                  .order = VP_ORDER_LITTLE,
                                  .magics = swap_magics,
                                  VP_FIELDS(swap_fields) };
