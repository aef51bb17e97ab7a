/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-undefine.c: what goes with the definition of a pool, and what keeps it. */
#include "pool-fixture.h"
#include "virtprobe/error.h"

#include <glib/gstdio.h>

#define OTHER_UUID "01234567-89ab-cdef-0123-456789abcdef"

/* What a build without SQLite has in place of catalogue.db. (transfer full) */
static char *
document_name(const VirtProbePool *pool)
{
    return g_strdup_printf("catalogue/%s.xml", virt_probe_pool_get_uuid(pool));
}

static void
test_undefines_whatever_the_catalogue_is(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *garbage = g_strnfill(8192, 'x');
    g_autofree char *document = document_name(fixture->pool);

    g_free(pool_fixture_directory(fixture, "state/catalogue"));
    fixture_write(fixture->state, "catalogue.db", garbage, 0600);
    fixture_write(fixture->state, document, garbage, 0600);
    virt_probe_pool_undefine(fixture->pool, &error);
    g_assert_no_error(error);
    g_assert_null(virt_probe_pool_find("p q", NULL));
}

static void
test_undefines_nothing_that_is_not_forgotten(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *database = pool_fixture_directory(fixture, "state/catalogue.db");
    g_autofree char *document = document_name(fixture->pool);
    g_autofree char *name = g_build_filename("state", document, NULL);
    g_autofree char *directory = pool_fixture_directory(fixture, name);
    g_autoptr(VirtProbePool) found = NULL;

    g_assert_cmpstr(database, !=, directory);
    g_assert_false(virt_probe_pool_undefine(fixture->pool, NULL));
    found = virt_probe_pool_find("p q", NULL);
    g_assert_nonnull(found);
}

static void
test_undefines_no_other_pool_of_that_name(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *folder = g_build_filename(fixture->config, "storage", NULL);
    g_autofree char *path = g_build_filename(folder, "p q.xml", NULL);
    g_autofree char *xml = g_strdup_printf("<pool type='dir'><name>p q</name><uuid>" OTHER_UUID
                                           "</uuid><target><path>%s</path></target></pool>",
                                           fixture->target);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) found = NULL;

    g_assert_cmpint(g_remove(path), ==, 0);
    fixture_write(folder, "p q.xml", xml, 0600);
    g_assert_false(virt_probe_pool_undefine(fixture->pool, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT);
    found = virt_probe_pool_find(OTHER_UUID, NULL);
    g_assert_nonnull(found);
}

#define ADD(path, test)                                                                            \
    g_test_add(path, PoolFixture, NULL, pool_fixture_set_up, test, pool_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/undefine/whatever-the-catalogue-is", test_undefines_whatever_the_catalogue_is);
    ADD("/undefine/nothing-that-is-not-forgotten", test_undefines_nothing_that_is_not_forgotten);
    ADD("/undefine/no-other-pool-of-that-name", test_undefines_no_other_pool_of_that_name);
    return g_test_run();
}
