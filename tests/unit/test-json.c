/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-json.c: the metadata tree as JSON, whose exact bytes are listed where JSON cannot hold them. */
#include "qcow2-image.h"
#include "storage/record.h"
#include "unit-images.h"

#include <jansson.h>
#include <string.h>

static json_t *
to_json(const VirtProbeRecord *image, gsize flags)
{
    g_autofree char *text = virt_probe_record_to_json(image);
    json_error_t problem;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | flags, &problem);

    if (json == NULL)
        g_test_message("%s in %s", problem.text, text);
    g_assert_nonnull(json);
    return json;
}

/* What a JSON pointer of keys and numbers leads to. */
static json_t *
follow(json_t *json, const char *pointer)
{
    g_auto(GStrv) steps = g_strsplit(pointer, "/", -1);

    g_assert_cmpstr(steps[0], ==, "");
    for (guint i = 1; steps[i] != NULL && json != NULL; i++)
        json = json_is_array(json)
                   ? json_array_get(json, (gsize) g_ascii_strtoull(steps[i], NULL, 10))
                   : json_object_get(json, steps[i]);
    return json;
}

/* The entry of "bytes" whose pointer leads there; its digits must be those. */
static void
assert_bytes_listed(json_t *json, const char *pointer, const char *hex, const char *shown)
{
    json_t *list = follow(json, "/virt-probe/bytes");
    json_t *entry;
    gsize i;

    json_array_foreach(list, i, entry)
    {
        if (g_strcmp0(json_string_value(json_object_get(entry, "pointer")), pointer) != 0)
            continue;
        g_assert_cmpstr(json_string_value(json_object_get(entry, "hex")), ==, hex);
        g_assert_cmpstr(json_string_value(follow(json, pointer)), ==, shown);
        return;
    }
    g_test_message("%s is not listed", pointer);
    g_test_fail();
}

static VirtProbeRecord *
image_with_filename(gconstpointer bytes, gsize len)
{
    VirtProbeRecord *image = vp_tree_new(VP_RECORD_IMAGE, FALSE);

    vp_record_set_text(image, VP_IMAGE_FILENAME, bytes, len);
    vp_record_set_record(image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE);
    return image;
}

static void
test_lists_bytes_that_are_no_utf8(void)
{
    g_autoptr(VirtProbeRecord) image = image_with_filename(BYTES("a\xff\xc3z"));
    json_t *json = to_json(image, 0);

    assert_bytes_listed(json, "/filename", "61ffc37a", "a\xef\xbf\xbd\xef\xbf\xbdz");
    json_decref(json);
}

static void
test_lists_bytes_behind_a_nul(void)
{
    g_autoptr(VirtProbeRecord) image = image_with_filename(BYTES("disk\0.img"));
    json_t *json = to_json(image, 0);

    assert_bytes_listed(json, "/filename", "6469736b002e696d67", "disk");
    json_decref(json);
}

static void
test_lists_the_two_byte_form_of_nul(void)
{
    g_autoptr(VirtProbeRecord) image = image_with_filename(BYTES("\xc0\x80"));
    json_t *json = to_json(image, JSON_ALLOW_NUL);

    assert_bytes_listed(json, "/filename", "c080", "");
    json_decref(json);
}

static void
test_lists_nothing_that_json_holds(void)
{
    static const char *const names[] = { "",        "plain",       "b\xc3\xa4se", "line\nbreak",
                                         "\033[2J", "\xe2\x80\xae" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(VirtProbeRecord) image = image_with_filename(names[i], strlen(names[i]));
        json_t *json = to_json(image, 0);

        g_assert_null(follow(json, "/virt-probe/bytes"));
        g_assert_cmpstr(json_string_value(follow(json, "/filename")), ==, names[i]);
        json_decref(json);
    }
}

static void
test_points_into_lists_and_records(void)
{
    g_autoptr(Qcow2Image) qcow2 = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) image = NULL;
    json_t *json;

    qcow2_set_incompatible(qcow2, 4);
    qcow2_add_extension(qcow2, QCOW2_EXT_DATA_FILE, "d\0f", 3);
    qcow2_set_backing(qcow2, "b\xff");
    qcow2_add_snapshot(qcow2, "1", "sound");
    qcow2_add_snapshot(qcow2, "2", "n\xfe");
    image = qcow2_describe(qcow2);
    json = to_json(image, 0);
    assert_bytes_listed(json, "/backing-filename", "62ff", "b\xef\xbf\xbd");
    assert_bytes_listed(json, "/snapshots/1/name", "6efe", "n\xef\xbf\xbd");
    assert_bytes_listed(json, "/format-specific/data/data-file", "640066", "d");
    assert_bytes_listed(json, "/virt-probe/references/0/location/text", "62ff", "b\xef\xbf\xbd");
    assert_bytes_listed(json, "/virt-probe/references/0/location/path", "62ff", "b\xef\xbf\xbd");
    g_assert_cmpuint(json_array_size(follow(json, "/virt-probe/bytes")), ==, 5);
    json_decref(json);
}

static void
test_points_into_details_of_content(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("iso")->make();
    g_autoptr(VirtProbeRecord) image = NULL;
    json_t *json;

    memcpy(bytes->data + 32808, "V\xffL", 3);
    image = describe_bytes(bytes->data, bytes->len, "raw");
    json = to_json(image, 0);
    assert_bytes_listed(json, "/virt-probe/content/0/details/volume-id", "56ff4c554d45",
                        "V\xef\xbf\xbdLUME");
    json_decref(json);
}

static void
test_healthy_images_are_strict_json(void)
{
    const VirtProbeFormat *format;

    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        const char *name = virt_probe_format_get_name(format);
        g_autoptr(GByteArray) bytes = healthy_image_find(name)->make();
        g_autoptr(VirtProbeRecord) image = describe_bytes_in_full(bytes->data, bytes->len, name);
        json_t *json = to_json(image, 0);

        g_assert_cmpstr(json_string_value(json_object_get(json, "format")), ==, name);
        g_assert_cmpint(json_integer_value(follow(json, "/virt-probe/schema")), ==, 1);
        json_decref(json);
    }
}

static void
test_every_type_has_its_form(void)
{
    g_autoptr(VirtProbeRecord) image = image_with_filename(BYTES("x"));
    VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    VirtProbeRecord *features = vp_record_set_record(extra, VP_PROBE_FEATURES, VP_RECORD_FEATURES);
    json_t *json;

    vp_record_set_uint(image, VP_IMAGE_VIRTUAL_SIZE, (guint64) G_MAXINT64);
    vp_record_set_bool(image, VP_IMAGE_DIRTY_FLAG, FALSE);
    vp_record_set_mask(features, VP_FEATURES_INCOMPATIBLE, 0x8000000000000001);
    vp_record_append_text(extra, VP_PROBE_CANDIDATES, "vdi", 3);
    vp_record_set_empty_list(image, VP_IMAGE_CHILDREN);
    json = to_json(image, 0);
    g_assert_cmpint(json_integer_value(follow(json, "/virtual-size")), ==, G_MAXINT64);
    g_assert_true(json_is_false(follow(json, "/dirty-flag")));
    g_assert_cmpstr(json_string_value(follow(json, "/virt-probe/features/incompatible")), ==,
                    "0x8000000000000001");
    g_assert_cmpstr(json_string_value(follow(json, "/virt-probe/candidates/0")), ==, "vdi");
    g_assert_cmpuint(json_array_size(follow(json, "/children")), ==, 0);
    g_assert_true(json_is_array(follow(json, "/children")));
    json_decref(json);
}

static void
test_keys_are_in_the_order_of_the_table(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, "qcow2");
    g_autofree char *text = virt_probe_record_to_json(image);

    g_assert_true(g_str_has_prefix(text, "{\n"
                                         "    \"format\": \"qcow2\",\n"
                                         "    \"virtual-size\": 32768,\n"
                                         "    \"dirty-flag\": false,\n"
                                         "    \"cluster-size\": 512,\n"));
    g_assert_true(g_str_has_suffix(text, "    }\n}"));
}

static void
test_unreadable_image_is_an_object_too(void)
{
    g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_ACCES, "no");
    g_autoptr(VirtProbeRecord) image = virt_probe_image_new_unreadable("a\xff", error);
    json_t *json = to_json(image, 0);

    assert_bytes_listed(json, "/filename", "61ff", "a\xef\xbf\xbd");
    g_assert_cmpstr(json_string_value(follow(json, "/virt-probe/error/code")), ==,
                    "permission-denied");
    json_decref(json);
}

static void
test_every_byte_can_be_a_name(void)
{
    for (guint byte = 1; byte < 256; byte++) {
        const guint8 bytes[3] = { 'a', (guint8) byte, 'z' };
        g_autoptr(VirtProbeRecord) image = image_with_filename(bytes, sizeof bytes);
        json_t *json = to_json(image, 0);

        g_assert_cmpint(follow(json, "/virt-probe/bytes") != NULL, ==, byte >= 0x80);
        json_decref(json);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/bytes/list-what-is-no-utf8", test_lists_bytes_that_are_no_utf8);
    g_test_add_func("/json/bytes/list-what-stands-behind-a-nul", test_lists_bytes_behind_a_nul);
    g_test_add_func("/json/bytes/list-the-two-byte-form-of-nul",
                    test_lists_the_two_byte_form_of_nul);
    g_test_add_func("/json/bytes/list-nothing-that-json-holds", test_lists_nothing_that_json_holds);
    g_test_add_func("/json/bytes/point-into-lists-and-records", test_points_into_lists_and_records);
    g_test_add_func("/json/bytes/point-into-details-of-content",
                    test_points_into_details_of_content);
    g_test_add_func("/json/bytes/list-every-byte-that-is-not-ascii", test_every_byte_can_be_a_name);
    g_test_add_func("/json/healthy-images-are-strict", test_healthy_images_are_strict_json);
    g_test_add_func("/json/every-type-has-its-form", test_every_type_has_its_form);
    g_test_add_func("/json/keys-are-in-the-order-of-the-table",
                    test_keys_are_in_the_order_of_the_table);
    g_test_add_func("/json/unreadable-image-is-an-object-too",
                    test_unreadable_image_is_an_object_too);
    return g_test_run();
}
