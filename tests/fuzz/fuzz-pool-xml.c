/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-pool-xml.c: definitions of pools: whatever is read or made is written, and read again as the same. */
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

static void
check_answer(VirtProbePool *pool, const GError *error)
{
    if (pool != NULL)
        check_pool(pool);
    else
        check_refusal(error);
    virt_probe_pool_unref(pool);
}

/* The text before the next NUL, and *at behind it; NULL: there is none left. */
static const char *
next_text(const char **at, const char *end)
{
    const char *text = *at;

    if (text >= end)
        return NULL;
    *at = text + strlen(text) + 1;
    return text;
}

/* A definition of texts, each ended by a NUL. Those of the source may be missing. end: where one more NUL stands. */
static void
make_pool(const char *at, const char *end)
{
    const char *name = next_text(&at, end);
    const char *type = next_text(&at, end);
    const char *target = next_text(&at, end);
    VirtProbePoolSource source = { .host = NULL };
    g_autoptr(GError) error = NULL;
    VirtProbePool *pool;

    if (target == NULL)
        return;
    source.host = next_text(&at, end);
    source.path = next_text(&at, end);
    source.device = next_text(&at, end);
    source.format = next_text(&at, end);
    source.protocol_version = next_text(&at, end);
    pool = virt_probe_pool_new(name, type, target, &source, &error);
    check_answer(pool, error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *xml = g_malloc0(size + 1);
    g_autoptr(GError) error = NULL;
    VirtProbePool *pool;

    if (size > 0)
        memcpy(xml, data, size);
    pool = virt_probe_pool_new_from_xml(xml, size, &error);
    check_answer(pool, error);
    make_pool(xml, xml + size);
    return 0;
}
