/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-qcow2.c: what a qcow2 header points to: extensions, snapshots, bitmaps, LUKS.
 *
 * Five bytes of the input choose what a healthy header announces, then come up to 15 changes of fields, each a
 * field's number and eight bytes, and the rest is the image behind its header. So few random bytes fail at the
 * header already. */
#include "fuzz.h"

#include "storage/qcow2/qcow2.h"
#include "storage/registry.h"

#include <string.h>

#define CLUSTER_SIZE 512
#define BACKING_PLACE 384
#define SPARSE_SIZE (G_GUINT64_CONSTANT(1) << 40)

enum {
    WANT_VERSION_2 = 1 << 0,
    WANT_BITMAPS = 1 << 1,
    WANT_LUKS = 1 << 2,
    WANT_DATA_FILE = 1 << 3,
    WANT_EXTENDED_L2 = 1 << 4,
    WANT_BACKING = 1 << 5,
    WANT_FULL = 1 << 6,
    WANT_SPARSE = 1 << 7, /* the file is large, and zero behind the bytes given */
};

typedef struct {
    guint8 wants;
    guint8 cluster_bits;
    guint8 snapshot_count;
    guint8 snapshot_cluster;
    guint8 n_changes;
} Choice;

static Choice
read_choice(VpReader *input)
{
    Choice choice;
    guint8 cluster_choice;

    choice.wants = vp_reader_u8(input);
    cluster_choice = vp_reader_u8(input);
    /* Mostly the smallest clusters, so that tables lie close to each other. */
    choice.cluster_bits = cluster_choice < 240 ? 9 : (guint8) ((cluster_choice - 240) * 2);
    choice.snapshot_count = vp_reader_u8(input) & 7;
    choice.snapshot_cluster = vp_reader_u8(input);
    choice.n_changes = vp_reader_u8(input) & 15;
    return choice;
}

static void
put(guint8 *header, guint field, guint64 value)
{
    const VpHeaderField *row = &vp_registry_find("qcow2")->fields[field];

    if (row->kind != VP_KIND_UINT)
        return;
    for (guint i = row->width; i > 0; i--) {
        header[row->offset + i - 1] = (guint8) value;
        value >>= 8;
    }
}

static void
put_features(guint8 *header, const Choice *choice)
{
    guint64 incompatible = 0;

    if ((choice->wants & WANT_DATA_FILE) != 0)
        incompatible |= 1 << QCOW2_INCOMPATIBLE_DATA_FILE;
    if ((choice->wants & WANT_EXTENDED_L2) != 0)
        incompatible |= 1 << QCOW2_INCOMPATIBLE_EXTENDED_L2;
    put(header, QCOW2_INCOMPATIBLE, incompatible);
    if ((choice->wants & WANT_BITMAPS) != 0)
        put(header, QCOW2_AUTOCLEAR, 1 << QCOW2_AUTOCLEAR_BITMAPS);
    if ((choice->wants & WANT_LUKS) != 0)
        put(header, QCOW2_CRYPT_METHOD, QCOW2_CRYPT_LUKS);
    if ((choice->wants & WANT_BACKING) != 0) {
        put(header, QCOW2_BACKING_OFFSET, BACKING_PLACE);
        put(header, QCOW2_BACKING_SIZE, CLUSTER_SIZE - BACKING_PLACE);
    }
}

/* A healthy header with one-cluster tables behind it. Returns its length. */
static gsize
put_header(guint8 *header, const Choice *choice)
{
    gsize len =
        (choice->wants & WANT_VERSION_2) != 0 ? QCOW2_V2_HEADER_LENGTH : QCOW2_V3_HEADER_LENGTH;

    put(header, QCOW2_MAGIC, 0x514649fb);
    put(header, QCOW2_VERSION, (choice->wants & WANT_VERSION_2) != 0 ? 2 : 3);
    put(header, QCOW2_CLUSTER_BITS, choice->cluster_bits);
    put(header, QCOW2_SIZE, 64 * CLUSTER_SIZE);
    put(header, QCOW2_L1_SIZE, 1);
    put(header, QCOW2_L1_OFFSET, 2 * CLUSTER_SIZE);
    put(header, QCOW2_REFCOUNT_OFFSET, CLUSTER_SIZE);
    put(header, QCOW2_REFCOUNT_CLUSTERS, 1);
    put(header, QCOW2_SNAPSHOT_COUNT, choice->snapshot_count);
    put(header, QCOW2_SNAPSHOT_OFFSET, (guint64) choice->snapshot_cluster * CLUSTER_SIZE);
    put(header, QCOW2_REFCOUNT_ORDER, 4);
    put(header, QCOW2_HEADER_LENGTH, QCOW2_V3_HEADER_LENGTH);
    put_features(header, choice);
    return len;
}

/* The header, changed as the input says, and what is left of the input behind it. */
static guint8 *
build_image(VpReader *input, const Choice *choice, gsize *out_len)
{
    guint8 header[QCOW2_V3_HEADER_LENGTH + 8] = { 0 };
    gsize header_len = put_header(header, choice);
    gsize rest;
    guint8 *image;

    for (guint i = 0; i < choice->n_changes && vp_reader_remaining(input) >= 9; i++) {
        guint field = vp_reader_u8(input) % QCOW2_FIELD_COUNT;

        put(header, field, vp_reader_u64be(input));
    }
    rest = vp_reader_remaining(input);
    image = g_malloc(header_len + rest);
    memcpy(image, header, header_len);
    if (rest > 0)
        memcpy(image + header_len, vp_reader_bytes(input, rest), rest);
    *out_len = header_len + rest;
    return image;
}

static void
check_sparse(const guint8 *bytes, gsize len, VirtProbeDescribeFlags flags)
{
    g_autoptr(VirtProbeRecord) image = NULL;
    FuzzSource source;

    fuzz_source_init(&source, bytes, len, SPARSE_SIZE);
    image = fuzz_describe(&source.base, vp_registry_find("qcow2"), flags);
    fuzz_check_outputs(image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VpReader input;
    Choice choice;
    g_autofree guint8 *image = NULL;
    gsize len;
    VirtProbeDescribeFlags flags;

    vp_reader_init(&input, data, size, 0);
    choice = read_choice(&input);
    image = build_image(&input, &choice, &len);
    flags =
        (choice.wants & WANT_FULL) != 0 ? VIRT_PROBE_DESCRIBE_FULL : VIRT_PROBE_DESCRIBE_DEFAULT;
    if ((choice.wants & WANT_SPARSE) != 0) {
        check_sparse(image, len, flags);
        return 0;
    }
    fuzz_check_memory(image, len, "qcow2", flags);
    fuzz_check_same_facts(image, len, vp_registry_find("qcow2"), flags);
    return 0;
}
