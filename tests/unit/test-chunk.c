/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chunk.c: pieces of memory are whole and belong to one taker at a time, in each thread. */
#include "unit.h"
#include "util/chunk.h"

#include <string.h>

static const gsize sizes[] = { 1, 1024, 1025, 4096, VP_CHUNK_SIZE, VP_CHUNK_SIZE + 1, 70000 };

static gpointer
take_and_give(G_GNUC_UNUSED gpointer data)
{
    for (guint round = 0; round < 3; round++) {
        gpointer pieces[G_N_ELEMENTS(sizes)];

        for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
            pieces[i] = vp_chunk_alloc(sizes[i]);
            g_assert_nonnull(pieces[i]);
            memset(pieces[i], (int) i, sizes[i]);
        }
        for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
            const guint8 *bytes = pieces[i];

            g_assert_cmpuint(bytes[0], ==, i);
            g_assert_cmpuint(bytes[sizes[i] - 1], ==, i);
            vp_chunk_free(pieces[i], sizes[i]);
        }
    }
    return NULL;
}

static void
test_pieces_belong_to_one_taker(void)
{
    GThread *threads[4];

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("taker", take_and_give, NULL);
    take_and_give(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chunk/pieces-belong-to-one-taker", test_pieces_belong_to_one_taker);
    return g_test_run();
}
