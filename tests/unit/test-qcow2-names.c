/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-qcow2-names.c: names of other files in a qcow2 image: backing files and external data files. */
#include "qcow2-image.h"

#include <string.h>

#define DATA_FILE_BIT 4

static void
test_says_the_backing_file_and_its_format(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *backing;

    qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, "raw", 3);
    qcow2_set_backing(image, "base.img");
    record = qcow2_describe(image);
    assert_findings(record, "backing-file");
    g_assert_cmpstr(virt_probe_record_get_text(record, "backing-filename"), ==, "base.img");
    g_assert_cmpstr(virt_probe_record_get_text(record, "backing-filename-format"), ==, "raw");
    backing = virt_probe_record_get_item(probe_of(record), "references", 0);
    g_assert_cmpuint(number_of(backing, "name-length"), ==, 8);
}

static void
test_reports_a_backing_file_without_format(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_backing(image, "base.img");
    record = qcow2_describe(image);
    assert_findings(record, "backing-file backing-format-missing");
    assert_state(record, "ok");
}

static void
test_takes_an_empty_backing_format_for_none(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, NULL, 0);
    qcow2_set_backing(image, "base.img");
    record = qcow2_describe(image);
    assert_finding(record, "backing-format-missing");
}

static void
test_rejects_a_backing_format_of_16_bytes(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, "abcdefghijklmnop", 16);
    qcow2_set_backing(image, "base.img");
    record = qcow2_describe(image);
    assert_finding(record, "header-extension-invalid");
}

static void
test_shows_no_backing_format_without_backing_file(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, "raw", 3);
    record = qcow2_describe(image);
    assert_findings(record, "");
    g_assert_null(virt_probe_record_get_text(record, "backing-filename-format"));
}

typedef struct {
    const char *path;
    const char *name;
    const char *rule; /* NULL: none about the name's form */
} NameCase;

static const NameCase name_cases[] = {
    { "may-be-relative", "dir/base.img", NULL },
    { "is-reported-when-absolute", "/etc/passwd", "absolute-path" },
    { "is-reported-with-a-protocol", "nbd://host/export", "protocol-filename" },
    { "is-reported-as-json", "json:{\"driver\":\"file\"}", "json-filename" },
    { "is-reported-with-control-characters", "a\033[2Jb", "unsafe-text" },
    { "is-reported-with-a-line-break", "a\nb", "unsafe-text" },
    { "is-reported-without-utf8", "\xff", "unsafe-text" },
};

static void
check_name(const VirtProbeRecord *record, const NameCase *row)
{
    static const char *const rules[] = { "absolute-path", "protocol-filename", "json-filename",
                                         "unsafe-text" };

    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        g_assert_cmpuint(count_findings(record, rules[i]), ==, g_strcmp0(row->rule, rules[i]) == 0);
}

static void
test_form_of_a_backing_name(gconstpointer data)
{
    const NameCase *row = data;
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_backing(image, row->name);
    record = qcow2_describe(image);
    check_name(record, row);
    g_assert_cmpstr(virt_probe_record_get_text(record, "backing-filename"), ==, row->name);
}

static void
test_form_of_a_data_file_name(gconstpointer data)
{
    const NameCase *row = data;
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, DATA_FILE_BIT);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, row->name, strlen(row->name));
    record = qcow2_describe(image);
    check_name(record, row);
    g_assert_cmpstr(virt_probe_record_get_text(specific_of(record), "data-file"), ==, row->name);
}

static void
test_reports_a_name_with_a_nul_inside(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_backing(image, "base.img");
    qcow2_put(image, image->extensions_end + 8 + 4, 1, 0);
    record = qcow2_describe(image);
    assert_finding(record, "unsafe-text");
    g_assert_cmpstr(virt_probe_record_get_text(record, "backing-filename"), ==, "base");
}

static void
test_reports_a_backing_name_inside_the_header(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, 8, 8, 64);
    qcow2_put(image, 16, 4, 8);
    record = qcow2_describe(image);
    assert_finding(record, "header-inconsistent");
}

static void
test_rejects_a_backing_name_that_leaves_the_cluster(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, 8, 8, 500);
    qcow2_put(image, 16, 4, 13);
    record = qcow2_describe(image);
    assert_finding(record, "header-invalid");
    g_assert_null(virt_probe_record_get_text(record, "backing-filename"));
}

static void
test_rejects_a_backing_name_above_1023_bytes(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_put(image, 8, 8, 1024);
    qcow2_put(image, 16, 4, 1024);
    record = qcow2_describe(image);
    assert_finding(record, "header-invalid");
}

static void
test_says_the_data_file(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, DATA_FILE_BIT);
    qcow2_set_autoclear(image, 2);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "disk.raw", 8);
    record = qcow2_describe(image);
    assert_findings(record, "data-file");
    g_assert_true(boolean_of(specific_of(record), "data-file-raw"));
}

static void
test_reports_a_data_file_name_without_its_bit(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "disk.raw", 8);
    record = qcow2_describe(image);
    assert_findings(record, "data-file-name-without-bit");
}

static void
test_takes_an_empty_data_file_name_for_none(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, DATA_FILE_BIT);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, NULL, 0);
    record = qcow2_describe(image);
    assert_finding(record, "data-file-bit-without-name");
}

static void
test_cuts_a_data_file_name_above_4096_bytes(void)
{
    g_autofree char *name = g_strnfill(5000, 'a');
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, DATA_FILE_BIT);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, name, 5000);
    record = qcow2_describe(image);
    assert_finding(record, "header-inconsistent");
    g_assert_cmpuint(strlen(virt_probe_record_get_text(specific_of(record), "data-file")), ==,
                     4096);
}

static void
test_reports_a_raw_data_file_with_a_backing_file(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_incompatible(image, DATA_FILE_BIT);
    qcow2_set_autoclear(image, 2);
    qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, "raw", 3);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "disk.raw", 8);
    qcow2_set_backing(image, "base.img");
    record = qcow2_describe(image);
    assert_finding(record, "header-inconsistent");
}

static void
add_backing_tests(void)
{
    g_test_add_func("/qcow2/backing/is-said-with-its-format",
                    test_says_the_backing_file_and_its_format);
    g_test_add_func("/qcow2/backing/is-reported-without-format",
                    test_reports_a_backing_file_without_format);
    g_test_add_func("/qcow2/backing/empty-format-is-none",
                    test_takes_an_empty_backing_format_for_none);
    g_test_add_func("/qcow2/backing/rejects-a-format-of-16-bytes",
                    test_rejects_a_backing_format_of_16_bytes);
    g_test_add_func("/qcow2/backing/format-is-not-shown-without-backing-file",
                    test_shows_no_backing_format_without_backing_file);
    g_test_add_func("/qcow2/backing/is-reported-with-a-nul-inside",
                    test_reports_a_name_with_a_nul_inside);
    g_test_add_func("/qcow2/backing/is-reported-inside-the-header",
                    test_reports_a_backing_name_inside_the_header);
    g_test_add_func("/qcow2/backing/rejects-a-name-that-leaves-the-cluster",
                    test_rejects_a_backing_name_that_leaves_the_cluster);
    g_test_add_func("/qcow2/backing/rejects-a-name-above-1023-bytes",
                    test_rejects_a_backing_name_above_1023_bytes);
}

static void
add_data_file_tests(void)
{
    g_test_add_func("/qcow2/data-file/is-said", test_says_the_data_file);
    g_test_add_func("/qcow2/data-file/is-reported-without-its-bit",
                    test_reports_a_data_file_name_without_its_bit);
    g_test_add_func("/qcow2/data-file/empty-name-is-none",
                    test_takes_an_empty_data_file_name_for_none);
    g_test_add_func("/qcow2/data-file/is-cut-above-4096-bytes",
                    test_cuts_a_data_file_name_above_4096_bytes);
    g_test_add_func("/qcow2/data-file/excludes-a-backing-file-when-raw",
                    test_reports_a_raw_data_file_with_a_backing_file);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_backing_tests();
    add_data_file_tests();
    for (guint i = 0; i < G_N_ELEMENTS(name_cases); i++) {
        add_row_test("/qcow2/backing", name_cases[i].path, &name_cases[i],
                     test_form_of_a_backing_name);
        add_row_test("/qcow2/data-file", name_cases[i].path, &name_cases[i],
                     test_form_of_a_data_file_name);
    }
    return g_test_run();
}
