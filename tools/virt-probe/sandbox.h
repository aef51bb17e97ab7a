/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox.h: a process gives up, for good, what reading images does not need. Only the program does that, and only in
 * processes that it made for it (worker.h). */
#pragma once

#include <virtprobe/virtprobe.h>

/* The shadow memory of sanitizers needs address space without end, and their reports go to stderr. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_IS_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_IS_SANITIZED
#define SANDBOX_IS_SANITIZED 0
#endif

/* What a process is going to do; each is a bit, for the tables. */
typedef enum {
    SANDBOX_READER =
        1 << 0, /* read a file that is open, and answer: nothing can be opened any more */
    SANDBOX_SCANNER = 1 << 1, /* list directories and read what is in them, with threads */
} SandboxKind;

/* What the kernel does not offer of a sandbox that was asked for by name: a sentence, marked for translation; NULL: it has
 * all. A reader needs seccomp: without a call that opens there is nothing that Landlock could close. A scanner needs both. */
const char *sandbox_missing(SandboxKind kind);

/* Confines the calling process, which has one thread. directories: what a scanner reads beneath; NULL: nothing. What the
 * kernel does not offer is left out, and *out_confinement says what holds. FALSE: the kernel offers something and refused
 * it. */
gboolean sandbox_enter(SandboxKind kind, char *const *directories,
                       VirtProbeConfinement *out_confinement, GError **error);

/* sandbox-filter.c: whether the kernel filters system calls, and having it do so. */
gboolean sandbox_filter_exists(void);
gboolean sandbox_filter_enter(SandboxKind kind, GError **error);

/* sandbox-landlock.c: the version of Landlock, 0 when there is none, and restricting files by it. */
guint sandbox_landlock_version(void);
gboolean sandbox_landlock_enter(guint version, char *const *directories, GError **error);
