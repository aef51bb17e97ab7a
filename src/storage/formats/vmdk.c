/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vmdk.c: disks of VMware: sparse extents, and descriptors that name extents. Source: VMware's Virtual Disk Format 5.0,
 * libyal's description of COWD, and QEMU's block/vmdk.c for SESparse and for what it refuses. */
#include "storage/vmdk/vmdk.h"
#include "util/numbers.h"

#include <string.h>

/* Parts of the header. */
enum {
    SIGNATURE,
    SPARSE,
    FOOTER,
    COWD,
    SESPARSE,
    SESPARSE_VOLATILE,
};

#define COWD_MAGIC 0x44574f43
#define SE_MAGIC 0xcafebabe
#define SE_VERSION_2_1 G_GUINT64_CONSTANT(0x0000000200000001)
/* Footer marker, copy of the header, end-of-stream marker. */
#define FOOTER_SIZE (3 * VMDK_SECTOR)
#define COWD_TABLE_ENTRIES 4096
#define SE_GRAIN_SECTORS 8
#define SE_TABLE_SECTORS 64

static const VpValueName compressions[] = {
    { 0, "none" },
    { VMDK_COMPRESSION_DEFLATE, "deflate" },
    { 0, NULL },
};

static const VpHeaderField fields[] = {
    [VMDK_ROW_MAGIC] = { "magic", VP_AT(0, 4) },
    [VMDK_ROW_VERSION] = { "version", VP_AT(4, 4), .part = SPARSE },
    [VMDK_ROW_FLAGS] = { "flags", VP_AT(8, 4), .part = SPARSE, .is_detail = TRUE },
    [VMDK_ROW_CAPACITY] = { "capacity", VP_AT(12, 8), .part = SPARSE },
    [VMDK_ROW_GRAIN] = { "grain-size", VP_AT(20, 8), .part = SPARSE, .is_detail = TRUE },
    [VMDK_ROW_DESCRIPTOR_OFFSET] = { "descriptor-offset", VP_AT(28, 8), .part = SPARSE },
    [VMDK_ROW_DESCRIPTOR_SIZE] = { "descriptor-size", VP_AT(36, 8), .part = SPARSE },
    [VMDK_ROW_TABLE_ENTRIES] = { "table-entries", VP_AT(44, 4), .part = SPARSE },
    [VMDK_ROW_REDUNDANT_OFFSET] = { "redundant-directory-offset", VP_AT(48, 8), .part = SPARSE },
    [VMDK_ROW_DIRECTORY_OFFSET] = { "directory-offset", VP_AT(56, 8), .part = SPARSE },
    [VMDK_ROW_OVERHEAD] = { "overhead", VP_AT(64, 8), .part = SPARSE },
    [VMDK_ROW_UNCLEAN] = { "unclean-shutdown", VP_AT(72, 1), .part = SPARSE, .is_detail = TRUE },
    [VMDK_ROW_NEWLINES] = { "newline-test", VP_AT(73, 4), .part = SPARSE },
    [VMDK_ROW_COMPRESSION] = { "compression", VP_AT(77, 2), .part = SPARSE, .names = compressions,
                               .is_detail = TRUE },
    [VMDK_ROW_FOOTER_MARKER_SIZE] = { "footer-marker-size", VP_AT(8, 4), .part = FOOTER },
    [VMDK_ROW_FOOTER_MARKER_TYPE] = { "footer-marker-type", VP_AT(12, 4), .part = FOOTER },
    [VMDK_ROW_FOOTER_MAGIC] = { "footer-magic", VP_AT(512, 4), .part = FOOTER },
    [VMDK_ROW_FOOTER_VERSION] = { "footer-version", VP_AT(516, 4), .part = FOOTER },
    [VMDK_ROW_FOOTER_FLAGS] = { "footer-flags", VP_AT(520, 4), .part = FOOTER },
    [VMDK_ROW_FOOTER_CAPACITY] = { "footer-capacity", VP_AT(524, 8), .part = FOOTER },
    [VMDK_ROW_FOOTER_GRAIN] = { "footer-grain-size", VP_AT(532, 8), .part = FOOTER },
    [VMDK_ROW_FOOTER_DESCRIPTOR_OFFSET] = { "footer-descriptor-offset", VP_AT(540, 8),
                                            .part = FOOTER },
    [VMDK_ROW_FOOTER_DESCRIPTOR_SIZE] = { "footer-descriptor-size", VP_AT(548, 8), .part = FOOTER },
    [VMDK_ROW_FOOTER_TABLE_ENTRIES] = { "footer-table-entries", VP_AT(556, 4), .part = FOOTER },
    [VMDK_ROW_FOOTER_REDUNDANT_OFFSET] = { "footer-redundant-directory-offset", VP_AT(560, 8),
                                           .part = FOOTER },
    [VMDK_ROW_FOOTER_DIRECTORY_OFFSET] = { "footer-directory-offset", VP_AT(568, 8),
                                           .part = FOOTER },
    [VMDK_ROW_FOOTER_OVERHEAD] = { "footer-overhead", VP_AT(576, 8), .part = FOOTER },
    [VMDK_ROW_FOOTER_UNCLEAN] = { "footer-unclean-shutdown", VP_AT(584, 1), .part = FOOTER },
    [VMDK_ROW_FOOTER_NEWLINES] = { "footer-newline-test", VP_AT(585, 4), .part = FOOTER },
    [VMDK_ROW_FOOTER_COMPRESSION] = { "footer-compression", VP_AT(589, 2), .part = FOOTER },
    [VMDK_ROW_END_MARKER_VALUE] = { "end-marker-value", VP_AT(1024, 8), .part = FOOTER },
    [VMDK_ROW_END_MARKER_SIZE] = { "end-marker-size", VP_AT(1032, 4), .part = FOOTER },
    [VMDK_ROW_END_MARKER_TYPE] = { "end-marker-type", VP_AT(1036, 4), .part = FOOTER },
    [VMDK_ROW_COWD_VERSION] = { "cowd-version", VP_AT(4, 4), .part = COWD },
    [VMDK_ROW_COWD_FLAGS] = { "cowd-flags", VP_AT(8, 4), .part = COWD },
    [VMDK_ROW_COWD_CAPACITY] = { "cowd-capacity", VP_AT(12, 4), .part = COWD },
    [VMDK_ROW_COWD_GRAIN] = { "cowd-grain-size", VP_AT(16, 4), .part = COWD, .is_detail = TRUE },
    [VMDK_ROW_COWD_DIRECTORY_OFFSET] = { "cowd-directory-offset", VP_AT(20, 4), .part = COWD },
    [VMDK_ROW_COWD_DIRECTORY_ENTRIES] = { "cowd-directory-entries", VP_AT(24, 4), .part = COWD },
    [VMDK_ROW_SE_VERSION] = { "se-version", VP_AT(8, 8), .part = SESPARSE },
    [VMDK_ROW_SE_CAPACITY] = { "se-capacity", VP_AT(16, 8), .part = SESPARSE },
    [VMDK_ROW_SE_GRAIN] = { "se-grain-size", VP_AT(24, 8), .part = SESPARSE, .is_detail = TRUE },
    [VMDK_ROW_SE_TABLE_SIZE] = { "se-table-size", VP_AT(32, 8), .part = SESPARSE },
    [VMDK_ROW_SE_FLAGS] = { "se-flags", VP_AT(40, 8), .part = SESPARSE },
    [VMDK_ROW_SE_RESERVED_1] = { "se-reserved-1", VP_AT(48, 8), .part = SESPARSE },
    [VMDK_ROW_SE_RESERVED_2] = { "se-reserved-2", VP_AT(56, 8), .part = SESPARSE },
    [VMDK_ROW_SE_RESERVED_3] = { "se-reserved-3", VP_AT(64, 8), .part = SESPARSE },
    [VMDK_ROW_SE_RESERVED_4] = { "se-reserved-4", VP_AT(72, 8), .part = SESPARSE },
    [VMDK_ROW_SE_VOLATILE_SECTOR] = { "se-volatile-header-sector", VP_AT(80, 8), .part = SESPARSE },
    [VMDK_ROW_SE_JOURNAL_MARK] = { "se-replay-journal", VP_AT(24, 8), .part = SESPARSE_VOLATILE },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == VMDK_ROW_COUNT);

/* Which part is there is said by the signature. */
#define GIVEN(part_magic)                                                                          \
    .given = VMDK_ROW_MAGIC, .given_minimum = (part_magic), .given_maximum = (part_magic)

static const VpPart parts[] = {
    { .name = "VMDK signature" },
    { .name = "header of a sparse extent", .place = { VP_PLACE_AT }, GIVEN(VMDK_SPARSE_MAGIC) },
    { .name = "footer",
      .place = { VP_PLACE_FROM_END, .offset = FOOTER_SIZE },
      .given = VMDK_ROW_DIRECTORY_OFFSET,
      .given_minimum = VMDK_DIRECTORY_AT_END },
    { .name = "header of a COWD extent", .place = { VP_PLACE_AT }, GIVEN(COWD_MAGIC) },
    { .name = "header of a SESparse extent", .place = { VP_PLACE_AT }, GIVEN(SE_MAGIC) },
    { .name = "volatile header of a SESparse extent",
      .place = { VP_PLACE_FIELD, VMDK_ROW_SE_VOLATILE_SECTOR, VMDK_SECTOR },
      GIVEN(SE_MAGIC),
      .magic = "\xfe\xca\xfe\xca\0\0\0\0",
      .magic_len = 8 },
    { .name = NULL },
};

/* QEMU looks for a descriptor in sector 1, where no program puts one. */
static void
parse_cowd(VpProbe *probe)
{
    const VmdkText none = { NULL, 0, 0 };
    guint64 entries = vp_probe_value(probe, VMDK_ROW_COWD_DIRECTORY_ENTRIES);
    guint64 grain = vp_probe_value(probe, VMDK_ROW_COWD_GRAIN);

    if (!vp_probe_has(probe, VMDK_ROW_COWD_DIRECTORY_ENTRIES)
        || !vmdk_check_version(probe, VMDK_ROW_COWD_VERSION, 1, 1))
        return;
    vp_record_set_constant(vmdk_specific(probe), VP_VMDK_CREATE_TYPE, "");
    vmdk_fill_extent(probe, VMDK_ROW_COWD_CAPACITY, grain, FALSE);
    if (vmdk_must(probe, grain <= VMDK_GRAIN_MAX && vp_is_power_of_two(grain), VMDK_ROW_COWD_GRAIN,
                  "must be a power of two up to 2097152")
        && vmdk_check_entries(probe, VMDK_ROW_COWD_DIRECTORY_ENTRIES, entries)) {
        vmdk_must(probe,
                  entries >= vp_divide_up(vp_probe_value(probe, VMDK_ROW_COWD_CAPACITY),
                                          grain * COWD_TABLE_ENTRIES),
                  VMDK_ROW_COWD_DIRECTORY_ENTRIES, "too few for the capacity");
        vmdk_check_directory(probe, "grain-directory", VMDK_ROW_COWD_DIRECTORY_OFFSET, entries);
    }
    vmdk_describe_embedded(probe, &none);
}

static void
parse_sesparse(VpProbe *probe)
{
    if (!vp_probe_has(probe, VMDK_ROW_SE_VOLATILE_SECTOR)
        || !vmdk_check_version(probe, VMDK_ROW_SE_VERSION, SE_VERSION_2_1, SE_VERSION_2_1))
        return;
    vmdk_fill_extent(probe, VMDK_ROW_SE_CAPACITY, vp_probe_value(probe, VMDK_ROW_SE_GRAIN), FALSE);
    vmdk_must(probe, vp_probe_value(probe, VMDK_ROW_SE_GRAIN) == SE_GRAIN_SECTORS,
              VMDK_ROW_SE_GRAIN, "must be 8");
    vmdk_must(probe, vp_probe_value(probe, VMDK_ROW_SE_TABLE_SIZE) == SE_TABLE_SECTORS,
              VMDK_ROW_SE_TABLE_SIZE, "must be 64");
    for (guint row = VMDK_ROW_SE_FLAGS; row <= VMDK_ROW_SE_RESERVED_4; row++)
        vmdk_must(probe, vp_probe_value(probe, row) == 0, row, "must be 0");
    if (vp_probe_has(probe, VMDK_ROW_SE_JOURNAL_MARK))
        vmdk_must(probe, vp_probe_value(probe, VMDK_ROW_SE_JOURNAL_MARK) == 0,
                  VMDK_ROW_SE_JOURNAL_MARK, "the journal must be replayed");
    vmdk_find_alone(probe);
}

/* QEMU asks for version 1, 2 or 3 where it recognises a descriptor, and then not again. */
static void
check_text_version(VpProbe *probe, const VmdkEntry *entry)
{
    guint32 version;

    if (entry->value.bytes == NULL)
        return;
    if (vmdk_text_number(&entry->value, &version) && version >= 1 && version <= VMDK_VERSION_MAX)
        vp_record_set_uint(probe->extra, VP_PROBE_VERSION, version);
    else
        vp_probe_find(probe, VP_RULE_UNSUPPORTED_VERSION, entry->value.place, entry->value.len,
                      "the version of the descriptor is not 1, 2 or 3");
}

static void
parse_text(VpProbe *probe)
{
    VmdkText text = vmdk_text_read(probe, 0, VMDK_DESCRIPTOR_MAX);
    VmdkText qemu = text;
    VmdkDescriptor descriptor;

    qemu.len = MIN(qemu.len, VMDK_CID_WINDOW);
    vmdk_descriptor_read(&text, &descriptor);
    check_text_version(probe, &descriptor.entries[VMDK_VERSION]);
    vmdk_describe_disk(probe, &text, &descriptor);
    vmdk_describe(probe, &text, &qemu, &descriptor);
    if (text.len == VMDK_DESCRIPTOR_MAX)
        vp_probe_find(probe, VP_RULE_NOT_EXAMINED, text.len, 0,
                      "the descriptor is read up to %d bytes, as QEMU does", VMDK_DESCRIPTOR_MAX);
    else if (text.bytes != NULL && text.len < probe->size && !probe->has_no_end)
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, text.len, probe->size - text.len,
                      "the descriptor ends with a NUL byte, %" G_GUINT64_FORMAT " bytes follow",
                      probe->size - text.len);
}

static gboolean
parse(VpProbe *probe)
{
    guint64 magic = vp_probe_value(probe, VMDK_ROW_MAGIC);

    if (magic == VMDK_SPARSE_MAGIC || magic == COWD_MAGIC || magic == SE_MAGIC)
        vp_record_set_constant(probe->extra, VP_PROBE_EXTENT_KIND,
                               magic == SE_MAGIC ? VMDK_KIND_SESPARSE : VMDK_KIND_SPARSE);
    switch (magic) {
    case VMDK_SPARSE_MAGIC:
        vmdk_parse_sparse(probe);
        break;
    case COWD_MAGIC:
        parse_cowd(probe);
        break;
    case SE_MAGIC:
        parse_sesparse(probe);
        break;
    default:
        parse_text(probe);
        break;
    }
    return TRUE;
}

static gboolean
is_probed_by_qemu(const guint8 *head, gsize size)
{
    if (size >= 4 && (memcmp(head, "KDMV", 4) == 0 || memcmp(head, "COWD", 4) == 0))
        return TRUE;
    return vmdk_text_is_probed_by_qemu(head, size);
}

static const VpMagic magics[] = {
    { .bytes = "KDMV", .len = 4 },
    { .bytes = "COWD", .len = 4 },
    { .bytes = "\xbe\xba\xfe\xca\0\0\0\0", .len = 8 },
    { .bytes = "# Disk DescriptorFile", .len = 21 },
    { .len = 0 },
};

static const char *const extensions[] = { "vmdk", NULL };

/* A descriptor in a file of its own. */
static const char *const text_begins[] = { "#", " ", "version", NULL };

const VpFormat vp_format_vmdk = {
    .name = "vmdk",
    .libvirt_name = "vmdk",
    .extensions = extensions,
    .title = "VMware disk",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_BACKING | VP_FORMAT_EXTENTS,
    .reads = 3,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .qemu_probe = VP_QEMU_FROM_MINIMUM,
    VP_FIELDS(fields),
    .parts = parts,
    .dirty = { VP_DIRTY_NEVER },
    .detail_texts = vmdk_detail_texts,
    .backing = { .rule = VP_RULE_VMDK_PARENT_HINT },
    .text_begins = text_begins,
    .verify_head = vmdk_text_is_descriptor,
    .is_probed_by_qemu = is_probed_by_qemu,
    .parse = parse,
};
