/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qcow2.h: what the parts of the qcow2 reader share. Source of all facts: QEMU's docs/interop/qcow2.txt and the
 * checks that QEMU makes when it opens an image. */
#pragma once

#include "storage/format.h"

/* Header fields, by number, in the order of the specification. */
typedef enum {
    QCOW2_MAGIC,
    QCOW2_VERSION,
    QCOW2_BACKING_OFFSET,
    QCOW2_BACKING_SIZE,
    QCOW2_CLUSTER_BITS,
    QCOW2_SIZE,
    QCOW2_CRYPT_METHOD,
    QCOW2_L1_SIZE,
    QCOW2_L1_OFFSET,
    QCOW2_REFCOUNT_OFFSET,
    QCOW2_REFCOUNT_CLUSTERS,
    QCOW2_SNAPSHOT_COUNT,
    QCOW2_SNAPSHOT_OFFSET,
    QCOW2_INCOMPATIBLE,
    QCOW2_COMPATIBLE,
    QCOW2_AUTOCLEAR,
    QCOW2_REFCOUNT_ORDER,
    QCOW2_HEADER_LENGTH,
    QCOW2_COMPRESSION_TYPE,
    QCOW2_PADDING,
    QCOW2_FIELD_COUNT,
} Qcow2Field;

enum {
    QCOW2_INCOMPATIBLE_DIRTY = 0,
    QCOW2_INCOMPATIBLE_CORRUPT = 1,
    QCOW2_INCOMPATIBLE_DATA_FILE = 2,
    QCOW2_INCOMPATIBLE_COMPRESSION = 3,
    QCOW2_INCOMPATIBLE_EXTENDED_L2 = 4,
    QCOW2_COMPATIBLE_LAZY_REFCOUNTS = 0,
    QCOW2_AUTOCLEAR_BITMAPS = 0,
    QCOW2_AUTOCLEAR_RAW_DATA_FILE = 1,
};

enum {
    QCOW2_CRYPT_NONE = 0,
    QCOW2_CRYPT_AES = 1,
    QCOW2_CRYPT_LUKS = 2,
};

/* Limits of QEMU's block/qcow2.h. */
#define QCOW2_L1_SIZE_MAX (32 * 1024 * 1024)
#define QCOW2_REFCOUNT_TABLE_MAX (8 * 1024 * 1024)
#define QCOW2_SNAPSHOTS_MAX 65536
#define QCOW2_SNAPSHOT_EXTRA_MAX 1024
#define QCOW2_SNAPSHOT_TABLE_MAX (64 * 1024 * 1024)
#define QCOW2_BACKING_NAME_MAX 1023
#define QCOW2_BITMAPS_MAX 65535
#define QCOW2_BITMAP_NAME_MAX 1023

#define QCOW2_SNAPSHOT_HEADER_SIZE 40
#define QCOW2_V2_HEADER_LENGTH 72
#define QCOW2_V3_HEADER_LENGTH 104

/* What the header extensions said. */
typedef struct {
    guint64 header_length;
    VpReader feature_names; /* data of the feature name table; empty without one */
    gboolean has_data_file_name;
    gboolean has_bitmaps;
    guint64 bitmaps_place; /* of the extension's data */
    guint32 bitmap_count;
    guint64 bitmap_directory_size;
    guint64 bitmap_directory_offset;
    gboolean has_luks;
    guint64 luks_offset;
    guint64 luks_length;
    guint64 seen;          /* by row of the table of extensions */
    guint extensions;      /* in the header, known or not */
    gboolean has_unlisted; /* more extensions than are listed */
} Qcow2State;

static inline gboolean
qcow2_has_incompatible(const VpProbe *probe, guint bit)
{
    return vp_bit_is_set(vp_probe_value(probe, QCOW2_INCOMPATIBLE), bit);
}

static inline gboolean
qcow2_has_autoclear(const VpProbe *probe, guint bit)
{
    return vp_bit_is_set(vp_probe_value(probe, QCOW2_AUTOCLEAR), bit);
}

/* The record that holds what only qcow2 has. */
VirtProbeRecord *qcow2_specific(VpProbe *probe);

/* Each records its findings; FALSE means that what follows in the image cannot be trusted. */
gboolean qcow2_extensions_parse(VpProbe *probe, Qcow2State *state);
void qcow2_snapshots_parse(VpProbe *probe);
void qcow2_bitmaps_parse(VpProbe *probe, const Qcow2State *state);

/* The name that the image's own table gives a feature bit; NULL without one. set: 0 incompatible,
 * 1 compatible, 2 autoclear. */
const guint8 *qcow2_feature_name(const Qcow2State *state, guint set, guint bit, gsize *out_len);
