/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-catalogue-place.c: where a catalogue may be, whatever it is kept in. */
#include "pool-fixture.h"
#include "statfs-calls.h"
#include "storage/pool/catalogue.h"
#include "storage/pool/watch-place.h"

#include <glib/gstdio.h>
#include <sys/inotify.h>
#include <unistd.h>

typedef PoolFixture Fixture;

static void
test_is_made_behind_a_link(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *real = pool_fixture_directory(fixture, "elsewhere/state");
    g_autoptr(GDir) folder = NULL;

    g_assert_cmpint(g_rmdir(fixture->state), ==, 0);
    g_assert_cmpint(symlink(real, fixture->state), ==, 0);
    vp_catalogue_free(fixture_open_catalogue(TRUE));
    vp_catalogue_free(fixture_open_catalogue(FALSE));
    folder = g_dir_open(real, 0, NULL);
    g_assert_nonnull(g_dir_read_name(folder));
}

/* Numbers of linux/magic.h. */
static const struct {
    guint32 type;
    const char *name;
} filesystems[] = {
    { 0x6969, "is on NFS;" },
    { 0xff534d42, "is on CIFS;" },
    { 0x65735546, "is on FUSE;" },
};

static void
test_is_on_no_network(G_GNUC_UNUSED Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    vp_catalogue_free(fixture_open_catalogue(TRUE));
    for (guint i = 0; i < G_N_ELEMENTS(filesystems); i++) {
        statfs_pretend(filesystems[i].type);
        fixture_assert_no_catalogue(TRUE, filesystems[i].name);
        fixture_assert_no_catalogue(FALSE, filesystems[i].name);
    }
    statfs_pretend(0xef53);
    vp_catalogue_free(fixture_open_catalogue(FALSE));
    statfs_pretend(0);
}

static void
test_is_absent_where_it_may_not_be(G_GNUC_UNUSED Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    statfs_pretend(0x6969);
    g_assert_null(vp_catalogue_open_existing(&error));
    g_assert_no_error(error);
    statfs_pretend(0);
}

static void
test_trusts_no_events_of_a_network(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(vp_watch_place_free);
    VpWatchPlace *place = vp_watch_place_new(fixture->pool);
    const volatile sig_atomic_t is_stopped = 0;
    const VpWatchEyes eyes = { places, inotify_init1(IN_CLOEXEC), 10000, &is_stopped };

    g_ptr_array_add(places, place);
    statfs_pretend(0xef53);
    vp_watch_place_look(place, &eyes);
    g_assert_false(place->sight.is_on_network);
    for (guint i = 0; i < G_N_ELEMENTS(filesystems); i++) {
        statfs_pretend(filesystems[i].type);
        vp_watch_place_look(place, &eyes);
        g_assert_true(place->sight.is_on_network);
    }
    statfs_pretend(0);
    close(eyes.inotify);
}

#define ADD(path, test)                                                                            \
    g_test_add("/catalogue-place/" path, Fixture, NULL, pool_fixture_set_up, test,                 \
               pool_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("is-made-behind-a-link", test_is_made_behind_a_link);
    ADD("is-on-no-network", test_is_on_no_network);
    ADD("is-absent-where-it-may-not-be", test_is_absent_where_it_may_not_be);
    ADD("trusts-no-events-of-a-network", test_trusts_no_events_of_a_network);
    return g_test_run();
}
