/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit-walk.h: the files that an audit of directories looks at. */
#pragma once

#include <glib.h>

/* Gets one file. error: why it, or a directory, could not be looked at; NULL: it can. FALSE: no more are wanted. */
typedef gboolean (*AuditFileFunc)(const char *path, const char *error, gpointer user_data);

/* Shows the target itself, or when it is a directory its files in the order of their names, with those of directories below
 * when is_recursive. Symbolic links are shown and never followed. */
void audit_walk(const char *target, gboolean is_recursive, AuditFileFunc func, gpointer user_data);

/* TRUE when the target is a directory of files. */
gboolean audit_is_directory(const char *target);
