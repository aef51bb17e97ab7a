/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-qcow2-bitmaps.c: the directory of persistent bitmaps, sound and hostile. */
#include "qcow2-image.h"

#include <string.h>

#define EXTENSION_DATA 120 /* of the first header extension */
#define NAME 24            /* of a bitmap, from its start */

static Qcow2Image *
image_with_bitmaps_new(const char *first, const char *second)
{
    Qcow2Image *image = qcow2_image_new(9);

    qcow2_add_bitmap(image, first, strlen(first));
    if (second != NULL)
        qcow2_add_bitmap(image, second, strlen(second));
    qcow2_finish_bitmaps(image, second != NULL ? 2 : 1);
    return image;
}

static void
test_lists_bitmaps(void)
{
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new("monday", "tuesday");
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *bitmap;
    VirtProbeRecord *detail;

    qcow2_put(image, qcow2_free_place(image) + 12, 4, 3);
    record = qcow2_describe(image);
    assert_findings(record, "bitmaps-present");
    assert_state(record, "ok");
    g_assert_cmpuint(virt_probe_record_get_length(specific_of(record), "bitmaps"), ==, 2);
    bitmap = virt_probe_record_get_item(specific_of(record), "bitmaps", 0);
    g_assert_cmpstr(virt_probe_record_get_text(bitmap, "name"), ==, "monday");
    g_assert_cmpuint(number_of(bitmap, "granularity"), ==, 65536);
    g_assert_cmpstr(virt_probe_record_get_text_item(bitmap, "flags", 0), ==, "in-use");
    g_assert_cmpstr(virt_probe_record_get_text_item(bitmap, "flags", 1), ==, "auto");
    detail = virt_probe_record_get_item(probe_of(record), "bitmaps", 0);
    g_assert_false(boolean_of(detail, "consistent"));
    g_assert_true(boolean_of(detail, "enabled"));
    detail = virt_probe_record_get_item(probe_of(record), "bitmaps", 1);
    g_assert_true(boolean_of(detail, "consistent"));
    g_assert_false(boolean_of(detail, "enabled"));
    g_assert_cmpuint(number_of(detail, "table-offset"), ==, 7 * 512);
}

typedef struct {
    const char *path;
    gsize offset; /* in the first bitmap, or in the extension's data */
    guint width;
    guint64 value;
    const char *rule;
} Spoiled;

static const Spoiled spoiled_bitmaps[] = {
    { "rejects-a-table-at-0", 0, 8, 0, "table-invalid" },
    { "rejects-a-table-beside-a-cluster", 0, 8, 3585, "table-invalid" },
    { "rejects-a-table-of-0-entries", 8, 4, 0, "table-invalid" },
    { "rejects-a-table-above-512-mib", 8, 4, 1048577, "table-invalid" },
    { "rejects-a-table-of-32-bits", 8, 4, G_MAXUINT32, "table-invalid" },
    { "rejects-unknown-flag-2", 12, 4, 4, "table-invalid" },
    { "rejects-unknown-flag-31", 12, 4, 0x80000000, "table-invalid" },
    { "rejects-type-0", 16, 1, 0, "table-invalid" },
    { "rejects-type-2", 16, 1, 2, "table-invalid" },
    { "rejects-granularity-of-2-to-the-8th", 17, 1, 8, "table-invalid" },
    { "rejects-granularity-of-2-to-the-32nd", 17, 1, 32, "table-invalid" },
    { "rejects-granularity-of-255-bits", 17, 1, 255, "table-invalid" },
    { "rejects-a-name-longer-than-the-directory", 18, 2, 65535, "table-invalid" },
    { "rejects-extra-data", 20, 4, 8, "table-invalid" },
    { "rejects-extra-data-of-32-bits", 20, 4, G_MAXUINT32, "table-invalid" },
    { "reports-a-name-with-control-characters", NAME, 1, 0x1b, "unsafe-text" },
    { "reports-a-name-with-a-nul", NAME + 1, 1, 0, "unsafe-text" },
    { "reports-a-name-that-is-no-utf8", NAME, 1, 0xff, "unsafe-text" },
};

static void
check_spoiled(const Qcow2Image *image, const Spoiled *row)
{
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

    assert_finding(record, row->rule);
    assert_state(record,
                 virt_probe_rule_breaks(virt_probe_rule_find(row->rule)) ? "partial" : "ok");
}

static void
test_spoiled_bitmap(gconstpointer data)
{
    const Spoiled *row = data;
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new("monday", NULL);

    qcow2_put(image, qcow2_free_place(image) + row->offset, row->width, row->value);
    check_spoiled(image, row);
}

static const Spoiled spoiled_extensions[] = {
    { "rejects-a-count-of-0", 0, 4, 0, "header-extension-invalid" },
    { "rejects-a-count-above-65535", 0, 4, 65536, "header-extension-invalid" },
    { "rejects-a-count-of-32-bits", 0, 4, G_MAXUINT32, "header-extension-invalid" },
    { "rejects-more-bitmaps-than-the-directory-holds", 0, 4, 2, "table-invalid" },
    { "rejects-a-reserved-field-that-is-not-zero", 4, 4, 1, "header-extension-invalid" },
    { "rejects-a-directory-of-0-bytes", 8, 8, 0, "table-invalid" },
    { "rejects-a-directory-that-is-too-short", 8, 8, 24, "table-invalid" },
    { "rejects-a-directory-that-is-too-long", 8, 8, 40, "table-invalid" },
    { "rejects-a-directory-above-64-mib", 8, 8, 67107841, "huge-allocation" },
    { "rejects-a-directory-of-64-bits", 8, 8, G_MAXUINT64, "huge-allocation" },
    { "reports-a-directory-beyond-our-limit", 8, 8, 67107840, "truncated" },
    { "rejects-a-directory-beside-a-cluster", 16, 8, 2056, "header-extension-invalid" },
    { "reports-a-directory-past-the-end", 16, 8, 8192, "truncated" },
    { "reports-a-directory-past-all-files", 16, 8, G_MAXUINT64 - 511, "truncated" },
};

static void
test_spoiled_extension(gconstpointer data)
{
    const Spoiled *row = data;
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new("monday", NULL);

    qcow2_put(image, EXTENSION_DATA + row->offset, row->width, row->value);
    check_spoiled(image, row);
}

static void
test_rejects_two_bitmaps_of_one_name(void)
{
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new("monday", "monday");
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

    assert_finding(record, "table-invalid");
}

static void
test_accepts_a_name_that_begins_another(void)
{
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new("monday", "mon");
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

    assert_no_finding(record, "table-invalid");
}

static void
test_rejects_names_above_1023_bytes(void)
{
    g_autofree char *name = g_strnfill(1024, 'b');
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new(name, NULL);
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

    assert_finding(record, "table-invalid");
}

static void
test_accepts_names_of_1023_bytes(void)
{
    g_autofree char *name = g_strnfill(1023, 'b');
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new(name, NULL);
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

    assert_findings(record, "bitmaps-present");
}

/* A disk of more than the 2 MiB that one table entry of 512-byte clusters covers at 2^9. */
static Qcow2Image *
uncovered_image_new(guint32 flags)
{
    Qcow2Image *image = image_with_bitmaps_new("monday", NULL);

    qcow2_put(image, 24, 8, 2 * 1024 * 1024 + 512);
    qcow2_put(image, 36, 4, 65);
    qcow2_put(image, qcow2_free_place(image) + 17, 1, 9);
    qcow2_put(image, qcow2_free_place(image) + 12, 4, flags);
    return image;
}

static void
test_rejects_a_table_that_does_not_cover_the_disk(void)
{
    g_autoptr(Qcow2Image) image = uncovered_image_new(0);
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

    assert_finding(record, "table-invalid");
}

/* For QEMU a disk of less than a sector is empty, and has no bits. */
static void
test_rejects_a_table_for_a_part_of_a_sector(void)
{
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new("monday", NULL);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, 24, 8, 16);
    record = qcow2_describe(image);
    assert_finding(record, "table-invalid");
}

static void
test_asks_no_cover_of_a_bitmap_in_use(void)
{
    g_autoptr(Qcow2Image) image = uncovered_image_new(1);
    g_autoptr(VirtProbeRecord) record = qcow2_describe(image);

    assert_findings(record, "bitmaps-present");
}

static void
test_does_not_read_bitmaps_that_are_not_consistent(void)
{
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new("monday", NULL);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_autoclear(image, 0);
    record = qcow2_describe(image);
    assert_findings(record, "bitmaps-inconsistent");
    g_assert_cmpuint(number_of(probe_of(record), "bitmap-count"), ==, 1);
    g_assert_cmpuint(virt_probe_record_get_length(specific_of(record), "bitmaps"), ==, 0);
}

static void
test_rejects_an_extension_of_the_wrong_length(void)
{
    static const guint8 data[32];

    for (gsize len = 0; len <= sizeof data; len += 8) {
        g_autoptr(Qcow2Image) image = qcow2_image_new(9);
        g_autoptr(VirtProbeRecord) record = NULL;

        if (len == 24)
            continue;
        qcow2_add_extension(image, QCOW2_EXT_BITMAPS, data, len);
        record = qcow2_describe(image);
        assert_finding(record, "header-extension-invalid");
    }
}

static void
test_reports_a_directory_above_the_budget(void)
{
    g_autoptr(Qcow2Image) image = image_with_bitmaps_new("monday", NULL);
    g_autoptr(VirtProbeRecord) record = NULL;
    const gsize size = 8 * 1024 * 1024;
    g_autofree guint8 *bytes = g_malloc0(size);

    qcow2_put(image, EXTENSION_DATA + 8, 8, 5 * 1024 * 1024);
    memcpy(bytes, image->bytes, image->size);
    record = describe_bytes(bytes, size, "qcow2");
    assert_finding(record, "limit");
    assert_state(record, "partial");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qcow2/bitmaps/are-listed", test_lists_bitmaps);
    for (guint i = 0; i < G_N_ELEMENTS(spoiled_bitmaps); i++)
        add_row_test("/qcow2/bitmaps/entry", spoiled_bitmaps[i].path, &spoiled_bitmaps[i],
                     test_spoiled_bitmap);
    for (guint i = 0; i < G_N_ELEMENTS(spoiled_extensions); i++)
        add_row_test("/qcow2/bitmaps/extension", spoiled_extensions[i].path, &spoiled_extensions[i],
                     test_spoiled_extension);
    g_test_add_func("/qcow2/bitmaps/extension/rejects-the-wrong-length",
                    test_rejects_an_extension_of_the_wrong_length);
    g_test_add_func("/qcow2/bitmaps/extension/reports-a-directory-above-the-budget",
                    test_reports_a_directory_above_the_budget);
    g_test_add_func("/qcow2/bitmaps/entry/rejects-two-of-one-name",
                    test_rejects_two_bitmaps_of_one_name);
    g_test_add_func("/qcow2/bitmaps/entry/accepts-a-name-that-begins-another",
                    test_accepts_a_name_that_begins_another);
    g_test_add_func("/qcow2/bitmaps/entry/rejects-names-above-1023-bytes",
                    test_rejects_names_above_1023_bytes);
    g_test_add_func("/qcow2/bitmaps/entry/accepts-names-of-1023-bytes",
                    test_accepts_names_of_1023_bytes);
    g_test_add_func("/qcow2/bitmaps/entry/rejects-a-table-that-does-not-cover-the-disk",
                    test_rejects_a_table_that_does_not_cover_the_disk);
    g_test_add_func("/qcow2/bitmaps/entry/rejects-a-table-for-a-part-of-a-sector",
                    test_rejects_a_table_for_a_part_of_a_sector);
    g_test_add_func("/qcow2/bitmaps/entry/needs-no-cover-while-in-use",
                    test_asks_no_cover_of_a_bitmap_in_use);
    g_test_add_func("/qcow2/bitmaps/are-not-read-when-not-consistent",
                    test_does_not_read_bitmaps_that_are_not_consistent);
    return g_test_run();
}
