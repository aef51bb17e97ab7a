/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-volume-sort.c: volumes come in the order that strcmp() gives their names, and equal ones stay as they were. */
#include "storage/pool/volume-sort.h"

#include "storage/pool/volume.h"
#include "unit.h"

#include <string.h>

/* The size tells those of the same name apart. */
static VirtProbeVolume *
volume_of(const char *name, guint64 size)
{
    VpVolumeFacts facts;

    vp_volume_facts_init(&facts);
    facts.name = name;
    facts.path = name;
    facts.state = "ok";
    facts.physical = size;
    return vp_volume_new(&facts);
}

static void
assert_sorted(const GPtrArray *volumes)
{
    for (guint i = 1; i < volumes->len; i++) {
        const VirtProbeVolume *before = g_ptr_array_index(volumes, i - 1);
        const VirtProbeVolume *volume = g_ptr_array_index(volumes, i);
        int order = strcmp(before->facts.name, volume->facts.name);

        g_assert_cmpint(order, <=, 0);
        if (order == 0)
            g_assert_cmpuint(before->facts.physical, <, volume->facts.physical);
    }
}

/* Names of few letters, with lengths around those that are compared as numbers. */
static void
test_as_strcmp_does(void)
{
    static const char letters[] = { 'a', 'b', '\x01', '\x7f', '\x80', '\xff' };
    g_autoptr(GPtrArray) volumes =
        g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_volume_unref);
    g_autoptr(GRand) random = g_rand_new_with_seed(1);

    for (guint i = 0; i < 2000; i++) {
        char name[40] = "";
        guint len = 1 + (guint) g_rand_int_range(random, 0, 35);

        memset(name, 'a', len);
        for (guint j = 0; j < 2; j++)
            name[g_rand_int_range(random, 0, (gint) len)] =
                letters[g_rand_int_range(random, 0, G_N_ELEMENTS(letters))];
        g_ptr_array_add(volumes, volume_of(name, i));
    }
    vp_volumes_sort(volumes);
    g_assert_cmpuint(volumes->len, ==, 2000);
    assert_sorted(volumes);
}

/* Of each name the one that came last is left. */
static void
test_drops_what_is_repeated(void)
{
    static const char *const names[] = { "b", "a", "b", "c", "b", "c" };
    static const guint64 left[] = { 1, 4, 5 };
    g_autoptr(GPtrArray) volumes =
        g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_volume_unref);

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_ptr_array_add(volumes, volume_of(names[i], i));
    vp_volumes_sort(volumes);
    vp_volumes_drop_repeated(volumes);
    g_assert_cmpuint(volumes->len, ==, G_N_ELEMENTS(left));
    for (guint i = 0; i < G_N_ELEMENTS(left); i++) {
        const VirtProbeVolume *volume = g_ptr_array_index(volumes, i);

        g_assert_cmpuint(volume->facts.physical, ==, left[i]);
    }
}

static void
test_nothing_and_one(void)
{
    g_autoptr(GPtrArray) volumes =
        g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_volume_unref);

    vp_volumes_sort(volumes);
    g_assert_cmpuint(volumes->len, ==, 0);
    g_ptr_array_add(volumes, volume_of("", 0));
    vp_volumes_sort(volumes);
    g_assert_cmpuint(volumes->len, ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/volume-sort/as-strcmp-does", test_as_strcmp_does);
    g_test_add_func("/volume-sort/drops-what-is-repeated", test_drops_what_is_repeated);
    g_test_add_func("/volume-sort/nothing-and-one", test_nothing_and_one);
    return g_test_run();
}
