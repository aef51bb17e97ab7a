/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-audit-place.c: what kind of file an image is, and that it is judged without being opened. */
#include "storage/audit/audit.h"
#include "unit.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

/* A directory with a file, to be removed by directory_clear(). */
typedef struct {
    char *path;
    char *file;
} Directory;

static void
directory_init(Directory *directory)
{
    directory->path = g_dir_make_tmp("virt-probe-XXXXXX", NULL);
    directory->file = g_build_filename(directory->path, "disk.raw", NULL);
    g_assert_true(g_file_set_contents(directory->file, "disk", 4, NULL));
}

static void
directory_clear(Directory *directory)
{
    GDir *listing = g_dir_open(directory->path, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(listing)) != NULL) {
        g_autofree char *path = g_build_filename(directory->path, name, NULL);

        g_assert_cmpint(g_remove(path), ==, 0);
    }
    g_dir_close(listing);
    g_assert_cmpint(g_rmdir(directory->path), ==, 0);
    g_free(directory->file);
    g_free(directory->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Directory, directory_clear)

static char *
beside(const Directory *directory, const char *name)
{
    return g_build_filename(directory->path, name, NULL);
}

/* The rules of the path, separated by blanks, or the error. (transfer full) */
static char *
rules_of(const char *path)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) audit = virt_probe_audit_file(path, NULL, &settings, &error);
    GString *rules = g_string_new(NULL);

    if (audit == NULL)
        return g_strdup_printf("error: %s", error->message);
    for (guint i = 0; i < virt_probe_record_get_length(audit, "findings"); i++) {
        VirtProbeRecord *finding = virt_probe_record_get_item(audit, "findings", i);

        g_string_append_printf(rules, "%s%s", i > 0 ? " " : "",
                               virt_probe_record_get_text(finding, "rule"));
    }
    return g_string_free(rules, FALSE);
}

static void
assert_rules(const char *path, const char *rules)
{
    g_autofree char *found = rules_of(path);

    g_assert_cmpstr(found, ==, rules);
}

static void
test_a_file_has_nothing_special(void)
{
    g_auto(Directory) directory = { 0 };

    directory_init(&directory);
    assert_rules(directory.file, "no-signature");
}

static void
test_links_are_said(void)
{
    g_auto(Directory) directory = { 0 };
    g_autofree char *inside = NULL;
    g_autofree char *outside = NULL;
    g_autofree char *nowhere = NULL;
    g_autofree char *circle = NULL;

    directory_init(&directory);
    inside = beside(&directory, "inside");
    outside = beside(&directory, "outside");
    nowhere = beside(&directory, "nowhere");
    circle = beside(&directory, "circle");
    g_assert_cmpint(symlink("disk.raw", inside), ==, 0);
    g_assert_cmpint(symlink("/dev/null", outside), ==, 0);
    g_assert_cmpint(symlink("missing", nowhere), ==, 0);
    g_assert_cmpint(symlink("circle", circle), ==, 0);
    assert_rules(inside, "symlink no-signature");
    assert_rules(outside, "symlink symlink-escape not-regular");
    assert_rules(nowhere, "symlink symlink-escape");
    assert_rules(circle, "symlink symlink-escape");
}

static void
test_names_that_qemu_takes_otherwise_are_said(void)
{
    static const struct {
        const char *name;
        gboolean is_said;
    } cases[] = {
        { "nbd:127.0.0.1:1", TRUE }, { "json:{}", TRUE }, { "12:30.raw", TRUE }, { "nbd", FALSE }
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Directory) directory = { 0 };
        g_autofree char *path = NULL;

        directory_init(&directory);
        path = beside(&directory, cases[i].name);
        g_assert_cmpint(g_rename(directory.file, path), ==, 0);
        assert_rules(path, cases[i].is_said ? "file-name-protocol no-signature" : "no-signature");
    }
}

/* QEMU opens no directory, whatever the one who made it called the files in it. */
static void
test_a_directory_is_no_image(void)
{
    g_auto(Directory) directory = { 0 };
    g_autofree char *descriptor = NULL;

    directory_init(&directory);
    descriptor = beside(&directory, "DiskDescriptor.xml");
    g_assert_true(g_file_set_contents(descriptor, "<Parallels_disk_image/>", -1, NULL));
    assert_rules(directory.path, "not-regular");
}

static void
test_what_has_no_bytes_is_denied(void)
{
    g_auto(Directory) directory = { 0 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_autofree char *fifo = NULL;
    g_autofree char *place = NULL;
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    directory_init(&directory);
    fifo = beside(&directory, "fifo");
    place = beside(&directory, "socket");
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_strlcpy(address.sun_path, place, sizeof address.sun_path);
    g_assert_cmpint(bind(server, (const struct sockaddr *) &address, sizeof address), ==, 0);
    assert_rules(fifo, "not-regular");
    assert_rules(place, "not-regular");
    assert_rules("/dev/null", "not-regular");
    assert_rules("/proc/self/maps", "not-regular");
    assert_rules(directory.path, "not-regular");
    close(server);
}

/* Looked at, and not opened: there is nothing behind the node. */
static void
test_a_block_device_is_said(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    VpAudit audit = { .record = vp_tree_new(VP_RECORD_AUDIT, TRUE), .settings = &settings };
    g_autoptr(VirtProbeRecord) record = audit.record;
    g_auto(Directory) directory = { 0 };
    g_autofree char *node = NULL;
    gboolean may_open = FALSE;

    directory_init(&directory);
    node = beside(&directory, "node");
    if (mknod(node, S_IFBLK | 0600, makedev(7, 250)) != 0) {
        g_test_skip("only root may make devices");
        return;
    }
    g_assert_true(vp_audit_look_at_place(&audit, node, &may_open, NULL));
    g_assert_true(may_open);
    g_assert_false(audit.is_denied);
    g_assert_cmpuint(virt_probe_record_get_length(record, "findings"), ==, 1);
    g_assert_cmpstr(
        virt_probe_record_get_text(virt_probe_record_get_item(record, "findings", 0), "rule"), ==,
        "block-device");
}

static void
test_what_is_not_there_is_an_error(void)
{
    assert_rules("/nonexistent/disk", "error: cannot open: No such file or directory");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/audit-place/a-file-has-nothing-special", test_a_file_has_nothing_special);
    g_test_add_func("/audit-place/links-are-said", test_links_are_said);
    g_test_add_func("/audit-place/names-that-qemu-takes-otherwise-are-said",
                    test_names_that_qemu_takes_otherwise_are_said);
    g_test_add_func("/audit-place/a-directory-is-no-image", test_a_directory_is_no_image);
    g_test_add_func("/audit-place/what-has-no-bytes-is-denied", test_what_has_no_bytes_is_denied);
    g_test_add_func("/audit-place/a-block-device-is-said", test_a_block_device_is_said);
    g_test_add_func("/audit-place/what-is-not-there-is-an-error",
                    test_what_is_not_there_is_an_error);
    return g_test_run();
}
