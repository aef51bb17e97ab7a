/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-sort.c: many volumes in the order of their names. Their beginnings are compared as numbers that lie side by side, so that
 * few comparisons have to find the names themselves, each of which lies elsewhere in memory. */
#include "storage/pool/volume-sort.h"

#include "storage/pool/volume.h"

#include <string.h>

typedef struct {
    guint64 beginning[2]; /* the first bytes of the name, with zeros where it is shorter */
    VirtProbeVolume *volume;
} SortKey;

static SortKey
key_of(VirtProbeVolume *volume)
{
    SortKey key = { .volume = volume };
    guint64 bytes[G_N_ELEMENTS(key.beginning)] = { 0 };
    const char *name = volume->facts.name;

    memcpy(bytes, name, strnlen(name, sizeof bytes));
    for (guint i = 0; i < G_N_ELEMENTS(bytes); i++)
        key.beginning[i] = GUINT64_FROM_BE(bytes[i]);
    return key;
}

static gint
compare_keys(gconstpointer a, gconstpointer b)
{
    const SortKey *first = a;
    const SortKey *second = b;

    for (guint i = 0; i < G_N_ELEMENTS(first->beginning); i++) {
        if (first->beginning[i] != second->beginning[i])
            return first->beginning[i] < second->beginning[i] ? -1 : 1;
    }
    return strcmp(first->volume->facts.name, second->volume->facts.name);
}

void
vp_volumes_sort(GPtrArray *volumes)
{
    g_autoptr(GArray) keys = g_array_sized_new(FALSE, FALSE, sizeof(SortKey), volumes->len);

    for (guint i = 0; i < volumes->len; i++) {
        SortKey key = key_of(g_ptr_array_index(volumes, i));

        g_array_append_val(keys, key);
    }
    g_array_sort(keys, compare_keys);
    for (guint i = 0; i < volumes->len; i++)
        volumes->pdata[i] = g_array_index(keys, SortKey, i).volume;
}

void
vp_volumes_drop_repeated(GPtrArray *volumes)
{
    for (guint i = volumes->len; i > 1; i--) {
        const VirtProbeVolume *volume = g_ptr_array_index(volumes, i - 1);
        const VirtProbeVolume *before = g_ptr_array_index(volumes, i - 2);

        if (strcmp(volume->facts.name, before->facts.name) == 0)
            g_ptr_array_remove_index(volumes, i - 2);
    }
}
