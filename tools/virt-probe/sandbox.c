/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox.c: confining a process: limits, Landlock, and last the filter of system calls. */
#include "sandbox.h"

#include "command.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <wchar.h>

/* Only a backstop: what a description takes is bounded by the library (8 MiB), and no limit here is near it. */
static const struct {
    int resource;
    guint8 kinds;
    gboolean is_of_memory;
    rlim_t value;
} limits[] = {
    { RLIMIT_CORE, SANDBOX_READER | SANDBOX_SCANNER, FALSE, 0 },
    { RLIMIT_FSIZE, SANDBOX_READER, FALSE, 0 },
    { RLIMIT_NPROC, SANDBOX_READER, FALSE, 0 },
    { RLIMIT_NOFILE, SANDBOX_READER, FALSE, 16 },
    /* In seconds, for a stream of some terabytes; of an image the caller waits for less. */
    { RLIMIT_CPU, SANDBOX_READER, FALSE, 3600 },
    { RLIMIT_AS, SANDBOX_READER, TRUE, (rlim_t) 1 << 30 },
};

static void
limits_set(SandboxKind kind)
{
    for (guint i = 0; i < G_N_ELEMENTS(limits); i++) {
        struct rlimit limit;

        if ((limits[i].kinds & kind) == 0 || (limits[i].is_of_memory && SANDBOX_IS_SANITIZED)
            || getrlimit(limits[i].resource, &limit) != 0)
            continue;
        limit.rlim_max = MIN(limit.rlim_max, limits[i].value);
        limit.rlim_cur = MIN(limit.rlim_cur, limit.rlim_max);
        setrlimit(limits[i].resource, &limit);
    }
}

/* What the C library and GLib open when it is first needed: the time zone, translations, and what a locale is made of. */
static void
lazy_files_load(SandboxKind kind)
{
    wchar_t character;

    tzset();
    if (kind == SANDBOX_READER)
        return;
    mbrtowc(&character, "x", 1, NULL);
    /* Any text loads all of a domain. */
    (void) strerror(ENOSPC);
    (void) _("%s is missing");
    g_time_zone_unref(g_time_zone_new_local());
}

static void
look(VirtProbeConfinement *out_confinement)
{
    out_confinement->seccomp = sandbox_filter_exists();
    out_confinement->landlock = sandbox_landlock_version();
}

const char *
sandbox_missing(SandboxKind kind)
{
    VirtProbeConfinement offered;

    look(&offered);
    if (!offered.seccomp)
        return N_("there is no sandbox here: the kernel does not filter system calls (seccomp)");
    if (kind == SANDBOX_SCANNER && offered.landlock == 0)
        return N_("there is no sandbox here: the kernel does not restrict files (Landlock)");
    return NULL;
}

gboolean
sandbox_enter(SandboxKind kind, char *const *directories, VirtProbeConfinement *out_confinement,
              GError **error)
{
    VirtProbeConfinement confinement;

    look(&confinement);
    lazy_files_load(kind);
    limits_set(kind);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                    "the process cannot be confined: %s", g_strerror(errno));
        return FALSE;
    }
    if (confinement.landlock != 0
        && !sandbox_landlock_enter(confinement.landlock, directories, error))
        return FALSE;
    if (confinement.seccomp && !sandbox_filter_enter(kind, error))
        return FALSE;
    *out_confinement = confinement;
    return TRUE;
}
