/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-checksum.c: checksums are those that others compute. */
#include "unit.h"
#include "util/checksum.h"

#include <string.h>

/* The check values that catalogues of CRC algorithms give for these nine digits. */
static void
test_known_values(void)
{
    static const guint8 digits[] = "123456789";

    g_assert_cmphex(vp_checksum(VP_CHECKSUM_CRC32, digits, 9, 100), ==, 0xcbf43926);
    g_assert_cmphex(vp_checksum(VP_CHECKSUM_CRC32C, digits, 9, 100), ==, 0xe3069283);
    g_assert_cmphex(vp_checksum(VP_CHECKSUM_COMPLEMENT, digits, 9, 100), ==, ~(guint32) 477);
    g_assert_cmphex(vp_checksum(VP_CHECKSUM_CRC32, digits, 0, 100), ==, 0);
}

static void
test_its_own_place_counts_as_zeros(void)
{
    static const VpChecksumKind kinds[] = { VP_CHECKSUM_COMPLEMENT, VP_CHECKSUM_CRC32,
                                            VP_CHECKSUM_CRC32C };
    guint8 bytes[64];
    guint8 zeroed[64];

    for (guint i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8) (i * 7 + 1);
    memcpy(zeroed, bytes, sizeof bytes);
    memset(zeroed + 12, 0, 4);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        g_assert_cmphex(vp_checksum(kinds[i], bytes, sizeof bytes, 12), ==,
                        vp_checksum(kinds[i], zeroed, sizeof zeroed, 100));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/checksum/known-values", test_known_values);
    g_test_add_func("/checksum/its-own-place-counts-as-zeros", test_its_own_place_counts_as_zeros);
    return g_test_run();
}
