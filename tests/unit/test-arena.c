/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-arena.c: memory in small pieces is zeroed, aligned, stays where it is and ends at the limit. */
#include "unit.h"
#include "util/arena.h"

#include <stddef.h>
#include <string.h>

#define LARGE (1024 * 1024)

static void
test_gives_zeroed_memory(void)
{
    static const guint8 zeros[1000];
    g_autoptr(VpArena) arena = vp_arena_new(LARGE);

    for (guint i = 0; i < 100; i++) {
        guint8 *memory = vp_arena_alloc(arena, sizeof zeros);

        assert_same_bytes(memory, sizeof zeros, zeros, sizeof zeros);
        memset(memory, 0xff, sizeof zeros);
    }
}

static void
test_aligns_memory_for_any_type(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(LARGE);

    for (gsize size = 1; size < 64; size++) {
        guintptr place = (guintptr) vp_arena_alloc(arena, size);

        g_assert_cmpuint(place % _Alignof(max_align_t), ==, 0);
    }
}

static void
test_keeps_pieces_apart_and_in_place(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(LARGE);
    guint32 *pieces[500];

    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        pieces[i] = vp_arena_alloc(arena, 100);
        for (guint k = 0; k < 25; k++)
            pieces[i][k] = i;
    }
    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        for (guint k = 0; k < 25; k++)
            g_assert_cmpuint(pieces[i][k], ==, i);
    }
}

static void
test_serves_pieces_larger_than_a_chunk(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(LARGE);
    guint8 *memory = vp_arena_alloc(arena, 300000);

    g_assert_nonnull(memory);
    memset(memory, 0xff, 300000);
    g_assert_nonnull(vp_arena_alloc(arena, 16));
}

static void
test_ends_exactly_at_its_limit(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(160);

    for (guint i = 0; i < 10; i++)
        g_assert_nonnull(vp_arena_alloc(arena, 16));
    g_assert_null(vp_arena_alloc(arena, 1));
    g_assert_cmpuint(vp_arena_used(arena), ==, 160);
}

static void
test_counts_nothing_for_a_refused_piece(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(160);

    g_assert_nonnull(vp_arena_alloc(arena, 16));
    g_assert_null(vp_arena_alloc(arena, 161));
    g_assert_null(vp_arena_alloc(arena, G_MAXSIZE));
    g_assert_cmpuint(vp_arena_used(arena), ==, 16);
    g_assert_nonnull(vp_arena_alloc(arena, 144));
}

static void
test_refuses_a_piece_that_rounds_past_its_limit(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(24);

    g_assert_nonnull(vp_arena_alloc(arena, 16));
    g_assert_null(vp_arena_alloc(arena, 8));
}

static void
test_refuses_a_size_that_rounds_past_the_address_space(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(G_MAXSIZE);

    g_assert_null(vp_arena_alloc(arena, G_MAXSIZE - 3));
}

static void
test_copies_bytes_with_a_nul_behind_them(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(LARGE);
    const char *copy = vp_arena_copy(arena, "a\0b\377", 4);

    assert_same_bytes(copy, 5, "a\0b\377", 5);
}

static void
test_copies_no_bytes_as_an_empty_text(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(LARGE);

    g_assert_cmpstr(vp_arena_copy(arena, NULL, 0), ==, "");
}

static void
test_copies_nothing_past_its_limit(void)
{
    g_autoptr(VpArena) arena = vp_arena_new(16);

    g_assert_null(vp_arena_copy(arena, "0123456789abcdef", 16));
    g_assert_null(vp_arena_copy(arena, "", G_MAXSIZE));
    g_assert_nonnull(vp_arena_copy(arena, "0123456789abcde", 15));
}

static void
test_frees_no_arena(void)
{
    vp_arena_free(NULL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arena/gives-zeroed-memory", test_gives_zeroed_memory);
    g_test_add_func("/arena/aligns-memory-for-any-type", test_aligns_memory_for_any_type);
    g_test_add_func("/arena/keeps-pieces-apart-and-in-place", test_keeps_pieces_apart_and_in_place);
    g_test_add_func("/arena/serves-pieces-larger-than-a-chunk",
                    test_serves_pieces_larger_than_a_chunk);
    g_test_add_func("/arena/ends-exactly-at-its-limit", test_ends_exactly_at_its_limit);
    g_test_add_func("/arena/counts-nothing-for-a-refused-piece",
                    test_counts_nothing_for_a_refused_piece);
    g_test_add_func("/arena/refuses-a-piece-that-rounds-past-its-limit",
                    test_refuses_a_piece_that_rounds_past_its_limit);
    g_test_add_func("/arena/refuses-a-size-that-rounds-past-the-address-space",
                    test_refuses_a_size_that_rounds_past_the_address_space);
    g_test_add_func("/arena/copies-bytes-with-a-nul-behind-them",
                    test_copies_bytes_with_a_nul_behind_them);
    g_test_add_func("/arena/copies-no-bytes-as-an-empty-text",
                    test_copies_no_bytes_as_an_empty_text);
    g_test_add_func("/arena/copies-nothing-past-its-limit", test_copies_nothing_past_its_limit);
    g_test_add_func("/arena/frees-no-arena", test_frees_no_arena);
    return g_test_run();
}
