/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-location-names.c: tables of names with what they mean, and names that are meant to do harm. */
#include "locations.h"
#include "qcow2-image.h"
#include "storage/probe.h"
#include "unit.h"

#include <string.h>

static const char *const tables[] = { "backing-strings.txt", "qemu-names.txt" };

static void
test_table_is_understood(gconstpointer data)
{
    g_autoptr(GPtrArray) rows = names_load(data);

    for (guint i = 0; i < rows->len; i++) {
        char **row = g_ptr_array_index(rows, i);
        guint columns = g_strv_length(row);

        /* Where libvirt answers differently, its answer and the reason stand beside ours. */
        g_assert_true(columns == 2 || columns == 4);
        if (columns == 4)
            g_assert_cmpstr(row[1], !=, row[2]);
        check_name_row((const char *const *) row);
    }
}

static void
test_no_truncation_does_harm(gconstpointer data)
{
    g_autoptr(GPtrArray) rows = names_load(data);

    for (guint i = 0; i < rows->len; i++) {
        g_autofree char *name = g_strdup(((char **) g_ptr_array_index(rows, i))[0]);

        for (gsize len = strlen(name) + 1; len > 0; len--) {
            name[len - 1] = '\0';
            check_hostile_name(name);
        }
    }
}

static void
test_no_changed_byte_does_harm(gconstpointer data)
{
    static const char bytes[] = ":/@?#[]{}\"'\\.%=,&;0\x01\x7f\xff";
    g_autoptr(GPtrArray) rows = names_load(data);
    g_autoptr(GRand) random = g_rand_new_with_seed(1);

    for (guint i = 0; i < rows->len * 40; i++) {
        char **row = g_ptr_array_index(rows, i % rows->len);
        g_autofree char *name = g_strdup(row[0]);
        gsize place = (gsize) g_rand_int_range(random, 0, (gint32) strlen(name));

        name[place] = bytes[g_rand_int_range(random, 0, sizeof bytes - 1)];
        check_hostile_name(name);
    }
}

static void
test_random_bytes_do_no_harm(void)
{
    static const char *const starts[] = { "",     "json:{\"", "json:",   "rbd:",       "nbd:",
                                          "fat:", "http://",  "nvme://", "nbd+unix://" };
    g_autoptr(GRand) random = g_rand_new_with_seed(2);

    for (guint i = 0; i < 20000; i++) {
        const char *start = starts[i % G_N_ELEMENTS(starts)];
        char name[128] = "";
        gsize len = strlen(start);

        strcpy(name, start);
        while (len < sizeof name - 1 && g_rand_int_range(random, 0, 60) != 0)
            name[len++] = (char) g_rand_int_range(random, 1, 256);
        check_hostile_name(name);
    }
}

static char *
nested(const char *open, guint levels, const char *inner, const char *close)
{
    GString *name = g_string_new("json:");

    for (guint i = 0; i < levels; i++)
        g_string_append(name, open);
    g_string_append(name, inner);
    for (guint i = 0; i < levels; i++)
        g_string_append(name, close);
    return g_string_free(name, FALSE);
}

static void
check_error(const char *name, const char *code)
{
    g_autoptr(VirtProbeRecord) location = location_of(name);
    const VirtProbeRecord *error = vp_record_get_record(location, VP_LOCATION_ERROR);

    g_assert_nonnull(error);
    g_assert_cmpstr(vp_record_get(error, VP_ERROR_CODE)->bytes, ==, code);
    check_hostile_name(name);
}

static void
test_deep_nesting_is_a_limit(void)
{
    g_autofree char *lists = nested("[", 3000, "", "");
    g_autofree char *closed_lists = nested("[", 2040, "", "]");
    g_autofree char *objects = nested("{\"a\":", 600, "1", "}");
    g_autofree char *parts = nested("a.", 2000, "", "");
    g_autofree char *dots = g_strdup_printf("json:{\"%s\":1}", parts);

    check_error(lists, "limit");
    check_error(closed_lists, "invalid");
    check_error(objects, "limit");
    check_error(dots, "limit");
}

static void
test_deep_nesting_beyond_the_longest_name_is_masked(void)
{
    g_autofree char *objects = nested("{\"a\":", 2000, "{\"password\":\"secret\"}", "}");
    g_autofree char *deeper = nested("{\"a\":", 3000, "{\"password\":\"secret\"}", "}");
    g_autofree char *masked = vp_name_mask(objects, strlen(objects), NULL);
    g_autofree char *deeper_masked = vp_name_mask(deeper, strlen(deeper), NULL);

    g_assert_nonnull(masked);
    g_assert_null(strstr(masked, "secret"));
    g_assert_cmpstr(deeper_masked, ==, "json:***");
}

static void
test_length_is_a_limit(void)
{
    g_autofree char *longest = g_strnfill(4096, 'a');
    g_autofree char *longer = g_strnfill(4097, 'a');
    g_autofree char *longer_uri = g_strconcat("http://u:p@h/", longer, NULL);
    g_autoptr(VirtProbeRecord) location = location_of(longest);

    g_assert_cmpstr(vp_record_get(location, VP_LOCATION_PATH)->bytes, ==, longest);
    check_error(longer, "limit");
    check_error(longer_uri, "limit");
}

static void
test_an_empty_name_means_nothing(void)
{
    check_error("", "invalid");
}

static VirtProbeRecord *
describe_with_backing(const char *name)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);

    qcow2_set_backing(image, name);
    return qcow2_describe(image);
}

static void
test_unknown_options_are_reported_once(void)
{
    static const struct {
        const char *name;
        guint findings;
    } cases[] = {
        { "json:{\"driver\":\"raw\",\"a\":1,\"b\":1,\"file\":{\"filename\":\"x\",\"c\":1}}", 1 },
        { "json:{\"driver\":\"qcow2\",\"file.filename\":\"x\",\"backing\":{\"file.filename\":\"y\","
          "\"a\":1}}",
          1 },
        { "json:{\"driver\":\"qcow2\",\"file.filename\":\"x\",\"data-file\":{\"filename\":\"y\","
          "\"a\":1}}",
          1 },
        { "json:{\"driver\":\"raw\",\"file\":{\"filename\":\"x\"}}", 0 },
        { "json:{\"driver\":\"raw\",\"a\":1}", 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirtProbeRecord) image = describe_with_backing(cases[i].name);

        g_test_message("%s", cases[i].name);
        g_assert_cmpuint(count_findings(image, "json-option-unknown"), ==, cases[i].findings);
        assert_finding(image, "json-filename");
    }
}

static void
test_a_data_file_is_a_path_whatever_its_name(void)
{
    static const struct {
        const char *name;
        const char *rule;
        const char *summary;
    } cases[] = {
        { "data", NULL, "file path=data" },
        { "nbd://h/x", "protocol-filename", "file path=nbd://h/x" },
        { "file:x", "protocol-filename", "file path=file:x" },
        { "json:{\"driver\":\"null-co\",\"a\":1}", "json-filename",
          "file path=json:{\"driver\":\"null-co\",\"a\":1}" },
        { "http://u:p@h/x", "protocol-filename", "file path=http://u:p@h/x has-credentials=yes" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Qcow2Image) image = qcow2_image_new(9);
        g_autoptr(VirtProbeRecord) record = NULL;
        g_autofree char *summary = NULL;
        const VirtProbeRecord *reference;

        qcow2_set_incompatible(image, 4);
        qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, cases[i].name, strlen(cases[i].name));
        record = qcow2_describe(image);
        reference = vp_image_find_reference(record, VP_ROLE_DATA_FILE);
        summary = location_summary(vp_record_get_record(reference, VP_REFERENCE_LOCATION));
        g_assert_cmpstr(summary, ==, cases[i].summary);
        assert_no_finding(record, "json-option-unknown");
        if (cases[i].rule != NULL)
            assert_finding(record, cases[i].rule);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        add_row_test("/location-names/understands", tables[i], tables[i], test_table_is_understood);
        add_row_test("/location-names/survives-truncations", tables[i], tables[i],
                     test_no_truncation_does_harm);
        add_row_test("/location-names/survives-changed-bytes", tables[i], tables[i],
                     test_no_changed_byte_does_harm);
    }
    g_test_add_func("/location-names/survives-random-bytes", test_random_bytes_do_no_harm);
    g_test_add_func("/location-names/limits-nesting", test_deep_nesting_is_a_limit);
    g_test_add_func("/location-names/masks-deep-nesting",
                    test_deep_nesting_beyond_the_longest_name_is_masked);
    g_test_add_func("/location-names/reports-unknown-options-once",
                    test_unknown_options_are_reported_once);
    g_test_add_func("/location-names/takes-a-data-file-for-a-path",
                    test_a_data_file_is_a_path_whatever_its_name);
    g_test_add_func("/location-names/limits-length", test_length_is_a_limit);
    g_test_add_func("/location-names/refuses-an-empty-name", test_an_empty_name_means_nothing);
    return g_test_run();
}
