/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arena.c: memory that is taken in small pieces and given back all at once, up to a fixed total. */
#include "util/arena.h"

#include "util/chunk.h"

#include <string.h>

/* A qcow2 image without snapshots needs about 3 KiB. */
#define ARENA_FIRST_CHUNK 4000
#define ARENA_CHUNK_MAX 65536
#define ARENA_ALIGN 16

typedef struct ArenaChunk {
    struct ArenaChunk *next;
    gsize size;
    gsize used;
    _Alignas(ARENA_ALIGN) guint8 data[];
} ArenaChunk;

/* It lies at the start of its first chunk. */
struct VpArena {
    gsize limit;
    gsize used;
    ArenaChunk *chunk;
};

#define ARENA_OWN_SIZE ((sizeof(VpArena) + ARENA_ALIGN - 1) & ~(gsize) (ARENA_ALIGN - 1))

static ArenaChunk *
chunk_new(gsize size, ArenaChunk *next)
{
    ArenaChunk *chunk = vp_chunk_alloc(sizeof *chunk + size);

    g_assert(chunk != NULL);

    chunk->next = next;
    chunk->size = size;
    chunk->used = 0;
    return chunk;
}

VpArena *
vp_arena_new(gsize limit)
{
    ArenaChunk *chunk = chunk_new(ARENA_FIRST_CHUNK, NULL);
    VpArena *arena = (void *) chunk->data;

    *arena = (VpArena) { .limit = limit, .chunk = chunk };
    chunk->used = ARENA_OWN_SIZE;
    return arena;
}

void
vp_arena_free(VpArena *arena)
{
    ArenaChunk *chunk = arena != NULL ? arena->chunk : NULL;

    while (chunk != NULL) {
        ArenaChunk *next = chunk->next;

        vp_chunk_free(chunk, sizeof *chunk + chunk->size);
        chunk = next;
    }
}

static void
arena_grow(VpArena *arena, gsize size)
{
    gsize chunk_size = MIN(arena->chunk->size * 2, ARENA_CHUNK_MAX);

    arena->chunk = chunk_new(MAX(chunk_size, size), arena->chunk);
}

void *
vp_arena_alloc(VpArena *arena, gsize size)
{
    void *memory;

    if (size > G_MAXSSIZE)
        return NULL;
    size = (size + ARENA_ALIGN - 1) & ~(gsize) (ARENA_ALIGN - 1);
    if (size > arena->limit - arena->used)
        return NULL;
    if (size > arena->chunk->size - arena->chunk->used)
        arena_grow(arena, size);
    memory = arena->chunk->data + arena->chunk->used;
    arena->chunk->used += size;
    arena->used += size;
    return memset(memory, 0, size);
}

char *
vp_arena_copy(VpArena *arena, const void *bytes, gsize len)
{
    char *copy = len < G_MAXSIZE ? vp_arena_alloc(arena, len + 1) : NULL;

    if (copy != NULL && len > 0)
        memcpy(copy, bytes, len);
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
