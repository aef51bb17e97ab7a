/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-scan-known.c: what is as it was is not read again, and what was changed is. */
#include "scan-calls.h"
#include "scan-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

static VirtProbeVolume *
find_known(const char *name, gpointer user_data)
{
    return g_hash_table_lookup(user_data, name);
}

/* Scans with what the last scan found as known; gives how many entries were opened, without the directory. */
static guint
scan_again(ScanFixture *fixture, VirtProbeScanFlags flags)
{
    g_autoptr(GHashTable) before = g_steal_pointer(&fixture->volumes);
    const VirtProbeScanSettings settings = {
        .flags = flags,
        .known = find_known,
        .known_data = before,
    };

    fixture->volumes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) virt_probe_volume_unref);
    calls_count_opened();
    scan_all(fixture, &settings);
    return calls_count_opened();
}

static void
test_reads_nothing_again(ScanFixture *fixture, gconstpointer data)
{
    VirtProbeVolume *image;
    VirtProbeVolume *folder;

    (void) data;
    scan_add_image(fixture, "disk.qcow2", "qcow2");
    scan_add_directory(fixture, "folder");
    scan_all(fixture, NULL);
    image = virt_probe_volume_ref(scan_find(fixture, "disk.qcow2"));
    folder = virt_probe_volume_ref(scan_find(fixture, "folder"));
    g_assert_cmpuint(scan_again(fixture, VIRT_PROBE_SCAN_DEFAULT), ==, 0);
    g_assert_true(scan_find(fixture, "disk.qcow2") == image);
    g_assert_true(scan_find(fixture, "folder") == folder);
    virt_probe_volume_unref(image);
    virt_probe_volume_unref(folder);
}

static void
test_reads_all_when_forced(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    scan_add_image(fixture, "disk.qcow2", "qcow2");
    scan_all(fixture, NULL);
    g_assert_cmpuint(scan_again(fixture, VIRT_PROBE_SCAN_FORCE), ==, 1);
}

static void
test_reads_what_is_new(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    scan_add_image(fixture, "old", "raw");
    scan_all(fixture, NULL);
    scan_add_image(fixture, "new", "qcow2");
    g_assert_cmpuint(scan_again(fixture, VIRT_PROBE_SCAN_DEFAULT), ==, 1);
    g_assert_cmpstr(virt_probe_volume_get_text(scan_find(fixture, "new"), "format"), ==, "qcow2");
}

/* Another file of the same size, with the times of the old one as far as they can be set. */
static void
test_notices_a_replaced_file(ScanFixture *fixture, gconstpointer data)
{
    g_autofree char *path = scan_path(fixture, "disk");
    g_autofree char *other = scan_path(fixture, "other");
    char content[4096] = { 0 };
    struct stat info;
    struct timespec times[2];

    (void) data;
    scan_add_file(fixture, "disk", content, sizeof content);
    scan_all(fixture, NULL);
    g_assert_cmpint(stat(path, &info), ==, 0);
    times[0] = info.st_atim;
    times[1] = info.st_mtim;
    memcpy(content, "conectix", 8);
    scan_add_file(fixture, "other", content, sizeof content);
    g_assert_cmpint(utimensat(AT_FDCWD, other, times, 0), ==, 0);
    g_assert_cmpint(g_rename(other, path), ==, 0);
    g_assert_cmpuint(scan_again(fixture, VIRT_PROBE_SCAN_DEFAULT), ==, 1);
    g_assert_cmpstr(virt_probe_volume_get_text(scan_find(fixture, "disk"), "format"), ==, "vpc");
}

static void
test_tries_what_was_unreadable(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    scan_add_image(fixture, NAME_BROKEN, "raw");
    scan_all(fixture, NULL);
    g_assert_cmpuint(scan_again(fixture, VIRT_PROBE_SCAN_DEFAULT), ==, 1);
    scan_assert_state(fixture, NAME_BROKEN, "unreadable", "io");
}

static void
test_knows_what_lies_in_directories(ScanFixture *fixture, gconstpointer data)
{
    const VirtProbeScanSettings settings = { .flags = VIRT_PROBE_SCAN_RECURSIVE };

    (void) data;
    scan_add_directory(fixture, "a");
    scan_add_image(fixture, "a/disk", "qcow2");
    scan_all(fixture, &settings);
    /* The directory itself is opened to list it. */
    g_assert_cmpuint(scan_again(fixture, VIRT_PROBE_SCAN_RECURSIVE), ==, 1);
    scan_assert_state(fixture, "a/disk", "ok", NULL);
}

static void
add(const char *path, void (*test)(ScanFixture *fixture, gconstpointer data))
{
    g_test_add(path, ScanFixture, NULL, scan_fixture_set_up, test, scan_fixture_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/scan-known/unchanged-is-not-read", test_reads_nothing_again);
    add("/scan-known/force-reads-all", test_reads_all_when_forced);
    add("/scan-known/new-is-read", test_reads_what_is_new);
    add("/scan-known/replaced-is-read", test_notices_a_replaced_file);
    add("/scan-known/unreadable-is-tried-again", test_tries_what_was_unreadable);
    add("/scan-known/names-have-their-folders", test_knows_what_lies_in_directories);
    return g_test_run();
}
