/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-scan.c: whatever is in a directory is described, and nothing in it disturbs the others. */
#include "scan-calls.h"
#include "scan-fixture.h"
#include "unit-images.h"
#include "unit.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static guint64
number_in(const VirtProbeVolume *volume, const char *key)
{
    guint64 value = 0;

    g_assert_true(virt_probe_volume_get_uint64(volume, key, &value));
    return value;
}

static void
test_describes_images(ScanFixture *fixture, gconstpointer data)
{
    g_autofree char *path = scan_path(fixture, "disk.qcow2");
    const VirtProbeVolume *volume;
    struct stat info;

    (void) data;
    scan_add_image(fixture, "disk.qcow2", "qcow2");
    scan_all(fixture, NULL);
    g_assert_cmpuint(fixture->n_calls, ==, 1);
    volume = scan_find(fixture, "disk.qcow2");
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "path"), ==, path);
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "type"), ==, "file");
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "format"), ==, "qcow2");
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "state"), ==, "ok");
    g_assert_cmpuint(number_in(volume, "physical"), ==, (guint64) info.st_size);
    g_assert_cmpuint(number_in(volume, "allocation"), ==, (guint64) info.st_blocks * 512);
    g_assert_cmpuint(number_in(volume, "inode"), ==, info.st_ino);
    g_assert_cmpuint(number_in(volume, "device"), ==, info.st_dev);
    g_assert_cmpuint(number_in(volume, "mode"), ==, info.st_mode & 07777);
    g_assert_cmpuint(number_in(volume, "mtime"), ==,
                     (guint64) info.st_mtim.tv_sec * 1000000000 + (guint64) info.st_mtim.tv_nsec);
}

/* The capacity and so on are those of a description. */
static void
test_says_what_a_description_says(ScanFixture *fixture, gconstpointer data)
{
    const VirtProbeFormat *format;

    (void) data;
    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++)
        scan_add_image(fixture, virt_probe_format_get_name(format),
                       virt_probe_format_get_name(format));
    scan_all(fixture, NULL);
    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        const char *name = virt_probe_format_get_name(format);
        const VirtProbeVolume *volume = scan_find(fixture, name);
        g_autofree char *path = scan_path(fixture, name);
        g_autoptr(VirtProbeRecord) image =
            virt_probe_describe_file(path, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);

        g_assert_cmpstr(virt_probe_volume_get_text(volume, "format"), ==,
                        virt_probe_record_get_text(image, "format"));
        g_assert_cmpstr(virt_probe_volume_get_text(volume, "state"), ==,
                        virt_probe_record_get_text(probe_of(image), "state"));
        g_assert_cmpuint(number_in(volume, "capacity"), ==, number_of(image, "virtual-size"));
    }
}

static void
test_leaves_what_is_damaged_in_its_row(ScanFixture *fixture, gconstpointer data)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();

    (void) data;
    scan_add_file(fixture, "cut.qcow2", bytes->data, 80);
    scan_add_image(fixture, "sound.qcow2", "qcow2");
    scan_all(fixture, NULL);
    scan_assert_state(fixture, "cut.qcow2", "partial", "truncated");
    g_assert_cmpstr(virt_probe_volume_get_text(scan_find(fixture, "cut.qcow2"), "rules"), ==,
                    "truncated");
    scan_assert_state(fixture, "sound.qcow2", "ok", NULL);
}

static void
test_takes_a_directory_for_a_volume(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    scan_add_directory(fixture, "folder");
    scan_add_link(fixture, "link", "folder");
    scan_add_image(fixture, "folder/inside", "raw");
    scan_all(fixture, NULL);
    g_assert_cmpuint(fixture->n_calls, ==, 2);
    for (guint i = 0; i < 2; i++) {
        const VirtProbeVolume *volume = scan_find(fixture, i == 0 ? "folder" : "link");

        g_assert_cmpstr(virt_probe_volume_get_text(volume, "type"), ==, "dir");
        g_assert_cmpstr(virt_probe_volume_get_text(volume, "format"), ==, "dir");
        g_assert_cmpuint(number_in(volume, "capacity"), ==, 0);
    }
}

static void
add_socket(const ScanFixture *fixture, const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_autofree char *path = scan_path(fixture, name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    g_assert_cmpint(bind(fd, (struct sockaddr *) &address, sizeof address), ==, 0);
    close(fd);
}

static void
test_opens_nothing_that_is_no_file(ScanFixture *fixture, gconstpointer data)
{
    g_autofree char *fifo = scan_path(fixture, "fifo");

    (void) data;
    g_assert_cmpint(mkfifo(fifo, 0644), ==, 0);
    add_socket(fixture, "socket");
    scan_add_link(fixture, "device", "/dev/null");
    scan_add_link(fixture, "to-fifo", "fifo");
    calls_count_opened();
    scan_all(fixture, NULL);
    g_assert_cmpuint(calls_count_opened(), ==, 0);
    g_assert_cmpuint(fixture->n_calls, ==, 4);
    scan_assert_state(fixture, "fifo", "unreadable", "refused");
    scan_assert_state(fixture, "socket", "unreadable", "refused");
    scan_assert_state(fixture, "device", "unreadable", "refused");
    scan_assert_state(fixture, "to-fifo", "unreadable", "refused");
}

static void
test_follows_links_to_files(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    scan_add_image(fixture, "disk.qcow2", "qcow2");
    scan_add_link(fixture, "link", "disk.qcow2");
    scan_add_link(fixture, "dangling", "nowhere");
    scan_add_link(fixture, "loop", "loop");
    scan_all(fixture, NULL);
    g_assert_cmpstr(virt_probe_volume_get_text(scan_find(fixture, "link"), "format"), ==, "qcow2");
    scan_assert_state(fixture, "dangling", "unreadable", "not-found");
    scan_assert_state(fixture, "loop", "unreadable", "symlink-loop");
}

/* A file becomes a link, and a link leads elsewhere, when they are about to be opened. */
static void
test_opens_files_only_by_turned_links(ScanFixture *fixture, gconstpointer data)
{
    struct stat null;

    (void) data;
    g_assert_cmpint(stat("/dev/null", &null), ==, 0);
    scan_add_image(fixture, "disk.qcow2", "qcow2");
    scan_add_image(fixture, NAME_TURNED "-file", "raw");
    scan_add_link(fixture, NAME_TURNED "-link", "disk.qcow2");
    calls_turn("/dev/null");
    scan_all(fixture, NULL);
    g_assert_false(calls_have_opened(null.st_dev, null.st_ino));
    scan_assert_state(fixture, NAME_TURNED "-file", "unreadable", "refused");
    scan_assert_state(fixture, NAME_TURNED "-link", "unreadable", "permission-denied");
    calls_turn(NULL);
}

static void
test_follows_a_link_in_the_place_of_a_file(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    scan_add_image(fixture, "disk.qcow2", "qcow2");
    scan_add_image(fixture, NAME_TURNED, "raw");
    calls_turn("disk.qcow2");
    scan_all(fixture, NULL);
    calls_turn(NULL);
    g_assert_cmpstr(virt_probe_volume_get_text(scan_find(fixture, NAME_TURNED), "format"), ==,
                    "qcow2");
}

static void
test_says_why_a_file_cannot_be_read(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    scan_add_image(fixture, NAME_BROKEN, "raw");
    scan_add_image(fixture, "sound", "raw");
    scan_all(fixture, NULL);
    scan_assert_state(fixture, NAME_BROKEN, "unreadable", "io");
    g_assert_cmpstr(virt_probe_volume_get_text(scan_find(fixture, NAME_BROKEN), "type"), ==,
                    "file");
    scan_assert_state(fixture, "sound", "ok", NULL);
}

static void
test_leaves_out_what_vanishes(ScanFixture *fixture, gconstpointer data)
{
    (void) data;
    scan_add_image(fixture, NAME_GONE, "raw");
    scan_add_image(fixture, "stays", "raw");
    scan_all(fixture, NULL);
    g_assert_cmpuint(fixture->n_calls, ==, 1);
    scan_assert_state(fixture, "stays", "ok", NULL);
}

static void
test_takes_names_of_any_bytes(ScanFixture *fixture, gconstpointer data)
{
    static const char *const names[] = { "\xff\xfe", "new\nline", "\x1b[31m", " ", ".hidden",
                                         "-",        "a\\b",      "\"",       "…" };

    (void) data;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        scan_add_image(fixture, names[i], "raw");
    scan_all(fixture, NULL);
    g_assert_cmpuint(fixture->n_calls, ==, G_N_ELEMENTS(names));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        scan_assert_state(fixture, names[i], "ok", NULL);
}

static void
test_says_what_an_overlay_stands_on(ScanFixture *fixture, gconstpointer data)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *base = scan_path(fixture, "base.raw");
    const VirtProbeVolume *volume;

    (void) data;
    g_byte_array_set_size(bytes, 1048);
    memset(bytes->data, 0, bytes->len);
    put_big(bytes->data, 4, 0x4f4f4f4d); /* cow, of which the name of its backing file is a field */
    put_big(bytes->data + 4, 4, 2);
    memcpy(bytes->data + 8, "base.raw", 8);
    put_big(bytes->data + 1036, 8, 1 << 20);
    put_big(bytes->data + 1044, 4, 512);
    scan_add_file(fixture, "overlay.cow", bytes->data, bytes->len);
    scan_all(fixture, NULL);
    volume = scan_find(fixture, "overlay.cow");
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "backing"), ==, "base.raw");
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "backing-path"), ==, base);
}

static void
test_gives_each_of_many_once(ScanFixture *fixture, gconstpointer data)
{
    static const guint jobs[] = { 1, 2, 7 };

    (void) data;
    for (guint i = 0; i < 3000; i++) {
        g_autofree char *name = g_strdup_printf("disk-%u-of-many-with-a-long-name", i);

        scan_add_file(fixture, name, name, strlen(name));
    }
    for (guint i = 0; i < G_N_ELEMENTS(jobs); i++) {
        const VirtProbeScanSettings settings = { .jobs = jobs[i] };

        scan_all(fixture, &settings);
        g_assert_cmpuint(fixture->n_calls, ==, 3000);
    }
}

static void
test_stops_when_it_is_told_to(ScanFixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void) data;
    for (guint i = 0; i < 200; i++) {
        g_autofree char *name = g_strdup_printf("disk-%u", i);

        scan_add_file(fixture, name, "x", 1);
    }
    fixture->stop_after = 5;
    g_assert_false(virt_probe_scan(fixture->directory, NULL, scan_take, fixture, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
    g_assert_cmpuint(fixture->n_calls, ==, 5);
}

static void
test_fails_for_what_is_no_directory(ScanFixture *fixture, gconstpointer data)
{
    g_autofree char *missing = scan_path(fixture, "missing");
    g_autofree char *file = scan_path(fixture, "file");
    g_autoptr(GError) missing_error = NULL;
    g_autoptr(GError) file_error = NULL;

    (void) data;
    scan_add_file(fixture, "file", "x", 1);
    g_assert_false(virt_probe_scan(missing, NULL, scan_take, fixture, &missing_error));
    g_assert_error(missing_error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_assert_false(virt_probe_scan(file, NULL, scan_take, fixture, &file_error));
    g_assert_error(file_error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
    g_assert_cmpuint(fixture->n_calls, ==, 0);
}

static void
test_walks_directories_when_asked(ScanFixture *fixture, gconstpointer data)
{
    const VirtProbeScanSettings settings = { .flags = VIRT_PROBE_SCAN_RECURSIVE, .jobs = 3 };

    (void) data;
    scan_add_directory(fixture, "a");
    scan_add_directory(fixture, "a/b");
    scan_add_directory(fixture, "empty");
    scan_add_directory(fixture, NAME_BROKEN "-folder");
    scan_add_image(fixture, "top", "raw");
    scan_add_image(fixture, "a/middle", "raw");
    scan_add_image(fixture, "a/b/deep", "qcow2");
    scan_add_link(fixture, "a/b/up", "..");
    scan_all(fixture, &settings);
    g_assert_cmpuint(fixture->n_calls, ==, 8);
    scan_assert_state(fixture, "a", "ok", NULL);
    scan_assert_state(fixture, "a/b", "ok", NULL);
    scan_assert_state(fixture, "a/b/deep", "ok", NULL);
    scan_assert_state(fixture, "a/b/up", "ok", NULL);
    scan_assert_state(fixture, "a/middle", "ok", NULL);
    scan_assert_state(fixture, "empty", "ok", NULL);
    scan_assert_state(fixture, NAME_BROKEN "-folder", "unreadable", "io");
}

static void
test_goes_so_deep_and_no_deeper(ScanFixture *fixture, gconstpointer data)
{
    const VirtProbeScanSettings settings = { .flags = VIRT_PROBE_SCAN_RECURSIVE };
    g_autoptr(GString) name = g_string_new(NULL);
    guint n_limits = 0;
    GHashTableIter iterator;
    gpointer volume;

    (void) data;
    for (guint i = 0; i < 203; i++) {
        g_string_append(name, i == 0 ? "d" : "/d");
        scan_add_directory(fixture, name->str);
    }
    scan_all(fixture, &settings);
    g_assert_cmpuint(fixture->n_calls, ==, 201);
    g_hash_table_iter_init(&iterator, fixture->volumes);
    while (g_hash_table_iter_next(&iterator, NULL, &volume))
        n_limits += g_strcmp0(virt_probe_volume_get_text(volume, "error-code"), "limit") == 0;
    g_assert_cmpuint(n_limits, ==, 1);
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
    add("/scan/file/is-described", test_describes_images);
    add("/scan/file/is-described-as-by-itself", test_says_what_a_description_says);
    add("/scan/file/that-is-damaged-has-its-row", test_leaves_what_is_damaged_in_its_row);
    add("/scan/file/that-cannot-be-read-has-its-row", test_says_why_a_file_cannot_be_read);
    add("/scan/file/that-vanishes-is-left-out", test_leaves_out_what_vanishes);
    add("/scan/file/that-stands-on-another-says-so", test_says_what_an_overlay_stands_on);
    add("/scan/directory-is-a-volume", test_takes_a_directory_for_a_volume);
    add("/scan/what-is-no-file-is-not-opened", test_opens_nothing_that_is_no_file);
    add("/scan/links-are-followed", test_follows_links_to_files);
    add("/scan/link-in-the-place-of-a-file-opens-files-only",
        test_opens_files_only_by_turned_links);
    add("/scan/link-in-the-place-of-a-file-is-followed",
        test_follows_a_link_in_the_place_of_a_file);
    add("/scan/names-are-any-bytes", test_takes_names_of_any_bytes);
    add("/scan/each-of-many-is-given-once", test_gives_each_of_many_once);
    add("/scan/stops-when-told-to", test_stops_when_it_is_told_to);
    add("/scan/fails-without-directory", test_fails_for_what_is_no_directory);
    add("/scan/recursive/walks-directories-and-no-links", test_walks_directories_when_asked);
    add("/scan/recursive/goes-200-deep", test_goes_so_deep_and_no_deeper);
    return g_test_run();
}
