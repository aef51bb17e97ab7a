/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qcow.c: qcow version 1. Source: QEMU's block/qcow.c. */
#include "storage/format.h"
#include "util/numbers.h"

enum {
    MAGIC,
    VERSION,
    BACKING_OFFSET,
    BACKING_SIZE,
    MTIME,
    SIZE,
    CLUSTER_BITS,
    L2_BITS,
    PADDING,
    CRYPT_METHOD,
    L1_OFFSET,
    FIELD_COUNT,
};

#define CRYPT_AES 1
#define L1_BYTES_MAX G_MAXINT32

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 4) },
    [VERSION] = { "version", VP_AT(4, 4) },
    [BACKING_OFFSET] = { "backing-file-offset", VP_AT(8, 8), VP_RANGE(0, G_MAXINT64) },
    [BACKING_SIZE] = { "backing-file-size", VP_AT(16, 4) },
    [MTIME] = { "mtime", VP_AT(20, 4) },
    /* QEMU refuses 0 and 1: "too small". */
    [SIZE] = { "size", VP_AT(24, 8), VP_RANGE(2, G_MAXUINT64) },
    [CLUSTER_BITS] = { "cluster-bits", VP_AT(32, 1), VP_RANGE(9, 16) },
    [L2_BITS] = { "l2-bits", VP_AT(33, 1), VP_RANGE(6, 13), .is_detail = TRUE },
    [PADDING] = { "padding", VP_AT(34, 2), .checks = VP_CHECK_ZERO, .rule = VP_RULE_RESERVED },
    [CRYPT_METHOD] = { "crypt-method", VP_AT(36, 4), VP_RANGE(0, CRYPT_AES),
                       .rule = VP_RULE_ENCRYPTION_UNKNOWN },
    [L1_OFFSET] = { "l1-table-offset", VP_AT(40, 8) },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpEncryptionRule encryption[] = {
    { CRYPT_METHOD, CRYPT_AES, "aes", VP_RULE_LEGACY_AES },
    { .method = NULL },
};

/* The number of L1 entries is in no field: it follows from the size. */
static gboolean
l1_size(VpProbe *probe, guint64 *out_entries)
{
    guint64 shift = vp_probe_value(probe, CLUSTER_BITS) + vp_probe_value(probe, L2_BITS);
    guint64 span = G_GUINT64_CONSTANT(1) << shift;
    guint64 rounded;

    if (!vp_checked_add(vp_probe_value(probe, SIZE), span - 1, &rounded)
        || (rounded >> shift) > L1_BYTES_MAX / 8) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, SIZE,
                            "size %" G_GUINT64_FORMAT " needs a larger L1 table than is possible",
                            vp_probe_value(probe, SIZE));
        return FALSE;
    }
    *out_entries = rounded >> shift;
    return TRUE;
}

static gboolean
parse(VpProbe *probe)
{
    guint64 offset = vp_probe_value(probe, L1_OFFSET);
    guint64 entries;

    if (!vp_probe_is_valid(probe, CLUSTER_BITS) || !vp_probe_is_valid(probe, L2_BITS)
        || !vp_probe_is_valid(probe, SIZE) || !vp_probe_has(probe, L1_OFFSET)
        || !l1_size(probe, &entries))
        return FALSE;
    vp_fill_table(probe, "l1", offset, entries, entries * 8);
    vp_probe_check_place(probe, "L1 table", offset, entries * 8);
    return TRUE;
}

static const VpMagic magics[] = {
    { .bytes = "QFI\xfb", .len = 4 },
    { .len = 0 },
};

static const char *const extensions[] = { "qcow", NULL };

const VpFormat vp_format_qcow = {
    .name = "qcow",
    .libvirt_name = "qcow",
    .extensions = extensions,
    .title = "QEMU copy-on-write image, version 1",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_BACKING | VP_FORMAT_LEGACY,
    .reads = 1,
    .order = VP_ORDER_BIG,
    .magics = magics,
    .version = { VP_VERSION_IN_MAGIC, VERSION, 1, { 1 } },
    .qemu_probe = VP_QEMU_ACCEPTED,
    VP_FIELDS(fields),
    .capacity = { VP_QUANTITY_VALUE, SIZE, 1, VP_ROUND_SECTOR_DOWN },
    .cluster = { VP_QUANTITY_POWER_OF_TWO, CLUSTER_BITS, 1, VP_ROUND_NONE },
    .backing = { VP_BACKING_POINTER, BACKING_OFFSET, BACKING_SIZE, 1023, FALSE },
    .encryption = encryption,
    .dirty = { VP_DIRTY_NEVER },
    .parse = parse,
};
