/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox-landlock.c: files by Landlock: all that can be done with them is forbidden, but for reading beneath directories.
 * Source: the kernel's Documentation/userspace-api/landlock.rst. */
#define _GNU_SOURCE /* O_PATH, syscall */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The headers of a distribution may be older than its kernel, so what is used of them stands here. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define GET_VERSION 1u
#define RULE_PATH_BENEATH 1

#define READ_FILE (1u << 2)
#define READ_DIRECTORY (1u << 3)
#define TRUNCATE (1u << 14)
#define ASK_DEVICE (1u << 15)

/* What is allowed beneath a directory. Truncating is there for speed: the kernel asks at each open whether the file could be truncated
 * later, and looks for the answer in every directory up to the root as long as it is no. The filter of system calls has
 * the no. */
#define BENEATH (READ_FILE | READ_DIRECTORY | TRUNCATE | ASK_DEVICE)

/* Older kernels take a longer structure as long as what they do not know in it is 0. */
typedef struct {
    guint64 files;
    guint64 network;
    guint64 scopes;
} Ruleset;

typedef struct {
    guint64 rights;
    gint32 parent_fd;
} __attribute__((packed)) BeneathRule;

/* What can be forbidden since which version, beside what was before. */
static const struct {
    guint version;
    Ruleset rights;
} steps[] = {
    { 1,
      { 0x1fff, 0, 0 } }, /* executing, reading, writing, making and removing each kind of file */
    { 2, { 1u << 13, 0, 0 } },   /* moving to another directory */
    { 3, { TRUNCATE, 0, 0 } },   /* truncating */
    { 4, { 0, 0x3, 0 } },        /* binding and connecting TCP */
    { 5, { ASK_DEVICE, 0, 0 } }, /* ioctl of devices */
    { 6, { 0, 0, 0x3 } },        /* abstract sockets of others, signals to others */
};

guint
sandbox_landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t) 0, GET_VERSION);

    return version > 0 ? (guint) version : 0;
}

static Ruleset
ruleset_of(guint version)
{
    Ruleset ruleset = { .files = 0 };

    for (guint i = 0; i < G_N_ELEMENTS(steps) && steps[i].version <= version; i++) {
        ruleset.files |= steps[i].rights.files;
        ruleset.network |= steps[i].rights.network;
        ruleset.scopes |= steps[i].rights.scopes;
    }
    return ruleset;
}

/* A directory that is not there needs no rule: whoever lists it says so. Nothing is read or opened for reading here. */
static void
directory_allow(int fd, const Ruleset *ruleset, const char *directory)
{
    BeneathRule rule = { ruleset->files & BENEATH, -1 };

    rule.parent_fd = g_open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (rule.parent_fd < 0)
        return;
    syscall(SYS_landlock_add_rule, fd, RULE_PATH_BENEATH, &rule, 0u);
    close(rule.parent_fd);
}

gboolean
sandbox_landlock_enter(guint version, char *const *directories, GError **error)
{
    const Ruleset ruleset = ruleset_of(version);
    int fd = (int) syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0u);
    gboolean is_held;

    for (guint i = 0; fd >= 0 && directories != NULL && directories[i] != NULL; i++)
        directory_allow(fd, &ruleset, directories[i]);
    is_held = fd >= 0 && syscall(SYS_landlock_restrict_self, fd, 0u) == 0;
    if (!is_held)
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                    "files cannot be restricted by Landlock: %s", g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return is_held;
}
