/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chunk.h: memory of about a page, which each thread keeps for the next who wants some. Describing an image takes two such
 * pieces and gives them back at once, and the way through malloc() is felt there. */
#pragma once

#include <glib.h>

/* Memory for size bytes, not cleared. NULL when there is none; never for up to VP_CHUNK_SIZE. */
gpointer vp_chunk_alloc(gsize size);

/* Gives it back; size as it was asked for. */
void vp_chunk_free(gpointer memory, gsize size);

/* Up to this size pieces are kept. */
#define VP_CHUNK_SIZE ((gsize) 4352)
