/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-refresh.c: refreshes of pools whose definition is changed or gone, before or meanwhile. */
#include "pool-fixture.h"

#include "virtprobe/pool-sums.h"

#include <glib/gstdio.h>

/* More entries than there are between two calls of the progress function. */
#define FILES 300

typedef struct {
    PoolFixture base;
    void (*meanwhile)(PoolFixture *fixture);
    gboolean is_inside;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    pool_fixture_set_up(&fixture->base, data);
    for (guint i = 0; i < FILES; i++) {
        g_autofree char *name = g_strdup_printf("file-%u", i);

        fixture_write(fixture->base.target, name, "", 0644);
    }
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    pool_fixture_tear_down(&fixture->base, data);
}

static gboolean
interrupt(G_GNUC_UNUSED guint64 done, gpointer user_data)
{
    Fixture *fixture = user_data;

    if (!fixture->is_inside) {
        fixture->is_inside = TRUE;
        fixture->meanwhile(&fixture->base);
    }
    return TRUE;
}

static gboolean
refresh_with(Fixture *fixture, void (*meanwhile)(PoolFixture *fixture), GError **error)
{
    const VirtProbeRefreshEvents events = { .progress = interrupt, .user_data = fixture };

    fixture->meanwhile = meanwhile;
    return virt_probe_pool_refresh(fixture->base.pool, NULL, &events, NULL, error);
}

static void
define_anew(PoolFixture *fixture)
{
    g_autofree char *gone = g_build_filename(fixture->target, "file-0", NULL);
    g_autoptr(GError) error = NULL;

    virt_probe_pool_undefine(fixture->pool, &error);
    g_assert_no_error(error);
    virt_probe_pool_define(fixture->pool, &error);
    g_assert_no_error(error);
    g_unlink(gone);
    fixture_write(fixture->target, "late", "", 0644);
    fixture_refresh(fixture->pool);
}

/* Two lists that were begun for the same pool, with a "generation 1" each. */
static void
test_does_not_mix_lists(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    VirtProbeRefreshCounts counts;
    VirtProbePoolSums sums;

    fixture_refresh(fixture->base.pool);
    fixture_write(fixture->base.target, "fresh", "", 0644);
    g_assert_true(refresh_with(fixture, define_anew, &error));
    g_assert_no_error(error);
    g_assert_true(fixture->is_inside);
    g_assert_true(virt_probe_pool_get_sums(fixture->base.pool, &sums, NULL));
    g_assert_cmpuint(sums.volumes, ==, FILES + 1);
    g_assert_true(virt_probe_pool_refresh(fixture->base.pool, NULL, NULL, &counts, &error));
    g_assert_cmpuint(counts.read + counts.removed, ==, 0);
    g_assert_true(virt_probe_pool_get_sums(fixture->base.pool, &sums, NULL));
    g_assert_cmpuint(sums.volumes, ==, FILES + 1);
}

static void
define_elsewhere(PoolFixture *fixture)
{
    g_autofree char *other = pool_fixture_directory(fixture, "other");
    g_autofree char *xml =
        g_strdup_printf("<pool type='dir'><name>p q</name><uuid>%s</uuid><target><path>%s</path>"
                        "</target></pool>",
                        virt_probe_pool_get_uuid(fixture->pool), other);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) moved = virt_probe_pool_new_from_xml(xml, strlen(xml), &error);

    g_assert_no_error(error);
    virt_probe_pool_undefine(fixture->pool, &error);
    g_assert_no_error(error);
    virt_probe_pool_define(moved, &error);
    g_assert_no_error(error);
    fixture_write(other, "only", "", 0644);
    fixture_refresh(moved);
}

static void
assert_volumes(const VirtProbePool *pool, guint count)
{
    VirtProbePoolSums sums;

    g_assert_true(virt_probe_pool_get_sums(pool, &sums, NULL));
    g_assert_cmpuint(sums.volumes, ==, count);
}

/* The list of the directory that the pool had is not that of the one that it has. */
static void
test_gives_up_when_the_pool_moves(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) moved = NULL;

    g_assert_false(refresh_with(fixture, define_elsewhere, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_clear_error(&error);
    assert_volumes(fixture->base.pool, 0);
    moved = virt_probe_pool_find("p q", &error);
    assert_volumes(moved, 1);
}

/* Whoever keeps a pool for long may not have heard that it moved. */
static void
test_refuses_a_pool_that_has_moved(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) moved = NULL;

    define_elsewhere(&fixture->base);
    g_assert_false(virt_probe_pool_refresh(fixture->base.pool, NULL, NULL, NULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_clear_error(&error);
    assert_volumes(fixture->base.pool, 0);
    moved = virt_probe_pool_find("p q", &error);
    assert_volumes(moved, 1);
}

static void
test_refuses_a_pool_that_was_undefined(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) stored = virt_probe_pool_find("p q", &error);
    VirtProbePoolSums sums;

    g_assert_no_error(error);
    fixture_refresh(stored);
    g_assert_true(virt_probe_pool_get_sums(stored, &sums, NULL));
    g_assert_cmpuint(sums.volumes, ==, FILES);
    g_assert_true(virt_probe_pool_undefine(fixture->base.pool, &error));
    g_assert_false(virt_probe_pool_refresh(stored, NULL, NULL, NULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_assert_true(virt_probe_pool_get_sums(stored, &sums, NULL));
    g_assert_cmpuint(sums.volumes, ==, 0);
}

static void
add_one(PoolFixture *fixture)
{
    fixture_write(fixture->target, "late", "", 0644);
}

/* What comes while the directory is listed, or after that, may not be in the list. */
static void
test_takes_nothing_late_for_seen(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    VirtProbePoolSums sums;

    fixture_refresh(fixture->base.pool);
    g_assert_true(virt_probe_pool_get_sums(fixture->base.pool, &sums, NULL));
    g_assert_cmpint(sums.directory_changed, ==, sums.directory_listed);
    g_assert_true(refresh_with(fixture, add_one, &error));
    g_assert_no_error(error);
    g_assert_true(fixture->is_inside);
    g_assert_true(virt_probe_pool_get_sums(fixture->base.pool, &sums, NULL));
    g_assert_cmpint(sums.directory_changed, !=, sums.directory_listed);
    fixture_refresh(fixture->base.pool);
    assert_volumes(fixture->base.pool, FILES + 1);
    g_assert_true(virt_probe_pool_get_sums(fixture->base.pool, &sums, NULL));
    g_assert_cmpint(sums.directory_changed, ==, sums.directory_listed);
}

static gboolean
must_not_go_on(G_GNUC_UNUSED guint64 done, G_GNUC_UNUSED gpointer user_data)
{
    g_assert_not_reached();
}

/* Whoever read the definition before it was changed is told at once, not when all has been read. */
static void
test_refuses_a_stored_pool_that_has_moved(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    const VirtProbeRefreshEvents events = { .progress = must_not_go_on };
    g_autoptr(VirtProbePool) stored = virt_probe_pool_find("p q", NULL);
    g_autoptr(GError) error = NULL;

    define_elsewhere(&fixture->base);
    g_assert_false(virt_probe_pool_refresh(stored, NULL, &events, NULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* Such a file has another UUID each time that it is read. */
static void
test_takes_a_definition_without_uuid(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *folder = g_build_filename(fixture->base.config, "storage", NULL);
    g_autofree char *xml = g_strdup_printf("<pool type='dir'><name>bare</name><target><path>%s"
                                           "</path></target></pool>",
                                           fixture->base.target);
    g_autoptr(VirtProbePool) pool = NULL;

    fixture_write(folder, "bare.xml", xml, 0600);
    pool = virt_probe_pool_find("bare", NULL);
    fixture_refresh(pool);
    g_assert_true(virt_probe_pool_undefine(pool, NULL));
    g_assert_null(virt_probe_pool_find("bare", NULL));
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/refresh/does-not-mix-lists", test_does_not_mix_lists);
    ADD("/refresh/gives-up-when-the-pool-moves", test_gives_up_when_the_pool_moves);
    ADD("/refresh/refuses-a-pool-that-has-moved", test_refuses_a_pool_that_has_moved);
    ADD("/refresh/refuses-a-pool-that-was-undefined", test_refuses_a_pool_that_was_undefined);
    ADD("/refresh/refuses-a-stored-pool-that-has-moved", test_refuses_a_stored_pool_that_has_moved);
    ADD("/refresh/takes-nothing-late-for-seen", test_takes_nothing_late_for_seen);
    ADD("/refresh/takes-a-definition-without-uuid", test_takes_a_definition_without_uuid);
    return g_test_run();
}
