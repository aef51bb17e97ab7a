/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image-argument.h: what a verb describes: a file, standard input, or a descriptor that the program was given. */
#pragma once

#include "command.h"
#include "worker.h"

typedef struct {
    char *name; /* as messages and descriptions have it */
    int fd;     /* -1: the file that is called so */
} ImageArgument;

/* What a verb is to look at: its arguments, of which "-" is standard input, or in their place what its option --fd names; so
 * n_arguments_min of the verb is 0. NULL: there is none, or they cannot be meant so, which was said. An array of ImageArgument.
 * (transfer full) */
GArray *image_arguments_collect(const Invocation *invocation, guint fd_option);

/* TRUE when all are files with a name. */
gboolean image_arguments_are_files(const GArray *arguments);

/* Describes an argument. A pipe or socket is read to its end. confine: is called before anything of it is read; may be NULL.
 * NULL: it cannot be described at all. (transfer full) */
VirtProbeRecord *image_argument_describe(const ImageArgument *argument, const char *format,
                                         VirtProbeDescribeFlags flags, VirtProbeConfineFunc confine,
                                         GError **error);

/* Has a worker answer about the argument: gives it the descriptor, and the time that a pipe takes. FALSE: the descriptor is not
 * open, or the worker was ended. */
gboolean image_argument_ask(const ImageArgument *argument, WorkerFunc func, gpointer user_data,
                            gboolean is_json, WorkerAnswer *out_answer, GError **error);
