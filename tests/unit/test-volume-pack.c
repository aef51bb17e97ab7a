/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-volume-pack.c: volumes survive the catalogue, and bytes that are none are refused. */
#include "storage/pool/volume-pack.h"
#include "unit.h"

#include <string.h>

static void
facts_fill(VpVolumeFacts *facts, gboolean has_all)
{
    vp_volume_facts_init(facts);
    for (guint i = 0; has_all && i < VP_VOLUME_FIELD_COUNT; i++) {
        const VpVolumeField *field = &vp_volume_fields[i];

        if (vp_volume_type_is_text(field->type))
            G_STRUCT_MEMBER(const char *, facts, field->offset) = i % 3 == 0 ? "" : field->key;
        else if (field->type == VP_VOLUME_BOOL)
            G_STRUCT_MEMBER(guint8, facts, field->offset) = TRUE;
        else
            G_STRUCT_MEMBER(guint64, facts, field->offset) = G_MAXUINT64 - 1 - i;
    }
    facts->state = "ok";
    facts->name = "a";
    facts->path = NULL;
}

static void
assert_same(const VpVolumeFacts *one, const VpVolumeFacts *other)
{
    for (guint i = 2; i < VP_VOLUME_FIELD_COUNT; i++) {
        const VpVolumeField *field = &vp_volume_fields[i];

        g_test_message("%s", field->key);
        if (vp_volume_type_is_text(field->type))
            g_assert_cmpstr(vp_volume_text(one, field), ==, vp_volume_text(other, field));
        else if (field->type == VP_VOLUME_BOOL)
            g_assert_cmpint(vp_volume_is(one, field), ==, vp_volume_is(other, field));
        else
            g_assert_cmphex(vp_volume_number(one, field), ==, vp_volume_number(other, field));
    }
}

static void
test_all_fields_come_back(void)
{
    for (guint has_all = 0; has_all < 2; has_all++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        VpVolumeFacts facts;
        VpVolumeFacts found;

        facts_fill(&facts, has_all != 0);
        vp_volume_pack(&facts, 7, bytes);
        g_assert_true(vp_volume_unpack(bytes->data, bytes->len, 7, "a", &found));
        assert_same(&facts, &found);
    }
}

/* Around each length that a number may have, and times in any order. */
static void
test_all_numbers_come_back(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    VpVolumeFacts facts;
    VpVolumeFacts found;

    facts_fill(&facts, TRUE);
    for (guint i = 0; i < 64 * 5; i++) {
        const guint64 number = ((guint64) 1 << i / 5) + i % 5 - 2;

        facts.capacity = facts.mtime = number;
        facts.allocation = facts.ctime = number / 2;
        facts.inode = G_MAXUINT8 - sizeof number + i % 5 - 2;
        vp_volume_pack(&facts, 7, bytes);
        g_assert_true(vp_volume_unpack(bytes->data, bytes->len, 7, "a", &found));
        assert_same(&facts, &found);
    }
}

/* In memory of just their length, so that a read beyond it is seen. */
static gboolean
unpacks(const GByteArray *bytes, gsize len)
{
    g_autofree guint8 *copy = g_memdup2(bytes->data, len);
    VpVolumeFacts facts;

    return vp_volume_unpack(copy, len, 7, "a", &facts);
}

static void
test_refuses_what_is_cut_or_too_long(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    VpVolumeFacts facts;

    facts_fill(&facts, TRUE);
    vp_volume_pack(&facts, 7, bytes);
    for (gsize len = 0; len < bytes->len; len++)
        g_assert_false(unpacks(bytes, len));
    g_assert_true(unpacks(bytes, bytes->len));
    g_byte_array_append(bytes, (const guint8 *) "", 1);
    g_assert_false(unpacks(bytes, bytes->len));
}

/* Each byte, and what they are said of. */
static void
test_refuses_what_was_changed(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    VpVolumeFacts facts;

    facts_fill(&facts, TRUE);
    vp_volume_pack(&facts, 7, bytes);
    for (guint i = 0; i < bytes->len; i++) {
        bytes->data[i] ^= 1;
        g_assert_false(unpacks(bytes, bytes->len));
        bytes->data[i] ^= 1;
    }
    g_assert_false(vp_volume_unpack(bytes->data, bytes->len, 8, "a", &facts));
    g_assert_false(vp_volume_unpack(bytes->data, bytes->len, 7, "b", &facts));
    g_assert_true(vp_volume_unpack(bytes->data, bytes->len, 7, "a", &facts));
    g_assert_cmpstr(facts.name, ==, "a");
}

/* Also where the numbers of the pools differ as the letters of the names do. */
static void
test_refuses_the_row_of_another(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    VpVolumeFacts facts;
    VpVolumeFacts found;

    facts_fill(&facts, TRUE);
    for (guint i = 0; i < 32; i++) {
        const char name[] = { (char) ('@' + i), '.', 'r', 'a', 'w', '\0' };

        facts.name = name;
        vp_volume_pack(&facts, i, bytes);
        for (guint j = 0; j < 32; j++) {
            const char other[] = { (char) ('@' + j), '.', 'r', 'a', 'w', '\0' };

            g_assert_cmpint(vp_volume_unpack(bytes->data, bytes->len, j, other, &found), ==,
                            i == j);
            g_assert_cmpint(vp_volume_unpack(bytes->data, bytes->len, i, other, &found), ==,
                            i == j);
        }
    }
}

static void
test_refuses_a_volume_without_state(void)
{
    static const guint8 nothing[4];
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    VpVolumeFacts facts;

    facts_fill(&facts, FALSE);
    facts.state = NULL;
    vp_volume_pack(&facts, 7, bytes);
    g_assert_false(unpacks(bytes, bytes->len));
    g_assert_false(vp_volume_unpack(nothing, sizeof nothing, 7, "a", &facts));
    g_assert_false(vp_volume_unpack(NULL, 0, 7, "a", &facts));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/volume-pack/all-fields-come-back", test_all_fields_come_back);
    g_test_add_func("/volume-pack/all-numbers-come-back", test_all_numbers_come_back);
    g_test_add_func("/volume-pack/refuses-what-is-cut-or-too-long",
                    test_refuses_what_is_cut_or_too_long);
    g_test_add_func("/volume-pack/refuses-the-row-of-another", test_refuses_the_row_of_another);
    g_test_add_func("/volume-pack/refuses-what-was-changed", test_refuses_what_was_changed);
    g_test_add_func("/volume-pack/refuses-a-volume-without-state",
                    test_refuses_a_volume_without_state);
    return g_test_run();
}
