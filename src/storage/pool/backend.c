/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* backend.c: the types of pools, and whether the directory of a pool can be used now. */
#define _GNU_SOURCE /* statx */
#include "storage/pool/pool.h"
#include "util/error.h"
#include "util/look.h"
#include "util/source-entry.h"
#include "util/text.h"
#include "util/times.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MOUNTS "/proc/self/mountinfo"
/* Which word of a line there is the mount point (proc(5)). */
#define MOUNT_POINT_WORD 4
/* Of statx(2), since Linux 5.8. */
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

static const VpPoolBackend backends[] = {
#define BACKEND(name, device, host, mount, formats) { name, device, host, mount, formats },
#include "storage/pool/backend.def"
#undef BACKEND
};

const VpPoolBackend *
vp_pool_backend_find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(backends); i++) {
        if (strcmp(backends[i].name, name) == 0)
            return &backends[i];
    }
    return NULL;
}

gboolean
vp_pool_backend_has_format(const VpPoolBackend *backend, const char *format)
{
    g_auto(GStrv) names = g_strsplit(backend->formats != NULL ? backend->formats : "", " ", -1);

    return g_strv_contains((const char *const *) names, format);
}

/* Bind mounts are on the same device as what is around them, so the kernel's list is asked too. */
static gboolean
is_listed_mount(int directory)
{
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", directory);
    g_autofree char *real = g_file_read_link(link, NULL);
    g_autofree char *mounts = NULL;
    g_auto(GStrv) lines = NULL;

    if (real == NULL || !g_file_get_contents(MOUNTS, &mounts, NULL, NULL))
        return FALSE;
    lines = g_strsplit(mounts, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(lines[i], " ", MOUNT_POINT_WORD + 2);
        g_autofree char *point = NULL;

        if (g_strv_length(words) <= MOUNT_POINT_WORD)
            continue;
        point = g_strcompress(words[MOUNT_POINT_WORD]);
        if (strcmp(point, real) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_mount_point(int directory)
{
    struct statx info;
    struct stat here;
    struct stat parent;

    if (statx(directory, "", AT_EMPTY_PATH, 0, &info) == 0
        && (info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0)
        return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    /* An older kernel. */
    if (fstat(directory, &here) == 0 && fstatat(directory, "..", &parent, 0) == 0
        && (parent.st_dev != here.st_dev || parent.st_ino == here.st_ino))
        return TRUE;
    return is_listed_mount(directory);
}

void
vp_pool_set_unusable(const char *target, int saved_errno, GError **error)
{
    g_autofree char *shown = vp_text_escape(target, strlen(target));
    g_autofree char *action = g_strdup_printf("cannot use the directory \"%s\"", shown);

    vp_error_set_errno(error, saved_errno, action);
}

gboolean
vp_pool_check_directory(const char *target, const VpPoolBackend *backend, int directory,
                        GError **error)
{
    g_autofree char *shown = NULL;

    if (faccessat(directory, ".", X_OK, 0) != 0) {
        vp_pool_set_unusable(target, errno, error);
        return FALSE;
    }
    if (!backend->is_mount_point || is_mount_point(directory))
        return TRUE;
    shown = vp_text_escape(target, strlen(target));
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                "nothing is mounted on \"%s\", which a pool of type %s needs", shown,
                backend->name);
    return FALSE;
}

typedef struct {
    struct statvfs info;
    gint64 changed; /* when names in it were */
    GError *error;  /* NULL: it can be used */
} State;

/* Also asks about the filesystem of the very directory that was checked. out_state: NULL: it is not wanted. */
static gboolean
target_ask(const char *target, const VpPoolBackend *backend, State *out_state, GError **error)
{
    int directory = vp_entry_open_directory(-1, target);
    struct stat info;
    gboolean is_usable;

    if (directory < 0) {
        vp_pool_set_unusable(target, errno, error);
        return FALSE;
    }
    is_usable = vp_pool_check_directory(target, backend, directory, error);
    if (is_usable && out_state != NULL
        && (fstatvfs(directory, &out_state->info) != 0 || fstat(directory, &info) != 0)) {
        vp_pool_set_unusable(target, errno, error);
        is_usable = FALSE;
    } else if (is_usable && out_state != NULL) {
        out_state->changed = vp_time_of_directory(vp_time_nanoseconds(&info.st_mtim),
                                                  vp_time_nanoseconds(&info.st_ctim));
    }
    vp_entry_close(directory);
    return is_usable;
}

gboolean
vp_pool_target_check(const char *target, const VpPoolBackend *backend, GError **error)
{
    return target_ask(target, backend, NULL, error);
}

static void
state_free(gpointer data)
{
    State *state = data;

    g_clear_error(&state->error);
    g_free(state);
}

static gpointer
check_ask(const char *target, gconstpointer backend)
{
    State *state = g_new0(State, 1);

    vp_pool_target_check(target, backend, &state->error);
    return state;
}

static gpointer
sums_ask(const char *target, gconstpointer backend)
{
    State *state = g_new0(State, 1);

    target_ask(target, backend, state, &state->error);
    return state;
}

static void
set_late(GError **error, const char *path, const VpLookAnswer *answer)
{
    g_autofree char *shown = vp_text_escape(path, strlen(path));
    g_autofree char *what = g_strdup_printf("cannot use the directory \"%s\"", shown);

    vp_look_set_late_answer(error, what, answer);
}

/* NULL, and why, when the directory cannot be used now. (transfer full) */
static State *
state_ask(const VirtProbePool *pool, VpLookFunc ask, GError **error)
{
    const VpLookKind kind = { ask, state_free, TRUE };
    /* Backends are constants. */
    VpLookAnswer answer = vp_look_one(&kind, pool->target, (gpointer) pool->backend, NULL);
    State *state = answer.answer;

    if (answer.is_late) {
        set_late(error, pool->target, &answer);
        return NULL;
    }
    if (state->error == NULL)
        return state;
    g_propagate_error(error, g_steal_pointer(&state->error));
    state_free(state);
    return NULL;
}

gboolean
virt_probe_pool_check(const VirtProbePool *pool, GError **error)
{
    State *state;

    g_return_val_if_fail(pool != NULL, FALSE);

    state = state_ask(pool, check_ask, error);
    if (state == NULL)
        return FALSE;
    state_free(state);
    return TRUE;
}

gboolean
vp_pool_get_space(const VirtProbePool *pool, VirtProbePoolSums *sums, GError **error)
{
    State *state = state_ask(pool, sums_ask, error);
    const struct statvfs *info;

    if (state == NULL)
        return FALSE;
    info = &state->info;
    sums->capacity = (guint64) info->f_frsize * info->f_blocks;
    sums->available = (guint64) info->f_frsize * info->f_bfree;
    sums->available_to_users = (guint64) info->f_frsize * info->f_bavail;
    sums->allocation = sums->capacity - sums->available;
    sums->directory_changed = state->changed;
    state_free(state);
    return TRUE;
}
