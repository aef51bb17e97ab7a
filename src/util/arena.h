/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arena.h: memory that is taken in small pieces and given back all at once, up to a fixed total.
 *
 * Everything that one image makes us remember lives in one arena, so that a describe costs few calls to the
 * allocator and a hostile image cannot cost more than the arena's limit. */
#pragma once

#include <glib.h>

typedef struct VpArena VpArena;

/* limit: bytes that may be handed out in all. */
VpArena *vp_arena_new(gsize limit);
void vp_arena_free(VpArena *arena);

/* Zeroed memory, aligned for any type; NULL when the limit would be passed. */
void *vp_arena_alloc(VpArena *arena, gsize size);

/* A copy of len bytes with a NUL behind them; NULL when the limit would be passed. */
char *vp_arena_copy(VpArena *arena, const void *bytes, gsize len);

/* Lets more or less be handed out from now on. */
void vp_arena_set_limit(VpArena *arena, gsize limit);

/* Bytes handed out so far. */
gsize vp_arena_used(const VpArena *arena);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpArena, vp_arena_free)
