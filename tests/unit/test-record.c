/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-record.c: building a metadata tree within its limits. */
#include "storage/record.h"
#include "unit.h"

#include <string.h>

#define LARGEST_KEPT ((guint64) G_MAXINT64)

static VirtProbeRecord *
image_new(void)
{
    return vp_tree_new(VP_RECORD_IMAGE, FALSE);
}

static void
test_starts_without_any_value(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    g_assert_true(image->type == vp_record_type(VP_RECORD_IMAGE));
    for (guint i = 0; i < image->type->n_fields; i++)
        g_assert_null(vp_record_get(image, i));
}

static void
test_keeps_numbers_and_truths(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    vp_record_set_uint(image, VP_IMAGE_VIRTUAL_SIZE, 10240);
    vp_record_set_bool(image, VP_IMAGE_DIRTY_FLAG, 4);
    vp_record_set_bool(image, VP_IMAGE_ENCRYPTED, FALSE);
    g_assert_cmpuint(vp_record_get(image, VP_IMAGE_VIRTUAL_SIZE)->number, ==, 10240);
    g_assert_cmpuint(vp_record_get(image, VP_IMAGE_DIRTY_FLAG)->number, ==, TRUE);
    g_assert_cmpuint(vp_record_get(image, VP_IMAGE_ENCRYPTED)->number, ==, FALSE);
}

static void
test_copies_text_with_all_its_bytes(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    char text[] = "a\0b\377";

    vp_record_set_text(image, VP_IMAGE_FILENAME, text, 4);
    memset(text, 'x', sizeof text);
    assert_same_bytes(vp_record_get(image, VP_IMAGE_FILENAME)->bytes, 5, "a\0b\377", 5);
    g_assert_cmpuint(vp_record_get(image, VP_IMAGE_FILENAME)->len, ==, 4);
}

static void
test_keeps_an_empty_text(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    vp_record_set_text(image, VP_IMAGE_FILENAME, NULL, 0);
    g_assert_cmpstr(vp_record_get(image, VP_IMAGE_FILENAME)->bytes, ==, "");
}

static void
test_borrows_constants(void)
{
    static const char name[] = "qcow2";
    g_autoptr(VirtProbeRecord) image = image_new();

    vp_record_set_constant(image, VP_IMAGE_FORMAT, name);
    g_assert_true(vp_record_get(image, VP_IMAGE_FORMAT)->bytes == name);
    g_assert_cmpuint(vp_record_get(image, VP_IMAGE_FORMAT)->len, ==, 5);
}

static void
test_shows_the_last_of_two_values(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    vp_record_set_string(image, VP_IMAGE_FILENAME, "first");
    vp_record_set_string(image, VP_IMAGE_FILENAME, "second");
    g_assert_cmpstr(vp_record_get(image, VP_IMAGE_FILENAME)->bytes, ==, "second");
}

static void
test_gives_the_record_that_is_there(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    VirtProbeRecord *first = vp_record_set_record(image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE);

    g_assert_nonnull(first);
    g_assert_true(vp_record_set_record(image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE) == first);
    g_assert_true(vp_record_get_record(image, VP_IMAGE_VIRT_PROBE) == first);
    g_assert_true(first->tree == image->tree);
}

static void
test_gives_no_record_where_none_is(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    g_assert_null(vp_record_get_record(image, VP_IMAGE_VIRT_PROBE));
    g_assert_null(vp_record_get_record(NULL, VP_IMAGE_VIRT_PROBE));
    g_assert_null(vp_record_get(NULL, 0));
}

static void
test_does_nothing_to_no_record(void)
{
    vp_record_set_bool(NULL, 0, TRUE);
    vp_record_set_uint(NULL, 0, G_MAXUINT64);
    vp_record_set_mask(NULL, 0, 1);
    vp_record_set_text(NULL, 0, "x", 1);
    vp_record_set_string(NULL, 0, "x");
    vp_record_set_constant(NULL, 0, "x");
    vp_record_set_empty_list(NULL, 0);
    vp_record_append_text(NULL, 0, "x", 1);
    g_assert_null(vp_record_set_record(NULL, 0, VP_RECORD_PROBE));
    g_assert_null(vp_record_append(NULL, 0));
    g_assert_null(vp_record_alloc(NULL, 1));
    g_assert_false(vp_record_has_room(NULL));
}

static void
test_keeps_lists_in_order(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();
    const VpList *list;

    for (guint i = 0; i < 100; i++)
        vp_record_set_uint(vp_record_append(image, VP_IMAGE_SNAPSHOTS), VP_SNAPSHOT_DATE_SEC, i);
    list = vp_record_get(image, VP_IMAGE_SNAPSHOTS)->list;
    g_assert_cmpuint(list->count, ==, 100);
    for (guint i = 0; i < 100; i++) {
        const VirtProbeRecord *item = list->items[i];

        g_assert_true(item->type == vp_record_type(VP_RECORD_SNAPSHOT));
        g_assert_cmpuint(vp_record_get(item, VP_SNAPSHOT_DATE_SEC)->number, ==, i);
    }
}

static void
test_shows_an_empty_list(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    vp_record_set_empty_list(image, VP_IMAGE_CHILDREN);
    g_assert_cmpuint(vp_record_get(image, VP_IMAGE_CHILDREN)->list->count, ==, 0);
}

static void
test_emptying_a_list_keeps_its_items(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    vp_record_append(image, VP_IMAGE_CHILDREN);
    vp_record_set_empty_list(image, VP_IMAGE_CHILDREN);
    g_assert_cmpuint(vp_record_get(image, VP_IMAGE_CHILDREN)->list->count, ==, 1);
}

static void
test_keeps_lists_of_texts(void)
{
    g_autoptr(VirtProbeRecord) bitmap = vp_tree_new(VP_RECORD_BITMAP, FALSE);
    const VpText *text;

    vp_record_append_text(bitmap, VP_BITMAP_FLAGS, "in-use", 6);
    vp_record_append_text(bitmap, VP_BITMAP_FLAGS, "a\0b", 3);
    text = vp_record_get(bitmap, VP_BITMAP_FLAGS)->list->items[1];
    assert_same_bytes(text->bytes, text->len, "a\0b", 3);
}

static void
test_leaves_huge_numbers_out(void)
{
    g_autoptr(VirtProbeRecord) image = image_new();

    vp_record_set_uint(image, VP_IMAGE_VIRTUAL_SIZE, LARGEST_KEPT);
    g_assert_false(image->tree->has_huge_number);
    g_assert_cmpuint(vp_record_get(image, VP_IMAGE_VIRTUAL_SIZE)->number, ==, LARGEST_KEPT);
    vp_record_set_uint(image, VP_IMAGE_CLUSTER_SIZE, LARGEST_KEPT + 1);
    g_assert_null(vp_record_get(image, VP_IMAGE_CLUSTER_SIZE));
    g_assert_true(image->tree->has_huge_number);
}

static void
test_keeps_masks_of_64_bits(void)
{
    g_autoptr(VirtProbeRecord) features = vp_tree_new(VP_RECORD_FEATURES, FALSE);

    vp_record_set_mask(features, VP_FEATURES_INCOMPATIBLE, G_MAXUINT64);
    g_assert_cmphex(vp_record_get(features, VP_FEATURES_INCOMPATIBLE)->number, ==, G_MAXUINT64);
    g_assert_false(features->tree->has_huge_number);
}

/* Appends texts of 1000 bytes until there is no room, at most count; says how many were appended. */
static guint
append_while_room(VirtProbeRecord *bitmap, guint count)
{
    static const char text[1000];
    guint appended = 0;

    while (appended < count && vp_record_has_room(bitmap)) {
        vp_record_append_text(bitmap, VP_BITMAP_FLAGS, text, sizeof text);
        appended++;
    }
    return appended;
}

static void
test_has_no_room_past_the_output_limit(void)
{
    g_autoptr(VirtProbeRecord) bitmap = vp_tree_new(VP_RECORD_BITMAP, FALSE);

    g_assert_true(vp_record_has_room(bitmap));
    g_assert_cmpuint(append_while_room(bitmap, 1000), <, 300);
    g_assert_false(bitmap->tree->is_out_of_memory);
}

static void
test_counts_escaped_bytes_as_json_shows_them(void)
{
    static const char plain[] = "aaaaaaaa";
    static const char control[] = "\x01\x02\x03\x04\"\\\x7f\x1f";
    static const char high[] = "\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0";
    const char *const texts[] = { plain, control, high };
    gsize sizes[G_N_ELEMENTS(texts)];

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(VirtProbeRecord) image = image_new();

        vp_record_set_text(image, VP_IMAGE_FILENAME, texts[i], 8);
        sizes[i] = image->tree->output_size;
    }
    g_assert_cmpuint(sizes[1], ==, sizes[0] + 8 * 5);
    /* Its exact bytes are printed as well, in hexadecimal. */
    g_assert_cmpuint(sizes[2], >=, sizes[0] + 8 * 5 + 8 * 2);
}

static void
test_has_no_output_limit_when_all_is_wanted(void)
{
    g_autoptr(VirtProbeRecord) bitmap = vp_tree_new(VP_RECORD_BITMAP, TRUE);

    g_assert_cmpuint(append_while_room(bitmap, 1000), ==, 1000);
}

static void
test_leaves_memory_for_what_is_said_at_the_end(void)
{
    g_autoptr(VirtProbeRecord) extra = vp_tree_new(VP_RECORD_PROBE, TRUE);

    while (vp_record_has_room(extra))
        vp_record_append(extra, VP_PROBE_SNAPSHOTS);
    g_assert_false(extra->tree->is_out_of_memory);
    for (guint i = 0; i < 64; i++)
        vp_record_set_string(vp_record_append(extra, VP_PROBE_FINDINGS), VP_FINDING_MESSAGE,
                             "a message of some length that says what was left out and why");
    g_assert_nonnull(vp_record_set_record(extra, VP_PROBE_ERROR, VP_RECORD_ERROR));
    g_assert_false(extra->tree->is_out_of_memory);
}

static void
test_ends_at_the_limit_of_memory(void)
{
    g_autoptr(VirtProbeRecord) extra = vp_tree_new(VP_RECORD_PROBE, TRUE);
    guint count = 0;

    while (vp_record_append(extra, VP_PROBE_SNAPSHOTS) != NULL && count < 1000000)
        count++;
    g_assert_cmpuint(count, <, 100000);
    g_assert_true(extra->tree->is_out_of_memory);
    g_assert_cmpuint(vp_arena_used(extra->tree->arena), <=, VP_TREE_MEMORY_MAX);
}

static void
test_leaves_out_a_text_that_does_not_fit(void)
{
    g_autofree char *text = g_malloc0(VP_TREE_MEMORY_MAX);
    g_autoptr(VirtProbeRecord) image = image_new();

    vp_record_set_text(image, VP_IMAGE_FILENAME, text, VP_TREE_MEMORY_MAX);
    g_assert_null(vp_record_get(image, VP_IMAGE_FILENAME));
    g_assert_true(image->tree->is_out_of_memory);
    g_assert_false(vp_record_has_room(image));
}

static void
add_value_tests(void)
{
    g_test_add_func("/record/starts-without-any-value", test_starts_without_any_value);
    g_test_add_func("/record/keeps-numbers-and-truths", test_keeps_numbers_and_truths);
    g_test_add_func("/record/copies-text-with-all-its-bytes", test_copies_text_with_all_its_bytes);
    g_test_add_func("/record/keeps-an-empty-text", test_keeps_an_empty_text);
    g_test_add_func("/record/borrows-constants", test_borrows_constants);
    g_test_add_func("/record/shows-the-last-of-two-values", test_shows_the_last_of_two_values);
    g_test_add_func("/record/gives-the-record-that-is-there", test_gives_the_record_that_is_there);
    g_test_add_func("/record/gives-no-record-where-none-is", test_gives_no_record_where_none_is);
    g_test_add_func("/record/does-nothing-to-no-record", test_does_nothing_to_no_record);
    g_test_add_func("/record/leaves-huge-numbers-out", test_leaves_huge_numbers_out);
    g_test_add_func("/record/keeps-masks-of-64-bits", test_keeps_masks_of_64_bits);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_value_tests();
    g_test_add_func("/record/list/keeps-its-order", test_keeps_lists_in_order);
    g_test_add_func("/record/list/may-be-empty", test_shows_an_empty_list);
    g_test_add_func("/record/list/is-not-emptied-again", test_emptying_a_list_keeps_its_items);
    g_test_add_func("/record/list/may-hold-texts", test_keeps_lists_of_texts);
    g_test_add_func("/record/limit/has-no-room-past-the-output",
                    test_has_no_room_past_the_output_limit);
    g_test_add_func("/record/limit/counts-escaped-bytes-as-json-shows-them",
                    test_counts_escaped_bytes_as_json_shows_them);
    g_test_add_func("/record/limit/has-none-on-output-when-all-is-wanted",
                    test_has_no_output_limit_when_all_is_wanted);
    g_test_add_func("/record/limit/leaves-memory-for-what-is-said-at-the-end",
                    test_leaves_memory_for_what_is_said_at_the_end);
    g_test_add_func("/record/limit/ends-at-that-of-memory", test_ends_at_the_limit_of_memory);
    g_test_add_func("/record/limit/leaves-out-a-text-that-does-not-fit",
                    test_leaves_out_a_text_that_does_not_fit);
    return g_test_run();
}
