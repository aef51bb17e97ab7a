/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* backend.c: the types of pools, and whether the directory of a pool can be used now. */
#include "storage/pool/pool.h"
#include "util/error.h"
#include "util/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOUNTS "/proc/self/mountinfo"
/* Which word of a line there is the mount point (proc(5)). */
#define MOUNT_POINT_WORD 4

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
path_is_listed_mount(const char *path)
{
    g_autofree char *real = realpath(path, NULL);
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
path_is_mount_point(const char *path, const struct stat *info)
{
    g_autofree char *parent = g_build_filename(path, "..", NULL);
    struct stat parent_info;

    if (stat(parent, &parent_info) == 0
        && (parent_info.st_dev != info->st_dev || parent_info.st_ino == info->st_ino))
        return TRUE;
    return path_is_listed_mount(path);
}

/* Puts the path before what errno means. */
static void
set_errno(GError **error, int saved_errno, const char *path)
{
    g_autofree char *shown = vp_text_escape(path, strlen(path));
    g_autofree char *action = g_strdup_printf("cannot use the directory \"%s\"", shown);

    vp_error_set_errno(error, saved_errno, action);
}

gboolean
virt_probe_pool_check(const VirtProbePool *pool, GError **error)
{
    g_autofree char *shown = NULL;
    struct stat info;

    g_return_val_if_fail(pool != NULL, FALSE);

    if (stat(pool->target, &info) != 0) {
        set_errno(error, errno, pool->target);
        return FALSE;
    }
    if (!S_ISDIR(info.st_mode)) {
        set_errno(error, ENOTDIR, pool->target);
        return FALSE;
    }
    if (access(pool->target, R_OK | X_OK) != 0) {
        set_errno(error, errno, pool->target);
        return FALSE;
    }
    if (!pool->backend->is_mount_point || path_is_mount_point(pool->target, &info))
        return TRUE;
    shown = vp_text_escape(pool->target, strlen(pool->target));
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                "nothing is mounted on \"%s\", which a pool of type %s needs", shown,
                pool->backend->name);
    return FALSE;
}
