/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chunk.c: memory of about a page, which each thread keeps for the next who wants some. */
#include "util/chunk.h"

/* malloc() itself keeps smaller pieces for each thread. */
#define KEPT_FROM ((gsize) 1025)
#define KEPT_MAX 4

typedef struct {
    guint count;
    gpointer chunks[KEPT_MAX];
} Kept;

/* The same pointer is private data of the thread, so that it is freed when that ends; but this one is read at once. */
static _Thread_local Kept *kept_here;

static void
kept_free(gpointer data)
{
    Kept *kept = data;

    kept_here = NULL;
    while (kept->count > 0)
        g_free(kept->chunks[--kept->count]);
    g_free(kept);
}

static GPrivate kept_of_thread = G_PRIVATE_INIT(kept_free);

/* Where sanitizers look for the use of memory that was given back, nothing is kept from them. */
#if defined(__SANITIZE_ADDRESS__)
#define KEEPS_NOTHING TRUE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_NOTHING TRUE
#endif
#endif
#ifndef KEEPS_NOTHING
#define KEEPS_NOTHING FALSE
#endif

static gboolean
is_kept_size(gsize size)
{
    return !KEEPS_NOTHING && size >= KEPT_FROM && size <= VP_CHUNK_SIZE;
}

gpointer
vp_chunk_alloc(gsize size)
{
    Kept *kept = kept_here;

    if (!is_kept_size(size))
        return size <= VP_CHUNK_SIZE ? g_malloc(size) : g_try_malloc(size);
    if (kept != NULL && kept->count > 0)
        return kept->chunks[--kept->count];
    return g_malloc(VP_CHUNK_SIZE);
}

void
vp_chunk_free(gpointer memory, gsize size)
{
    Kept *kept = kept_here;

    if (!is_kept_size(size)) {
        g_free(memory);
        return;
    }
    if (kept == NULL) {
        kept = kept_here = g_new0(Kept, 1);
        g_private_set(&kept_of_thread, kept);
    }
    if (kept->count < KEPT_MAX)
        kept->chunks[kept->count++] = memory;
    else
        g_free(memory);
}
