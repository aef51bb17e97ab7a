/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* flash.c: what fills a flash chip, as content of a raw payload: tables, and no function. Sources:
 * docs/formats/filesystems.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .reads = 3, .qemu_probe = VP_QEMU_NEVER
#define Z4 "\0\0\0\0"
#define F4 "\xff\xff\xff\xff"

/* UBI: the header of the first erase block, version 1, with zeros before and behind its numbers. */

static const VpHeaderField ubi_fields[] = {
    { "version", VP_AT(4, 1), .is_detail = TRUE },
    { "erase-count", VP_AT(8, 8), .is_detail = TRUE },
    { "image-sequence", VP_AT(24, 4), .is_detail = TRUE },
};

static const VpMagic ubi_magics[] = {
    { .bytes = "UBI#\1\0\0\0" Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z4 Z4,
      .mask = F4 F4 Z4 Z4 Z4 Z4 Z4 F4 F4 F4 F4 F4 F4 F4 F4,
      .len = 60 },
    { .len = 0 },
};

const VpFormat vp_format_ubi = { .name = "ubi",
                                 .title = "UBI image",
                                 CONTENT,
                                 .order = VP_ORDER_BIG,
                                 .magics = ubi_magics,
                                 VP_FIELDS(ubi_fields) };

/* UBIFS: a node that is a superblock, which has 4096 bytes and belongs to no group. */

enum {
    UBIFS_ERASE_BLOCK_SIZE,
    UBIFS_ERASE_BLOCKS,
    UBIFS_VERSION,
    UBIFS_UUID,
};

static const VpHeaderField ubifs_fields[] = {
    [UBIFS_ERASE_BLOCK_SIZE] = { "erase-block-size", VP_AT(36, 4), .is_detail = TRUE },
    [UBIFS_ERASE_BLOCKS] = { "erase-blocks", VP_AT(40, 4), .is_detail = TRUE },
    [UBIFS_VERSION] = { "version", VP_AT(80, 4), .is_detail = TRUE },
    [UBIFS_UUID] = { "uuid", VP_AT(108, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
};

static const VpMagic ubifs_magics[] = {
    { .bytes = "\x31\x18\x10\x06" Z4 Z4 Z4 "\0\x10\0\0\6\0\0\0",
      .mask = F4 Z4 Z4 Z4 F4 F4,
      .len = 24 },
    { .len = 0 },
};

const VpFormat vp_format_ubifs = { .name = "ubifs",
                                   .title = "UBIFS file system",
                                   CONTENT,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = ubifs_magics,
                                   VP_FIELDS(ubifs_fields),
                                   .capacity = { VP_QUANTITY_VALUE, UBIFS_ERASE_BLOCKS, 1,
                                                 VP_ROUND_NONE, VP_QUANTITY_VALUE,
                                                 UBIFS_ERASE_BLOCK_SIZE } };

/* JFFS2: a cleanmarker, which begins each erase block of NOR flash. It is the same everywhere, its checksum included. */

static const VpMagic jffs2_magics[] = {
    { .bytes = "\x85\x19\x03\x20\x0c\0\0\0\xb1\xb0\x1e\xe4", .len = 12 },
    { .bytes = "\x19\x85\x20\x03\0\0\0\x0c\xf0\x60\xdc\x98", .len = 12 },
    { .len = 0 },
};

const VpFormat vp_format_jffs2 = { .name = "jffs2",
                                   .title = "JFFS2 file system",
                                   CONTENT,
                                   .order = VP_ORDER_LITTLE,
                                   .magics = jffs2_magics };
