/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-directories.c: definitions and the catalogue are only where nobody else can change them. */
#include "pool-fixture.h"
#include "storage/pool/catalogue.h"
#include "storage/pool/directories.h"
#include "virtprobe/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define SOMEBODY 12345

static void
assert_refused(const char *directory, const char *reason)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(vp_directory_check_owner(directory, "it", &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_nonnull(strstr(error->message, reason));
    g_assert_nonnull(strstr(error->message, directory));
}

static void
assert_accepted(const char *directory)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(vp_directory_check_owner(directory, "it", &error));
    g_assert_no_error(error);
}

static void
test_refuses_what_others_may_write(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    static const struct {
        mode_t mode;
        gboolean is_refused;
    } modes[] = {
        { 0700, FALSE }, { 0755, FALSE }, { 0500, FALSE }, { 01777, FALSE }, { 02755, FALSE },
        { 0777, TRUE },  { 0770, TRUE },  { 0702, TRUE },  { 02775, TRUE },
    };

    for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_assert_cmpint(g_chmod(fixture->target, modes[i].mode), ==, 0);
        if (modes[i].is_refused)
            assert_refused(fixture->target, "may be written by others");
        else
            assert_accepted(fixture->target);
    }
    g_assert_cmpint(g_chmod(fixture->target, 0755), ==, 0);
}

static void
test_follows_links(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *link = g_build_filename(fixture->root, "link", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(symlink("pool", link), ==, 0);
    assert_accepted(link);
    g_assert_cmpint(g_chmod(fixture->target, 0777), ==, 0);
    g_assert_false(vp_directory_check_owner(link, "it", &error));
    g_assert_cmpint(g_chmod(fixture->target, 0755), ==, 0);
}

static void
test_accepts_what_is_not_there(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->root, "no", "thing", NULL);

    assert_accepted(path);
}

static void
test_refuses_what_belongs_to_others(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    if (geteuid() != 0) {
        assert_accepted("/");
        return;
    }
    assert_accepted(fixture->target);
    g_assert_cmpint(chown(fixture->target, SOMEBODY, SOMEBODY), ==, 0);
    assert_refused(fixture->target, "belongs to another user");
    g_assert_cmpint(chown(fixture->target, 0, 0), ==, 0);
    /* Root heeds what is above, too. */
    g_assert_cmpint(chown(fixture->root, SOMEBODY, SOMEBODY), ==, 0);
    assert_refused(fixture->root, "belongs to another user");
    g_assert_false(vp_directory_check_owner(fixture->target, "it", NULL));
    g_assert_cmpint(chown(fixture->root, 0, 0), ==, 0);
}

static void
test_guards_the_catalogue(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    fixture_refresh(fixture->pool);
    g_assert_cmpint(g_chmod(fixture->state, 0777), ==, 0);
    g_assert_null(vp_catalogue_open(FALSE, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_clear_error(&error);
    g_assert_false(virt_probe_pool_refresh(fixture->pool, NULL, NULL, NULL, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_cmpint(g_chmod(fixture->state, 0755), ==, 0);
    fixture_refresh(fixture->pool);
}

static void
assert_no_definitions(const PoolFixture *fixture)
{
    g_autoptr(GError) listed = NULL;
    g_autoptr(GError) found = NULL;
    g_autoptr(GError) defined = NULL;
    g_autoptr(GError) undefined = NULL;
    g_autoptr(GPtrArray) pools = virt_probe_pool_list(&listed);

    g_assert_cmpuint(pools->len, ==, 0);
    g_assert_error(listed, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_null(virt_probe_pool_find("p q", &found));
    g_assert_error(found, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_false(virt_probe_pool_define(fixture->pool, &defined));
    g_assert_error(defined, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_false(virt_probe_pool_undefine(fixture->pool, &undefined));
    g_assert_error(undefined, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
}

static void
test_guards_definitions(PoolFixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *storage = g_build_filename(fixture->config, "storage", NULL);
    g_autoptr(VirtProbePool) found = NULL;

    g_assert_cmpint(g_chmod(fixture->config, 0777), ==, 0);
    assert_no_definitions(fixture);
    g_assert_cmpint(g_chmod(fixture->config, 0755), ==, 0);
    g_assert_cmpint(g_chmod(storage, 0777), ==, 0);
    assert_no_definitions(fixture);
    g_assert_cmpint(g_chmod(storage, 0755), ==, 0);
    found = virt_probe_pool_find("p q", NULL);
    g_assert_nonnull(found);
}

#define ADD(path, test)                                                                            \
    g_test_add(path, PoolFixture, NULL, pool_fixture_set_up, test, pool_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/directories/refuses-what-others-may-write", test_refuses_what_others_may_write);
    ADD("/directories/follows-links", test_follows_links);
    ADD("/directories/accepts-what-is-not-there", test_accepts_what_is_not_there);
    ADD("/directories/refuses-what-belongs-to-others", test_refuses_what_belongs_to_others);
    ADD("/directories/guards-the-catalogue", test_guards_the_catalogue);
    ADD("/directories/guards-definitions", test_guards_definitions);
    return g_test_run();
}
