/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-target-directories.c: targets are found by name, and the user's own come first. */
#include "target-directories.h"

#include <glib/gstdio.h>
#include <string.h>

#define TARGET(title, names)                                                                       \
    "[Target]\nTitle=" title "\nSource=s\nDate=2026-01-01\n" names "[Accept]\nFormats=raw\n"

typedef struct {
    char *config;
    char *own;
    char *installed;
} Folders;

static void
write_target(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
set_up(Folders *folders, G_GNUC_UNUSED gconstpointer data)
{
    folders->config = g_dir_make_tmp("config-XXXXXX", NULL);
    folders->own = g_build_filename(folders->config, "targets", NULL);
    folders->installed = g_dir_make_tmp("installed-XXXXXX", NULL);
    g_assert_cmpint(g_mkdir(folders->own, 0700), ==, 0);
    write_target(folders->installed, "glance.target", TARGET("theirs", "Names=image-service\n"));
    write_target(folders->installed, "nova.target", TARGET("nova", ""));
    write_target(folders->installed, "README", "no target");
    g_setenv("VIRT_PROBE_CONFIG_DIR", folders->config, TRUE);
    g_setenv("VIRT_PROBE_TARGETDIR", folders->installed, TRUE);
}

static void
remove_folder(char *folder)
{
    g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    g_free(folder);
}

static void
tear_down(Folders *folders, G_GNUC_UNUSED gconstpointer data)
{
    remove_folder(folders->own);
    remove_folder(folders->config);
    remove_folder(folders->installed);
}

/* complaint: a part of the only thing that must have been wrong with other files; NULL: nothing. */
static void
assert_found_beside(const char *name, const char *title, const char *complaint)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = target_find_path(name, complaints, &error);
    g_autofree char *again = NULL;
    g_autoptr(VirtProbeTarget) target = NULL;

    g_assert_no_error(error);
    target = virt_probe_target_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(virt_probe_target_get_title(target), ==, title);
    again = target_find_path(name, complaints, &error);
    g_assert_cmpstr(again, ==, path);
    g_assert_cmpuint(complaints->len, ==, complaint != NULL ? 1 : 0);
    if (complaint != NULL)
        g_assert_nonnull(strstr(complaints->pdata[0], complaint));
}

static void
assert_found(const char *name, const char *title)
{
    assert_found_beside(name, title, NULL);
}

static void
test_finds_names_aliases_and_paths(Folders *folders, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(folders->installed, "nova.target", NULL);

    assert_found("nova", "nova");
    assert_found("image-service", "theirs");
    assert_found(path, "nova");
}

static void
test_own_come_first(Folders *folders, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(GStrv) paths = NULL;
    g_autofree char *expected = g_build_filename(folders->own, "glance.target", NULL);

    write_target(folders->own, "glance.target", TARGET("ours", ""));
    write_target(folders->own, "zoo.target", TARGET("zoo", ""));
    assert_found("glance", "ours");
    paths = target_paths();
    g_assert_cmpuint(g_strv_length(paths), ==, 3);
    g_assert_cmpstr(paths[0], ==, expected);
    g_assert_true(g_str_has_suffix(paths[1], "/nova.target"));
    g_assert_true(g_str_has_suffix(paths[2], "/zoo.target"));
}

/* Rules that somebody wrote must not give way to laxer ones because of a typing error. */
static void
test_a_bad_file_is_not_passed_over(Folders *folders, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = NULL;

    write_target(folders->own, "glance.target", "[Targt]\n");
    path = target_find_path("glance", complaints, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(path, folders->own));
    g_assert_null(virt_probe_target_load(path, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    assert_found("nova", "nova");
}

/* It may have had the alias, and been meant to come first. */
static void
test_a_bad_file_is_said_where_an_alias_is_looked_for(Folders *folders,
                                                     G_GNUC_UNUSED gconstpointer data)
{
    write_target(folders->own, "a.target", "[Targt]\n");
    assert_found_beside("image-service", "theirs", "a.target: group \"Target\"");
    assert_found("glance", "theirs");
}

static void
test_says_when_there_is_none(G_GNUC_UNUSED Folders *folders, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const names[] = { "glanc", "README", "", ".." };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);

        g_assert_null(target_find_path(names[i], complaints, &error));
        g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    }
}

static void
test_folders_without_variables(G_GNUC_UNUSED Folders *folders, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(GStrv) directories = NULL;
    g_autofree char *own = g_build_filename(g_get_user_config_dir(), "virt-probe/targets", NULL);

    g_unsetenv("VIRT_PROBE_CONFIG_DIR");
    g_setenv("VIRT_PROBE_TARGETDIR", "", TRUE);
    directories = target_directories();
    g_assert_cmpuint(g_strv_length(directories), ==, 3);
    g_assert_cmpstr(directories[0], ==, own);
    g_assert_cmpstr(directories[1], ==, "/etc/virt-probe/targets");
    /* Those that are installed: this program is not where the other one is built. */
    g_assert_true(g_str_has_suffix(directories[2], "/virt-probe/targets"));
}

#define ADD(path, function)                                                                        \
    g_test_add("/target/directories/" path, Folders, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("finds-names-aliases-and-paths", test_finds_names_aliases_and_paths);
    ADD("own-come-first", test_own_come_first);
    ADD("a-bad-file-is-not-passed-over", test_a_bad_file_is_not_passed_over);
    ADD("a-bad-file-is-said-where-an-alias-is-looked-for",
        test_a_bad_file_is_said_where_an_alias_is_looked_for);
    ADD("says-when-there-is-none", test_says_when_there_is_none);
    ADD("folders-without-variables", test_folders_without_variables);
    return g_test_run();
}
