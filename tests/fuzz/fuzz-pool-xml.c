/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-pool-xml.c: definitions of pools: whatever is read is written, and read again as the same. */
#include "fuzz.h"

#include "storage/pool/pool.h"

#include <string.h>

static void
check_refusal(const GError *error)
{
    g_assert_nonnull(error);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    for (const char *at = error->message; *at != '\0'; at++)
        g_assert_false(g_ascii_iscntrl(*at));
}

static void
check_pool(const VirtProbePool *pool)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = virt_probe_pool_to_definition_xml(pool);
    g_autoptr(VirtProbePool) again = virt_probe_pool_new_from_xml(xml, strlen(xml), &error);
    g_autofree char *same = NULL;

    g_assert_no_error(error);
    same = virt_probe_pool_to_definition_xml(again);
    g_assert_cmpstr(same, ==, xml);
    g_assert_true(g_path_is_absolute(virt_probe_pool_get_target(pool)));
    g_assert_null(strchr(virt_probe_pool_get_name(pool), '/'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *xml = g_malloc(size + 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) pool = NULL;

    if (size > 0)
        memcpy(xml, data, size);
    pool = virt_probe_pool_new_from_xml(xml, size, &error);
    if (pool != NULL)
        check_pool(pool);
    else
        check_refusal(error);
    return 0;
}
