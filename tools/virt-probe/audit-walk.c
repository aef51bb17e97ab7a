/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit-walk.c: the files that an audit of directories looks at. */
#include "audit-walk.h"

#include "command.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

gboolean
audit_is_directory(const char *target)
{
    struct stat info;

    /* A link to a directory is judged as a link; with a slash behind it is the directory. */
    return lstat(target, &info) == 0 && S_ISDIR(info.st_mode);
}

static int
compare_entries(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static gboolean
show_entry(FTS *walk, FTSENT *entry, gboolean is_recursive, AuditFileFunc func, gpointer user_data)
{
    switch (entry->fts_info) {
    case FTS_D:
        if (entry->fts_level > 0 && !is_recursive)
            fts_set(walk, entry, FTS_SKIP);
        return TRUE;
    case FTS_DP:
        return TRUE;
    case FTS_DC:
        return func(entry->fts_path, _("the directory lies in itself"), user_data);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return func(entry->fts_path, g_strerror(entry->fts_errno), user_data);
    default:
        return func(entry->fts_path, NULL, user_data);
    }
}

void
audit_walk(const char *target, gboolean is_recursive, AuditFileFunc func, gpointer user_data)
{
    char *paths[] = { (char *) target, NULL };
    FTSENT *entry;
    FTS *walk;

    if (!audit_is_directory(target)) {
        func(target, NULL, user_data);
        return;
    }
    walk = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, compare_entries);
    if (walk == NULL) {
        func(target, g_strerror(errno), user_data);
        return;
    }
    for (errno = 0; (entry = fts_read(walk)) != NULL; errno = 0) {
        if (!show_entry(walk, entry, is_recursive, func, user_data))
            break;
    }
    /* The end of the list says so too, without a reason. */
    if (entry == NULL && errno != 0)
        func(target, g_strerror(errno), user_data);
    fts_close(walk);
}
