/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hash.h: hashes of bytes that whoever chooses the bytes cannot make collide. */
#pragma once

#include <glib.h>

typedef struct {
    guint64 low;
    guint64 high;
} VpHashKey;

/* SipHash-2-4 (Aumasson and Bernstein 2012). */
guint64 vp_hash(const VpHashKey *key, gconstpointer bytes, gsize len);

/* The same with a key that this process drew when it first needed one. For tables that live no longer than it does. */
guint64 vp_hash_secret(gconstpointer bytes, gsize len);

/* A hash in a third of the time, by multiplying. With a key that nobody outside knows it is good for tables of names that others
 * choose, with any key for finding damage. key->low is odd. */
guint64 vp_hash_quick(const VpHashKey *key, gconstpointer bytes, gsize len);

/* A GHashFunc of strings. */
guint vp_hash_text(gconstpointer text);
