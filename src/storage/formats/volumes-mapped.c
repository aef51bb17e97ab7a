/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volumes-mapped.c: what the device mapper of Linux keeps on a disk of its own, as content of a raw payload: tables, and no
 * function. Sources: docs/formats/filesystems.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .reads = 3, .qemu_probe = VP_QEMU_NEVER
/* A detail that does not fit is no damage of the disk. */
#define ODD .rule = VP_RULE_HEADER_INCONSISTENT
#define UUID(at) "uuid", VP_AT((at), 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE

/* dm-verity: the hashes of another disk. */

static const VpValueName verity_hash_types[] = {
    { 0, "as Chrome OS has it" },
    { 1, "normal" },
    { 0, NULL },
};

static const VpHeaderField verity_fields[] = {
    { "version", VP_AT(8, 4), .is_detail = TRUE },
    { "hash-type", VP_AT(12, 4), .names = verity_hash_types, .is_detail = TRUE },
    { UUID(16) },
    { "algorithm", VP_AT(32, 32), .kind = VP_KIND_TEXT, .is_detail = TRUE },
    { "data-block-size", VP_AT(64, 4), .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE },
    { "hash-block-size", VP_AT(68, 4), .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE },
    { "data-blocks", VP_AT(72, 8), .is_detail = TRUE },
};

static const VpMagic verity_magics[] = {
    { .bytes = "verity\0\0", .len = 8 },
    { .len = 0 },
};

const VpFormat vp_format_dm_verity = { .name = "dm-verity",
                                       .title = "dm-verity hash tree",
                                       CONTENT,
                                       .order = VP_ORDER_LITTLE,
                                       .magics = verity_magics,
                                       VP_FIELDS(verity_fields) };

/* dm-integrity: sectors with tags between them. */

enum {
    INTEGRITY_VERSION,
    INTEGRITY_TAG_SIZE,
    INTEGRITY_SECTORS,
};

static const VpHeaderField integrity_fields[] = {
    [INTEGRITY_VERSION] = { "version", VP_AT(8, 1), .is_detail = TRUE },
    [INTEGRITY_TAG_SIZE] = { "tag-size", VP_AT(10, 2), .is_detail = TRUE },
    [INTEGRITY_SECTORS] = { "provided-sectors", VP_AT(16, 8), .is_detail = TRUE },
};

static const VpMagic integrity_magics[] = {
    { .bytes = "integrt\0", .len = 8 },
    { .len = 0 },
};

const VpFormat vp_format_dm_integrity = { .name = "dm-integrity",
                                          .title = "dm-integrity volume",
                                          CONTENT,
                                          .order = VP_ORDER_LITTLE,
                                          .magics = integrity_magics,
                                          VP_FIELDS(integrity_fields),
                                          .capacity = { VP_QUANTITY_VALUE, INTEGRITY_SECTORS,
                                                        512 } };

/* What a snapshot keeps of its own: version 1, valid or not. */

static const VpValueName snapshot_states[] = {
    { 0, "invalid" },
    { 1, "valid" },
    { 0, NULL },
};

static const VpHeaderField snapshot_fields[] = {
    { "state", VP_AT(4, 4), .names = snapshot_states, .is_detail = TRUE },
    { "version", VP_AT(8, 4), .is_detail = TRUE },
    { "sectors-per-chunk", VP_AT(12, 4), .checks = VP_CHECK_POWER_OF_TWO, ODD, .is_detail = TRUE },
};

static const VpMagic snapshot_magics[] = {
    { .bytes = "SnAp\0\0\0\0\1\0\0\0",
      .mask = "\xff\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff",
      .len = 12,
      .evidence = VP_EVIDENCE_WEAK },
    { .len = 0 },
};

const VpFormat vp_format_dm_snapshot = { .name = "dm-snapshot",
                                         .title = "device mapper snapshot",
                                         CONTENT,
                                         .order = VP_ORDER_LITTLE,
                                         .magics = snapshot_magics,
                                         VP_FIELDS(snapshot_fields) };

/* VDO: deduplicated and compressed. */

static const VpHeaderField vdo_fields[] = {
    { "major-version", VP_AT(12, 4), .is_detail = TRUE },
    { "minor-version", VP_AT(16, 4), .is_detail = TRUE },
    { UUID(40) },
};

static const VpMagic vdo_magics[] = {
    { .bytes = "dmvdo001", .len = 8 },
    { .len = 0 },
};

const VpFormat vp_format_vdo = { .name = "vdo",
                                 .title = "VDO volume",
                                 CONTENT,
                                 .order = VP_ORDER_LITTLE,
                                 .magics = vdo_magics,
                                 VP_FIELDS(vdo_fields) };
