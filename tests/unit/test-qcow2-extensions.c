/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-qcow2-extensions.c: qcow2 header extensions, sound and hostile ones. */
#include "qcow2-image.h"
#include "unit-images.h"

#include <string.h>

#define CRYPT_METHOD 32
#define LUKS 2

static void
test_lists_extensions_in_order(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *unknown;

    qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, "raw", 3);
    qcow2_add_extension(image, 0x12345678, "unknown", 7);
    record = qcow2_describe(image);
    assert_findings(record, "");
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(record), "extensions"), ==, 2);
    unknown = virt_probe_record_get_item(probe_of(record), "extensions", 1);
    g_assert_cmphex(number_of(unknown, "type"), ==, 0x12345678);
    g_assert_null(virt_probe_record_get_text(unknown, "name"));
    g_assert_cmpuint(number_of(unknown, "offset"), ==, 112 + 16 + 8);
    g_assert_cmpuint(number_of(unknown, "length"), ==, 7);
}

static void
test_ends_at_an_extension_of_type_0(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_extension(image, 0, NULL, 0);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "hidden", 6);
    record = qcow2_describe(image);
    assert_findings(record, "");
}

static void
test_ends_at_the_backing_name(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    /* The name would be an extension with a huge length. */
    qcow2_put(image, 8, 8, 112);
    qcow2_put(image, 16, 4, 8);
    memset(image->bytes + 112, 'a', 8);
    record = qcow2_describe(image);
    assert_no_finding(record, "header-extension-overrun");
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(record), "extensions"), ==, 0);
}

static void
test_fills_the_cluster_to_its_end(void)
{
    g_autofree guint8 *data = g_malloc0(392);
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_extension(image, 0x12345678, data, 392);
    record = qcow2_describe(image);
    assert_findings(record, "");
}

static void
test_rejects_an_extension_longer_than_its_area(void)
{
    static const guint64 lens[] = { 393, 65536, G_MAXINT32, G_MAXUINT32 - 7, G_MAXUINT32 };

    for (guint i = 0; i < G_N_ELEMENTS(lens); i++) {
        g_autoptr(Qcow2Image) image = qcow2_image_new(9);
        g_autoptr(VirtProbeRecord) record = NULL;

        qcow2_add_extension(image, 0x12345678, NULL, 0);
        qcow2_put(image, 116, 4, lens[i]);
        record = qcow2_describe(image);
        assert_finding(record, "header-extension-overrun");
        assert_state(record, "partial");
    }
}

static void
test_rejects_an_area_that_ends_inside_an_extension(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, 8, 8, 116);
    qcow2_put(image, 16, 4, 4);
    record = qcow2_describe(image);
    assert_finding(record, "header-extension-overrun");
}

static void
test_reports_a_second_extension_of_one_type(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, 4);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "first", 5);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "second", 6);
    record = qcow2_describe(image);
    assert_finding(record, "header-inconsistent");
    g_assert_cmpstr(virt_probe_record_get_text(specific_of(record), "data-file"), ==, "second");
}

static void
test_survives_a_cluster_full_of_extensions(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeRecord) record = NULL;

    while (image->extensions_end + 8 <= image->cluster_size)
        qcow2_add_extension(image, 0x12345678, NULL, 0);
    record = qcow2_describe(image);
    assert_findings(record, "too-many-entries header-extension-count");
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(record), "extensions"), ==, 64);
}

static void
test_256_extensions_are_not_too_many(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeRecord) most = NULL;
    g_autoptr(VirtProbeRecord) above = NULL;

    for (guint i = 0; i < 256; i++)
        qcow2_add_extension(image, 0x12345678, NULL, 0);
    most = qcow2_describe(image);
    assert_findings(most, "too-many-entries");
    qcow2_add_extension(image, 0x12345678, NULL, 0);
    above = qcow2_describe(image);
    assert_findings(above, "too-many-entries header-extension-count");
}

static void
test_many_findings_do_not_hide_a_data_file(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, 4);
    for (guint i = 0; i < 200; i++)
        qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, "raw", 3);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "json:{}", 7);
    record = qcow2_describe(image);
    assert_finding(record, "data-file");
    assert_finding(record, "json-filename");
}

static void
test_names_that_fill_memory_are_an_error(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(21);
    g_autoptr(VirtProbeRecord) record = NULL;

    /* Each takes 24 bytes of the image and 32 of memory. */
    qcow2_set_incompatible(image, 4);
    while (image->extensions_end + 24 <= image->cluster_size)
        qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "0123456789abcdef", 16);
    record = qcow2_describe(image);
    assert_state(record, "partial");
}

/* An entry of the table of feature names. */
static void
add_feature_name(guint8 *table, guint index, guint8 set, guint8 bit, const char *name)
{
    guint8 *entry = table + index * 48;

    entry[0] = set;
    entry[1] = bit;
    memcpy(entry + 2, name, MIN(strlen(name), 46));
}

static void
test_names_unknown_bits_as_the_image_does(void)
{
    guint8 table[2 * 48] = { 0 };
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *features;
    VirtProbeRecord *name;

    add_feature_name(table, 0, 0, 0, "dirty bit");
    add_feature_name(table, 1, 0, 7, "future feature");
    qcow2_set_incompatible(image, 0x80);
    qcow2_add_extension(image, QCOW2_EXT_FEATURE_NAMES, table, sizeof table);
    record = qcow2_describe(image);
    assert_findings(record, "unknown-incompat-feature");
    features = virt_probe_record_get_record(probe_of(record), "features");
    name = virt_probe_record_get_item(features, "names", 0);
    g_assert_cmpstr(virt_probe_record_get_text(name, "name"), ==, "future feature");
    g_assert_false(boolean_of(name, "known"));
}

static void
test_finds_a_borrowed_name(void)
{
    guint8 table[48] = { 0 };
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    add_feature_name(table, 0, 0, 5, "dirty bit");
    qcow2_set_incompatible(image, 0x20);
    qcow2_add_extension(image, QCOW2_EXT_FEATURE_NAMES, table, sizeof table);
    record = qcow2_describe(image);
    assert_finding(record, "feature-table-spoof");
    assert_finding(record, "unknown-incompat-feature");
}

static void
test_does_not_believe_names_of_known_bits(void)
{
    guint8 table[48] = { 0 };
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *features;
    VirtProbeRecord *name;

    add_feature_name(table, 0, 0, 1, "harmless");
    qcow2_set_incompatible(image, 2);
    qcow2_add_extension(image, QCOW2_EXT_FEATURE_NAMES, table, sizeof table);
    record = qcow2_describe(image);
    assert_finding(record, "feature-table-spoof");
    features = virt_probe_record_get_record(probe_of(record), "features");
    name = virt_probe_record_get_item(features, "names", 0);
    g_assert_cmpstr(virt_probe_record_get_text(name, "name"), ==, "corrupt bit");
}

static void
test_reports_a_broken_table_of_feature_names(void)
{
    guint8 table[47] = { 0 };
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_extension(image, QCOW2_EXT_FEATURE_NAMES, table, sizeof table);
    record = qcow2_describe(image);
    assert_findings(record, "header-inconsistent");
}

static void
test_escapes_names_of_features_in_messages(void)
{
    guint8 table[48] = { 0 };
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *finding;

    add_feature_name(table, 0, 0, 9, "\033[31m\377");
    qcow2_set_incompatible(image, 0x200);
    qcow2_add_extension(image, QCOW2_EXT_FEATURE_NAMES, table, sizeof table);
    record = qcow2_describe(image);
    finding = virt_probe_record_get_item(probe_of(record), "findings", 0);
    g_assert_nonnull(strstr(virt_probe_record_get_text(finding, "message"), "\\x1b[31m\\xff"));
}

/* An image that is encrypted with LUKS, whose header lies at offset with length bytes. */
static Qcow2Image *
encrypted_image_new(guint64 offset, guint64 length, gsize extension_len)
{
    guint8 extension[24] = { 0 };
    Qcow2Image *image = qcow2_image_new(12);
    g_autoptr(GByteArray) luks = luks_image_new();

    memcpy(image->bytes + qcow2_free_place(image), luks->data, 592);
    put_big(extension, 8, offset);
    put_big(extension + 8, 8, length);
    qcow2_put(image, CRYPT_METHOD, 4, LUKS);
    qcow2_add_extension(image, QCOW2_EXT_LUKS, extension, extension_len);
    return image;
}

static void
test_describes_the_luks_header(void)
{
    g_autoptr(Qcow2Image) image = encrypted_image_new(4 * 4096, 4096, 16);
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);
    VirtProbeRecord *encrypt = virt_probe_record_get_record(specific_of(record), "encrypt");
    VirtProbeRecord *place = virt_probe_record_get_record(probe_of(record), "encryption");

    assert_findings(record, "encrypted");
    assert_state(record, "ok");
    g_assert_true(boolean_of(record, "encrypted"));
    g_assert_cmpstr(virt_probe_record_get_text(encrypt, "format"), ==, "luks");
    g_assert_cmpstr(virt_probe_record_get_text(encrypt, "cipher-alg"), ==, "aes-128");
    g_assert_cmpuint(virt_probe_record_get_length(encrypt, "slots"), ==, 8);
    g_assert_cmpuint(number_of(place, "offset"), ==, 4 * 4096);
    g_assert_cmpuint(number_of(place, "length"), ==, 4096);
}

typedef struct {
    const char *path;
    guint64 offset;
    guint64 length;
    gsize extension_len;
    const char *rule;
} LuksCase;

static const LuksCase luks_cases[] = {
    { "rejects-an-extension-of-8-bytes", 4 * 4096, 4096, 8, "header-extension-invalid" },
    { "rejects-an-extension-of-24-bytes", 4 * 4096, 4096, 24, "header-extension-invalid" },
    { "rejects-a-header-beside-a-cluster", 4 * 4096 + 512, 592, 16, "header-extension-invalid" },
    { "reports-a-header-past-the-end", 8 * 4096, 4096, 16, "truncated" },
    { "reports-a-header-longer-than-the-file", 4 * 4096, 65536, 16, "truncated" },
    { "rejects-a-header-past-all-files", G_MAXUINT64 - 4095, 8192, 16, "table-outside-file" },
    { "reports-a-header-that-is-too-short", 4 * 4096, 591, 16, "truncated" },
};

static void
test_spoiled_luks_extension(gconstpointer data)
{
    const LuksCase *row = data;
    g_autoptr(Qcow2Image) image = encrypted_image_new(row->offset, row->length, row->extension_len);
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

    assert_finding(record, row->rule);
    assert_state(record, "partial");
}

static void
test_rejects_a_luks_header_without_its_magic(void)
{
    g_autoptr(Qcow2Image) image = encrypted_image_new(4 * 4096, 4096, 16);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, 4 * 4096, 1, 'X');
    record = qcow2_describe(image);
    assert_state(record, "partial");
}

static void
test_rejects_a_luks_extension_without_encryption(void)
{
    g_autoptr(Qcow2Image) image = encrypted_image_new(4 * 4096, 4096, 16);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, CRYPT_METHOD, 4, 0);
    record = qcow2_describe(image);
    assert_finding(record, "header-extension-invalid");
}

static void
add_luks_tests(void)
{
    g_test_add_func("/qcow2/luks/header-is-described", test_describes_the_luks_header);
    for (guint i = 0; i < G_N_ELEMENTS(luks_cases); i++)
        add_row_test("/qcow2/luks", luks_cases[i].path, &luks_cases[i],
                     test_spoiled_luks_extension);
    g_test_add_func("/qcow2/luks/rejects-a-header-without-its-magic",
                    test_rejects_a_luks_header_without_its_magic);
    g_test_add_func("/qcow2/luks/rejects-an-extension-without-encryption",
                    test_rejects_a_luks_extension_without_encryption);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qcow2/extensions/are-listed-in-order", test_lists_extensions_in_order);
    g_test_add_func("/qcow2/extensions/end-at-type-0", test_ends_at_an_extension_of_type_0);
    g_test_add_func("/qcow2/extensions/end-at-the-backing-name", test_ends_at_the_backing_name);
    g_test_add_func("/qcow2/extensions/may-fill-the-cluster", test_fills_the_cluster_to_its_end);
    g_test_add_func("/qcow2/extensions/rejects-one-longer-than-its-area",
                    test_rejects_an_extension_longer_than_its_area);
    g_test_add_func("/qcow2/extensions/rejects-an-area-that-ends-inside-one",
                    test_rejects_an_area_that_ends_inside_an_extension);
    g_test_add_func("/qcow2/extensions/reports-a-second-one-of-its-type",
                    test_reports_a_second_extension_of_one_type);
    g_test_add_func("/qcow2/extensions/survives-a-cluster-full-of-them",
                    test_survives_a_cluster_full_of_extensions);
    g_test_add_func("/qcow2/extensions/256-are-not-too-many", test_256_extensions_are_not_too_many);
    g_test_add_func("/qcow2/extensions/many-findings-do-not-hide-a-data-file",
                    test_many_findings_do_not_hide_a_data_file);
    g_test_add_func("/qcow2/extensions/names-that-fill-memory-are-an-error",
                    test_names_that_fill_memory_are_an_error);
    g_test_add_func("/qcow2/feature-names/are-used-for-unknown-bits",
                    test_names_unknown_bits_as_the_image_does);
    g_test_add_func("/qcow2/feature-names/are-reported-when-borrowed", test_finds_a_borrowed_name);
    g_test_add_func("/qcow2/feature-names/are-not-believed-for-known-bits",
                    test_does_not_believe_names_of_known_bits);
    g_test_add_func("/qcow2/feature-names/are-reported-when-broken",
                    test_reports_a_broken_table_of_feature_names);
    g_test_add_func("/qcow2/feature-names/are-escaped-in-messages",
                    test_escapes_names_of_features_in_messages);
    add_luks_tests();
    return g_test_run();
}
