/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-fixture.c: directories of a test for configuration, catalogue and pools, which are gone after it. */
#include "pool-fixture.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>

char *
pool_fixture_directory(PoolFixture *fixture, const char *name)
{
    char *path = g_build_filename(fixture->root, name, NULL);

    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
    return path;
}

void
fixture_write_bytes(const char *directory, const char *name, gconstpointer bytes, gsize len)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autoptr(GError) error = NULL;

    g_file_set_contents_full(path, bytes, (gssize) len, G_FILE_SET_CONTENTS_NONE, 0644, &error);
    g_assert_no_error(error);
}

void
fixture_write(const char *directory, const char *name, const char *text, mode_t mode)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    fixture_write_bytes(directory, name, text, strlen(text));
    g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

char *
fixture_read(const PoolFixture *fixture, const char *name)
{
    g_autofree char *path = g_build_filename(fixture->root, name, NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

VirtProbePool *
fixture_pool_new(const char *name, const char *target)
{
    g_autoptr(GError) error = NULL;
    VirtProbePool *pool = virt_probe_pool_new(name, "dir", target, NULL, &error);

    g_assert_no_error(error);
    virt_probe_pool_define(pool, &error);
    g_assert_no_error(error);
    return pool;
}

void
fixture_refresh(VirtProbePool *pool)
{
    g_autoptr(GError) error = NULL;

    virt_probe_pool_refresh(pool, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
}

VpCatalogue *
fixture_open_catalogue(gboolean may_write)
{
    g_autoptr(GError) error = NULL;
    VpCatalogue *catalogue = vp_catalogue_open(may_write, &error);

    g_assert_no_error(error);
    return catalogue;
}

void
fixture_assert_no_catalogue(gboolean may_write, const char *reason)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VpCatalogue) catalogue = vp_catalogue_open(may_write, &error);

    g_assert_null(catalogue);
    g_assert_nonnull(error);
    if (strstr(error->message, reason) == NULL)
        g_assert_cmpstr(error->message, ==, reason);
}

/* The environment can be changed only before there are threads, so all tests of a program have the same directories. */
static const char *
test_root(void)
{
    static char *root;

    if (root == NULL) {
        g_autofree char *made = g_dir_make_tmp("test-pool-XXXXXX", NULL);
        g_autofree char *config = NULL;
        g_autofree char *state = NULL;

        g_assert_nonnull(made);
        /* The directory of temporary files may itself be named by a link. */
        root = realpath(made, NULL);
        config = g_build_filename(root, "config", NULL);
        state = g_build_filename(root, "state", NULL);
        g_setenv("VIRT_PROBE_CONFIG_DIR", config, TRUE);
        g_setenv("VIRT_PROBE_STATE_DIR", state, TRUE);
    }
    return root;
}

char *
pool_fixture_place(const char *name)
{
    return g_build_filename(test_root(), name, NULL);
}

void
pool_fixture_set_up(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    fixture->root = g_strdup(test_root());
    fixture->config = pool_fixture_directory(fixture, "config");
    fixture->state = pool_fixture_directory(fixture, "state");
    fixture->target = pool_fixture_directory(fixture, "pool");
    fixture->pool = fixture_pool_new("p q", fixture->target);
}

static void
remove_tree(const char *path)
{
    g_autoptr(GDir) directory = NULL;
    const char *name;

    if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        directory = g_dir_open(path, 0, NULL);
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *entry = g_build_filename(path, name, NULL);

        remove_tree(entry);
    }
    g_remove(path);
}

void
pool_fixture_tear_down(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    remove_tree(fixture->root);
    virt_probe_pool_unref(fixture->pool);
    g_free(fixture->root);
    g_free(fixture->config);
    g_free(fixture->state);
    g_free(fixture->target);
}
