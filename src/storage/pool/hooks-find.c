/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hooks-find.c: which programs of the hook directory are run. */
#include "storage/pool/hooks.h"
#include "util/error.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    VpHookMessageFunc message;
    gpointer user_data;
} Listener;

static void
tell(const Listener *listener, const char *path, const char *reason)
{
    g_autofree char *shown = NULL;
    g_autofree char *text = NULL;

    if (listener->message == NULL)
        return;
    shown = vp_text_escape(path, strlen(path));
    text = g_strdup_printf("hook %s: %s", shown, reason);
    listener->message(text, listener->user_data);
}

/* What root runs must not be in the hands of others. NULL: it is not. */
static const char *
reason_to_distrust(const struct stat *info)
{
    if (geteuid() != 0)
        return NULL;
    if (info->st_uid != 0)
        return "is not run, because it does not belong to root";
    if ((info->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "is not run, because others than root may write it";
    return NULL;
}

/* Who may write one of the directories above could put a program there. In a sticky one, such as /tmp, nobody replaces
 * what belongs to root. */
static gboolean
directory_is_trusted(const Listener *listener, const char *path)
{
    const char *reason = "is no directory";
    struct stat info;

    if (g_lstat(path, &info) != 0) {
        if (errno != ENOENT)
            tell(listener, path, vp_error_meaning(errno));
        return FALSE;
    }
    if ((info.st_mode & S_ISVTX) != 0)
        info.st_mode &= ~(mode_t) (S_IWGRP | S_IWOTH);
    if (S_ISDIR(info.st_mode))
        reason = reason_to_distrust(&info);
    if (reason != NULL)
        tell(listener, path, reason);
    return reason == NULL;
}

/* The directory without symbolic links, all of whose parents are to be trusted; NULL: there are no hooks. (transfer full) */
static char *
trusted_folder(const Listener *listener, const char *path)
{
    char *resolved = realpath(path, NULL);
    g_autofree char *real = g_strdup(resolved);
    int saved_errno = errno;

    free(resolved);
    if (real == NULL) {
        if (saved_errno != ENOENT)
            tell(listener, path, vp_error_meaning(saved_errno));
        return NULL;
    }
    for (const char *slash = real; slash != NULL; slash = strchr(slash + 1, '/')) {
        g_autofree char *above =
            slash == real ? g_strdup("/") : g_strndup(real, (gsize) (slash - real));

        if (!directory_is_trusted(listener, above))
            return NULL;
    }
    return directory_is_trusted(listener, real) ? g_steal_pointer(&real) : NULL;
}

static gboolean
program_is_run(const Listener *listener, const char *path)
{
    const char *reason;
    struct stat info;

    if (g_lstat(path, &info) != 0)
        return FALSE;
    if (S_ISLNK(info.st_mode)) {
        tell(listener, path, "is not run, because it is a symbolic link");
        return FALSE;
    }
    if (!S_ISREG(info.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0)
        return FALSE;
    reason = reason_to_distrust(&info);
    if (reason != NULL)
        tell(listener, path, reason);
    return reason == NULL;
}

/* Hidden files and the copies that editors leave. */
static gboolean
name_is_left_over(const char *name)
{
    return name[0] == '.' || g_str_has_suffix(name, "~");
}

static gint
compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
vp_hooks_find(const char *config_directory, VpHookMessageFunc message, gpointer user_data)
{
    const Listener listener = { message, user_data };
    GPtrArray *programs = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *configured = g_build_filename(config_directory, "hooks", "storage.d", NULL);
    g_autofree char *folder = trusted_folder(&listener, configured);
    g_autoptr(GDir) directory = NULL;
    const char *name;

    if (folder == NULL)
        return programs;
    directory = g_dir_open(folder, 0, NULL);
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (!name_is_left_over(name) && program_is_run(&listener, path))
            g_ptr_array_add(programs, g_steal_pointer(&path));
    }
    g_ptr_array_sort(programs, compare_paths);
    return programs;
}
