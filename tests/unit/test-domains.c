/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-domains.c: which definition of a virtual machine could not be read is said. */
#include "storage/pool/domains.h"
#include "util/error.h"

#include <virtprobe/relations.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *root;
    char *domains;
    char *snapshots;
} Fixture;

static void
set_up(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    fixture->root = g_dir_make_tmp("domains-XXXXXX", NULL);
    fixture->domains = g_build_filename(fixture->root, "qemu", NULL);
    fixture->snapshots = g_build_filename(fixture->domains, "snapshot", "one", NULL);
    g_setenv("VIRT_PROBE_DOMAIN_DIR", fixture->domains, TRUE);
}

static void
tear_down(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *command = g_strdup_printf("rm -r %s", fixture->root);

    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
    g_free(fixture->snapshots);
    g_free(fixture->domains);
    g_free(fixture->root);
}

static void
write_xml(const char *folder, const char *name, const char *xml)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents(path, xml, -1, NULL));
}

static void
assert_error(GQuark domain, const char *path, const char *reason)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *message = NULL;

    g_assert_false(virt_probe_domains_check(&error));
    g_assert_true(error->domain == domain);
    message = g_strconcat(path, reason, NULL);
    g_assert_cmpstr(error->message, ==, message);
}

static void
test_says_that_there_are_none(G_GNUC_UNUSED Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    assert_error(G_FILE_ERROR, "there is no directory with definitions of virtual machines", "");
}

static void
test_accepts_what_is_sound(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir_with_parents(fixture->snapshots, 0755), ==, 0);
    write_xml(fixture->domains, "sound.xml", "<domain/>");
    write_xml(fixture->domains, "notes", "<domain>");
    write_xml(fixture->snapshots, "sound.xml", "<domainsnapshot/>");
    virt_probe_domains_check(&error);
    g_assert_no_error(error);
}

static void
test_names_a_definition(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->domains, "broken.xml", NULL);

    g_assert_cmpint(g_mkdir_with_parents(fixture->domains, 0755), ==, 0);
    write_xml(fixture->domains, "sound.xml", "<domain/>");
    write_xml(fixture->domains, "broken.xml", "<domain>");
    assert_error(VIRT_PROBE_ERROR, path,
                 ": is no XML, or passes QEMU arguments that are not understood");
    g_assert_cmpint(g_remove(path), ==, 0);
    g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
    assert_error(VIRT_PROBE_ERROR, path, ": is a directory, not a disk image");
}

static void
test_names_a_snapshot(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->snapshots, "br\noken.xml", NULL);
    g_auto(GStrv) parts = g_strsplit(path, "\n", -1);
    g_autofree char *shown = g_strjoinv("\\x0a", parts);

    g_assert_cmpint(g_mkdir_with_parents(fixture->snapshots, 0755), ==, 0);
    g_assert_cmpint(symlink("nowhere", path), ==, 0);
    assert_error(G_FILE_ERROR, shown, ": cannot open: No such file or directory");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/domains/" path, Fixture, NULL, set_up, test, tear_down)
    ADD("says-that-there-are-none", test_says_that_there_are_none);
    ADD("accepts-what-is-sound", test_accepts_what_is_sound);
    ADD("names-a-definition", test_names_a_definition);
    ADD("names-a-snapshot", test_names_a_snapshot);
    return g_test_run();
}
