/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-qcow2-snapshots.c: the table of internal snapshots, sound and hostile. */
#include "qcow2-image.h"

#include <string.h>

#define SNAPSHOT_COUNT 60
#define NAMES 56 /* of a snapshot with 16 bytes of extra data, from its start */

static void
test_lists_snapshots(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *snapshot;
    VirtProbeRecord *detail;

    qcow2_add_snapshot(image, "1", "before");
    qcow2_add_snapshot(image, "2", "after");
    record = qcow2_describe(image);
    assert_findings(record, "snapshots-present");
    g_assert_cmpuint(number_of(probe_of(record), "snapshot-count"), ==, 2);
    g_assert_cmpuint(virt_probe_record_get_length(record, "snapshots"), ==, 2);
    snapshot = virt_probe_record_get_item(record, "snapshots", 1);
    g_assert_cmpstr(virt_probe_record_get_text(snapshot, "id"), ==, "2");
    g_assert_cmpstr(virt_probe_record_get_text(snapshot, "name"), ==, "after");
    g_assert_cmpuint(number_of(snapshot, "date-sec"), ==, 1700000000);
    g_assert_false(virt_probe_record_get_uint64(snapshot, "icount", NULL));
    detail = virt_probe_record_get_item(probe_of(record), "snapshots", 1);
    g_assert_cmpuint(number_of(detail, "disk-size"), ==, 512);
    g_assert_cmpuint(number_of(detail, "l1-offset"), ==, 3 * 512);
    g_assert_cmpuint(number_of(detail, "extra-data-length"), ==, 16);
}

static void
test_splits_the_clock_into_seconds(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *snapshot;
    gsize place = qcow2_add_snapshot(image, "1", "one");

    qcow2_put(image, place + 20, 4, 123);
    qcow2_put(image, place + 24, 8, 7000000009);
    record = qcow2_describe(image);
    snapshot = virt_probe_record_get_item(record, "snapshots", 0);
    g_assert_cmpuint(number_of(snapshot, "date-nsec"), ==, 123);
    g_assert_cmpuint(number_of(snapshot, "vm-clock-sec"), ==, 7);
    g_assert_cmpuint(number_of(snapshot, "vm-clock-nsec"), ==, 9);
}

static void
test_takes_the_large_size_of_the_machine_state(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    gsize place = qcow2_add_snapshot(image, "1", "one");

    qcow2_put(image, place + 32, 4, 1);
    qcow2_put(image, place + 40, 8, G_GUINT64_CONSTANT(1) << 40);
    record = qcow2_describe(image);
    g_assert_cmpuint(number_of(virt_probe_record_get_item(record, "snapshots", 0), "vm-state-size"),
                     ==, G_GUINT64_CONSTANT(1) << 40);
}

static void
test_says_the_instruction_count_when_it_is_there(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    gsize place = qcow2_add_snapshot(image, "12345678", "n");

    /* The id becomes the third field of the extra data. */
    qcow2_put(image, place + 12, 2, 0);
    qcow2_put(image, place + 36, 4, 24);
    qcow2_put(image, place + NAMES, 8, 4711);
    record = qcow2_describe(image);
    g_assert_cmpuint(number_of(virt_probe_record_get_item(record, "snapshots", 0), "icount"), ==,
                     4711);
}

static void
test_leaves_out_sizes_above_63_bits(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    gsize place = qcow2_add_snapshot(image, "1", "one");

    qcow2_put(image, place + 40, 8, G_MAXUINT64);
    record = qcow2_describe(image);
    assert_finding(record, "number-too-large");
    g_assert_false(virt_probe_record_get_uint64(virt_probe_record_get_item(record, "snapshots", 0),
                                                "vm-state-size", NULL));
}

typedef struct {
    const char *path;
    gsize offset; /* in the snapshot */
    guint width;
    guint64 value;
    const char *rule;
} Spoiled;

static const Spoiled spoiled_cases[] = {
    { "reports-l1-table-beside-a-cluster", 0, 8, 1537, "table-odd" },
    { "reports-l1-table-past-the-end", 0, 8, 8192, "table-odd" },
    { "reports-l1-table-past-all-files", 0, 8, G_MAXUINT64 - 511, "table-odd" },
    { "reports-l1-table-above-32-mib", 8, 4, 4194305, "table-odd" },
    { "reports-l1-table-of-32-bits", 8, 4, G_MAXUINT32, "table-odd" },
    { "reports-an-id-longer-than-the-file", 12, 2, 65535, "truncated" },
    { "reports-a-name-longer-than-the-file", 14, 2, 65535, "truncated" },
    { "reports-extra-data-below-16-bytes", 36, 4, 8, "table-odd" },
    { "reports-no-extra-data", 36, 4, 0, "table-odd" },
    { "rejects-extra-data-above-1024-bytes", 36, 4, 1025, "table-invalid" },
    { "rejects-extra-data-of-32-bits", 36, 4, G_MAXUINT32, "table-invalid" },
    { "reports-an-id-with-control-characters", NAMES, 1, 0x1b, "unsafe-text" },
    { "reports-a-name-with-a-nul", NAMES + 2, 1, 0, "unsafe-text" },
    { "reports-a-name-that-is-no-utf8", NAMES + 2, 1, 0xff, "unsafe-text" },
};

static void
test_spoiled_snapshot(gconstpointer data)
{
    const Spoiled *row = data;
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    gsize place = qcow2_add_snapshot(image, "1", "name");

    qcow2_put(image, place + row->offset, row->width, row->value);
    record = qcow2_describe(image);
    assert_finding(record, row->rule);
    assert_state(record,
                 virt_probe_rule_breaks(virt_probe_rule_find(row->rule)) ? "partial" : "ok");
}

static void
test_version_2_needs_no_extra_data(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    gsize place = qcow2_add_snapshot(image, "1", "one");

    qcow2_make_version_2(image);
    qcow2_put(image, place + 36, 4, 0);
    record = qcow2_describe(image);
    assert_no_finding(record, "table-odd");
}

static void
test_lists_what_is_there_of_a_cut_table(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_snapshot(image, "1", "one");
    qcow2_add_snapshot(image, "2", "two");
    record = describe_bytes(image->bytes, image->table_end - 8, "qcow2");
    assert_finding(record, "truncated");
    assert_state(record, "partial");
    g_assert_cmpuint(virt_probe_record_get_length(record, "snapshots"), ==, 1);
}

static void
test_survives_a_table_cut_anywhere(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);

    qcow2_add_snapshot(image, "1", "one");
    qcow2_add_snapshot(image, "2", "two");
    for (gsize size = qcow2_free_place(image); size < image->table_end - 4; size++) {
        g_autofree guint8 *cut = g_memdup2(image->bytes, size);
        g_autoptr(VirtProbeRecord) record = describe_bytes(cut, size, "qcow2");

        g_test_message("%" G_GSIZE_FORMAT " bytes", size);
        assert_finding(record, "truncated");
        assert_state(record, "partial");
    }
}

static void
test_cuts_names_as_qemu_does(void)
{
    g_autofree char *id = g_strnfill(200, 'i');
    g_autofree char *name = g_strnfill(300, 'n');
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;
    VirtProbeRecord *snapshot;

    qcow2_add_snapshot(image, id, name);
    record = qcow2_describe(image);
    snapshot = virt_probe_record_get_item(record, "snapshots", 0);
    g_assert_cmpuint(strlen(virt_probe_record_get_text(snapshot, "id")), ==, 127);
    g_assert_cmpuint(strlen(virt_probe_record_get_text(snapshot, "name")), ==, 255);
}

static void
test_accepts_empty_names(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_snapshot(image, "", "");
    record = qcow2_describe(image);
    assert_findings(record, "snapshots-present");
    g_assert_cmpstr(
        virt_probe_record_get_text(virt_probe_record_get_item(record, "snapshots", 0), "name"), ==,
        "");
}

/* An image with that many snapshots whose names are one letter. */
static GByteArray *
many_snapshots_new(guint count)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    GByteArray *bytes = g_byte_array_new();
    guint8 snapshot[64] = { 0 };

    put_big(snapshot + 12, 2, 1);
    put_big(snapshot + 14, 2, 1);
    put_big(snapshot + 36, 4, 16);
    memcpy(snapshot + NAMES, "sn", 2);
    qcow2_put(image, SNAPSHOT_COUNT, 4, count);
    qcow2_put(image, 64, 8, image->size);
    g_byte_array_append(bytes, image->bytes, (guint) image->size);
    for (guint i = 0; i < count; i++)
        g_byte_array_append(bytes, snapshot, sizeof snapshot);
    return bytes;
}

static void
test_stops_listing_when_the_output_is_long(void)
{
    g_autoptr(GByteArray) bytes = many_snapshots_new(5000);
    g_autoptr(VirtProbeRecord) record = describe_bytes(bytes->data, bytes->len, "qcow2");
    g_autofree char *json = virt_probe_record_to_json(record);

    assert_finding(record, "too-many-entries");
    assert_state(record, "ok");
    g_assert_cmpuint(number_of(probe_of(record), "snapshot-count"), ==, 5000);
    g_assert_cmpuint(virt_probe_record_get_length(record, "snapshots"), <, 5000);
    g_assert_cmpuint(strlen(json), <, 1024 * 1024);
}

static void
test_lists_more_when_all_is_wanted(void)
{
    g_autoptr(GByteArray) bytes = many_snapshots_new(5000);
    g_autoptr(VirtProbeRecord) record = describe_bytes_in_full(bytes->data, bytes->len, "qcow2");

    assert_no_finding(record, "too-many-entries");
    g_assert_cmpuint(virt_probe_record_get_length(record, "snapshots"), ==, 5000);
}

static void
test_ends_in_time_with_65536_snapshots(void)
{
    g_autoptr(GByteArray) bytes = many_snapshots_new(65536);
    g_autoptr(VirtProbeRecord) record = describe_bytes_in_full(bytes->data, bytes->len, "qcow2");

    assert_finding(record, "too-many-entries");
    g_assert_cmpuint(virt_probe_record_get_length(record, "snapshots"), <, 65536);
}

static void
test_excludes_an_external_data_file(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_add_snapshot(image, "1", "one");
    qcow2_set_incompatible(image, 4);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, "disk.raw", 8);
    record = qcow2_describe(image);
    assert_finding(record, "header-inconsistent");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qcow2/snapshots/are-listed", test_lists_snapshots);
    g_test_add_func("/qcow2/snapshots/clock-is-split-into-seconds",
                    test_splits_the_clock_into_seconds);
    g_test_add_func("/qcow2/snapshots/machine-state-has-64-bits",
                    test_takes_the_large_size_of_the_machine_state);
    g_test_add_func("/qcow2/snapshots/instruction-count-is-said-when-there",
                    test_says_the_instruction_count_when_it_is_there);
    g_test_add_func("/qcow2/snapshots/sizes-above-63-bits-are-left-out",
                    test_leaves_out_sizes_above_63_bits);
    for (guint i = 0; i < G_N_ELEMENTS(spoiled_cases); i++)
        add_row_test("/qcow2/snapshots", spoiled_cases[i].path, &spoiled_cases[i],
                     test_spoiled_snapshot);
    g_test_add_func("/qcow2/snapshots/version-2-needs-no-extra-data",
                    test_version_2_needs_no_extra_data);
    g_test_add_func("/qcow2/snapshots/cut-table-is-listed-as-far-as-it-goes",
                    test_lists_what_is_there_of_a_cut_table);
    g_test_add_func("/qcow2/snapshots/table-may-be-cut-anywhere",
                    test_survives_a_table_cut_anywhere);
    g_test_add_func("/qcow2/snapshots/names-are-cut-as-qemu-does", test_cuts_names_as_qemu_does);
    g_test_add_func("/qcow2/snapshots/names-may-be-empty", test_accepts_empty_names);
    g_test_add_func("/qcow2/snapshots/list-stops-when-the-output-is-long",
                    test_stops_listing_when_the_output_is_long);
    g_test_add_func("/qcow2/snapshots/list-is-longer-when-all-is-wanted",
                    test_lists_more_when_all_is_wanted);
    g_test_add_func("/qcow2/snapshots/list-ends-within-memory",
                    test_ends_in_time_with_65536_snapshots);
    g_test_add_func("/qcow2/snapshots/exclude-an-external-data-file",
                    test_excludes_an_external_data_file);
    return g_test_run();
}
