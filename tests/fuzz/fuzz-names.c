/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-names.c: names of other files, as images hold them: what they mean, and without their credentials.
 *
 * The input is the name; once more with "json:" before it, so that few inputs fail at their first letter. */
#include "fuzz.h"

#include "storage/location.h"

#include <string.h>

/* Longer names are not kept by the library. */
#define NAME_MAX_LEN 4096
/* The limit of a tree, written down a second time. */
#define TREE_MEMORY_MAX (2560 * 1024)

/* What a name means, and that it is not understood, exclude each other. */
static void
check_meaning(const char *name)
{
    g_autoptr(VirtProbeRecord) location = vp_tree_new(VP_RECORD_LOCATION, FALSE);

    vp_location_fill(location, name);
    g_assert_cmpuint(vp_arena_used(location->tree->arena), <=, TREE_MEMORY_MAX);
    if (!location->tree->is_out_of_memory) {
        g_assert_cmpstr(vp_record_get_text(location, VP_LOCATION_TEXT), ==, name);
        g_assert_cmpint(vp_record_has(location, VP_LOCATION_KIND), !=,
                        vp_record_has(location, VP_LOCATION_ERROR));
    }
    fuzz_check_json(location);
}

/* What is masked has nothing more to mask. */
static void
check_mask(const char *name)
{
    gsize len = strlen(name);
    gsize masked_len = G_MAXSIZE;
    gsize again_len = G_MAXSIZE;
    g_autofree char *masked = vp_name_mask(name, len, &masked_len);
    g_autofree char *again = NULL;

    if (masked == NULL)
        return;
    g_assert_cmpuint(strnlen(masked, masked_len), ==, masked_len);
    again = vp_name_mask(masked, masked_len, &again_len);
    if (again != NULL) {
        g_assert_cmpuint(again_len, ==, masked_len);
        g_assert_cmpint(memcmp(again, masked, masked_len), ==, 0);
    }
}

static void
check_resolved(const char *name)
{
    g_autofree char *beside = vp_name_resolve("directory/top", name);

    g_assert_nonnull(beside);
    g_assert_true(g_str_has_suffix(beside, name));
}

static void
check_name(const char *name)
{
    check_meaning(name);
    check_mask(name);
    check_resolved(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *name =
        g_strndup(size > 0 ? (const char *) data : "", MIN(size, NAME_MAX_LEN - 5));
    g_autofree char *description = g_strconcat("json:", name, NULL);

    check_name(name);
    check_name(description);
    return 0;
}
