/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch-look.c: a look at the directory of a watched pool, by a thread of its own. */
#include "storage/pool/watch-look.h"

#include "storage/pool/directories.h"
#include "storage/pool/pool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* IN_MODIFY is left out: running guests write all the time. */
#define DIRECTORY_EVENTS                                                                           \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB              \
     | IN_DELETE_SELF | IN_MOVE_SELF)
/* The directory itself may come or go there. */
#define PARENT_EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
/* How long a stop may go unnoticed, in µs. */
#define SLICE 100000

struct VpWatchLook {
    gint ref_count;
    GMutex mutex;
    GCond cond;
    VirtProbePool *pool;
    char *parent;
    int inotify; /* a descriptor of its own, because the watch may be gone when the thread goes on */
    gint64 started;
    gboolean is_done;
    VpWatchSight sight;
};

void
vp_watch_look_unref(VpWatchLook *look)
{
    if (look == NULL || !g_atomic_int_dec_and_test(&look->ref_count))
        return;
    g_mutex_clear(&look->mutex);
    g_cond_clear(&look->cond);
    virt_probe_pool_unref(look->pool);
    if (look->inotify >= 0)
        close(look->inotify);
    g_free(look->parent);
    g_free(look);
}

static int
watch_add(const VpWatchLook *look, const char *path, guint32 events)
{
    return inotify_add_watch(look->inotify, path, events | IN_ONLYDIR | IN_MASK_ADD);
}

/* How files there are called that each refresh writes itself. */
static const char *
own_files(const struct stat *info)
{
    g_autofree char *state = vp_state_directory();
    g_autofree char *folder = g_build_filename(state, "catalogue", NULL);
    struct stat other;

    if (stat(state, &other) == 0 && other.st_dev == info->st_dev && other.st_ino == info->st_ino)
        return "catalogue";
    if (stat(folder, &other) == 0 && other.st_dev == info->st_dev && other.st_ino == info->st_ino)
        return "";
    return NULL;
}

static gpointer
look_run(gpointer data)
{
    VpWatchLook *look = data;
    const char *target = virt_probe_pool_get_target(look->pool);
    VpWatchSight sight = { .parent_watch = -1 };
    struct stat info;

    /* First the events, then the look, so that nothing happens unseen between them. */
    sight.parent_watch = watch_add(look, look->parent, PARENT_EVENTS);
    sight.directory_watch = watch_add(look, target, DIRECTORY_EVENTS);
    if (stat(target, &info) == 0) {
        sight.device = info.st_dev;
        sight.inode = info.st_ino;
        sight.own = own_files(&info);
    }
    sight.is_on_network = vp_network_filesystem(target) != NULL;
    sight.is_usable = vp_pool_target_check(target, look->pool->backend, NULL);
    g_mutex_lock(&look->mutex);
    look->sight = sight;
    look->is_done = TRUE;
    g_cond_signal(&look->cond);
    g_mutex_unlock(&look->mutex);
    vp_watch_look_unref(look);
    return NULL;
}

VpWatchLook *
vp_watch_look_start(VirtProbePool *pool, const char *parent, int inotify)
{
    VpWatchLook *look = g_new0(VpWatchLook, 1);
    GThread *thread;

    look->ref_count = 2;
    g_mutex_init(&look->mutex);
    g_cond_init(&look->cond);
    look->pool = virt_probe_pool_ref(pool);
    look->parent = g_strdup(parent);
    look->inotify = inotify >= 0 ? fcntl(inotify, F_DUPFD_CLOEXEC, 0) : -1;
    look->started = g_get_monotonic_time();
    thread = g_thread_try_new("watch-look", look_run, look, NULL);
    if (thread == NULL) {
        look->ref_count = 1;
        vp_watch_look_unref(look);
        return NULL;
    }
    g_thread_unref(thread);
    return look;
}

gboolean
vp_watch_look_wait(VpWatchLook *look, guint timeout_ms, const volatile sig_atomic_t *is_stopped,
                   VpWatchSight *out_sight)
{
    gint64 end = look->started + (gint64) timeout_ms * 1000;
    gboolean is_done;

    g_mutex_lock(&look->mutex);
    while (!look->is_done && *is_stopped == 0 && g_get_monotonic_time() < end)
        g_cond_wait_until(&look->cond, &look->mutex, MIN(end, g_get_monotonic_time() + SLICE));
    is_done = look->is_done;
    if (is_done)
        *out_sight = look->sight;
    g_mutex_unlock(&look->mutex);
    return is_done;
}
