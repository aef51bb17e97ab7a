/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-qcow2.c: the rules of the qcow2 header, one spoiled field a row, and what a sound header says. */
#include "qcow2-image.h"

#include <string.h>

#define BIT(n) (G_GUINT64_CONSTANT(1) << (n))

/* A field of a sound image of 512-byte clusters gets a value; rule: of the finding that must come. */
typedef struct {
    const char *path;
    gsize offset;
    guint width;
    guint64 value;
    const char *rule;
} Spoiled;

static const Spoiled spoiled_cases[] = {
    { "rejects-version-0", 4, 4, 0, "unsupported-version" },
    { "rejects-version-1", 4, 4, 1, "bad-magic" },
    { "rejects-version-4", 4, 4, 4, "unsupported-version" },
    { "rejects-version-4294967295", 4, 4, G_MAXUINT32, "unsupported-version" },
    { "rejects-backing-offset-beyond-the-first-cluster", 8, 8, 513, "header-invalid" },
    { "rejects-backing-offset-of-64-bits", 8, 8, G_MAXUINT64, "header-invalid" },
    { "reports-backing-offset-without-size", 8, 8, 200, "header-inconsistent" },
    { "reports-backing-size-without-offset", 16, 4, 4, "header-inconsistent" },
    { "rejects-cluster-bits-0", 20, 4, 0, "header-invalid" },
    { "rejects-cluster-bits-below-9", 20, 4, 8, "header-invalid" },
    { "rejects-cluster-bits-above-21", 20, 4, 22, "header-invalid" },
    { "rejects-cluster-bits-64", 20, 4, 64, "header-invalid" },
    { "rejects-cluster-bits-of-32-bits", 20, 4, G_MAXUINT32, "header-invalid" },
    { "rejects-size-beyond-the-l1-table", 24, 8, 32769, "header-invalid" },
    { "rejects-size-of-64-bits", 24, 8, G_MAXUINT64, "header-invalid" },
    { "reports-legacy-encryption", 32, 4, 1, "encrypted-legacy-aes" },
    { "rejects-luks-without-its-header", 32, 4, 2, "encryption-header-missing" },
    { "rejects-crypt-method-3", 32, 4, 3, "encryption-unknown" },
    { "rejects-l1-table-too-small-for-the-disk", 36, 4, 0, "header-invalid" },
    { "rejects-l1-table-above-32-mib", 36, 4, 4194305, "huge-allocation" },
    { "rejects-l1-table-of-32-bits", 36, 4, G_MAXUINT32, "huge-allocation" },
    { "reports-l1-table-longer-than-the-file", 36, 4, 4194304, "truncated" },
    { "rejects-l1-table-beside-a-cluster", 40, 8, 1537, "header-invalid" },
    { "reports-l1-table-past-the-end", 40, 8, 4096, "truncated" },
    { "rejects-l1-table-past-all-files", 40, 8, G_MAXUINT64 - 511, "table-outside-file" },
    { "rejects-refcount-table-beside-a-cluster", 48, 8, 520, "header-invalid" },
    { "reports-refcount-table-past-the-end", 48, 8, 4096, "truncated" },
    { "rejects-refcount-table-past-all-files", 48, 8, BIT(63), "table-outside-file" },
    { "rejects-refcount-table-of-0-clusters", 56, 4, 0, "header-invalid" },
    { "reports-refcount-table-longer-than-the-file", 56, 4, 16384, "truncated" },
    { "rejects-refcount-table-above-8-mib", 56, 4, 16385, "huge-allocation" },
    { "rejects-refcount-table-of-32-bits", 56, 4, G_MAXUINT32, "huge-allocation" },
    { "rejects-more-than-65536-snapshots", 60, 4, 65537, "huge-allocation" },
    { "rejects-snapshots-of-32-bits", 60, 4, G_MAXUINT32, "huge-allocation" },
    { "rejects-snapshot-table-beside-a-cluster", 64, 8, 513, "header-invalid" },
    { "reports-dirty-bit", 72, 8, BIT(0), "dirty" },
    { "reports-corrupt-bit", 72, 8, BIT(1), "corrupt" },
    { "reports-data-file", 72, 8, BIT(2), "data-file" },
    { "reports-data-file-without-name", 72, 8, BIT(2), "data-file-bit-without-name" },
    { "rejects-compression-bit-with-zlib", 72, 8, BIT(3), "compression-type" },
    { "rejects-subclusters-in-small-clusters", 72, 8, BIT(4), "header-invalid" },
    { "rejects-unknown-incompatible-bit-5", 72, 8, BIT(5), "unknown-incompat-feature" },
    { "rejects-unknown-incompatible-bit-63", 72, 8, BIT(63), "unknown-incompat-feature" },
    { "reports-unknown-compatible-bit-1", 80, 8, BIT(1), "unknown-feature" },
    { "reports-unknown-compatible-bit-63", 80, 8, BIT(63), "unknown-feature" },
    { "reports-bitmaps-bit-without-bitmaps", 88, 8, BIT(0), "header-inconsistent" },
    { "reports-raw-bit-without-data-file", 88, 8, BIT(1), "header-inconsistent" },
    { "reports-unknown-autoclear-bit-2", 88, 8, BIT(2), "unknown-feature" },
    { "rejects-refcount-order-above-6", 96, 4, 7, "header-invalid" },
    { "rejects-refcount-order-of-32-bits", 96, 4, G_MAXUINT32, "header-invalid" },
    { "rejects-header-length-0", 100, 4, 0, "header-length-range" },
    { "rejects-header-length-below-104", 100, 4, 103, "header-length-range" },
    { "rejects-header-length-above-a-cluster", 100, 4, 513, "header-length-range" },
    { "rejects-header-length-of-32-bits", 100, 4, G_MAXUINT32, "header-length-range" },
    { "reports-header-length-beside-8-bytes", 100, 4, 108, "header-inconsistent" },
    { "rejects-zstd-without-its-bit", 104, 1, 1, "compression-type" },
    { "rejects-compression-type-2", 104, 1, 2, "compression-type" },
    { "reports-padding-that-is-not-zero", 111, 1, 1, "reserved-nonzero" },
};

static void
test_spoiled_field(gconstpointer data)
{
    const Spoiled *row = data;
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, row->offset, row->width, row->value);
    record = qcow2_describe(image);
    assert_finding(record, row->rule);
    assert_state(record,
                 virt_probe_rule_breaks(virt_probe_rule_find(row->rule)) ? "partial" : "ok");
}

static const Spoiled sound_cases[] = {
    { "accepts-refcount-order-0", 96, 4, 0, "" },
    { "accepts-refcount-order-6", 96, 4, 6, "" },
    { "accepts-header-length-104", 100, 4, 104, "" },
    { "accepts-a-smaller-size", 24, 8, 512, "" },
    { "accepts-lazy-refcounts", 80, 8, 1, "" },
    { "accepts-more-l1-entries-than-needed", 36, 4, 64, "" },
};

static void
test_sound_field(gconstpointer data)
{
    const Spoiled *row = data;
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, row->offset, row->width, row->value);
    record = qcow2_describe(image);
    assert_findings(record, row->rule);
    assert_state(record, "ok");
}

static void
test_accepts_clusters_of_every_size(void)
{
    for (guint bits = 9; bits <= 21; bits++) {
        g_autoptr(Qcow2Image) image = qcow2_image_new(bits);
        g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

        assert_findings(record, "");
        g_assert_cmpuint(number_of(record, "cluster-size"), ==, BIT(bits));
    }
}

static void
test_says_what_the_header_says(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);
    VirtProbeRecord *specific = specific_of(record);

    g_assert_cmpuint(number_of(record, "virtual-size"), ==, 32768);
    g_assert_false(boolean_of(record, "dirty-flag"));
    g_assert_cmpstr(virt_probe_record_get_text(specific, "compat"), ==, "1.1");
    g_assert_cmpstr(virt_probe_record_get_text(specific, "compression-type"), ==, "zlib");
    g_assert_cmpuint(number_of(specific, "refcount-bits"), ==, 16);
    g_assert_false(boolean_of(specific, "lazy-refcounts"));
    g_assert_false(boolean_of(specific, "corrupt"));
    g_assert_false(boolean_of(specific, "extended-l2"));
    g_assert_cmpuint(number_of(probe_of(record), "version"), ==, 3);
    g_assert_cmpuint(number_of(probe_of(record), "header-length"), ==, 112);
}

static void
test_version_2_has_no_later_fields(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_make_version_2(image);
    record = qcow2_describe(image);
    assert_findings(record, "");
    g_assert_cmpstr(virt_probe_record_get_text(specific_of(record), "compat"), ==, "0.10");
    g_assert_cmpuint(number_of(specific_of(record), "refcount-bits"), ==, 16);
    g_assert_false(virt_probe_record_get_boolean(specific_of(record), "corrupt", NULL));
    g_assert_null(virt_probe_record_get_record(probe_of(record), "features"));
}

static void
test_accepts_zstd_with_its_bit(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, BIT(3));
    qcow2_put(image, 104, 1, 1);
    record = qcow2_describe(image);
    assert_findings(record, "");
    g_assert_cmpstr(virt_probe_record_get_text(specific_of(record), "compression-type"), ==,
                    "zstd");
}

static void
test_accepts_subclusters_in_clusters_of_16_kib(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(14);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, BIT(4));
    qcow2_put(image, 24, 8, 16384 * 1024);
    record = qcow2_describe(image);
    assert_findings(record, "");
    g_assert_true(boolean_of(specific_of(record), "extended-l2"));
}

static void
test_subclusters_halve_what_an_l1_entry_reaches(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(14);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, BIT(4));
    qcow2_put(image, 24, 8, 16384 * 1024 + 512);
    record = qcow2_describe(image);
    assert_finding(record, "header-invalid");
}

static void
test_lists_feature_bits_that_are_set(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *features;
    VirtProbeRecord *unknown;

    qcow2_set_incompatible(image, BIT(0) | BIT(63));
    record = qcow2_describe(image);
    features = virt_probe_record_get_record(probe_of(record), "features");
    g_assert_cmphex(number_of(features, "incompatible"), ==, BIT(0) | BIT(63));
    g_assert_cmpuint(virt_probe_record_get_length(features, "names"), ==, 2);
    unknown = virt_probe_record_get_item(features, "names", 1);
    g_assert_cmpuint(number_of(unknown, "bit"), ==, 63);
    g_assert_false(boolean_of(unknown, "known"));
    g_assert_null(virt_probe_record_get_text(unknown, "name"));
    g_assert_true(boolean_of(record, "dirty-flag"));
}

static void
test_says_the_exact_size_beside_whole_sectors(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, 24, 8, 1000);
    record = qcow2_describe(image);
    g_assert_cmpuint(number_of(record, "virtual-size"), ==, 512);
    g_assert_cmpuint(number_of(probe_of(record), "exact-virtual-size"), ==, 1000);
}

static void
test_describes_an_unknown_version_as_far_as_it_goes(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    g_autoptr(GError) error = NULL;

    qcow2_put(image, 4, 4, 4);
    record = qcow2_describe(image);
    g_assert_cmpuint(number_of(record, "virtual-size"), ==, 32768);
    g_assert_cmpuint(number_of(probe_of(record), "version"), ==, 4);
    g_assert_false(virt_probe_image_verify(record, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED);
}

static void
test_finding_points_to_its_field(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *finding;

    qcow2_put(image, 96, 4, 7);
    record = qcow2_describe(image);
    finding = virt_probe_record_get_item(probe_of(record), "findings", 0);
    g_assert_cmpuint(number_of(finding, "offset"), ==, 96);
    g_assert_cmpuint(number_of(finding, "length"), ==, 4);
    g_assert_cmpstr(virt_probe_record_get_text(finding, "severity"), ==, "warning");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(spoiled_cases); i++)
        add_row_test("/qcow2/header", spoiled_cases[i].path, &spoiled_cases[i], test_spoiled_field);
    for (guint i = 0; i < G_N_ELEMENTS(sound_cases); i++)
        add_row_test("/qcow2/header", sound_cases[i].path, &sound_cases[i], test_sound_field);
    g_test_add_func("/qcow2/header/accepts-clusters-of-every-size",
                    test_accepts_clusters_of_every_size);
    g_test_add_func("/qcow2/header/accepts-zstd-with-its-bit", test_accepts_zstd_with_its_bit);
    g_test_add_func("/qcow2/header/accepts-subclusters-in-clusters-of-16-kib",
                    test_accepts_subclusters_in_clusters_of_16_kib);
    g_test_add_func("/qcow2/header/subclusters-halve-what-an-l1-entry-reaches",
                    test_subclusters_halve_what_an_l1_entry_reaches);
    g_test_add_func("/qcow2/facts/are-those-of-the-header", test_says_what_the_header_says);
    g_test_add_func("/qcow2/facts/of-version-2-have-no-later-fields",
                    test_version_2_has_no_later_fields);
    g_test_add_func("/qcow2/facts/list-feature-bits-that-are-set",
                    test_lists_feature_bits_that_are_set);
    g_test_add_func("/qcow2/facts/give-the-exact-size-beside-whole-sectors",
                    test_says_the_exact_size_beside_whole_sectors);
    g_test_add_func("/qcow2/facts/of-an-unknown-version-go-as-far-as-they-can",
                    test_describes_an_unknown_version_as_far_as_it_goes);
    g_test_add_func("/qcow2/finding/points-to-its-field", test_finding_points_to_its_field);
    return g_test_run();
}
