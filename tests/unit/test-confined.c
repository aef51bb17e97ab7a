/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-confined.c: a caller confines its process when an image is open and nothing of it was read. */
#include "unit-images.h"
#include "unit.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *path; /* gets other bytes when the process is confined */
    guint n_calls;
    gboolean fails;
} Confining;

static gboolean
confine(VirtProbeConfinement *out_confinement, gpointer user_data, GError **error)
{
    Confining *confining = user_data;

    confining->n_calls++;
    if (confining->fails) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "no");
        return FALSE;
    }
    if (confining->path != NULL) {
        FILE *file = g_fopen(confining->path, "r+");

        g_assert_cmpint(fputs("other", file), >=, 0);
        fclose(file);
    }
    *out_confinement = (VirtProbeConfinement) { .seccomp = TRUE, .landlock = 7 };
    return TRUE;
}

/* A file with a qcow2 image. (transfer full) */
static char *
image_write(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    char *path = NULL;
    int fd = g_file_open_tmp("virt-probe-confined-XXXXXX", &path, NULL);

    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, (const char *) bytes->data, (gssize) bytes->len, NULL));
    return path;
}

static VirtProbeRecord *
describe(const char *path, Confining *confining, GError **error)
{
    return virt_probe_describe_file_confined(path, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, confine,
                                             confining, error);
}

static void
test_description_says_what_held(void)
{
    g_autofree char *path = image_write();
    Confining confining = { .path = NULL };
    g_autoptr(VirtProbeRecord) image = describe(path, &confining, NULL);
    const VirtProbeRecord *sandbox = virt_probe_record_get_record(probe_of(image), "sandbox");
    gboolean seccomp = FALSE;
    guint64 landlock = 0;

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "qcow2");
    g_assert_true(virt_probe_record_get_boolean(sandbox, "seccomp", &seccomp) && seccomp);
    g_assert_true(virt_probe_record_get_uint64(sandbox, "landlock", &landlock));
    g_assert_cmpuint(landlock, ==, 7);
    g_assert_cmpuint(confining.n_calls, ==, 1);
    g_unlink(path);
}

static void
test_nothing_was_read_before(void)
{
    g_autofree char *path = image_write();
    Confining confining = { .path = path };
    g_autoptr(VirtProbeRecord) image = describe(path, &confining, NULL);

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "raw");
    g_unlink(path);
}

static void
test_failure_reads_nothing(void)
{
    g_autofree char *path = image_write();
    Confining confining = { .fails = TRUE };
    g_autoptr(GError) error = NULL;

    g_assert_null(describe(path, &confining, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_cmpstr(error->message, ==, "no");
    g_unlink(path);
}

static void
test_what_cannot_be_opened_needs_none(void)
{
    Confining confining = { .path = NULL };
    g_autoptr(GError) error = NULL;

    g_assert_null(describe("/nonexistent/image", &confining, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_assert_cmpuint(confining.n_calls, ==, 0);
}

static void
test_directory_is_an_image_too(void)
{
    static const char text[] = "<Parallels_disk_image Version=\"1.0\"/>";
    g_autofree char *folder = g_dir_make_tmp("virt-probe-confined-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "DiskDescriptor.xml", NULL);
    Confining confining = { .path = NULL };
    g_autoptr(VirtProbeRecord) image = NULL;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    image = describe(folder, &confining, NULL);
    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "parallels");
    g_assert_cmpuint(confining.n_calls, ==, 1);
    g_assert_nonnull(virt_probe_record_get_record(probe_of(image), "sandbox"));
    g_unlink(path);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void
test_description_without_says_nothing(void)
{
    g_autofree char *path = image_write();
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_file(path, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);

    g_assert_null(virt_probe_record_get_record(probe_of(image), "sandbox"));
    g_unlink(path);
}

/* Somebody else's work between opening the image and reading it. */
static gboolean
append_a_byte(G_GNUC_UNUSED VirtProbeConfinement *out_confinement, gpointer user_data,
              G_GNUC_UNUSED GError **error)
{
    int fd = open(user_data, O_WRONLY | O_APPEND | O_CLOEXEC);

    g_assert_cmpint(write(fd, "x", 1), ==, 1);
    close(fd);
    return TRUE;
}

static gboolean
read_a_byte(G_GNUC_UNUSED VirtProbeConfinement *out_confinement, gpointer user_data,
            G_GNUC_UNUSED GError **error)
{
    int fd = open(user_data, O_RDWR | O_CLOEXEC);
    char byte;

    g_assert_cmpint(read(fd, &byte, 1), ==, 1);
    close(fd);
    return TRUE;
}

static void
assert_changes(VirtProbeConfineFunc meanwhile, gboolean has_changed)
{
    g_autofree char *path = image_write();
    g_autoptr(VirtProbeRecord) image = NULL;

    image = virt_probe_describe_file_confined(path, "qcow2", VIRT_PROBE_DESCRIBE_DEFAULT, meanwhile,
                                              path, NULL);
    g_assert_cmpint(has_finding(image, "changed-during-probe"), ==, has_changed);
    g_unlink(path);
}

static void
test_reports_a_file_that_changes_meanwhile(void)
{
    assert_changes(append_a_byte, TRUE);
}

static void
test_a_file_that_others_read_has_not_changed(void)
{
    assert_changes(read_a_byte, FALSE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/confined/description-says-what-held", test_description_says_what_held);
    g_test_add_func("/confined/nothing-was-read-before", test_nothing_was_read_before);
    g_test_add_func("/confined/failure-reads-nothing", test_failure_reads_nothing);
    g_test_add_func("/confined/what-cannot-be-opened-needs-none",
                    test_what_cannot_be_opened_needs_none);
    g_test_add_func("/confined/directory-is-an-image-too", test_directory_is_an_image_too);
    g_test_add_func("/confined/description-without-says-nothing",
                    test_description_without_says_nothing);
    g_test_add_func("/confined/file-that-changes-meanwhile-is-reported",
                    test_reports_a_file_that_changes_meanwhile);
    g_test_add_func("/confined/file-that-others-read-has-not-changed",
                    test_a_file_that_others_read_has_not_changed);
    return g_test_run();
}
