/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-record-public.c: reading a metadata tree key by key, and keeping it alive by any of its records. */
#include "storage/record.h"
#include "unit.h"

#define UNTOUCHED 77

/* An image with one value of each type. */
static VirtProbeRecord *
image_new(void)
{
    VirtProbeRecord *image = vp_tree_new(VP_RECORD_IMAGE, FALSE);
    VirtProbeRecord *extra = vp_record_set_record(image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE);
    VirtProbeRecord *features = vp_record_set_record(extra, VP_PROBE_FEATURES, VP_RECORD_FEATURES);

    vp_record_set_uint(image, VP_IMAGE_VIRTUAL_SIZE, 512);
    vp_record_set_bool(image, VP_IMAGE_DIRTY_FLAG, FALSE);
    vp_record_set_text(image, VP_IMAGE_FILENAME, "a\0b", 3);
    vp_record_set_mask(features, VP_FEATURES_COMPATIBLE, G_MAXUINT64);
    vp_record_append_text(extra, VP_PROBE_CANDIDATES, "vdi", 3);
    vp_record_append_text(extra, VP_PROBE_CANDIDATES, "qcow2", 5);
    vp_record_set_uint(vp_record_append(image, VP_IMAGE_SNAPSHOTS), VP_SNAPSHOT_DATE_SEC, 1);
    vp_record_set_uint(vp_record_append(image, VP_IMAGE_SNAPSHOTS), VP_SNAPSHOT_DATE_SEC, 2);
    return image;
}

static void
test_reads_values_by_their_keys(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");

    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 512);
    g_assert_false(boolean_of(image, "dirty-flag"));
    g_assert_cmpstr(virt_probe_record_get_text(image, "filename"), ==, "a");
    g_assert_cmphex(number_of(virt_probe_record_get_record(extra, "features"), "compatible"), ==,
                    G_MAXUINT64);
}

static void
test_reads_lists_by_number(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");

    g_assert_cmpuint(virt_probe_record_get_length(image, "snapshots"), ==, 2);
    g_assert_cmpuint(number_of(virt_probe_record_get_item(image, "snapshots", 1), "date-sec"), ==,
                     2);
    g_assert_cmpuint(virt_probe_record_get_length(extra, "candidates"), ==, 2);
    g_assert_cmpstr(virt_probe_record_get_text_item(extra, "candidates", 0), ==, "vdi");
    g_assert_cmpstr(virt_probe_record_get_text_item(extra, "candidates", 1), ==, "qcow2");
}

static void
test_gives_nothing_behind_the_end_of_a_list(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");

    g_assert_null(virt_probe_record_get_item(image, "snapshots", 2));
    g_assert_null(virt_probe_record_get_item(image, "snapshots", G_MAXUINT));
    g_assert_null(virt_probe_record_get_text_item(extra, "candidates", 2));
}

static void
test_names_the_keys_that_are_there(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    g_autoptr(GString) keys = g_string_new(NULL);
    const char *key;

    for (guint i = 0; (key = virt_probe_record_get_nth_key(image, i)) != NULL; i++)
        g_string_append_printf(keys, "%s %d ", key, virt_probe_record_get_field_type(image, key));
    g_assert_cmpstr(keys->str, ==,
                    "filename 6 virtual-size 2 dirty-flag 1 snapshots 9 virt-probe 8 ");
    g_assert_null(virt_probe_record_get_nth_key(image, G_MAXUINT));
    g_assert_cmpint(virt_probe_record_get_field_type(image, "format"), ==, VIRT_PROBE_FIELD_NONE);
    g_assert_cmpint(virt_probe_record_get_field_type(image, "nothing"), ==, VIRT_PROBE_FIELD_NONE);
}

static void
test_gives_bytes_behind_a_nul(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    gsize len = UNTOUCHED;
    const char *bytes = virt_probe_record_get_bytes(image, "filename", &len);

    assert_same_bytes(bytes, len, BYTES("a\0b"));
    g_assert_null(virt_probe_record_get_bytes(image, "virtual-size", &len));
    g_assert_cmpuint(len, ==, 0);
}

static void
check_absent(const VirtProbeRecord *record, const char *key)
{
    guint64 number = UNTOUCHED;
    gboolean truth = UNTOUCHED;

    g_test_message("key \"%s\"", key);
    g_assert_false(virt_probe_record_get_uint64(record, key, &number));
    g_assert_false(virt_probe_record_get_boolean(record, key, &truth));
    g_assert_cmpuint(number, ==, UNTOUCHED);
    g_assert_cmpint(truth, ==, UNTOUCHED);
    g_assert_null(virt_probe_record_get_text(record, key));
    g_assert_null(virt_probe_record_get_record(record, key));
    g_assert_cmpuint(virt_probe_record_get_length(record, key), ==, 0);
    g_assert_null(virt_probe_record_get_item(record, key, 0));
    g_assert_null(virt_probe_record_get_text_item(record, key, 0));
}

static void
test_gives_nothing_for_keys_that_are_not_there(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    check_absent(image, "cluster-size");
    check_absent(image, "backing-filename");
    check_absent(image, "children");
    check_absent(image, "no-such-key");
    check_absent(image, "");
    check_absent(image, "VIRTUAL-SIZE");
}

static void
test_gives_nothing_for_values_of_another_type(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");

    g_assert_false(virt_probe_record_get_uint64(image, "filename", NULL));
    g_assert_false(virt_probe_record_get_uint64(image, "dirty-flag", NULL));
    g_assert_false(virt_probe_record_get_boolean(image, "virtual-size", NULL));
    g_assert_null(virt_probe_record_get_text(image, "virtual-size"));
    g_assert_null(virt_probe_record_get_text(image, "virt-probe"));
    g_assert_null(virt_probe_record_get_record(image, "snapshots"));
    g_assert_null(virt_probe_record_get_item(extra, "candidates", 0));
    g_assert_null(virt_probe_record_get_text_item(image, "snapshots", 0));
    g_assert_cmpuint(virt_probe_record_get_length(image, "filename"), ==, 0);
    g_assert_cmpuint(virt_probe_record_get_length(image, "virt-probe"), ==, 0);
}

static void
test_needs_no_place_for_the_value(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    g_assert_true(virt_probe_record_get_uint64(image, "virtual-size", NULL));
    g_assert_true(virt_probe_record_get_boolean(image, "dirty-flag", NULL));
}

static void
test_says_which_kind_of_record_it_is(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    g_assert_cmpstr(virt_probe_record_get_kind(image), ==, "image");
    g_assert_cmpstr(virt_probe_record_get_kind(virt_probe_record_get_record(image, "virt-probe")),
                    ==, "virt-probe");
    g_assert_cmpstr(virt_probe_record_get_kind(virt_probe_record_get_item(image, "snapshots", 0)),
                    ==, "snapshot");
}

static void
test_keeps_the_tree_alive_by_an_inner_record(void)
{
    VirtProbeRecord *image = image_new();
    VirtProbeRecord *snapshot =
        virt_probe_record_ref(virt_probe_record_get_item(image, "snapshots", 0));

    virt_probe_record_unref(image);
    g_assert_cmpuint(number_of(snapshot, "date-sec"), ==, 1);
    virt_probe_record_unref(snapshot);
}

static void
test_gives_up_no_record(void)
{
    virt_probe_record_unref(NULL);
}

static void
test_is_counted_as_a_boxed_type(void)
{
    VirtProbeRecord *image = image_new();
    VirtProbeRecord *copy = g_boxed_copy(VIRT_PROBE_TYPE_RECORD, image);

    g_assert_true(copy == image);
    virt_probe_record_unref(image);
    g_assert_cmpuint(number_of(copy, "virtual-size"), ==, 512);
    g_boxed_free(VIRT_PROBE_TYPE_RECORD, copy);
}

static gpointer
ref_and_unref(gpointer data)
{
    for (guint i = 0; i < 1000; i++)
        virt_probe_record_unref(virt_probe_record_ref(data));
    return NULL;
}

static void
test_is_counted_by_threads_at_once(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    GThread *threads[4];

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("counter", ref_and_unref, image);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(image->tree->ref_count, ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/record-public/reads-values-by-their-keys", test_reads_values_by_their_keys);
    g_test_add_func("/record-public/reads-lists-by-number", test_reads_lists_by_number);
    g_test_add_func("/record-public/gives-nothing-behind-the-end-of-a-list",
                    test_gives_nothing_behind_the_end_of_a_list);
    g_test_add_func("/record-public/gives-nothing-for-keys-that-are-not-there",
                    test_gives_nothing_for_keys_that_are_not_there);
    g_test_add_func("/record-public/gives-nothing-for-values-of-another-type",
                    test_gives_nothing_for_values_of_another_type);
    g_test_add_func("/record-public/needs-no-place-for-the-value",
                    test_needs_no_place_for_the_value);
    g_test_add_func("/record-public/says-which-kind-of-record-it-is",
                    test_says_which_kind_of_record_it_is);
    g_test_add_func("/record-public/keeps-the-tree-alive-by-an-inner-record",
                    test_keeps_the_tree_alive_by_an_inner_record);
    g_test_add_func("/record-public/gives-up-no-record", test_gives_up_no_record);
    g_test_add_func("/record-public/is-counted-as-a-boxed-type", test_is_counted_as_a_boxed_type);
    g_test_add_func("/record-public/is-counted-by-threads-at-once",
                    test_is_counted_by_threads_at_once);
    g_test_add_func("/record-public/names-the-keys-that-are-there",
                    test_names_the_keys_that_are_there);
    g_test_add_func("/record-public/gives-bytes-behind-a-nul", test_gives_bytes_behind_a_nul);
    return g_test_run();
}
