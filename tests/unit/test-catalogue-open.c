/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-catalogue-open.c: what is done about a file that is no catalogue of ours, in a build with SQLite. */
#include "pool-fixture.h"
#include "storage/pool/catalogue-database.h"
#include "storage/pool/catalogue.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define UUID "01234567-89ab-cdef-0123-456789abcdef"

typedef PoolFixture Fixture;

static char *
database_path(const Fixture *fixture)
{
    return g_build_filename(fixture->state, "catalogue.db", NULL);
}

/* A pool without volumes. */
static void
put_pool(VpCatalogue *catalogue)
{
    g_autoptr(GBytes) known = g_bytes_new_static("", 0);
    g_autoptr(GError) error = NULL;

    g_assert_true(vp_catalogue_begin(catalogue, UUID, "/p", 0, &error));
    g_assert_true(vp_catalogue_commit(catalogue, known, &error));
    g_assert_no_error(error);
}

static guint64
pool_generation(VpCatalogue *catalogue)
{
    g_autoptr(GError) error = NULL;
    VpCataloguePool pool;

    g_assert_true(vp_catalogue_get_pool(catalogue, UUID, &pool, &error));
    g_assert_no_error(error);
    return pool.generation;
}

static void
test_is_no_link_itself(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = database_path(fixture);
    g_autofree char *other = g_build_filename(fixture->root, "other.db", NULL);
    g_autofree char *message = g_strdup_printf("catalogue \"%s\": it is a symbolic link", path);

    vp_catalogue_free(fixture_open_catalogue(TRUE));
    g_assert_cmpint(g_rename(path, other), ==, 0);
    g_assert_cmpint(symlink(other, path), ==, 0);
    fixture_assert_no_catalogue(FALSE, message);
    fixture_assert_no_catalogue(TRUE, path);
}

static void
test_leaves_the_database_of_another_program(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = database_path(fixture);
    g_autofree char *message = g_strdup_printf("\"%s\" is the database of another program", path);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    gsize len_before;
    gsize len_after;
    sqlite3 *database = NULL;

    g_assert_cmpint(sqlite3_open(path, &database), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(database, "CREATE TABLE a (b)", NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(database);
    g_assert_true(g_file_get_contents(path, &before, &len_before, NULL));
    fixture_assert_no_catalogue(TRUE, message);
    fixture_assert_no_catalogue(FALSE, message);
    g_assert_true(g_file_get_contents(path, &after, &len_after, NULL));
    g_assert_cmpuint(len_after, ==, len_before);
    g_assert_cmpint(memcmp(after, before, len_before), ==, 0);
}

static void
test_discards_only_what_it_has_opened(G_GNUC_UNUSED Fixture *fixture,
                                      G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(VpCatalogue) first = fixture_open_catalogue(TRUE);
    g_autoptr(VpCatalogue) second = fixture_open_catalogue(TRUE);
    g_autoptr(GError) error = NULL;

    put_pool(first);
    g_assert_cmpuint(pool_generation(second), ==, pool_generation(first));
    g_assert_true(vp_catalogue_discard(first, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(pool_generation(first), ==, 0);
    put_pool(first);
    g_assert_cmpuint(pool_generation(first), !=, 0);
    g_assert_true(vp_catalogue_discard(second, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(pool_generation(second), ==, pool_generation(first));
}

#define ADD(path, test)                                                                            \
    g_test_add("/catalogue-open/" path, Fixture, NULL, pool_fixture_set_up, test,                  \
               pool_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("is-no-link-itself", test_is_no_link_itself);
    ADD("leaves-the-database-of-another-program", test_leaves_the_database_of_another_program);
    ADD("discards-only-what-it-has-opened", test_discards_only_what_it_has_opened);
    return g_test_run();
}
