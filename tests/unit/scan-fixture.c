/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-fixture.c: directories to be scanned, and what a scan gave of them. */
#define _GNU_SOURCE /* nftw */
#include "scan-fixture.h"

#include "unit-images.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <unistd.h>

void
scan_fixture_set_up(ScanFixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void) data;
    fixture->directory = g_dir_make_tmp("test-scan-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->volumes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) virt_probe_volume_unref);
}

static int
remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void) info;
    (void) type;
    (void) place;
    return remove(path);
}

void
scan_fixture_tear_down(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    nftw(fixture->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    g_free(fixture->directory);
    g_hash_table_unref(fixture->volumes);
}

char *
scan_path(const ScanFixture *fixture, const char *name)
{
    return g_build_filename(fixture->directory, name, NULL);
}

void
scan_add_file(const ScanFixture *fixture, const char *name, gconstpointer data, gsize len)
{
    g_autofree char *path = scan_path(fixture, name);
    g_autoptr(GError) error = NULL;

    g_file_set_contents(path, data, (gssize) len, &error);
    g_assert_no_error(error);
}

void
scan_add_image(const ScanFixture *fixture, const char *name, const char *format)
{
    g_autoptr(GByteArray) bytes = healthy_image_find(format)->make();

    scan_add_file(fixture, name, bytes->data, bytes->len);
}

void
scan_add_directory(const ScanFixture *fixture, const char *name)
{
    g_autofree char *path = scan_path(fixture, name);

    g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
}

void
scan_add_link(const ScanFixture *fixture, const char *name, const char *target)
{
    g_autofree char *path = scan_path(fixture, name);

    g_assert_cmpint(symlink(target, path), ==, 0);
}

gboolean
scan_take(VirtProbeVolume *volume, gpointer user_data)
{
    ScanFixture *fixture = user_data;
    const char *name = virt_probe_volume_get_text(volume, "name");

    g_assert_cmpint(g_atomic_int_add(&fixture->is_inside, 1), ==, 0);
    fixture->n_calls++;
    g_assert_false(g_hash_table_contains(fixture->volumes, name));
    g_hash_table_insert(fixture->volumes, g_strdup(name), virt_probe_volume_ref(volume));
    g_atomic_int_add(&fixture->is_inside, -1);
    return fixture->n_calls != fixture->stop_after;
}

void
scan_all(ScanFixture *fixture, const VirtProbeScanSettings *settings)
{
    g_autoptr(GError) error = NULL;
    gboolean is_whole;

    g_hash_table_remove_all(fixture->volumes);
    fixture->n_calls = 0;
    is_whole = virt_probe_scan(fixture->directory, settings, scan_take, fixture, &error);
    g_assert_no_error(error);
    g_assert_true(is_whole);
}

VirtProbeVolume *
scan_find(const ScanFixture *fixture, const char *name)
{
    VirtProbeVolume *volume = g_hash_table_lookup(fixture->volumes, name);

    if (volume == NULL)
        g_test_message("there is no %s", name);
    g_assert_nonnull(volume);
    return volume;
}

void
scan_assert_state(const ScanFixture *fixture, const char *name, const char *state, const char *code)
{
    const VirtProbeVolume *volume = scan_find(fixture, name);

    g_assert_cmpstr(virt_probe_volume_get_text(volume, "state"), ==, state);
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "error-code"), ==, code);
    g_assert_cmpint(virt_probe_volume_get_text(volume, "error-message") != NULL, ==, code != NULL);
}
