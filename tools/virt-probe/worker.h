/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker.h: what reads bytes of strangers runs in a process of its own, so that whatever they make of it, nothing reaches
 * the caller but an answer of bounded length that is looked at before it is printed. */
#pragma once

#include "sandbox.h"

/* What an answer must be, so that the caller may print it. */
typedef enum {
    WORKER_JSON, /* one object, in printable ASCII */
    WORKER_TEXT, /* lines; what could harm a terminal is escaped once more */
} WorkerOutput;

/* An answer about one image. Zeroed it is empty. */
typedef struct {
    int status;    /* as the program would end: 0 to WORKER_STATUS_MAX */
    char *output;  /* for stdout; NULL: nothing, which is no JSON */
    char *message; /* what is wrong, one phrase without the name of the image; NULL: nothing */
} WorkerAnswer;

#define WORKER_STATUS_MAX 3

void worker_answer_clear(WorkerAnswer *answer);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WorkerAnswer, worker_answer_clear)

/* Runs in the worker, and fills the answer. Before it reads anything of an image it calls worker_confine(). It prints
 * nothing. fd: that of the job, by its number here; or -1. */
typedef void (*WorkerFunc)(int fd, gpointer user_data, WorkerAnswer *answer);

typedef struct {
    WorkerFunc func;
    gpointer user_data;
    WorkerOutput kind;
    gsize output_max; /* bytes; more is an error */
    guint timeout_ms;
    int fd; /* a descriptor that the worker needs; -1: none */
} WorkerJob;

/* What a job without wishes has. An answer without --full has at most 256 KiB, one with it a few times the 8 MiB that a
 * description may take. */
#define WORKER_JOB_INIT                                                                            \
    {                                                                                              \
        .kind = WORKER_TEXT, .output_max = 64 * 1024 * 1024, .timeout_ms = 30 * 1000, .fd = -1     \
    }

/* Has a new worker answer about one image, and ends it. *out_answer is set on success. FALSE: the worker was ended by a
 * forbidden system call or something else, took too long, or answered with what cannot be printed; the caller goes on. */
gboolean worker_ask(const WorkerJob *job, WorkerAnswer *out_answer, GError **error);

/* A VirtProbeConfineFunc for such a worker; user_data is not used. What the kernel does not offer is left out:
 * sandbox_missing() is for those who insist. */
gboolean worker_confine(VirtProbeConfinement *out_confinement, gpointer user_data, GError **error);

/* Runs in a process that prints by itself, and enters a sandbox before it reads anything. Returns the program's status. */
typedef int (*WorkerMain)(gpointer user_data);

/* Runs it in such a process, and waits for its end. Where stdout or stderr is a terminal the process has a pipe in its
 * place, and what could harm a terminal is escaped once more. Returns its status, STATUS_FAILED when it was ended, which was
 * said. */
int worker_run(WorkerMain func, gpointer user_data);
