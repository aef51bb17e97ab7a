/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-list.c: the systems that images are judged for: those that are named, and those that are known. */
#include "target-list.h"
#include "json-list.h"
#include "target-directories.h"

#include <stdio.h>

/* Adds the target of that name, unless it is there already by another. */
static gboolean
target_add(GPtrArray *targets, GPtrArray *paths, GPtrArray *complaints, const char *name,
           GError **error)
{
    g_autofree char *path = target_find_path(name, complaints, error);
    g_autofree char *whole_path = NULL;
    VirtProbeTarget *target;

    if (path == NULL)
        return FALSE;
    whole_path = g_canonicalize_filename(path, NULL);
    if (g_ptr_array_find_with_equal_func(paths, whole_path, g_str_equal, NULL))
        return TRUE;
    target = virt_probe_target_load(path, error);
    if (target == NULL)
        return FALSE;
    g_ptr_array_add(targets, target);
    g_ptr_array_add(paths, g_steal_pointer(&whole_path));
    return TRUE;
}

static void
print_complaints(const GPtrArray *complaints)
{
    for (guint i = 0; i < complaints->len; i++)
        message_print(_("warning: %s; this target is left out"), (char *) complaints->pdata[i]);
}

gboolean
targets_parse(const Invocation *invocation, const char *names, GPtrArray **out_targets)
{
    g_autoptr(GPtrArray) targets =
        g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_target_unref);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) words = g_strsplit(names != NULL ? names : "", ",", -1);
    g_autoptr(GError) error = NULL;

    if (names != NULL && words[0] == NULL) {
        usage_error(invocation->command, _("no system is named"));
        return FALSE;
    }
    for (guint i = 0; words[i] != NULL; i++) {
        if (!target_add(targets, paths, complaints, words[i], &error))
            break;
    }
    print_complaints(complaints);
    if (error != NULL) {
        usage_error(invocation->command, "%s", error->message);
        return FALSE;
    }
    g_ptr_array_add(targets, NULL);
    *out_targets = g_steal_pointer(&targets);
    return TRUE;
}

static void
print_words(const char *title, const char *const *words)
{
    for (guint i = 0; words != NULL && words[i] != NULL; i++) {
        g_autofree char *shown = shown_name(words[i]);

        printf("%s%s", i == 0 ? title : ", ", shown);
    }
    if (words != NULL && words[0] != NULL)
        printf("\n");
}

static void
print_human(const VirtProbeTarget *target)
{
    const char *const *sources = virt_probe_target_get_sources(target);
    g_autofree char *name = shown_name(virt_probe_target_get_name(target));
    g_autofree char *title = shown_name(virt_probe_target_get_title(target));

    printf("%s: %s\n", name, title);
    print_words(_("    also called: "), virt_probe_target_get_aliases(target));
    print_words(_("    formats: "), virt_probe_target_get_formats(target));
    for (guint i = 0; sources != NULL && sources[i] != NULL; i++) {
        g_autofree char *source = shown_name(sources[i]);

        printf(_("    source: %s\n"), source);
    }
    printf(_("    date: %s\n"), virt_probe_target_get_date(target));
}

gboolean
targets_print(gboolean is_json)
{
    g_auto(GStrv) paths = target_paths();
    gboolean is_whole = TRUE;
    JsonList list;

    if (is_json)
        json_list_begin(&list, NULL);
    for (guint i = 0; paths[i] != NULL; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VirtProbeTarget) target = virt_probe_target_load(paths[i], &error);

        if (target == NULL) {
            message_print("%s", error->message);
            is_whole = FALSE;
        } else if (is_json) {
            g_autofree char *json = virt_probe_target_to_json(target);

            json_list_print(&list, json);
        } else {
            print_human(target);
        }
    }
    if (is_json)
        json_list_end(&list);
    return is_whole;
}
