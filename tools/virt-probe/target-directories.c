/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-directories.c: where target files are: the user's own, the machine's, and those that are installed. */
#include "target-directories.h"

#include "command.h"
#include "program-place.h"

#include <string.h>

#define SUFFIX ".target"
/* From the directory of the program where it is built. */
#define BUILT_TARGETS "../../data/targets"

static const char *
variable_get(const char *name)
{
    const char *value = g_getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* As for definitions of pools, VIRT_PROBE_CONFIG_DIR takes the place of all other configuration. */
char **
target_directories(void)
{
    const char *config = variable_get("VIRT_PROBE_CONFIG_DIR");
    const char *named = variable_get("VIRT_PROBE_TARGETDIR");
    g_autofree char *built = program_place_find(BUILT_TARGETS);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    if (config != NULL) {
        g_autofree char *own = g_build_filename(config, "targets", NULL);

        g_strv_builder_add(builder, own);
    } else {
        g_autofree char *own =
            g_build_filename(g_get_user_config_dir(), "virt-probe", "targets", NULL);

        g_strv_builder_add(builder, own);
        g_strv_builder_add(builder, "/etc/virt-probe/targets");
    }
    if (named == NULL)
        named = built != NULL ? built : TARGETDIR;
    g_strv_builder_add(builder, named);
    return g_strv_builder_end(builder);
}

static int
compare_names(const void *a, const void *b, G_GNUC_UNUSED void *data)
{
    g_autofree char *first = g_path_get_basename(*(char *const *) a);
    g_autofree char *second = g_path_get_basename(*(char *const *) b);

    return strcmp(first, second);
}

/* Names go into seen, which owns them. */
static void
directory_collect(const char *directory, GHashTable *seen, GPtrArray *paths)
{
    g_autoptr(GDir) entries = g_dir_open(directory, 0, NULL);
    const char *name;

    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        if (name[0] != '.' && g_str_has_suffix(name, SUFFIX)
            && g_hash_table_add(seen, g_strdup(name)))
            g_ptr_array_add(paths, g_build_filename(directory, name, NULL));
    }
}

char **
target_paths(void)
{
    g_auto(GStrv) directories = target_directories();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *paths = g_ptr_array_new();

    for (guint i = 0; directories[i] != NULL; i++)
        directory_collect(directories[i], seen, paths);
    if (paths->len > 0)
        g_qsort_with_data(paths->pdata, (gint) paths->len, sizeof(gpointer), compare_names, NULL);
    g_ptr_array_add(paths, NULL);
    return (char **) g_ptr_array_free(paths, FALSE);
}

static void
complaint_add(GPtrArray *complaints, const char *complaint)
{
    if (!g_ptr_array_find_with_equal_func(complaints, complaint, g_str_equal, NULL))
        g_ptr_array_add(complaints, g_strdup(complaint));
}

/* The path of the target that has the alias. A bad file does not keep anybody from another target, but what it would have been
 * called is not known. */
static const char *
alias_find(char **paths, const char *name, GPtrArray *complaints)
{
    for (guint i = 0; paths[i] != NULL; i++) {
        g_autoptr(GError) problem = NULL;
        g_autoptr(VirtProbeTarget) target = virt_probe_target_load(paths[i], &problem);

        if (target == NULL)
            complaint_add(complaints, problem->message);
        else if (g_strv_contains(virt_probe_target_get_aliases(target), name))
            return paths[i];
    }
    return NULL;
}

char *
target_find_path(const char *name, GPtrArray *complaints, GError **error)
{
    g_auto(GStrv) paths = NULL;
    g_autofree char *file = g_strconcat(name, SUFFIX, NULL);
    g_autofree char *shown = NULL;
    const char *path;

    if (strchr(name, '/') != NULL)
        return g_strdup(name);
    paths = target_paths();
    for (guint i = 0; paths[i] != NULL; i++) {
        if (strcmp(strrchr(paths[i], '/') + 1, file) == 0)
            return g_strdup(paths[i]);
    }
    path = alias_find(paths, name, complaints);
    if (path != NULL)
        return g_strdup(path);
    shown = shown_name(name);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                _("no target is called '%s'; --list-targets lists them all"), shown);
    return NULL;
}
