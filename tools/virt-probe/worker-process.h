/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker-process.h: what workers of both kinds need: giving up what they got from their caller, being ended, and being
 * mistrusted. */
#pragma once

#include "worker.h"

#include <sys/types.h>

/* The number of the first descriptor that is kept. */
#define WORKER_FD 3

/* In a new process: it ends with its caller, standard input is at its end, and of all descriptors only those in kept stay
 * open, as WORKER_FD and so on; -1 is left out. caller: the process that made it. prints: stdout and stderr stay open, too.
 * FALSE with errno: it must end, as worker_set_end() understands it by the errno as its status. */
gboolean worker_give_up(pid_t caller, const int *kept, guint n_kept, gboolean prints);

/* Ends a process. TRUE: it is gone, and *out_status is what waitpid() says of it; FALSE: it hangs in the kernel. */
gboolean worker_end(pid_t pid, int *out_status);

/* The same without waiting; a later call finds out that it is gone. */
void worker_dismiss(pid_t pid);

/* Says how a process has ended that should not have. */
void worker_set_end(GError **error, int status);

/* Text for stdout of which nobody knows who made it: each line as virt_probe_text_escape() has it. (transfer full) */
char *worker_text_clean(const char *text, gsize len);

/* Whether it is one JSON object in printable ASCII. */
gboolean worker_json_check(const char *text);

/* Copies what comes from some descriptors to others, cleaned, until all are closed. At most 2. */
void worker_relay(const int *from, const int *to, guint count);
