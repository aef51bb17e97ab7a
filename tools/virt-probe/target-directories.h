/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-directories.h: where target files are, and finding one by its name. */
#pragma once

#include <virtprobe/virtprobe.h>

/* The folders, in the order in which a name is looked for; ended by NULL. (transfer full) */
char **target_directories(void);

/* The target of that name or alias; a name with a slash is the path of a file. NULL and an error when there is none, or its
 * file is bad: a bad file is never passed over for one of the same name in a later folder. (transfer full) */
VirtProbeTarget *target_find(const char *name, GError **error);

/* Paths of all target files by name, without those that one of the same name in an earlier folder replaces; ended by NULL.
 * (transfer full) */
char **target_paths(void);
