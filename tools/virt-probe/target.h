/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target.h: what a verb describes: a file, standard input, or a descriptor that the program was given. */
#pragma once

#include "command.h"

#include <virtprobe/virtprobe.h>

typedef struct {
    char *name; /* as messages and descriptions have it */
    int fd;     /* -1: the file that is called so */
} Target;

/* The targets of a verb: its arguments, of which "-" is standard input, or in their place what its option --fd names; so
 * n_arguments_min of the verb is 0. NULL: there is none, or they cannot be meant so, which was said. An array of Target.
 * (transfer full) */
GArray *targets_collect(const Invocation *invocation, guint fd_option);

/* TRUE when all are files with a name. */
gboolean targets_are_files(const GArray *targets);

/* Describes a target. A pipe or socket is read to its end. NULL: it cannot be described at all. (transfer full) */
VirtProbeRecord *target_describe(const Target *target, const char *format,
                                 VirtProbeDescribeFlags flags, GError **error);
