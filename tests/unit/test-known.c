/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-known.c: the identities of a pool's files come back as they were, and a damaged list is an empty one. */
#include "storage/pool/known.h"

#include "unit.h"

#include <string.h>

static GBytes *
list_of(const char *const *names)
{
    GByteArray *writer = vp_known_writer_begin();

    for (guint i = 0; names[i] != NULL; i++) {
        VpFileIdentity identity = { .device = 7, .inode = i + 1, .size = i, .is_ok = 1 };

        vp_known_writer_add(writer, names[i], &identity);
    }
    return vp_known_writer_end(writer);
}

static void
test_finds_each_by_name(void)
{
    static const char *const names[] = { "a", "disk 1.qcow2", "\xff\n", "b", NULL };
    g_autoptr(GBytes) bytes = list_of(names);
    g_autoptr(VpKnown) known = vp_known_new(bytes);

    g_assert_cmpuint(vp_known_length(known), ==, 4);
    for (guint i = 0; names[i] != NULL; i++) {
        gint index = vp_known_find(known, names[i]);

        g_assert_cmpint(index, ==, (gint) i);
        g_assert_cmpstr(vp_known_name(known, i), ==, names[i]);
        g_assert_cmpuint(vp_known_identity(known, i)->inode, ==, i + 1);
    }
    g_assert_cmpint(vp_known_find(known, "c"), ==, -1);
}

static void
test_trusts_no_list_with_a_name_twice(void)
{
    static const char *const names[] = { "a", "b", "a", NULL };
    g_autoptr(GBytes) bytes = list_of(names);
    g_autoptr(VpKnown) known = vp_known_new(bytes);

    g_assert_cmpuint(vp_known_length(known), ==, 0);
    g_assert_cmpint(vp_known_find(known, "b"), ==, -1);
}

/* Every beginning of a list, and every list with a changed byte, is empty. */
static void
test_survives_damage(void)
{
    static const char *const names[] = { "first", "second", "third", NULL };
    g_autoptr(GBytes) bytes = list_of(names);
    gsize size = g_bytes_get_size(bytes);

    for (gsize i = 0; i <= size; i++) {
        g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(bytes, NULL), size);
        g_autoptr(GBytes) cut = g_bytes_new(copy, i);
        g_autoptr(VpKnown) shorter = vp_known_new(cut);
        g_autoptr(GBytes) changed = NULL;
        g_autoptr(VpKnown) spoiled = NULL;

        g_assert_cmpuint(vp_known_length(shorter), ==, i == size ? 3 : 0);
        if (i == size)
            break;
        copy[i] ^= 0x5a;
        changed = g_bytes_new(copy, size);
        spoiled = vp_known_new(changed);
        g_assert_cmpuint(vp_known_length(spoiled), ==, 0);
        g_assert_cmpint(vp_known_find(spoiled, "second"), ==, -1);
    }
}

#define HOSTILE_LEN 250
#define HOSTILE_COUNT 4000
/* More than would ever be met by chance in a table that is half full. */
#define PROBES_MAX 200

/* The product of (x^d - 1) for d = 2, 4, ... 24: 2^46 divides its value in every odd number. Gives the degree. */
static guint
null_polynomial(gint *coefficients)
{
    guint degree = 0;

    coefficients[0] = 1;
    for (guint d = 2; d <= 24; d += 2) {
        degree += d;
        for (guint i = degree + 1; i-- > 0;)
            coefficients[i] = (i >= d ? coefficients[i - d] : 0) - coefficients[i];
    }
    return degree;
}

/* Names that differ by multiples of that polynomial, shifted. */
static GBytes *
hostile_list(void)
{
    gint polynomial[HOSTILE_LEN] = { 0 };
    guint shifts = HOSTILE_LEN - null_polynomial(polynomial);
    GByteArray *writer = vp_known_writer_begin();

    for (guint i = 0; i < HOSTILE_COUNT; i++) {
        const VpFileIdentity identity = { .inode = i + 1 };
        char name[HOSTILE_LEN + 1];

        for (guint j = 0; j < HOSTILE_LEN; j++) {
            gint first = j >= i % shifts ? polynomial[j - i % shifts] : 0;
            gint second = j >= i / shifts ? polynomial[j - i / shifts] : 0;
            gint byte = 120 + first + 2 * second;

            g_assert_cmpint(byte, >, 0);
            g_assert_cmpint(byte, <, 256);
            name[j] = (char) byte;
        }
        name[HOSTILE_LEN] = '\0';
        vp_known_writer_add(writer, name, &identity);
    }
    return vp_known_writer_end(writer);
}

static void
test_finds_names_that_were_made_to_collide(void)
{
    g_autoptr(GBytes) bytes = hostile_list();
    g_autoptr(VpKnown) known = vp_known_new(bytes);

    g_assert_cmpuint(vp_known_length(known), ==, HOSTILE_COUNT);
    for (guint i = 0; i < HOSTILE_COUNT; i++) {
        const char *name = vp_known_name(known, i);

        g_assert_cmpint(vp_known_find(known, name), ==, (gint) i);
        g_assert_cmpuint(vp_known_count_probes(known, name), <, PROBES_MAX);
    }
}

static void
test_nothing_is_known_of_nothing(void)
{
    g_autoptr(VpKnown) known = vp_known_new(NULL);

    g_assert_cmpuint(vp_known_length(known), ==, 0);
    g_assert_cmpint(vp_known_find(known, ""), ==, -1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/known/finds-each-by-name", test_finds_each_by_name);
    g_test_add_func("/known/trusts-no-list-with-a-name-twice",
                    test_trusts_no_list_with_a_name_twice);
    g_test_add_func("/known/finds-names-that-were-made-to-collide",
                    test_finds_names_that_were_made_to_collide);
    g_test_add_func("/known/survives-damage", test_survives_damage);
    g_test_add_func("/known/knows-nothing-of-nothing", test_nothing_is_known_of_nothing);
    return g_test_run();
}
