/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-doubts.c: every doubt that `vol-orphans` can name is explained. */
#include "doubts.h"

#include <virtprobe/relations.h>

static void
test_explains_every_doubt(void)
{
    guint count = 0;

    for (guint bit = 1; bit != 0; bit <<= 1) {
        const char *name = virt_probe_doubt_get_name((VirtProbeDoubts) bit);

        if (name == NULL)
            continue;
        count++;
        g_assert_nonnull(doubt_explain(name));
    }
    g_assert_cmpuint(count, ==, 10);
    g_assert_null(doubt_explain("certain"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/doubts/explains-every-doubt", test_explains_every_doubt);
    return g_test_run();
}
