/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arena.c: memory that is taken in small pieces and given back all at once, up to a fixed total. */
#include "util/arena.h"

#include "util/chunk.h"

#include <string.h>

/* A qcow2 image without snapshots needs about 3 KiB. */
#define ARENA_FIRST_CHUNK 4000
#define ARENA_CHUNK_MAX 65536

typedef struct VpArenaChunk VpArenaChunk;
struct VpArenaChunk {
    VpArenaChunk *next;
    gsize size;
    _Alignas(VP_ARENA_ALIGN) guint8 data[];
};

/* The arena lies at the start of its first chunk. */
#define ARENA_OWN_SIZE ((sizeof(VpArena) + VP_ARENA_ALIGN - 1) & ~(gsize) (VP_ARENA_ALIGN - 1))

static VpArenaChunk *
chunk_new(gsize size, VpArenaChunk *next)
{
    VpArenaChunk *chunk = vp_chunk_alloc(sizeof *chunk + size);

    g_assert(chunk != NULL);

    chunk->next = next;
    chunk->size = size;
    return chunk;
}

VpArena *
vp_arena_new(gsize limit)
{
    VpArenaChunk *chunk = chunk_new(ARENA_FIRST_CHUNK, NULL);
    VpArena *arena = (void *) chunk->data;

    *arena = (VpArena) {
        .next = chunk->data + ARENA_OWN_SIZE,
        .left = chunk->size - ARENA_OWN_SIZE,
        .limit = limit,
        .chunk = chunk,
    };
    return arena;
}

void
vp_arena_free(VpArena *arena)
{
    VpArenaChunk *chunk = arena != NULL ? arena->chunk : NULL;

    while (chunk != NULL) {
        VpArenaChunk *next = chunk->next;

        vp_chunk_free(chunk, sizeof *chunk + chunk->size);
        chunk = next;
    }
}

static void
arena_grow(VpArena *arena, gsize size)
{
    gsize chunk_size = MIN(arena->chunk->size * 2, ARENA_CHUNK_MAX);

    arena->chunk = chunk_new(MAX(chunk_size, size), arena->chunk);
    arena->next = arena->chunk->data;
    arena->left = arena->chunk->size;
}

void *
vp_arena_take_slowly(VpArena *arena, gsize size)
{
    if (size > G_MAXSSIZE)
        return NULL;
    size = (size + VP_ARENA_ALIGN - 1) & ~(gsize) (VP_ARENA_ALIGN - 1);
    if (size > arena->limit - arena->used)
        return NULL;
    arena_grow(arena, size);
    return vp_arena_take(arena, size);
}

void *
vp_arena_alloc(VpArena *arena, gsize size)
{
    void *memory = vp_arena_take(arena, size);

    return memory != NULL ? memset(memory, 0, size) : NULL;
}

char *
vp_arena_copy(VpArena *arena, const void *bytes, gsize len)
{
    char *copy = len < G_MAXSIZE ? vp_arena_take(arena, len + 1) : NULL;

    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

gsize
vp_arena_used(const VpArena *arena)
{
    return arena->used;
}

void
vp_arena_set_limit(VpArena *arena, gsize limit)
{
    arena->limit = limit;
}
