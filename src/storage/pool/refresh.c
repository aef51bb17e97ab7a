/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* refresh.c: bringing the catalogue up to date with the directory of a pool.
 *
 * The directory is read without any lock; then what changed is written in one transaction. When somebody else was faster
 * the directory is read again. */
#include "storage/pool/catalogue.h"
#include "storage/pool/pool.h"
#include "storage/pool/scan-run.h"
#include "storage/pool/volume-sort.h"
#include "virtprobe/error.h"

#include <string.h>

#define TRIES_MAX 20
/* How much longer is waited before each of them, in microseconds. */
#define TRY_DELAY 5000
/* Entries between two calls of the progress function. */
#define PROGRESS_STEP 256

/* What became of a known file. */
enum {
    FILE_IS_GONE,
    FILE_IS_THE_SAME,
    FILE_WAS_READ,
};

typedef struct {
    VirtProbePool *pool;
    const VirtProbeRefreshEvents *events;
    VpKnown *known;
    guint8 *fates;    /* of known files */
    GPtrArray *fresh; /* volumes that were read */
    VirtProbeRefreshCounts counts;
    gint64
        directory_listed; /* when it had changed before, nanoseconds since 1970 UTC; 0: not for certain */
    gboolean is_forced;   /* what is known does not count */
    gboolean was_defined; /* when the refresh began */
} Refresh;

static void
refresh_clear(Refresh *refresh)
{
    g_clear_pointer(&refresh->known, vp_known_free);
    g_clear_pointer(&refresh->fates, g_free);
    g_clear_pointer(&refresh->fresh, g_ptr_array_unref);
    refresh->counts = (VirtProbeRefreshCounts) { 0 };
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Refresh, refresh_clear)

static gboolean
refresh_load(Refresh *refresh, VpCatalogue *catalogue, GError **error)
{
    refresh->known = vp_catalogue_get_known(catalogue, virt_probe_pool_get_uuid(refresh->pool),
                                            virt_probe_pool_get_target(refresh->pool), error);
    if (refresh->known == NULL)
        return FALSE;
    refresh->fates = g_new0(guint8, vp_known_length(refresh->known) + 1);
    refresh->fresh = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_volume_unref);
    return TRUE;
}

static gboolean
volume_is_ok(const VirtProbeVolume *volume)
{
    return g_strcmp0(volume->facts.state, "ok") == 0;
}

/* One more volume is there. FALSE: the caller does not want any more. */
static gboolean
count_volume(Refresh *refresh, gboolean is_ok)
{
    VirtProbeRefreshCounts *counts = &refresh->counts;

    counts->volumes++;
    counts->not_ok += !is_ok;
    if (refresh->events == NULL || refresh->events->progress == NULL
        || counts->volumes % PROGRESS_STEP != 0)
        return TRUE;
    return refresh->events->progress(counts->volumes, refresh->events->user_data);
}

static gboolean
take_same(guint number, gpointer user_data)
{
    Refresh *refresh = user_data;

    if (refresh->fates[number] == FILE_IS_GONE)
        refresh->fates[number] = FILE_IS_THE_SAME;
    return count_volume(refresh, vp_known_identity(refresh->known, number)->is_ok != 0);
}

static gboolean
take_volume(VirtProbeVolume *volume, gpointer user_data)
{
    Refresh *refresh = user_data;
    gint number = vp_known_find(refresh->known, volume->facts.name);

    if (number >= 0)
        refresh->fates[number] = FILE_WAS_READ;
    g_ptr_array_add(refresh->fresh, virt_probe_volume_ref(volume));
    refresh->counts.read++;
    return count_volume(refresh, volume_is_ok(volume));
}

static VirtProbeChange
change_of(const Refresh *refresh, const VirtProbeVolume *volume)
{
    return vp_known_find(refresh->known, volume->facts.name) >= 0 ? VIRT_PROBE_CHANGE_CHANGED
                                                                  : VIRT_PROBE_CHANGE_ADDED;
}

/* Whether a file that was read again is still the one that was known. */
static gboolean
is_as_known(const Refresh *refresh, const VirtProbeVolume *volume)
{
    gint index = vp_known_find(refresh->known, volume->facts.name);
    VpFileIdentity identity = vp_known_identity_of(&volume->facts);

    return index >= 0
           && memcmp(&identity, vp_known_identity(refresh->known, (guint) index), sizeof identity)
                  == 0;
}

static void
count_changes(Refresh *refresh)
{
    if (vp_known_length(refresh->known) == 0) {
        refresh->counts.added = refresh->fresh->len;
        return;
    }
    for (guint i = 0; i < refresh->fresh->len; i++) {
        const VirtProbeVolume *volume = g_ptr_array_index(refresh->fresh, i);

        if (change_of(refresh, volume) == VIRT_PROBE_CHANGE_ADDED)
            refresh->counts.added++;
        else
            refresh->counts.changed += !is_as_known(refresh, volume);
    }
    for (guint i = 0; i < vp_known_length(refresh->known); i++)
        refresh->counts.removed += refresh->fates[i] == FILE_IS_GONE;
}

/* Writes the volumes that were read, and adds their identities while they are at hand. */
static gboolean
write_fresh(const Refresh *refresh, VpCatalogue *catalogue, GByteArray *known, GError **error)
{
    for (guint i = 0; i < refresh->fresh->len; i++) {
        VirtProbeVolume *volume = g_ptr_array_index(refresh->fresh, i);
        VpFileIdentity identity = vp_known_identity_of(&volume->facts);

        vp_known_writer_add(known, volume->facts.name, &identity);
        if (!vp_catalogue_put(catalogue, volume, error))
            return FALSE;
    }
    return TRUE;
}

/* Drops the volumes whose files are gone, and adds the identities of those that are the same. */
static gboolean
write_known(const Refresh *refresh, VpCatalogue *catalogue, GByteArray *known, GError **error)
{
    for (guint i = 0; i < vp_known_length(refresh->known); i++) {
        const char *name = vp_known_name(refresh->known, i);

        if (refresh->fates[i] == FILE_IS_THE_SAME)
            vp_known_writer_add(known, name, vp_known_identity(refresh->known, i));
        else if (refresh->fates[i] == FILE_IS_GONE && !refresh->is_forced
                 && !vp_catalogue_drop(catalogue, name, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
write_changes(const Refresh *refresh, VpCatalogue *catalogue, GError **error)
{
    g_autoptr(GByteArray) writer = vp_known_writer_begin();
    g_autoptr(GBytes) known = NULL;

    /* Where nothing is known, what is there was made for another directory, or the list of known files is damaged. */
    if ((refresh->is_forced || vp_known_length(refresh->known) == 0)
        && !vp_catalogue_drop_all(catalogue, error))
        return FALSE;
    vp_catalogue_set_listed(catalogue, refresh->directory_listed);
    if (!write_known(refresh, catalogue, writer, error)
        || !write_fresh(refresh, catalogue, writer, error))
        return FALSE;
    known = vp_known_writer_end(g_steal_pointer(&writer));
    return vp_catalogue_commit(catalogue, known, error);
}

/* A pool that was undefined while its directory was read, or has another one now, leaves nothing behind. */
static gboolean
begin_change(const Refresh *refresh, VpCatalogue *catalogue, guint64 generation, GError **error)
{
    if (!vp_catalogue_begin(catalogue, virt_probe_pool_get_uuid(refresh->pool),
                            virt_probe_pool_get_target(refresh->pool), generation, error))
        return FALSE;
    if (!refresh->was_defined || vp_pool_is_current(refresh->pool))
        return TRUE;
    vp_catalogue_rollback(catalogue);
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                        "the pool was undefined or given another directory meanwhile");
    return FALSE;
}

static gboolean
refresh_scan(Refresh *refresh, const VirtProbeScanSettings *settings, GError **error)
{
    const VpScanOrder order = {
        .pool = refresh->pool,
        .known = refresh->known,
        .same = take_same,
        .out_changed = &refresh->directory_listed,
    };

    return vp_scan_run(virt_probe_pool_get_target(refresh->pool), settings, &order, take_volume,
                       refresh, error);
}

/* Whether the catalogue says already what was found. The directory may be another one, in which a file came and went. */
static gboolean
is_unchanged(const Refresh *refresh, const VpCataloguePool *pool)
{
    const VirtProbeRefreshCounts *counts = &refresh->counts;

    return !refresh->is_forced && pool->generation != 0
           && pool->volumes == vp_known_length(refresh->known)
           && pool->directory_listed == refresh->directory_listed
           && counts->added + counts->changed + counts->removed == 0;
}

/* One look at the directory, and one transaction. */
static gboolean
refresh_once(Refresh *refresh, VpCatalogue *catalogue, const VirtProbeScanSettings *settings,
             GError **error)
{
    const char *uuid = virt_probe_pool_get_uuid(refresh->pool);
    gboolean is_touched;
    VpCataloguePool pool;

    refresh_clear(refresh);
    if (!vp_catalogue_check(catalogue, refresh->is_forced, &is_touched, error)
        || !vp_catalogue_get_pool(catalogue, uuid, &pool, error)
        || !refresh_load(refresh, catalogue, error) || !refresh_scan(refresh, settings, error))
        return FALSE;
    /* In the order of the catalogue, which writes that much faster; and people like to hear of them so. */
    vp_volumes_sort(refresh->fresh);
    vp_volumes_drop_repeated(refresh->fresh);
    count_changes(refresh);
    if (!is_touched && is_unchanged(refresh, &pool))
        return TRUE;
    if (!begin_change(refresh, catalogue, pool.generation, error))
        return FALSE;
    if (write_changes(refresh, catalogue, error))
        return TRUE;
    vp_catalogue_rollback(catalogue);
    return FALSE;
}

/* Whether the pool may be refreshed: one that was defined must be now, too, and with the same directory. */
static gboolean
definition_check(Refresh *refresh, GError **error)
{
    const VirtProbePool *pool = refresh->pool;

    refresh->was_defined = pool->is_from_store || vp_pool_is_stored(pool);
    if (!refresh->was_defined || vp_pool_is_current(pool))
        return TRUE;
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                        vp_pool_is_gone(pool) ? "the pool is not defined any more"
                                              : "the pool is defined with another directory now");
    return FALSE;
}

static gboolean
refresh_run(Refresh *refresh, const VirtProbeScanSettings *settings, GError **error)
{
    g_autoptr(VpCatalogue) catalogue = NULL;
    gboolean is_new = FALSE;

    refresh->is_forced = settings != NULL && (settings->flags & VIRT_PROBE_SCAN_FORCE) != 0;
    if (!definition_check(refresh, error))
        return FALSE;
    catalogue = vp_catalogue_open(TRUE, error);
    if (catalogue == NULL)
        return FALSE;
    for (guint i = 1; i < TRIES_MAX; i++) {
        g_autoptr(GError) conflict = NULL;

        if (refresh_once(refresh, catalogue, settings, &conflict))
            return TRUE;
        /* Damage is found out late; everything can be made anew. */
        if (g_error_matches(conflict, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID) && !is_new) {
            is_new = TRUE;
            if (!vp_catalogue_discard(catalogue, error))
                return FALSE;
            continue;
        }
        if (!g_error_matches(conflict, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT)) {
            g_propagate_error(error, g_steal_pointer(&conflict));
            return FALSE;
        }
        g_usleep(i * TRY_DELAY);
    }
    return refresh_once(refresh, catalogue, settings, error);
}

/* The volumes that are gone are known by name only. */
static void
tell_removed(const Refresh *refresh)
{
    for (guint i = 0; i < vp_known_length(refresh->known); i++) {
        const char *name = vp_known_name(refresh->known, i);
        g_autoptr(VirtProbeVolume) volume = NULL;
        g_autofree char *path = NULL;
        VpVolumeFacts facts;

        if (refresh->fates[i] != FILE_IS_GONE)
            continue;
        path = g_build_filename(virt_probe_pool_get_target(refresh->pool), name, NULL);
        vp_volume_facts_init(&facts);
        facts.name = name;
        facts.path = path;
        facts.state = "unreadable";
        volume = vp_volume_new(&facts);
        refresh->events->volume(refresh->pool, VIRT_PROBE_CHANGE_REMOVED, volume,
                                refresh->events->user_data);
    }
}

static void
tell_volumes(const Refresh *refresh)
{
    for (guint i = 0; i < refresh->fresh->len; i++) {
        VirtProbeVolume *volume = g_ptr_array_index(refresh->fresh, i);

        if (!is_as_known(refresh, volume))
            refresh->events->volume(refresh->pool, change_of(refresh, volume), volume,
                                    refresh->events->user_data);
    }
    tell_removed(refresh);
}

gboolean
virt_probe_pool_refresh(VirtProbePool *pool, const VirtProbeScanSettings *settings,
                        const VirtProbeRefreshEvents *events, VirtProbeRefreshCounts *out_counts,
                        GError **error)
{
    g_auto(Refresh) refresh = { .pool = pool, .events = events };
    g_autoptr(GError) failure = NULL;
    gboolean is_done;

    g_return_val_if_fail(pool != NULL, FALSE);

    if (events != NULL && events->begin != NULL && !events->begin(pool, events->user_data, error))
        return FALSE;
    is_done = refresh_run(&refresh, settings, &failure);
    if (is_done && events != NULL && events->volume != NULL)
        tell_volumes(&refresh);
    if (events != NULL && events->end != NULL)
        events->end(pool, failure, events->user_data);
    if (out_counts != NULL)
        *out_counts = refresh.counts;
    if (failure != NULL)
        g_propagate_error(error, g_steal_pointer(&failure));
    return is_done;
}
