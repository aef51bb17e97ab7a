/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* look.c: one volume as it is now, by a thread of its own: a file of a dead server would stop whoever touches it. */
#include "storage/pool/look.h"

#include "storage/pool/scan-entry.h"

/* As long as a scan waits for an entry. */
#define PATIENCE_MS 10000

/* What the thread and who waits for it share; the last one frees it. */
typedef struct {
    gint ref_count;
    GMutex mutex;
    GCond cond;
    VirtProbePool *pool;
    char *name;
    gboolean is_done;
    VirtProbeVolume *volume;
    GError *error;
} Look;

static void
look_unref(Look *look)
{
    if (!g_atomic_int_dec_and_test(&look->ref_count))
        return;
    g_mutex_clear(&look->mutex);
    g_cond_clear(&look->cond);
    virt_probe_pool_unref(look->pool);
    virt_probe_volume_unref(look->volume);
    g_clear_error(&look->error);
    g_free(look->name);
    g_free(look);
}

static VirtProbeVolume *
describe(const VirtProbePool *pool, const char *name)
{
    VpScanDirectory *directory = vp_scan_directory_new(NULL, pool->target);
    const VpEntry entry = { name, VP_ENTRY_UNKNOWN };
    VirtProbeVolume *volume = NULL;
    VpScanScratch scratch;

    vp_scan_scratch_init(&scratch);
    if (vp_scan_directory_open(directory)) {
        vp_scan_name(&scratch, directory, name);
        volume = vp_scan_entry(&scratch, directory, &entry, NULL);
    }
    vp_scan_scratch_clear(&scratch);
    vp_scan_directory_unref(directory);
    return volume;
}

static gpointer
look_run(gpointer data)
{
    Look *look = data;
    VirtProbeVolume *volume = NULL;
    GError *error = NULL;

    /* What lies below the place of a share that is not mounted is not the pool's. */
    if (virt_probe_pool_check(look->pool, &error))
        volume = describe(look->pool, look->name);
    g_mutex_lock(&look->mutex);
    look->volume = volume;
    look->error = error;
    look->is_done = TRUE;
    g_cond_signal(&look->cond);
    g_mutex_unlock(&look->mutex);
    look_unref(look);
    return NULL;
}

static Look *
look_new(VirtProbePool *pool, const char *name)
{
    Look *look = g_new0(Look, 1);

    look->ref_count = 2;
    g_mutex_init(&look->mutex);
    g_cond_init(&look->cond);
    look->pool = virt_probe_pool_ref(pool);
    look->name = g_strdup(name);
    return look;
}

VirtProbeVolume *
vp_look_at(VirtProbePool *pool, const char *name, GError **error)
{
    gint64 until = g_get_monotonic_time() + (gint64) PATIENCE_MS * 1000;
    Look *look = look_new(pool, name);
    VirtProbeVolume *volume = NULL;
    gboolean is_late = FALSE;

    g_thread_unref(g_thread_new("look", look_run, look));
    g_mutex_lock(&look->mutex);
    while (!look->is_done && !is_late)
        is_late = !g_cond_wait_until(&look->cond, &look->mutex, until);
    if (look->is_done) {
        volume = g_steal_pointer(&look->volume);
        if (look->error != NULL)
            g_propagate_error(error, g_steal_pointer(&look->error));
    } else {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "no answer within %d seconds",
                    PATIENCE_MS / 1000);
    }
    g_mutex_unlock(&look->mutex);
    look_unref(look);
    return volume;
}
