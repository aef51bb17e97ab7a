/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-hash.c: hashes that nobody can foresee. */
#include "util/hash.h"

/* The key and the text of 15 bytes are those of the paper's appendix A; the others are of the authors' vectors. */
static void
test_is_siphash(void)
{
    const VpHashKey key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
    guint8 text[15];

    for (guint i = 0; i < sizeof text; i++)
        text[i] = (guint8) i;
    g_assert_cmphex(vp_hash(&key, text, 15), ==, 0xa129ca6149be45e5);
    g_assert_cmphex(vp_hash(&key, text, 8), ==, 0x93f5f5799a932462);
    g_assert_cmphex(vp_hash(&key, text, 0), ==, 0x726fdb47dd0e0e31);
}

/* Every bit counts, and the length. */
static void
test_quick_sees_each_bit(void)
{
    const VpHashKey key = { 0x9e3779b97f4a7c15, 1 };
    guint8 bytes[21] = { 0 };
    guint64 hash = vp_hash_quick(&key, bytes, sizeof bytes);

    for (guint bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (guint8) (1 << bit % 8);
        g_assert_cmphex(vp_hash_quick(&key, bytes, sizeof bytes), !=, hash);
        bytes[bit / 8] ^= (guint8) (1 << bit % 8);
    }
    for (gsize len = 0; len < sizeof bytes; len++)
        g_assert_cmphex(vp_hash_quick(&key, bytes, len), !=, hash);
}

static void
test_is_the_same_in_a_process(void)
{
    g_assert_cmphex(vp_hash_secret("abc", 3), ==, vp_hash_secret("abc", 3));
    g_assert_cmphex(vp_hash_secret("abc", 3), !=, vp_hash_secret("abd", 3));
    g_assert_cmpuint(vp_hash_text("abc"), ==, (guint) vp_hash_secret("abc", 3));
}

static void
test_is_another_in_another_process(void)
{
    g_autofree char *others = NULL;
    g_autofree char *own = g_strdup_printf("%" G_GINT64_MODIFIER "x", vp_hash_secret("abc", 3));

    if (g_test_subprocess()) {
        g_print("%s\n", own);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    others = g_strdup_printf("*%s*", own);
    g_test_trap_assert_stdout_unmatched(others);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hash/is-siphash", test_is_siphash);
    g_test_add_func("/hash/quick-sees-each-bit", test_quick_sees_each_bit);
    g_test_add_func("/hash/is-the-same-in-a-process", test_is_the_same_in_a_process);
    g_test_add_func("/hash/is-another-in-another-process", test_is_another_in_another_process);
    return g_test_run();
}
