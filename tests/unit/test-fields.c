/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-fields.c: the table of metadata fields is whole, and its keys are what JSON pointers can hold. */
#include "storage/fields.h"

#include <string.h>

static void
test_records_have_names_of_their_own(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++) {
        const VpRecordType *type = vp_record_type((VpRecordKind) kind);

        g_assert_true(g_hash_table_add(seen, (gpointer) type->name));
        g_assert_cmpuint(strlen(type->doc), >, 0);
        g_assert_cmpuint(type->n_fields, <=, 64);
    }
}

static void
test_keys_are_unique_in_their_record(void)
{
    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++) {
        const VpRecordType *type = vp_record_type((VpRecordKind) kind);
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

        for (guint i = 0; i < type->n_fields; i++)
            g_assert_true(g_hash_table_add(seen, (gpointer) type->fields[i].key));
    }
}

static void
check_field(const VpField *field)
{
    gboolean needs_child = field->type == VP_TYPE_RECORD || field->type == VP_TYPE_LIST;

    g_test_message("%s", field->key);
    g_assert_cmpuint(strlen(field->key), ==, field->key_len);
    g_assert_cmpuint(strspn(field->key, "abcdefghijklmnopqrstuvwxyz0123456789-"), ==,
                     field->key_len);
    g_assert_cmpuint(field->key_len, >, 0);
    g_assert_cmpint(field->child != VP_RECORD_NONE, ==, needs_child);
    g_assert_cmpuint(strlen(field->doc), >, 0);
    g_assert_cmpuint(strlen(field->since), >, 0);
}

static void
test_fields_are_whole(void)
{
    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++) {
        const VpRecordType *type = vp_record_type((VpRecordKind) kind);

        for (guint i = 0; i < type->n_fields; i++)
            check_field(&type->fields[i]);
    }
}

static void
test_lists_know_the_record_of_their_items(void)
{
    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++) {
        const VpRecordType *type = vp_record_type((VpRecordKind) kind);

        for (guint i = 0; i < type->n_fields; i++) {
            if (type->fields[i].type == VP_TYPE_LIST)
                g_assert_cmpint(type->fields[i].child, <, VP_RECORD_COUNT);
        }
    }
}

static void
test_origins_are_known(void)
{
    static const char *const origins[] = { "header", "image", "file", "derived", "probe", NULL };

    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++) {
        const VpRecordType *type = vp_record_type((VpRecordKind) kind);

        for (guint i = 0; i < type->n_fields; i++)
            g_assert_true(g_strv_contains(origins, type->fields[i].origin));
    }
}

static void
test_exact_bytes_come_last_of_an_image(void)
{
    const VpRecordType *image = vp_record_type(VP_RECORD_IMAGE);
    const VpRecordType *extra = vp_record_type(VP_RECORD_PROBE);

    /* JSON is written in one pass, so all strings must stand before the list of their bytes. */
    g_assert_cmpstr(image->fields[image->n_fields - 1].key, ==, "virt-probe");
    g_assert_cmpstr(extra->fields[extra->n_fields - 1].key, ==, "bytes");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fields/records-have-names-of-their-own",
                    test_records_have_names_of_their_own);
    g_test_add_func("/fields/keys-are-unique-in-their-record",
                    test_keys_are_unique_in_their_record);
    g_test_add_func("/fields/are-whole", test_fields_are_whole);
    g_test_add_func("/fields/lists-know-the-record-of-their-items",
                    test_lists_know_the_record_of_their_items);
    g_test_add_func("/fields/origins-are-known", test_origins_are_known);
    g_test_add_func("/fields/exact-bytes-come-last-of-an-image",
                    test_exact_bytes_come_last_of_an_image);
    return g_test_run();
}
