/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pool-store.c: defining, listing, finding and undefining pools in a configuration directory of its own. */
#include "storage/pool/pool.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define UUID "01234567-89ab-cdef-0123-456789abcdef"

typedef struct {
    char *folder; /* the configuration directory */
    char *storage;
} Fixture;

static void
set_up(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    fixture->folder = g_dir_make_tmp("store-XXXXXX", NULL);
    fixture->storage = g_build_filename(fixture->folder, "storage", NULL);
    g_setenv("VIRT_PROBE_CONFIG_DIR", fixture->folder, TRUE);
}

static void
tear_down(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GDir) dir = g_dir_open(fixture->storage, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(fixture->storage, name, NULL);

        g_assert_cmpint(g_remove(path), ==, 0);
    }
    g_rmdir(fixture->storage);
    g_assert_cmpint(g_rmdir(fixture->folder), ==, 0);
    g_free(fixture->storage);
    g_free(fixture->folder);
}

static void
write_file(const Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->storage, name, NULL);

    g_mkdir(fixture->storage, 0755);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static VirtProbePool *
pool_with_uuid(const char *name, const char *uuid, const char *target)
{
    g_autofree char *xml =
        g_strdup_printf("<pool type='dir'><name>%s</name><uuid>%s</uuid><target><path>%s</path>"
                        "</target></pool>",
                        name, uuid, target);

    return virt_probe_pool_new_from_xml(xml, strlen(xml), NULL);
}

static void
define(const char *name, const char *target)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) pool = virt_probe_pool_new(name, "dir", target, NULL, &error);

    g_assert_no_error(error);
    g_assert_true(virt_probe_pool_define(pool, &error));
    g_assert_no_error(error);
}

static void
assert_names(const char *names)
{
    g_autoptr(GPtrArray) pools = virt_probe_pool_list(NULL);
    g_autoptr(GString) found = g_string_new(NULL);

    for (guint i = 0; i < pools->len; i++)
        g_string_append_printf(found, "%s|", virt_probe_pool_get_name(pools->pdata[i]));
    g_assert_cmpstr(found->str, ==, names);
}

static void
test_is_empty_at_first(G_GNUC_UNUSED Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pools = virt_probe_pool_list(&error);

    g_assert_no_error(error);
    g_assert_cmpuint(pools->len, ==, 0);
    g_assert_null(virt_probe_pool_find("a", &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_keeps_what_is_defined(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(VirtProbePool) by_uuid = NULL;
    g_autoptr(VirtProbePool) by_name = NULL;
    g_autofree char *path = g_build_filename(fixture->storage, "b & c ☃.xml", NULL);
    g_autoptr(GError) error = NULL;
    struct stat info;

    define("z", "/z");
    define("b & c ☃", "/b");
    define(".hidden", "/h");
    assert_names(".hidden|b & c ☃|z|");
    g_assert_cmpint(g_stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0600);
    by_name = virt_probe_pool_find("b & c ☃", &error);
    g_assert_no_error(error);
    by_uuid = virt_probe_pool_find(virt_probe_pool_get_uuid(by_name), &error);
    g_assert_cmpstr(virt_probe_pool_get_target(by_uuid), ==, "/b");
    g_assert_true(virt_probe_pool_undefine(by_uuid, &error));
    assert_names(".hidden|z|");
    g_assert_false(virt_probe_pool_undefine(by_uuid, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_replaces_a_pool_by_itself_only(G_GNUC_UNUSED Fixture *fixture,
                                    G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(VirtProbePool) first = pool_with_uuid("a", UUID, "/a");
    g_autoptr(VirtProbePool) moved = pool_with_uuid("a", UUID, "/elsewhere");
    g_autoptr(VirtProbePool) found = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(virt_probe_pool_define(first, &error));
    g_assert_true(virt_probe_pool_define(moved, &error));
    g_assert_no_error(error);
    found = virt_probe_pool_find("a", &error);
    g_assert_cmpstr(virt_probe_pool_get_target(found), ==, "/elsewhere");
}

static void
assert_conflict(const char *name, const char *uuid, const char *target)
{
    g_autoptr(VirtProbePool) pool = pool_with_uuid(name, uuid, target);
    g_autoptr(GError) error = NULL;

    g_assert_false(virt_probe_pool_define(pool, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT);
    assert_names("a|");
}

static void
test_refuses_what_is_taken(G_GNUC_UNUSED Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(VirtProbePool) first = pool_with_uuid("a", UUID, "/a");
    g_autoptr(GError) error = NULL;

    g_assert_true(virt_probe_pool_define(first, &error));
    assert_conflict("a", "11111111111111111111111111111111", "/b");
    assert_conflict("b", UUID, "/b");
    assert_conflict("b", "11111111111111111111111111111111", "/a/");
}

static void
test_leaves_out_what_it_cannot_read(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pools = NULL;

    define("good", "/good");
    write_file(fixture, "bad.xml", "<pool");
    write_file(fixture, "other.xml",
               "<pool type='dir'><name>x</name><target><path>/x</path></target></pool>");
    write_file(fixture, "notes.txt", "not a pool");
    write_file(fixture, "good.xml.AB12CD", "half of a pool");
    pools = virt_probe_pool_list(&error);
    g_assert_cmpuint(pools->len, ==, 1);
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(error->message, fixture->storage));
}

static void
test_is_not_held_up_by_a_fifo(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->storage, "fifo.xml", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pools = NULL;

    g_mkdir(fixture->storage, 0755);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    pools = virt_probe_pool_list(&error);
    g_assert_cmpuint(pools->len, ==, 0);
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
}

/* Another file may be broken, too, and comes first in the directory or not. */
static void
test_blames_the_pools_own_file(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *own = g_build_filename(fixture->storage, "mine.xml", NULL);

    for (guint i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("bad%u.xml", i);

        write_file(fixture, name, "<pool");
    }
    write_file(fixture, "mine.xml", "<pool type='dir'><name>mine</name></pool>");
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        VirtProbePool *pool = virt_probe_pool_find(i == 0 ? "mine" : "yours", &error);

        g_assert_null(pool);
        if (i == 0)
            g_assert_true(g_str_has_prefix(error->message, own));
        else
            g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    }
}

static gpointer
write_fifo(gpointer path)
{
    static const char xml[] =
        "<pool type='dir'><name>x</name><target><path>/x</path></target></pool>";
    FILE *file = fopen(path, "w");

    /* In pieces, as a pipe brings them. */
    g_assert_nonnull(file);
    fputs("<!-- x -->", file);
    fflush(file);
    g_usleep(10000);
    fputs(xml, file);
    g_assert_cmpint(fclose(file), ==, 0);
    return NULL;
}

static void
test_reads_a_fifo_that_is_named(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->storage, "fifo", NULL);

    g_mkdir(fixture->storage, 0755);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    for (guint i = 0; i < 2; i++) {
        GThread *writer = g_thread_new("writer", write_fifo, path);
        g_autoptr(GError) error = NULL;
        g_autoptr(VirtProbePool) pool = i == 0 ? virt_probe_pool_new_from_file(path, &error)
                                               : virt_probe_pool_new_from_valid_file(path, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(virt_probe_pool_get_name(pool), ==, "x");
        g_thread_join(writer);
    }
}

static void
test_refuses_devices(G_GNUC_UNUSED Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_pool_new_from_file("/dev/zero", &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/pool-store/" path, Fixture, NULL, set_up, test, tear_down)
    ADD("is-empty-at-first", test_is_empty_at_first);
    ADD("keeps-what-is-defined", test_keeps_what_is_defined);
    ADD("replaces-a-pool-by-itself-only", test_replaces_a_pool_by_itself_only);
    ADD("refuses-what-is-taken", test_refuses_what_is_taken);
    ADD("leaves-out-what-it-cannot-read", test_leaves_out_what_it_cannot_read);
    ADD("is-not-held-up-by-a-fifo", test_is_not_held_up_by_a_fifo);
    ADD("blames-the-pools-own-file", test_blames_the_pools_own_file);
    ADD("reads-a-fifo-that-is-named", test_reads_a_fifo_that_is_named);
    ADD("refuses-devices", test_refuses_devices);
    return g_test_run();
}
