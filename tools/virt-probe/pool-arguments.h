/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-arguments.h: which pool and which volume a verb is about, and what all of these verbs print alike. */
#pragma once

#include "pool-verbs.h"

#include <virtprobe/pool-sums.h>

/* The arguments of a verb, whether they stand as options or by their order. An option of virsh that names an argument
 * takes it out of the order. */
typedef struct {
    const Invocation *invocation;
    guint used; /* arguments that were taken by their order */
} Arguments;

/* The next argument, or the option's value; NULL when there is neither. */
const char *arguments_take(Arguments *arguments, guint option);

/* FALSE when arguments are left over, which was said. */
gboolean arguments_end(const Arguments *arguments);

/* The pool that the verb names as its only argument. NULL: *out_status says how the program ends. (transfer full) */
VirtProbePool *pool_argument(const Invocation *invocation, int *out_status);

/* The name or path of the volume that a verb is about, and the pool to look in, if one is named. FALSE: *out_status. */
gboolean volume_arguments_take(const Invocation *invocation, const char **out_name,
                               VirtProbePool **out_pool, int *out_status);

/* Says why a volume was not found, in the pool to look in or without one; gives STATUS_FAILED. */
int volume_failure_print(const char *name, const VirtProbePool *pool, const GError *error);

/* The volume that a verb names, with its pool; out_pool may be NULL. NULL: *out_status. (transfer full) */
VirtProbeVolume *volume_argument(const Invocation *invocation, VirtProbePool **out_pool,
                                 int *out_status);

gboolean output_is_json(const Invocation *invocation);

/* Says why a verb failed; gives STATUS_FAILED. */
int failure_print(const char *what, const char *name, const GError *error);

/* The same for an error that names what it is about. */
int error_print(const GError *error);

/* Says why the list of a pool cannot be read, if it cannot; gives the status for that. */
int list_check(const VirtProbePool *pool);

/* Prints one value on a line; or, for JSON, all that is known of the pool or volume. */
int pool_value_print(const Invocation *invocation, const VirtProbePool *pool, const char *value);
int volume_value_print(const Invocation *invocation, const VirtProbeVolume *volume,
                       const char *value);

/* Sizes as virsh prints them, or in bytes. (transfer full) */
char *size_text(guint64 size, gboolean in_bytes);
