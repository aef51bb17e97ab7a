/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-names.c: names by which images name others: taken apart, and printed without their credentials. */
#include "fuzz.h"

#include "storage/location.h"

#include <jansson.h>
#include <string.h>

/* A name is understood or it is not, and its record is JSON either way. */
static void
check_location(const VirtProbeRecord *location)
{
    g_autofree char *json = virt_probe_record_to_json(location);
    json_t *parsed = json_loads(json, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

    g_assert_nonnull(parsed);
    json_decref(parsed);
    g_assert_false(location->tree->is_out_of_memory);
    g_assert_cmpint(vp_record_has(location, VP_LOCATION_KIND), !=,
                    vp_record_has(location, VP_LOCATION_ERROR));
}

/* What is masked was said to hold credentials. */
static void
check_mask(const VirtProbeRecord *location, const char *name)
{
    gsize len = 0;
    g_autofree char *masked = vp_name_mask(name, strlen(name), &len);

    if (masked == NULL)
        return;
    g_assert_cmpuint(strlen(masked), ==, len);
    g_assert_nonnull(strstr(masked, "***"));
    g_assert_true(vp_record_has(location, VP_LOCATION_HAS_CREDENTIALS));
}

static void
check_name(const char *name)
{
    g_autoptr(VirtProbeRecord) location = vp_tree_new(VP_RECORD_LOCATION, FALSE);

    vp_location_fill(location, name);
    check_location(location);
    check_mask(location, name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *name = g_strndup(size > 0 ? (const char *) data : "", size);
    g_autofree char *description = g_strconcat("json:", name, NULL);

    check_name(name);
    check_name(description);
    return 0;
}
