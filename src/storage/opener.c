/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* opener.c: opening the files that images name: the one place that decides which of them may be opened. */
#include "storage/opener.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

/* An absolute path without empty components and ".". What ".." means depends on symbolic links, so it stays. */
static char *
path_absolute(const char *path)
{
    g_autofree char *here = path[0] == '/' ? NULL : g_get_current_dir();
    g_autofree char *joined = here != NULL ? g_strconcat(here, "/", path, NULL) : g_strdup(path);
    g_auto(GStrv) parts = g_strsplit(joined, "/", -1);
    GString *clean = g_string_new(NULL);

    for (guint i = 0; parts[i] != NULL; i++) {
        if (parts[i][0] != '\0' && strcmp(parts[i], ".") != 0)
            g_string_append_printf(clean, "/%s", parts[i]);
    }
    return g_string_free(clean, FALSE);
}

/* "pool" for "pool/disk", "." for "disk". */
static char *
path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return g_strdup(".");
    return slash == path ? g_strdup("/") : g_strndup(path, (gsize) (slash - path));
}

/* The path as the system knows it, with a slash behind it; NULL when it does not exist. */
static char *
path_real(const char *path)
{
    char *real = realpath(path, NULL);
    char *result = NULL;

    if (real != NULL)
        result = g_strconcat(strcmp(real, "/") == 0 ? "" : real, "/", NULL);
    free(real);
    return result;
}

static void
prefix_set(VpOpenerPrefix *prefix, const char *path, const char *inside)
{
    g_autofree char *absolute = path_absolute(path);

    prefix->prefix = g_strconcat(absolute, "/", NULL);
    prefix->inside = g_strdup(inside);
}

/* The image at the top may be named by a way around, such as ../pool/disk: its directory counts as well when it lies
 * in the one that is given. */
static void
prefix_set_top(VpOpenerPrefix *prefix, const char *top, const char *real)
{
    g_autofree char *top_directory = path_directory(top);
    g_autofree char *top_real = path_real(top_directory);

    if (top_real != NULL && g_str_has_prefix(top_real, real))
        prefix_set(prefix, top_directory, top_real + strlen(real));
}

/* Whether only a directory can have the path: it ends with a slash or a dot. */
static gboolean
path_asks_for_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash != NULL ? slash + 1 : path;

    return last[0] == '\0' || strcmp(last, ".") == 0;
}

/* The part of path behind the directory; NULL when it does not lie there. The longest way that fits counts: it leaves
 * the fewest dots. (transfer full) */
static char *
path_within(const VpFileOpener *opener, const char *path)
{
    g_autofree char *absolute = path_absolute(path);
    const VpOpenerPrefix *found = NULL;
    gsize found_len = 0;

    for (guint i = 0; i < G_N_ELEMENTS(opener->prefixes); i++) {
        const VpOpenerPrefix *prefix = &opener->prefixes[i];

        if (prefix->prefix == NULL || !g_str_has_prefix(absolute, prefix->prefix)
            || strlen(prefix->prefix) <= found_len)
            continue;
        found = prefix;
        found_len = strlen(prefix->prefix);
    }
    if (found == NULL)
        return NULL;
    return g_strconcat(found->inside, absolute + found_len,
                       path_asks_for_directory(path) ? "/" : "", NULL);
}

static VpSource *
open_within(VpFileOpener *opener, const char *path, GError **error)
{
    g_autofree char *within = path_within(opener, path);
    const char *slash = within != NULL ? strchr(within, '/') : NULL;

    if (within == NULL
        || (opener->follow == VIRT_PROBE_FOLLOW_SAME_DIRECTORY && slash != NULL
            && slash[1] != '\0')) {
        opener->parent.is_outside = TRUE;
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "lies outside of the directory that may be read");
        return NULL;
    }
    return vp_source_file_open_beneath(opener->directory, within, opener->may_use_openat2,
                                       &opener->parent.is_outside, error);
}

static VpSource *
file_opener_open(VpOpener *parent, const char *path, gboolean is_top, GError **error)
{
    VpFileOpener *opener = (VpFileOpener *) parent;

    parent->is_outside = FALSE;
    if (opener->follow == VIRT_PROBE_FOLLOW_ANY
        || (is_top && opener->follow != VIRT_PROBE_FOLLOW_BENEATH))
        return vp_source_file_open(path, error);
    if (opener->follow == VIRT_PROBE_FOLLOW_NONE) {
        parent->is_outside = TRUE;
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "not opened, because no name in an image is to be followed");
        return NULL;
    }
    return open_within(opener, path, error);
}

/* What may be opened among them is judged by file_opener_open(). */
static GPtrArray *
file_opener_list(G_GNUC_UNUSED VpOpener *parent, const char *path)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *place = path_directory(path);
    GDir *directory = g_dir_open(place, 0, NULL);
    const char *name;

    while (directory != NULL && names->len < VP_OPENER_NAMES_MAX
           && (name = g_dir_read_name(directory)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
    g_clear_pointer(&directory, g_dir_close);
    return names;
}

gboolean
vp_file_opener_init(VpFileOpener *opener, VirtProbeFollow follow, const char *top,
                    const char *directory, GError **error)
{
    g_autofree char *top_directory = path_directory(top);
    g_autofree char *real = NULL;

    *opener = (VpFileOpener) {
        .parent = { .open = file_opener_open,
                    .list = follow != VIRT_PROBE_FOLLOW_NONE ? file_opener_list : NULL },
        .follow = follow,
        .directory = -1,
        .may_use_openat2 = TRUE,
    };
    if (follow == VIRT_PROBE_FOLLOW_SAME_DIRECTORY)
        directory = top_directory;
    else if (follow != VIRT_PROBE_FOLLOW_BENEATH)
        return TRUE;
    opener->directory = vp_directory_open(directory, error);
    if (opener->directory < 0)
        return FALSE;
    prefix_set(&opener->prefixes[0], directory, "");
    real = path_real(directory);
    if (real != NULL) {
        opener->prefixes[1] = (VpOpenerPrefix) { g_strdup(real), g_strdup("") };
        prefix_set_top(&opener->prefixes[2], top, real);
    }
    return TRUE;
}

void
vp_file_opener_clear(VpFileOpener *opener)
{
    vp_directory_close(opener->directory);
    for (guint i = 0; i < G_N_ELEMENTS(opener->prefixes); i++) {
        g_free(opener->prefixes[i].prefix);
        g_free(opener->prefixes[i].inside);
    }
}
