/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-vmdk.c: VMDK descriptors as a whole: what is taken from them, what is odd, and what bounds them. */
#include "unit-images.h"
#include "unit.h"

#include <string.h>

#define HEAD "# Disk DescriptorFile\nversion=1\n"
#define IDS "CID=00000001\nparentCID=ffffffff\n"
#define FLAT_TYPE "createType=\"monolithicFlat\"\n"
#define EXTENT "RW 8 FLAT \"a.vmdk\" 0\n"
#define WHOLE HEAD IDS FLAT_TYPE EXTENT

typedef struct {
    const char *path;
    const char *text;
    const char *rules;
    const char *state;
} Case;

static const Case cases[] = {
    { "takes-a-whole-descriptor", WHOLE, "vmdk-extent-external", "ok" },
    { "rejects-no-extents", HEAD IDS FLAT_TYPE, "descriptor-invalid", "partial" },
    { "rejects-no-create-type", HEAD IDS EXTENT, "descriptor-invalid vmdk-extent-external",
      "partial" },
    { "rejects-a-create-type-without-quotation-marks", HEAD IDS "createType=vmfs\n" EXTENT,
      "unsafe-text ambiguous-descriptor create-type-unsupported vmdk-extent-external", "partial" },
    { "rejects-other-create-types", HEAD IDS "createType=\"vmfsRawDeviceMap\"\n" EXTENT,
      "create-type-unsupported vmdk-extent-external", "partial" },
    { "reports-a-content-id-that-qemu-takes-from-the-parents",
      HEAD "parentCID=ffffffff\n" FLAT_TYPE EXTENT, "vmdk-extent-external ambiguous-descriptor",
      "ok" },
    { "rejects-no-ids", HEAD FLAT_TYPE EXTENT,
      "vmdk-extent-external descriptor-invalid descriptor-invalid", "partial" },
    { "rejects-an-invalid-line", WHOLE "RW 8 FLAT \"b\"\n",
      "descriptor-invalid vmdk-extent-external", "partial" },
    { "rejects-version-4", "# Disk DescriptorFile\nversion=4\n" IDS FLAT_TYPE EXTENT,
      "qemu-format-differs unsupported-version vmdk-extent-external", "partial" },
    { "rejects-a-disk-above-all-sizes",
      HEAD IDS FLAT_TYPE "RW 18014398507384832 FLAT \"a\" 0\nRW 1 FLAT \"b\" 0\n",
      "vmdk-extent-external header-invalid", "partial" },
    { "rejects-encryption", WHOLE "encryption.keySafe = \"x\"\n",
      "vmdk-extent-external encryption-unsupported", "partial" },
    { "rejects-a-parent-without-end",
      HEAD "CID=1\nparentCID=2\n" FLAT_TYPE "RW 1 VMFS \"a\"\nparentFileNameHint=\"x\n",
      "vmdk-extent-external descriptor-invalid vmdk-parent-hint", "partial" },
    { "reports-a-descriptor-that-qemu-takes-for-raw",
      "# Disk DescriptorFile\n\nversion=1\n" IDS FLAT_TYPE EXTENT,
      "qemu-format-differs vmdk-extent-external", "ok" },
    { "reports-no-version", "# Disk DescriptorFile\n" IDS FLAT_TYPE EXTENT,
      "qemu-format-differs vmdk-extent-external header-inconsistent", "ok" },
    { "reports-ids-in-the-wrong-order", HEAD "parentCID=ffffffff\nCID=1\n" FLAT_TYPE EXTENT,
      "vmdk-extent-external ambiguous-descriptor", "ok" },
    { "reports-an-id-that-is-no-number", HEAD "CID=1x\nparentCID=ffffffff\n" FLAT_TYPE EXTENT,
      "vmdk-extent-external header-inconsistent", "ok" },
    { "reports-a-parent-without-name", HEAD "CID=1\nparentCID=2\n" FLAT_TYPE EXTENT,
      "vmdk-extent-external header-inconsistent", "ok" },
    { "reports-a-name-without-parent", WHOLE "parentFileNameHint=\"b.vmdk\"\n",
      "vmdk-extent-external header-inconsistent vmdk-parent-hint", "ok" },
    { "reports-a-parent",
      HEAD "CID=1\nparentCID=2\nparentFileNameHint=\"b.vmdk\"\n" FLAT_TYPE EXTENT,
      "vmdk-extent-external vmdk-parent-hint", "ok" },
    { "reports-a-parent-in-a-comment", WHOLE "# parentFileNameHint=\"b.vmdk\"\n",
      "vmdk-extent-external ambiguous-descriptor vmdk-parent-hint", "ok" },
    { "reports-a-key-with-two-values", WHOLE "ddb.adapterType = \"a\"\nDDB.ADAPTERTYPE = \"b\"\n",
      "vmdk-extent-external ambiguous-descriptor", "ok" },
    { "reports-an-extent-that-counts-twice", HEAD IDS FLAT_TYPE "\n" EXTENT,
      "header-inconsistent vmdk-extent-external", "ok" },
    { "reports-an-extent-that-is-left-out", WHOLE "RDONLY 8 FLAT \"b\" 0\n",
      "extent-ignored vmdk-extent-external", "ok" },
    { "reports-an-absolute-extent", HEAD IDS FLAT_TYPE "RW 8 FLAT \"/etc/shadow\" 0\n",
      "absolute-path extent-outside-directory vmdk-extent-external", "ok" },
    { "reports-an-extent-in-another-directory", HEAD IDS FLAT_TYPE "RW 8 FLAT \"../b\" 0\n",
      "extent-outside-directory vmdk-extent-external", "ok" },
    { "reports-an-extent-with-a-protocol", HEAD IDS FLAT_TYPE "RW 8 FLAT \"nbd:b:1\" 0\n",
      "protocol-filename vmdk-extent-external", "ok" },
    { "reports-an-extent-with-json", HEAD IDS FLAT_TYPE "RW 8 FLAT \"json:{}\" 0\n",
      "json-filename vmdk-extent-external", "ok" },
    { "reports-control-characters-in-an-extent", HEAD IDS FLAT_TYPE "RW 8 FLAT \"\033[2J\" 0\n",
      "unsafe-text vmdk-extent-external", "ok" },
    { "reports-control-characters-in-a-detail", WHOLE "encoding=\"\033[2J\"\n",
      "vmdk-extent-external unsafe-text", "ok" },
};

static VirtProbeRecord *
describe_text(const char *text)
{
    return describe_bytes(text, strlen(text), NULL);
}

static void
test_descriptor_is_judged(gconstpointer data)
{
    const Case *row = data;
    g_autoptr(VirtProbeRecord) image = describe_text(row->text);

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "vmdk");
    assert_findings(image, row->rules);
    assert_state(image, row->state);
}

static void
test_descriptor_says_its_disk(void)
{
    g_autoptr(VirtProbeRecord) image =
        describe_text(HEAD IDS FLAT_TYPE EXTENT "RW 1 VMFS \"sub/b\"\nddb.uuid = \"60 00\"\n");
    VirtProbeRecord *extent = virt_probe_record_get_item(specific_of(image), "extents", 1);
    VirtProbeRecord *details = virt_probe_record_get_record(probe_of(image), "details");
    VirtProbeRecord *reference = virt_probe_record_get_item(probe_of(image), "references", 1);

    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 9 * 512);
    g_assert_cmpuint(number_of(specific_of(image), "cid"), ==, 1);
    g_assert_cmpuint(number_of(specific_of(image), "parent-cid"), ==, G_MAXUINT32);
    g_assert_cmpuint(virt_probe_record_get_length(specific_of(image), "extents"), ==, 2);
    g_assert_cmpstr(virt_probe_record_get_text(extent, "filename"), ==, "sub/b");
    g_assert_cmpstr(virt_probe_record_get_text(extent, "format"), ==, "VMFS");
    g_assert_cmpuint(number_of(extent, "virtual-size"), ==, 512);
    g_assert_cmpstr(virt_probe_record_get_text(reference, "role"), ==, "extent");
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(image), "references"), ==, 2);
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "identity"), ==, "00000001");
    g_assert_null(virt_probe_record_get_text(probe_of(image), "parent-identity"));
    g_assert_cmpstr(virt_probe_record_get_text(details, "uuid"), ==, "60 00");
}

static void
test_identity_is_what_the_lines_say(void)
{
    g_autoptr(VirtProbeRecord) image =
        describe_text(HEAD "parentCID=ABCDEF\nCID=12\nparentFileNameHint=\"b\"\n" FLAT_TYPE EXTENT);

    g_assert_cmpuint(number_of(specific_of(image), "cid"), ==, 0xabcdef);
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "identity"), ==, "00000012");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "parent-identity"), ==, "00abcdef");
    g_assert_cmpstr(virt_probe_record_get_text(image, "backing-filename"), ==, "b");
    g_assert_cmpstr(virt_probe_record_get_text(image, "backing-filename-format"), ==, "vmdk");
}

/* A descriptor with so many bytes of lines between its head and its extent. */
static GString *
padded_new(const char *line, guint count)
{
    GString *text = g_string_new(HEAD IDS FLAT_TYPE);

    for (guint i = 0; i < count; i++)
        g_string_append(text, line);
    return text;
}

static void
test_list_of_extents_is_bounded(void)
{
    g_autoptr(GString) text = padded_new(EXTENT, 20000);
    g_autoptr(VirtProbeRecord) image = describe_text(text->str);
    g_autofree char *json = virt_probe_record_to_json(image);

    assert_findings(image, "vmdk-extent-external too-many-entries");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 20000 * 4096);
    g_assert_cmpuint(virt_probe_record_get_length(specific_of(image), "extents"), >, 100);
    g_assert_cmpuint(strlen(json), <, 256 * 1024);
}

static void
test_empty_lines_are_bounded(void)
{
    g_autoptr(GString) text = padded_new("\n", 900000);
    g_autoptr(VirtProbeRecord) image = NULL;

    g_string_append(text, EXTENT);
    image = describe_text(text->str);
    assert_findings(image, "header-inconsistent vmdk-extent-external too-many-entries");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, G_GUINT64_CONSTANT(900001) * 4096);
}

static void
test_text_behind_1_mib_is_not_read(void)
{
    g_autoptr(GString) text = padded_new("################################\n", 32000);
    g_autoptr(VirtProbeRecord) image = NULL;

    g_string_append(text, EXTENT);
    image = describe_text(text->str);
    assert_findings(image, "descriptor-invalid not-examined");
}

static void
test_text_ends_with_a_nul(void)
{
    g_autoptr(VirtProbeRecord) image = describe_bytes(BYTES(WHOLE "\0" EXTENT), NULL);

    assert_findings(image, "vmdk-extent-external header-inconsistent");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 4096);
}

/* Every beginning of a descriptor, in memory of its own. */
static void
test_cut_descriptor_is_read_within_its_bytes(void)
{
    const char *whole = WHOLE "parentFileNameHint=\"b.vmdk\"\nencryption.a = \"b\"\n";

    for (gsize len = 0; len <= strlen(whole); len++) {
        g_autofree guint8 *cut = g_memdup2(whole, len);
        g_autoptr(VirtProbeRecord) image = describe_bytes(cut, len, "vmdk");
        g_autofree char *json = virt_probe_record_to_json(image);

        g_assert_nonnull(json);
    }
}

static GByteArray *
cowd_image_new(const char *magic)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, 2048);
    memset(bytes->data, 0, bytes->len);
    memcpy(bytes->data, magic, 4);
    return bytes;
}

static void
test_cowd_extent_is_no_disk_alone(void)
{
    g_autoptr(GByteArray) bytes = cowd_image_new("COWD");
    g_autoptr(VirtProbeRecord) image = NULL;

    put_little(bytes->data + 4, 4, 1);
    put_little(bytes->data + 12, 4, 16);
    put_little(bytes->data + 16, 4, 1);
    put_little(bytes->data + 20, 4, 2);
    put_little(bytes->data + 24, 4, 1);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_findings(image, "extent-alone");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 8192);
    g_assert_cmpuint(number_of(image, "cluster-size"), ==, 512);
    put_little(bytes->data + 12, 4, 4097);
    g_clear_pointer(&image, virt_probe_record_unref);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_findings(image, "header-invalid extent-alone");
}

static void
test_sesparse_extent_is_no_disk_alone(void)
{
    g_autoptr(GByteArray) bytes = cowd_image_new("\xbe\xba\xfe\xca");
    g_autoptr(VirtProbeRecord) image = NULL;

    put_little(bytes->data + 8, 8, G_GUINT64_CONSTANT(0x200000001));
    put_little(bytes->data + 16, 8, 16);
    put_little(bytes->data + 24, 8, 8);
    put_little(bytes->data + 32, 8, 64);
    put_little(bytes->data + 80, 8, 1);
    put_little(bytes->data + 512, 8, 0xcafecafe);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_findings(image, "qemu-format-differs extent-alone");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 8192);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        add_row_test("/vmdk", cases[i].path, &cases[i], test_descriptor_is_judged);
    g_test_add_func("/vmdk/descriptor-says-its-disk", test_descriptor_says_its_disk);
    g_test_add_func("/vmdk/identity-is-what-the-lines-say", test_identity_is_what_the_lines_say);
    g_test_add_func("/vmdk/list-of-extents-is-bounded", test_list_of_extents_is_bounded);
    g_test_add_func("/vmdk/empty-lines-are-bounded", test_empty_lines_are_bounded);
    g_test_add_func("/vmdk/text-behind-1-mib-is-not-read", test_text_behind_1_mib_is_not_read);
    g_test_add_func("/vmdk/text-ends-with-a-nul", test_text_ends_with_a_nul);
    g_test_add_func("/vmdk/cut-descriptor-is-read-within-its-bytes",
                    test_cut_descriptor_is_read_within_its_bytes);
    g_test_add_func("/vmdk/cowd-extent-is-no-disk-alone", test_cowd_extent_is_no_disk_alone);
    g_test_add_func("/vmdk/sesparse-extent-is-no-disk-alone",
                    test_sesparse_extent_is_no_disk_alone);
    return g_test_run();
}
