/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arena.h: memory that is taken in small pieces and given back all at once, up to a fixed total.
 *
 * Everything that one image makes us remember lives in one arena, so that a describe costs few calls to the
 * allocator and a hostile image cannot cost more than the arena's limit. */
#pragma once

#include <glib.h>

/* What is left of the chunk of memory that pieces are cut from, and of the limit. Only the functions below look into it. */
typedef struct {
    guint8 *next;
    gsize left;  /* bytes from next to the end of the chunk */
    gsize limit; /* bytes that may be handed out in all, and that were */
    gsize used;
    struct VpArenaChunk *chunk;
} VpArena;

#define VP_ARENA_ALIGN 16

/* limit: bytes that may be handed out in all. */
VpArena *vp_arena_new(gsize limit);
void vp_arena_free(VpArena *arena);

/* The same as vp_arena_take(), from a new chunk when it is needed. */
void *vp_arena_take_slowly(VpArena *arena, gsize size);

/* Memory, aligned for any type, that the caller fills; NULL when the limit would be passed. */
static inline void *
vp_arena_take(VpArena *arena, gsize size)
{
    gsize whole = (size + VP_ARENA_ALIGN - 1) & ~(gsize) (VP_ARENA_ALIGN - 1);
    void *memory = arena->next;

    if (G_UNLIKELY(whole < size || whole > arena->left || whole > arena->limit - arena->used))
        return vp_arena_take_slowly(arena, size);
    arena->next += whole;
    arena->left -= whole;
    arena->used += whole;
    return memory;
}

/* The same, zeroed. */
void *vp_arena_alloc(VpArena *arena, gsize size);

/* A copy of len bytes with a NUL behind them; NULL when the limit would be passed. */
char *vp_arena_copy(VpArena *arena, const void *bytes, gsize len);

/* Lets more or less be handed out from now on. */
void vp_arena_set_limit(VpArena *arena, gsize limit);

/* Bytes handed out so far. */
gsize vp_arena_used(const VpArena *arena);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpArena, vp_arena_free)
