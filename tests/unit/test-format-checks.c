/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-format-checks.c: what the code of a format judges beyond its header rows, one spoiled place a row. */
#include "unit-images.h"
#include "unit.h"

#include <string.h>

typedef enum {
    BIG,
    LITTLE,
} Order;

/* Bytes at a place of a healthy image get a value; the finding that must come. */
typedef struct {
    const char *format;
    const char *path;
    guint offset;
    guint width;
    Order order;
    guint64 value;
    const char *rule;
} Spoiled;

static const Spoiled number_cases[] = {
    { "vdi", "rejects-an-image-with-a-link", 424, 1, LITTLE, 1, "qemu-unsupported" },
    { "vdi", "rejects-an-image-with-a-parent", 455, 1, LITTLE, 1, "qemu-unsupported" },
    { "vdi", "reports-a-differencing-image-without-parent", 76, 4, LITTLE, 4,
      "header-inconsistent" },
    { "vdi", "reports-an-unknown-type", 76, 4, LITTLE, 5, "header-inconsistent" },
    { "vdi", "reports-data-before-the-end-of-the-map", 344, 4, LITTLE, 512, "header-inconsistent" },
    { "vdi", "rejects-version-1-0", 68, 4, LITTLE, 0x00010000, "unsupported-version" },
    { "vdi", "rejects-a-map-smaller-than-the-disk", 384, 4, LITTLE, 0, "header-invalid" },
    { "vdi", "rejects-a-disk-larger-than-its-map", 368, 8, LITTLE, 0x100001, "header-invalid" },
    { "vdi", "reports-more-blocks-than-there-are", 388, 4, LITTLE, 2, "header-inconsistent" },
    { "vdi", "reports-a-map-past-the-end", 340, 4, LITTLE, 1024, "truncated" },
    { "qcow", "reports-legacy-encryption", 36, 4, BIG, 1, "encrypted-legacy-aes" },
    { "qcow", "rejects-a-disk-above-all-tables", 24, 8, BIG, G_MAXUINT64, "header-invalid" },
    { "qcow", "rejects-a-disk-of-2-to-the-62nd", 24, 8, BIG, G_GUINT64_CONSTANT(1) << 62,
      "header-invalid" },
    { "qcow", "reports-an-l1-table-past-the-end", 40, 8, BIG, 505, "truncated" },
    { "qcow", "rejects-an-l1-table-past-all-files", 40, 8, BIG, G_MAXUINT64 - 7,
      "table-outside-file" },
    { "qcow", "rejects-an-empty-name-past-all-files", 8, 8, BIG, G_MAXINT64, "header-invalid" },
    { "cow", "rejects-version-3", 4, 4, BIG, 3, "unsupported-version" },
    { "cow", "rejects-a-disk-of-0-bytes", 1040, 8, BIG, 0, "header-invalid" },
    { "cow", "rejects-a-disk-of-64-bits", 1040, 8, BIG, G_MAXUINT64, "header-invalid" },
    { "cow", "reports-a-bitmap-past-the-end", 1040, 8, BIG, G_GUINT64_CONSTANT(1) << 40,
      "truncated" },
    { "parallels", "rejects-version-1", 16, 4, LITTLE, 1, "unsupported-version" },
    { "parallels", "rejects-a-disk-of-2-to-the-63rd", 36, 8, LITTLE, G_GUINT64_CONSTANT(1) << 54,
      "header-invalid" },
    { "parallels", "reports-an-open-image", 44, 4, LITTLE, 0x746f6e59, "dirty" },
    { "parallels", "reports-data-in-the-table", 48, 4, LITTLE, 7, "header-inconsistent" },
    { "parallels", "reports-data-behind-the-file", 48, 4, LITTLE, 16, "header-inconsistent" },
    { "parallels", "reports-a-table-past-the-end", 32, 4, LITTLE, 113, "truncated" },
    { "luks", "rejects-version-3", 6, 2, BIG, 3, "unsupported-version" },
    { "luks", "rejects-a-header-of-version-2-without-its-size", 6, 2, BIG, 2, "header-invalid" },
    { "luks", "rejects-a-payload-inside-the-header", 104, 4, BIG, 7, "header-invalid" },
    { "luks", "reports-a-detached-header", 104, 4, BIG, 0, "header-inconsistent" },
    { "luks", "reports-a-payload-past-the-end", 104, 4, BIG, 1034, "truncated" },
    { "luks", "rejects-a-key-length-that-the-cipher-has-not", 108, 4, BIG, 17,
      "encryption-unknown" },
    { "luks", "rejects-a-key-of-0-bytes", 108, 4, BIG, 0, "encryption-unknown" },
    { "luks", "rejects-a-key-of-32-bits", 108, 4, BIG, G_MAXUINT32, "encryption-unknown" },
    { "luks", "rejects-a-slot-of-unknown-state", 208, 4, BIG, 1, "table-invalid" },
    { "luks", "rejects-an-active-slot-of-0-rounds", 212, 4, BIG, 0, "table-invalid" },
    { "luks", "rejects-a-slot-inside-the-header", 248, 4, BIG, 7, "table-invalid" },
    { "luks", "rejects-a-slot-inside-the-payload", 248, 4, BIG, 1000, "table-invalid" },
    { "luks", "rejects-a-slot-of-32-bits", 248, 4, BIG, G_MAXUINT32, "table-invalid" },
    { "luks", "rejects-slots-that-overlap", 296, 4, BIG, 100, "table-invalid" },
    { "vmdk", "rejects-version-4", 4, 4, LITTLE, 4, "unsupported-version" },
    { "vmdk", "reports-version-0", 4, 4, LITTLE, 0, "header-inconsistent" },
    { "vmdk", "reports-an-unknown-flag", 8, 4, LITTLE, 0x101, "reserved-nonzero" },
    { "vmdk", "reports-a-redundant-directory-without-place", 8, 4, LITTLE, 3,
      "header-inconsistent" },
    { "vmdk", "reports-compression-without-its-field", 8, 4, LITTLE, 0x10001,
      "header-inconsistent" },
    { "vmdk", "rejects-a-disk-of-64-bits", 12, 8, LITTLE, G_MAXUINT64, "header-invalid" },
    { "vmdk", "rejects-a-directory-above-32-mi-entries", 12, 8, LITTLE,
      G_GUINT64_CONSTANT(33554433) * 512 * 8, "huge-allocation" },
    { "vmdk", "reports-a-capacity-unlike-the-descriptors", 12, 8, LITTLE, 16,
      "header-inconsistent" },
    { "vmdk", "takes-a-descriptor-for-the-disk-at-capacity-0", 12, 8, LITTLE, 0,
      "create-type-unsupported" },
    { "vmdk", "rejects-grains-of-0-sectors", 20, 8, LITTLE, 0, "header-invalid" },
    { "vmdk", "rejects-grains-that-are-no-power-of-two", 20, 8, LITTLE, 24, "header-invalid" },
    { "vmdk", "rejects-grains-above-1-gib", 20, 8, LITTLE, 0x400000, "header-invalid" },
    { "vmdk", "rejects-grains-of-64-bits", 20, 8, LITTLE, G_MAXUINT64, "header-invalid" },
    { "vmdk", "reports-a-descriptor-elsewhere", 28, 8, LITTLE, 2, "header-inconsistent" },
    { "vmdk", "reports-a-descriptor-past-the-end", 28, 8, LITTLE, 7, "truncated" },
    { "vmdk", "rejects-a-descriptor-past-all-files", 28, 8, LITTLE, G_MAXUINT64, "header-invalid" },
    { "vmdk", "reports-a-descriptor-that-is-not-named", 28, 8, LITTLE, 0, "header-inconsistent" },
    { "vmdk", "rejects-a-descriptor-of-64-bits", 36, 8, LITTLE, G_MAXUINT64, "header-invalid" },
    { "vmdk", "reports-a-descriptor-above-1-mib", 36, 8, LITTLE, 2048, "header-inconsistent" },
    { "vmdk", "rejects-tables-of-0-entries", 44, 4, LITTLE, 0, "header-invalid" },
    { "vmdk", "rejects-tables-of-513-entries", 44, 4, LITTLE, 513, "header-invalid" },
    { "vmdk", "reports-tables-of-256-entries", 44, 4, LITTLE, 256, "header-inconsistent" },
    { "vmdk", "rejects-a-directory-in-the-header", 56, 8, LITTLE, 0, "header-invalid" },
    { "vmdk", "reports-a-directory-past-the-end", 56, 8, LITTLE, 7, "truncated" },
    { "vmdk", "rejects-a-directory-past-all-files", 56, 8, LITTLE, G_MAXUINT64 - 1,
      "header-invalid" },
    { "vmdk", "rejects-a-directory-at-the-end-without-footer", 56, 8, LITTLE, G_MAXUINT64,
      "header-invalid" },
    { "vmdk", "reports-metadata-past-the-end", 64, 8, LITTLE, 8, "truncated" },
    { "vmdk", "reports-an-open-image", 72, 1, LITTLE, 1, "dirty" },
    { "vmdk", "reports-changed-newlines", 75, 1, LITTLE, '\n', "header-inconsistent" },
    { "vmdk", "reports-an-unknown-compression", 77, 2, LITTLE, 2, "header-inconsistent" },
    { "vmdk", "is-a-part-of-a-disk-without-descriptor", 512, 1, LITTLE, 0, "extent-alone" },
    { "vpc", "rejects-version-2", 12, 4, BIG, 0x00020000, "unsupported-version" },
    { "vpc", "rejects-a-wrong-checksum", 64, 4, BIG, 0, "checksum-mismatch" },
    { "vpc", "notices-a-byte-that-the-checksum-covers", 511, 1, BIG, 1, "checksum-mismatch" },
    { "vpc", "rejects-a-disk-above-2040-gib", 48, 8, BIG, G_GUINT64_CONSTANT(0xff000001) * 512,
      "header-invalid" },
    { "vpc", "rejects-a-disk-of-64-bits", 48, 8, BIG, G_MAXUINT64, "header-invalid" },
    { "vpc", "reports-a-header-past-the-end", 16, 8, BIG, 2560, "truncated" },
    { "vpc", "reports-a-header-past-all-files", 16, 8, BIG, G_MAXUINT64, "truncated" },
    { "vpc", "rejects-a-header-without-its-cookie", 512, 1, BIG, 'x', "header-invalid" },
    { "vpc", "rejects-blocks-of-0-bytes", 544, 4, BIG, 0, "header-invalid" },
    { "vpc", "rejects-blocks-of-256-bytes", 544, 4, BIG, 256, "header-invalid" },
    { "vpc", "rejects-blocks-that-are-no-power-of-two", 544, 4, BIG, 3 << 20, "header-invalid" },
    { "vpc", "rejects-a-block-table-that-is-too-short", 540, 4, BIG, 0, "header-invalid" },
    { "vpc", "rejects-a-block-table-of-32-bits", 540, 4, BIG, G_MAXUINT32, "huge-allocation" },
    { "vpc", "reports-a-block-table-past-the-end", 528, 8, BIG, 2560, "truncated" },
    { "vpc", "reports-a-block-table-past-all-files", 528, 8, BIG, G_MAXUINT64,
      "table-outside-file" },
    { "vpc", "reports-a-block-past-the-end", 1536, 4, BIG, 4, "truncated" },
    { "vpc", "reports-a-block-past-all-sectors", 1536, 4, BIG, G_MAXUINT32 - 1, "truncated" },
    { "vhdx", "rejects-version-2", VHDX_IMAGE_HEADER + 66, 2, LITTLE, 2, "unsupported-version" },
    { "vhdx", "rejects-a-log-beside-a-mib", VHDX_IMAGE_HEADER + 72, 8, LITTLE, 0x100200,
      "header-invalid" },
    { "vhdx", "rejects-no-regions", VHDX_IMAGE_REGIONS + 8, 4, LITTLE, 0, "header-invalid" },
    { "vhdx", "rejects-a-disk-without-metadata", VHDX_IMAGE_REGIONS + 8, 4, LITTLE, 1,
      "header-invalid" },
    { "vhdx", "rejects-regions-that-overlap", VHDX_IMAGE_REGIONS + 40, 4, LITTLE, 0x100001,
      "header-invalid" },
    { "vhdx", "reports-a-region-beside-a-mib", VHDX_IMAGE_REGIONS + 40, 4, LITTLE, 0x1000,
      "header-inconsistent" },
    { "vhdx", "rejects-metadata-past-all-files", VHDX_IMAGE_REGIONS + 64, 8, LITTLE, G_MAXUINT64,
      "truncated" },
    { "vhdx", "rejects-a-table-past-all-files", VHDX_IMAGE_REGIONS + 32, 8, LITTLE,
      G_MAXUINT64 - 0xfffff, "table-outside-file" },
    { "vhdx", "rejects-a-table-that-is-too-short", VHDX_IMAGE_REGIONS + 40, 4, LITTLE, 7,
      "header-invalid" },
    { "vhdx", "rejects-metadata-without-its-signature", VHDX_IMAGE_METADATA, 1, LITTLE, 'x',
      "header-invalid" },
    { "vhdx", "rejects-a-missing-item", VHDX_IMAGE_METADATA + 10, 2, LITTLE, 4, "header-invalid" },
    { "vhdx", "rejects-an-item-that-is-there-twice", VHDX_IMAGE_METADATA + 64, 8, LITTLE,
      G_GUINT64_CONSTANT(0x4d43fa36caa16737), "header-invalid" },
    { "vhdx", "reports-an-item-inside-its-table", VHDX_IMAGE_METADATA + 112, 4, LITTLE, 4096,
      "header-inconsistent" },
    { "vhdx", "rejects-a-parent-without-locator", VHDX_IMAGE_ITEMS + 4, 4, LITTLE, 2,
      "header-invalid" },
    { "vhdx", "rejects-sectors-of-4096-bytes", VHDX_IMAGE_ITEMS + 32, 4, LITTLE, 4096,
      "qemu-unsupported" },
    { "vhdx", "reports-physical-sectors-of-1000-bytes", VHDX_IMAGE_ITEMS + 36, 4, LITTLE, 1000,
      "header-inconsistent" },
    { "vhdx", "reports-a-size-of-no-whole-sectors", VHDX_IMAGE_ITEMS + 8, 8, LITTLE, 1000,
      "header-inconsistent" },
    { "vhdx", "rejects-a-disk-above-its-table", VHDX_IMAGE_ITEMS + 8, 8, LITTLE,
      G_GUINT64_CONSTANT(1) << 37, "header-invalid" },
    { "vhdx", "reports-a-block-past-the-end", VHDX_IMAGE_BAT, 8, LITTLE, 0x300006, "truncated" },
    { "vhdx", "reports-a-block-past-all-files", VHDX_IMAGE_BAT, 8, LITTLE, G_MAXUINT64 - 1,
      "truncated" },
    { "vhdx", "rejects-a-block-over-the-table", VHDX_IMAGE_BAT, 8, LITTLE, 0x100006,
      "table-invalid" },
    { "qed", "rejects-tables-of-one-cluster", 8, 4, LITTLE, 1, "header-invalid" },
    { "qed", "rejects-tables-that-reach-beyond-64-bits", 4, 4, LITTLE, 1 << 26, "header-invalid" },
    { "qed", "rejects-an-unknown-feature", 16, 8, LITTLE, 8, "unknown-incompat-feature" },
    { "qed", "reports-an-unknown-compatible-feature", 24, 8, LITTLE, 1, "unknown-feature" },
    { "qed", "reports-an-unknown-autoclear-feature", 32, 8, LITTLE, 1, "unknown-feature" },
    { "qed", "reports-an-open-image", 16, 8, LITTLE, 2, "dirty" },
    { "qed", "reports-a-header-of-0-clusters", 12, 4, LITTLE, 0, "header-inconsistent" },
    { "qed", "rejects-a-header-above-4-gib", 12, 4, LITTLE, G_MAXUINT32, "header-length-range" },
    { "qed", "rejects-an-l1-table-in-the-header", 12, 4, LITTLE, 2, "header-invalid" },
    { "qed", "reports-an-l1-table-past-the-end", 40, 8, LITTLE, 8192, "truncated" },
    { "qed", "rejects-an-l1-table-past-all-files", 40, 8, LITTLE, G_MAXUINT64 - 4095,
      "table-outside-file" },
    { "qed", "rejects-a-disk-above-its-tables", 48, 8, LITTLE, (G_GUINT64_CONSTANT(1) << 32) + 512,
      "header-invalid" },
    { "qed", "rejects-a-disk-of-2-to-the-63rd", 48, 8, LITTLE, G_GUINT64_CONSTANT(1) << 63,
      "header-invalid" },
    { "bochs", "rejects-version-3", 64, 4, LITTLE, 0x00030000, "unsupported-version" },
    { "bochs", "names-a-redolog-of-another-kind", 48, 1, LITTLE, 'U', "format-not-described" },
    { "bochs", "rejects-a-catalog-smaller-than-the-disk", 72, 4, LITTLE, 0, "header-invalid" },
    { "bochs", "rejects-a-disk-of-64-bits", 88, 8, LITTLE, G_MAXUINT64, "header-invalid" },
    { "bochs", "reports-a-catalog-past-the-end", 68, 4, LITTLE, 1021, "truncated" },
    { "cloop", "rejects-an-offset-that-goes-back", 144, 8, BIG, 151, "table-invalid" },
    { "cloop", "rejects-a-block-above-128-mib", 144, 8, BIG, (1 << 27) + 153, "table-invalid" },
    { "cloop", "reports-a-block-past-the-end", 144, 8, BIG, 161, "truncated" },
    { "cloop", "reports-a-block-in-the-table", 136, 8, BIG, 151, "header-inconsistent" },
    { "cloop", "reports-a-table-past-the-end", 132, 4, BIG, 3, "truncated" },
    { "cloop", "rejects-a-table-above-512-mib", 132, 4, BIG, 1 << 26, "huge-allocation" },
    { "dmg-encrypted", "reports-data-past-the-end", 56, 8, BIG, 513, "truncated" },
    { "dmg-encrypted", "rejects-data-past-all-files", 64, 8, BIG, G_MAXUINT64,
      "table-outside-file" },
    { "iso", "reports-a-volume-larger-than-the-file", 32848, 4, LITTLE, 19, "header-inconsistent" },
    { "iso", "reports-a-volume-of-32-bits", 32848, 4, LITTLE, G_MAXUINT32, "header-inconsistent" },
};

static void
check_spoiled(GByteArray *bytes, const char *format, const char *rule)
{
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, format);

    assert_finding(image, rule);
    if (virt_probe_rule_breaks(virt_probe_rule_find(rule)))
        assert_state(image, "partial");
}

static void
test_spoiled_number(gconstpointer data)
{
    const Spoiled *row = data;
    g_autoptr(GByteArray) bytes = healthy_image_find(row->format)->make();

    if (row->order == BIG)
        put_big(bytes->data + row->offset, row->width, row->value);
    else
        put_little(bytes->data + row->offset, row->width, row->value);
    if (healthy_image_find(row->format)->seal != NULL)
        healthy_image_find(row->format)->seal(bytes);
    check_spoiled(bytes, row->format, row->rule);
}

typedef struct {
    const char *format;
    const char *path;
    guint offset;
    guint width;
    const char *text;
    const char *rule;
} SpoiledText;

static const SpoiledText text_cases[] = {
    { "luks", "rejects-an-unknown-cipher", 8, 32, "rot13", "encryption-unknown" },
    { "luks", "rejects-an-empty-cipher", 8, 32, "", "encryption-unknown" },
    { "luks", "rejects-an-unknown-mode", 40, 32, "ofb-plain64", "encryption-unknown" },
    { "luks", "rejects-a-mode-without-vectors", 40, 32, "cbc", "encryption-unknown" },
    { "luks", "rejects-unknown-vectors", 40, 32, "cbc-random", "encryption-unknown" },
    { "luks", "rejects-essiv-without-hash", 40, 32, "cbc-essiv", "encryption-unknown" },
    { "luks", "rejects-essiv-with-unknown-hash", 40, 32, "cbc-essiv:crc32", "encryption-unknown" },
    { "luks", "rejects-an-empty-mode", 40, 32, "", "encryption-unknown" },
    { "luks", "rejects-an-unknown-hash", 72, 32, "crc32", "encryption-unknown" },
    { "luks", "reports-control-characters-in-the-cipher", 8, 32, "aes\n\033[2J", "unsafe-text" },
    { "luks", "reports-control-characters-in-the-uuid", 168, 40, "\033[2J", "unsafe-text" },
    { "cow", "reports-a-backing-file", 8, 1024, "base.img", "backing-file" },
    { "cow", "reports-that-the-backing-format-is-not-recorded", 8, 1024, "base.img",
      "backing-format-missing" },
    { "cow", "reports-an-absolute-backing-name", 8, 1024, "/base.img", "absolute-path" },
    { "cow", "reports-control-characters-in-the-backing-name", 8, 1024, "a\033[2J", "unsafe-text" },
    { "iso", "reports-control-characters-in-the-volume-id", 32808, 32, "a\033[2J", "unsafe-text" },
    { "vpc", "reports-control-characters-in-the-creator", 28, 4, "\033[2J", "unsafe-text" },
};

static void
test_spoiled_text(gconstpointer data)
{
    const SpoiledText *row = data;
    g_autoptr(GByteArray) bytes = healthy_image_find(row->format)->make();

    memset(bytes->data + row->offset, 0, row->width);
    memcpy(bytes->data + row->offset, row->text, strlen(row->text));
    if (strcmp(row->format, "vpc") == 0)
        vpc_footer_seal(bytes->data);
    check_spoiled(bytes, row->format, row->rule);
}

static void
test_qcow_says_its_backing_file(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    put_big(bytes->data + 8, 8, 128);
    put_big(bytes->data + 16, 4, 8);
    memcpy(bytes->data + 128, "base.img", 8);
    image = describe_bytes(bytes->data, bytes->len, "qcow");
    assert_findings(image, "backing-file backing-format-missing");
    g_assert_cmpstr(virt_probe_record_get_text(image, "backing-filename"), ==, "base.img");
}

static void
test_qcow_rejects_a_backing_name_above_1023_bytes(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow")->make();

    put_big(bytes->data + 8, 8, 128);
    put_big(bytes->data + 16, 4, 1024);
    check_spoiled(bytes, "qcow", "header-invalid");
}

static void
test_parallels_old_magic_has_32_bits_of_sectors(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("parallels")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    memcpy(bytes->data, "WithoutFreeSpace", 16);
    put_little(bytes->data + 40, 4, 0xffffffff);
    image = describe_bytes(bytes->data, bytes->len, "parallels");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 4096);
    assert_state(image, "ok");
}

/* An image whose format extension, in its second cluster, names one feature. */
static GByteArray *
parallels_extension_new(guint64 magic, guint64 feature, guint64 feature_flags)
{
    GByteArray *bytes = healthy_image_find("parallels")->make();
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_MD5);
    gsize digest_len = 16;
    guint8 *extension;

    g_byte_array_set_size(bytes, 8192);
    memset(bytes->data + 512, 0, 8192 - 512);
    extension = bytes->data + 4096;
    put_little(bytes->data + 56, 8, 8);
    put_little(extension, 8, magic);
    put_little(extension + 24, 8, feature);
    put_little(extension + 32, 8, feature_flags);
    g_checksum_update(checksum, extension + 24, 4096 - 24);
    g_checksum_get_digest(checksum, extension + 8, &digest_len);
    return bytes;
}

static void
test_parallels_judges_its_extension(void)
{
    static const guint64 sound = G_GUINT64_CONSTANT(0xab234cef23dcea87);
    static const guint64 bitmap = G_GUINT64_CONSTANT(0x20385fae252cb34a);
    const struct {
        guint64 magic;
        guint64 feature;
        guint64 feature_flags;
        const char *rules;
    } cases[] = {
        { sound, 0, 0, "" },
        { sound, bitmap, 0, "table-invalid" },
        { sound, 0, 1, "unknown-incompat-feature" },
        { sound, bitmap, 1, "unknown-incompat-feature" },
        { sound, 1, 0, "unknown-incompat-feature" },
        { sound + 1, bitmap, 0, "header-extension-invalid" },
        { 0, 0, 0, "header-extension-invalid" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes =
            parallels_extension_new(cases[i].magic, cases[i].feature, cases[i].feature_flags);
        g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, "parallels");

        assert_findings(image, cases[i].rules);
    }
}

static void
test_parallels_rejects_a_changed_extension(void)
{
    g_autoptr(GByteArray) bytes =
        parallels_extension_new(G_GUINT64_CONSTANT(0xab234cef23dcea87), 0, 0);

    bytes->data[8191] = 1;
    check_spoiled(bytes, "parallels", "checksum-mismatch");
}

static void
test_parallels_reports_an_extension_past_the_end(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("parallels")->make();

    put_little(bytes->data + 56, 8, 1);
    check_spoiled(bytes, "parallels", "truncated");
}

static void
test_iso_is_content_of_a_raw_disk(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("iso")->make();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, NULL);
    VirtProbeRecord *content = virt_probe_record_get_item(probe_of(image), "content", 0);
    VirtProbeRecord *details = virt_probe_record_get_record(content, "details");

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "raw");
    assert_findings(image, "");
    g_assert_cmpstr(virt_probe_record_get_text(content, "format"), ==, "iso");
    g_assert_cmpuint(number_of(content, "size"), ==, 36864);
    g_assert_cmpstr(virt_probe_record_get_text(details, "volume-id"), ==, "VOLUME");
}

static void
add_table_tests(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(number_cases); i++) {
        g_autofree char *dir = g_strconcat("/format-checks/", number_cases[i].format, NULL);

        add_row_test(dir, number_cases[i].path, &number_cases[i], test_spoiled_number);
    }
    for (guint i = 0; i < G_N_ELEMENTS(text_cases); i++) {
        g_autofree char *dir = g_strconcat("/format-checks/", text_cases[i].format, NULL);

        add_row_test(dir, text_cases[i].path, &text_cases[i], test_spoiled_text);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_table_tests();
    g_test_add_func("/format-checks/qcow/says-its-backing-file", test_qcow_says_its_backing_file);
    g_test_add_func("/format-checks/qcow/rejects-a-backing-name-above-1023-bytes",
                    test_qcow_rejects_a_backing_name_above_1023_bytes);
    g_test_add_func("/format-checks/parallels/old-magic-has-32-bits-of-sectors",
                    test_parallels_old_magic_has_32_bits_of_sectors);
    g_test_add_func("/format-checks/parallels/judges-its-extension",
                    test_parallels_judges_its_extension);
    g_test_add_func("/format-checks/parallels/rejects-a-changed-extension",
                    test_parallels_rejects_a_changed_extension);
    g_test_add_func("/format-checks/parallels/reports-an-extension-past-the-end",
                    test_parallels_reports_an_extension_past_the_end);
    g_test_add_func("/format-checks/iso/is-content-of-a-raw-disk",
                    test_iso_is_content_of_a_raw_disk);
    return g_test_run();
}
