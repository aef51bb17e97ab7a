/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-target-load.c: target files are read whole or refused with the place of the mistake. */
#include "storage/target.h"
#include "unit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD "[Target]\nTitle=A place\nSource=its manual\nDate=2026-02-28\n"
#define ACCEPT "[Accept]\nFormats=qcow2;raw\n"

static VirtProbeTarget *
parse(const char *text, gsize length, GError **error)
{
    g_autoptr(VirtProbeTarget) target = vp_target_new("place");

    return vp_target_parse(target, text, length, error) ? g_steal_pointer(&target) : NULL;
}

static const struct Bad {
    const char *name;
    const char *text;
    const char *message;
} bad[] = {
    { "empty", "", "group \"Target\", key \"Title\" is missing" },
    { "no-key-file", "\nTitle\n", "line 2 is no group, key of a group or comment" },
    { "key-without-group", "Title=a\n", "line 1 is no group, key of a group or comment" },
    { "unknown-escape", "[Target]\nTitle=a\\q\n",
      "line 2 has a \\ with neither s, n, t, r nor \\" },
    { "escape-at-end-of-line", "[Target]\nTitle=\\q\\\n", "line 2 has a \\ with neither" },
    { "escape-before-blank", "[Target]\nTitle=a\\ \n", "line 2 has a \\ with neither" },
    { "open-group", "[Target\n", "line 1 is no group, key of a group or comment" },
    { "key-without-name", "[Target]\n=a\n", "line 2 is no group" },
    { "bad-group", "[Tar\tget]\n", "the file has a group or key with characters" },
    { "no-title", "[Target]\nSource=a\nDate=2026-01-01\n" ACCEPT, "key \"Title\" is missing" },
    { "empty-title", "[Target]\nTitle= \nSource=a\nDate=2026-01-01\n" ACCEPT,
      "key \"Title\" is empty" },
    { "no-source", "[Target]\nTitle=a\nDate=2026-01-01\n" ACCEPT, "key \"Source\" is missing" },
    { "no-date", "[Target]\nTitle=a\nSource=b\n" ACCEPT, "key \"Date\" is missing" },
    { "date-of-no-day", "[Target]\nTitle=a\nSource=b\nDate=2026-02-29\n" ACCEPT,
      "key \"Date\" is not a date of the form YYYY-MM-DD" },
    { "date-of-no-month", "[Target]\nTitle=a\nSource=b\nDate=2026-13-01\n" ACCEPT,
      "key \"Date\" is not a date" },
    { "date-in-words", "[Target]\nTitle=a\nSource=b\nDate=1 May 2026\n" ACCEPT,
      "key \"Date\" is not a date" },
    { "alias-with-slash", HEAD "Names=a/b\n" ACCEPT, "key \"Names\" has a name with characters" },
    { "unknown-key", HEAD "Titel=x\n" ACCEPT, "group \"Target\", key \"Titel\" is not known" },
    { "translated-key", HEAD "Title[de]=x\n" ACCEPT, "key \"Title[de]\" is not known" },
    { "no-formats", HEAD, "group \"Accept\", key \"Formats\" is missing" },
    { "unknown-format", HEAD "[Accept]\nFormats=qcow3\n",
      "group \"Accept\", key \"Formats\" has \"qcow3\", which is no format of images" },
    { "content-as-format", HEAD "[Accept]\nFormats=gpt\n", "has \"gpt\", which is no format" },
    { "unknown-kind", HEAD "[Accept]\nFormats=vpc/sparse\n",
      "has \"vpc/sparse\", and that format has no such kind" },
    { "empty-word", HEAD "[Accept]\nFormats=raw;;qcow2\n", "has an empty word in its list" },
    { "unknown-key-of-formats", HEAD ACCEPT "Format=raw\n",
      "group \"Accept\", key \"Format\" is not known" },
    { "unknown-group", HEAD ACCEPT "[Rule]\nVersions=3\n", "group \"Rule\" is not known" },
    { "rules-of-unknown-format", HEAD ACCEPT "[Rules qcow3]\nVersions=3\n",
      "group \"Rules qcow3\" is not known" },
    { "rules-of-format-not-accepted", HEAD ACCEPT "[Rules vdi]\nVersions=3\n",
      "group \"Rules vdi\" has rules for a format that is not accepted" },
    { "unknown-rule", HEAD ACCEPT "[Rules qcow2]\nVersion=3\n",
      "group \"Rules qcow2\", key \"Version\" is not known" },
    { "empty-value", HEAD ACCEPT "[Rules]\nReferences=\n", "key \"References\" is empty" },
    { "unknown-role", HEAD ACCEPT "[Rules]\nReferences=backing-file\n",
      "has \"backing-file\", which is not known there" },
    { "none-and-more", HEAD ACCEPT "[Rules]\nReferences=none;backing\n",
      "has \"none\", which must be the only word" },
    { "unknown-feature", HEAD ACCEPT "[Rules]\nIncompatibleFeatures=zstd\n",
      "has \"zstd\", which is no incompatible feature" },
    { "unknown-finding", HEAD ACCEPT "[Rules]\nRefuse=danger\n",
      "has \"danger\", which is the id of no rule" },
    { "finding-of-a-place", HEAD ACCEPT "[Rules]\nRefuse=dirty;symlink\n",
      "group \"Rules\", key \"Refuse\" has \"symlink\", which is never found in an image itself" },
    { "finding-of-a-policy", HEAD ACCEPT "[Rules]\nRefuse=oversized-virtual-size\n",
      "has \"oversized-virtual-size\", which is never found in an image itself" },
    { "finding-of-a-target", HEAD ACCEPT "[Rules]\nTolerate=target-refuses\n",
      "has \"target-refuses\", which is never found in an image itself" },
    { "finding-of-a-chain", HEAD ACCEPT "[Rules]\nTolerate=chain-loop\n",
      "has \"chain-loop\", which is never found in an image itself" },
    { "tolerated-fact", HEAD ACCEPT "[Rules]\nTolerate=truncated;dirty\n",
      "has \"dirty\", whose findings never make an image count as damaged" },
    { "alias-of-backing-format", HEAD ACCEPT "[Rules]\nBackingFormats=vhd\n",
      "has \"vhd\", which is no format of images by its first name" },
    { "unknown-content", HEAD ACCEPT "[Rules]\nRefuseContents=qcow2\n",
      "has \"qcow2\", which is no content of raw images" },
    { "version-in-words", HEAD ACCEPT "[Rules]\nVersions=2;three\n",
      "has \"three\", which is no decimal number" },
    { "version-with-zeros", HEAD ACCEPT "[Rules]\nVersions=03\n",
      "has \"03\", which is no decimal number" },
    { "unknown-unit", HEAD ACCEPT "[Rules]\nSizeMultiple=1 MB\n",
      "has \"1 MB\", which is no size such as 512, 64 KiB or 2 TiB" },
    { "size-0", HEAD ACCEPT "[Rules]\nSizeMultiple=0\n", "has \"0\", and must be at least 1" },
    { "size-overflow", HEAD ACCEPT "[Rules]\nSizeMaximum=16384 PiB\n", "which is no size" },
    { "count-with-unit", HEAD ACCEPT "[Rules]\nSnapshotsMaximum=1 KiB\n",
      "which is no decimal number" },
    { "key-twice", HEAD ACCEPT "[Rules]\nSizeMinimum=1\nSizeMinimum=2\n",
      "group \"Rules\", key \"SizeMinimum\" is there twice" },
    { "group-twice", HEAD ACCEPT "[Rules]\nSizeMinimum=1\n[Rules]\nSizeMaximum=2\n",
      "group \"Rules\" is there twice" },
    { "group-twice-by-alias",
      HEAD "[Accept]\nFormats=vpc\n[Rules vpc]\nSizeMinimum=1\n[Rules vhd]\nSizeMinimum=2\n",
      "group \"Rules vhd\" is there twice" },
    { "no-utf-8", "[Target]\nTitle=\xff\n", "the file is no text in UTF-8" },
    { "escapes-what-it-shows", HEAD "\x1b=1\n" ACCEPT, "key \"\\x1b\" is not known" },
};

static void
test_refuses(gconstpointer data)
{
    const struct Bad *row = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeTarget) target = parse(row->text, strlen(row->text), &error);

    g_assert_null(target);
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    if (strstr(error->message, row->message) == NULL)
        g_error("\"%s\" is not in \"%s\"", row->message, error->message);
}

static void
test_refuses_nul(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeTarget) target = parse(BYTES(HEAD ACCEPT "\0"), &error);

    g_assert_null(target);
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
}

static char *
file_write(const char *name, const char *text, gsize length)
{
    g_autofree char *folder = g_dir_make_tmp("target-XXXXXX", NULL);
    char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents(path, text, (gssize) length, NULL));
    return path;
}

static void
file_remove(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);

    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void
test_says_what_the_file_says(void)
{
    static const char text[] = "# A comment.\n" HEAD "Names=spot; corner ;\n"
                               "[Accept]\nFormats=vhd/fixed;raw\n[Rules vhd]\nSizeMultiple=1 MiB\n";
    g_autofree char *path = file_write("my place.target", BYTES(text));
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeTarget) target = virt_probe_target_load(path, &error);
    g_autoptr(VirtProbeTarget) again = NULL;

    g_assert_no_error(error);
    again = virt_probe_target_ref(target);
    g_assert_cmpstr(virt_probe_target_get_name(again), ==, "my place");
    g_assert_cmpstr(virt_probe_target_get_title(target), ==, "A place");
    g_assert_cmpstr(virt_probe_target_get_date(target), ==, "2026-02-28");
    g_assert_cmpstrv(virt_probe_target_get_sources(target),
                     ((const char *const[]) { "its manual", NULL }));
    g_assert_cmpstrv(virt_probe_target_get_aliases(target),
                     ((const char *const[]) { "spot", "corner", NULL }));
    g_assert_cmpstrv(virt_probe_target_get_formats(target),
                     ((const char *const[]) { "vpc/fixed", "raw", NULL }));
    file_remove(path);
}

static void
test_names_the_file_in_errors(void)
{
    g_autofree char *path = file_write("bad.target", BYTES(HEAD));
    g_autofree char *start = g_strconcat(path, ": group \"Accept\"", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_target_load(path, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(error->message, start));
    file_remove(path);
}

static void
test_reads_at_most_64_kib(void)
{
    g_autoptr(GString) text = g_string_new(HEAD ACCEPT);
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeTarget) target = NULL;

    while (text->len < VP_TARGET_SIZE_MAX)
        g_string_append_c(text, '\n');
    path = file_write("large.target", text->str, text->len);
    target = virt_probe_target_load(path, &error);
    g_assert_no_error(error);
    g_string_append_c(text, '\n');
    g_assert_true(g_file_set_contents(path, text->str, (gssize) text->len, NULL));
    g_assert_null(virt_probe_target_load(path, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "65537 bytes, at most 65536"));
    file_remove(path);
}

/* A file that was cut is refused, or says less; it is never taken for another. */
static void
test_every_truncation(void)
{
    static const char text[] =
        HEAD "Names=a;b\n" ACCEPT "[Rules]\nSizeMultiple=1 MiB\nReferences=none\n"
             "[Rules qcow2]\nVersions=2;3\nRefuse=corrupt;dirty\n";

    for (gsize length = 0; length < sizeof text; length++) {
        g_autofree char *cut = g_strndup(text, length);
        g_autoptr(GError) error = NULL;
        g_autoptr(VirtProbeTarget) target = parse(cut, length, &error);

        g_assert_true((target == NULL) == (error != NULL));
        g_assert_true(target == NULL || length > strlen(HEAD));
    }
}

static void
test_refuses_what_is_no_file(void)
{
    g_autofree char *folder = g_dir_make_tmp("target-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "x.target", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_target_load(path, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_clear_error(&error);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_assert_null(virt_probe_target_load(path, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    file_remove(path);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        add_row_test("/target/load/refuses", bad[i].name, &bad[i], test_refuses);
    g_test_add_func("/target/load/refuses/nul", test_refuses_nul);
    g_test_add_func("/target/load/says-what-the-file-says", test_says_what_the_file_says);
    g_test_add_func("/target/load/names-the-file-in-errors", test_names_the_file_in_errors);
    g_test_add_func("/target/load/reads-at-most-64-kib", test_reads_at_most_64_kib);
    g_test_add_func("/target/load/every-truncation", test_every_truncation);
    g_test_add_func("/target/load/refuses-what-is-no-file", test_refuses_what_is_no_file);
    return g_test_run();
}
