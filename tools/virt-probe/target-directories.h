/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-directories.h: where target files are, and finding one by its name. */
#pragma once

#include <virtprobe/virtprobe.h>

/* The folders, in the order in which a name is looked for; ended by NULL. (transfer full) */
char **target_directories(void);

/* The path of the target of that name or alias; a name with a slash is the path of a file. NULL and an error when there
 * is none. A bad file is never passed over for one of the same name in a later folder: it is found, and cannot be read. To find
 * an alias all files are read; why one of them cannot be is added to complaints, which own their texts, unless it is there
 * already. (transfer full) */
char *target_find_path(const char *name, GPtrArray *complaints, GError **error);

/* Paths of all target files by name, without those that one of the same name in an earlier folder replaces; ended by NULL.
 * (transfer full) */
char **target_paths(void);
