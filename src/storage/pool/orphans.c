/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* orphans.c: volumes that nobody seems to need: first everything that is named anywhere, then what is left. */
#include "storage/pool/orphans.h"

#include "storage/pool/domains.h"
#include "storage/pool/last-refresh.h"
#include "storage/pool/names.h"
#include "storage/pool/outside.h"
#include "storage/pool/references.h"
#include "storage/pool/volume.h"
#include "util/look.h"
#include "virtprobe/describe.h"
#include "virtprobe/error.h"

#include <string.h>

#define YOUNG (7 * 24 * 3600 * G_GINT64_CONSTANT(1000000000))

typedef struct {
    char *uuid; /* of its pool */
    VirtProbeVolume *volume;
    gint backing; /* number of its backing file among the names; -1: nobody knows where it is */
    gboolean is_candidate;
} Entry;

typedef struct {
    GPtrArray *pools;
    GPtrArray *entries;    /* all volumes of the catalogue */
    GPtrArray *paths;      /* of the entries */
    VpFileKey *keys;       /* the same */
    GPtrArray *names;      /* paths that something names */
    GPtrArray *composed;   /* paths of images that may need files which they alone tell */
    VpFileKey *named;      /* the same */
    VpReferences *volumes; /* files of the entries */
    VpReferences *used;    /* files that something names */
    VirtProbeDoubts doubts;
    gint64 now;
    VirtProbeOrphanFunc func;
    gpointer user_data;
} Search;

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    g_free(entry->uuid);
    virt_probe_volume_unref(entry->volume);
    g_free(entry);
}

static void
search_clear(Search *search)
{
    if (search->keys != NULL)
        vp_file_keys_free(search->keys, search->paths->len);
    if (search->named != NULL)
        vp_file_keys_free(search->named, search->names->len);
    g_clear_pointer(&search->pools, g_ptr_array_unref);
    g_clear_pointer(&search->entries, g_ptr_array_unref);
    g_clear_pointer(&search->paths, g_ptr_array_unref);
    g_clear_pointer(&search->names, g_ptr_array_unref);
    g_clear_pointer(&search->composed, g_ptr_array_unref);
    g_clear_pointer(&search->volumes, vp_references_free);
    g_clear_pointer(&search->used, vp_references_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

/* Takes over the path. */
static void
take_path(Search *search, char *path)
{
    if (path != NULL)
        g_ptr_array_add(search->names, path);
}

static gboolean
take_volume(const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    Search *search = user_data;
    const char *backing = virt_probe_volume_get_text(volume, "backing-path");
    const guint first = search->names->len;
    Entry *entry = g_new0(Entry, 1);
    gboolean is_all;

    entry->uuid = g_strdup(uuid);
    entry->volume = virt_probe_volume_ref(volume);
    entry->backing = (gint) first;
    is_all = vp_volume_take_bases(volume, search->names);
    /* Where a relative path of a json: name leads is not known. */
    if (backing == NULL || !g_path_is_absolute(backing) || search->names->len == first)
        entry->backing = -1;
    is_all &= vp_volume_take_data_files(volume, search->names);
    if (!is_all)
        search->doubts |= VIRT_PROBE_DOUBT_UNKNOWN_NAME;
    if (vp_state_hides_names(volume->facts.state, volume->facts.error_code))
        search->doubts |= VIRT_PROBE_DOUBT_UNREADABLE;
    g_ptr_array_add(search->entries, entry);
    g_ptr_array_add(search->paths, g_strdup(virt_probe_volume_get_text(volume, "path")));
    if (vp_volume_is_composed(&volume->facts))
        g_ptr_array_add(search->composed, g_strdup(virt_probe_volume_get_text(volume, "path")));
    return TRUE;
}

static void
take_domain_file(const char *pool_name, const char *name, gpointer user_data)
{
    Search *search = user_data;

    for (guint i = 0; pool_name != NULL && i < search->pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(search->pools, i);

        if (strcmp(virt_probe_pool_get_name(pool), pool_name) == 0)
            take_path(search, g_build_filename(virt_probe_pool_get_target(pool), name, NULL));
    }
    if (pool_name == NULL)
        take_path(search, g_strdup(name));
}

static void
use_names(Search *search)
{
    search->named = vp_file_keys_ask(search->names);
    search->doubts |= vp_outside_use(search->named, search->names->len, search->composed,
                                     search->volumes, search->used);
}

static void
take_volume_files(Search *search)
{
    search->keys = vp_file_keys_ask(search->paths);
    for (guint i = 0; i < search->paths->len; i++)
        vp_references_add(search->volumes, &search->keys[i], i);
}

/* A pool that was never refreshed, or has changed since, may hold overlays that nobody knows of. */
static gboolean
doubt_pools(Search *search, VpCatalogue *catalogue, GError **error)
{
    for (guint i = 0; i < search->pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(search->pools, i);
        VirtProbePoolSums sums = { .refreshed = 0 };
        VpLastRefresh last;

        if (!vp_last_refresh_get(catalogue, pool, &last, error))
            return FALSE;
        sums.refreshed = last.pool.refreshed;
        sums.directory_listed = last.pool.directory_listed;
        if (!vp_pool_get_space(pool, &sums, NULL) || last.pool.generation == 0)
            search->doubts |= VIRT_PROBE_DOUBT_POOLS;
        else if (vp_last_refresh_is_outdated(&sums))
            search->doubts |= VIRT_PROBE_DOUBT_NOT_FRESH;
    }
    return TRUE;
}

static gboolean
search_load(Search *search, GError **error)
{
    g_autoptr(VpCatalogue) catalogue = vp_catalogue_open(FALSE, error);
    g_autoptr(GError) unread = NULL;

    if (catalogue == NULL)
        return FALSE;
    search->pools = virt_probe_pool_list(&unread);
    if (unread != NULL)
        search->doubts |= VIRT_PROBE_DOUBT_POOLS;
    search->entries = g_ptr_array_new_with_free_func(entry_free);
    search->paths = g_ptr_array_new_with_free_func(g_free);
    search->names = g_ptr_array_new_with_free_func(g_free);
    search->composed = g_ptr_array_new_with_free_func(g_free);
    search->volumes = vp_references_new();
    search->used = vp_references_new();
    if (!doubt_pools(search, catalogue, error)
        || !vp_catalogue_query(catalogue, VP_CATALOGUE_EVERYTHING, NULL, take_volume, search,
                               error))
        return FALSE;
    if (!vp_domains_read(take_domain_file, search, NULL))
        search->doubts |= VIRT_PROBE_DOUBT_DOMAINS;
    take_volume_files(search);
    use_names(search);
    return TRUE;
}

static gboolean
volume_is_image(const VirtProbeVolume *volume)
{
    const char *type = virt_probe_volume_get_text(volume, "type");
    const char *state = virt_probe_volume_get_text(volume, "state");

    return (g_strcmp0(type, "file") == 0 || g_strcmp0(type, "block") == 0)
           && g_strcmp0(state, "unreadable") != 0;
}

/* Whether a writer is at it, and whether that can be told; in a doubt of one more than it is, since NULL is no answer. */
static gpointer
lock_ask(const char *path, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_file(path, "raw", VIRT_PROBE_DESCRIBE_DEFAULT, NULL);
    const VirtProbeRecord *extra =
        image != NULL ? virt_probe_record_get_record(image, "virt-probe") : NULL;
    gboolean is_in_use;

    if (extra == NULL || !virt_probe_record_get_boolean(extra, "in-use", &is_in_use))
        return GUINT_TO_POINTER(VIRT_PROBE_DOUBT_LOCK + 1);
    return GUINT_TO_POINTER((is_in_use ? VIRT_PROBE_DOUBT_IN_USE : VIRT_PROBE_DOUBT_NONE) + 1);
}

static void
keep(G_GNUC_UNUSED gpointer answer)
{
}

/* Asks whether writers are at the candidates, all at once. (transfer full) (array): doubts, in the order of the
 * candidates. */
static VirtProbeDoubts *
doubt_locks(const Search *search)
{
    static const VpLookKind kind = { lock_ask, keep, FALSE };
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree VpLookAnswer *answers = NULL;
    VirtProbeDoubts *doubts;

    for (guint i = 0; i < search->entries->len; i++) {
        const Entry *entry = g_ptr_array_index(search->entries, i);

        if (entry->is_candidate)
            g_ptr_array_add(paths, g_strdup(search->keys[i].path));
    }
    answers = vp_look(&kind, paths, NULL, NULL);
    doubts = g_new(VirtProbeDoubts, paths->len + 1);
    for (guint i = 0; i < paths->len; i++)
        doubts[i] = answers[i].is_late
                        ? VIRT_PROBE_DOUBT_LOCK | VIRT_PROBE_DOUBT_NO_ANSWER
                        : (VirtProbeDoubts) (GPOINTER_TO_UINT(answers[i].answer) - 1);
    return doubts;
}

/* As it is now, or as the catalogue knows it. */
static void
orphan_measure(VirtProbeOrphan *orphan, const VpFileKey *key)
{
    guint64 mtime = 0;
    guint64 ctime = 0;

    if (key->saved_errno == 0) {
        orphan->size = key->allocated;
        orphan->changed = key->changed;
        return;
    }
    virt_probe_volume_get_uint64(orphan->volume, "allocation", &orphan->size);
    virt_probe_volume_get_uint64(orphan->volume, "mtime", &mtime);
    virt_probe_volume_get_uint64(orphan->volume, "ctime", &ctime);
    orphan->changed = MAX((gint64) mtime, (gint64) ctime);
}

static VirtProbeConfidence
confidence_of(VirtProbeDoubts doubts)
{
    guint bits = (guint) doubts;

    if (bits == 0)
        return VIRT_PROBE_CONFIDENCE_HIGH;
    if ((doubts & (VIRT_PROBE_DOUBT_IN_USE | VIRT_PROBE_DOUBT_NAMED)) != 0
        || (bits & (bits - 1)) != 0)
        return VIRT_PROBE_CONFIDENCE_LOW;
    return VIRT_PROBE_CONFIDENCE_MEDIUM;
}

static VirtProbePool *
pool_of(const Search *search, const char *uuid)
{
    for (guint i = 0; i < search->pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(search->pools, i);

        if (strcmp(virt_probe_pool_get_uuid(pool), uuid) == 0)
            return pool;
    }
    return NULL;
}

static gboolean
backing_is_missing(const Search *search, const Entry *entry)
{
    return entry->backing >= 0 && vp_file_key_is_missing(&search->named[entry->backing]);
}

/* Whether it lies where its pool is now, which may have been another directory when it was refreshed. */
static gboolean
is_in_pool(const Search *search, const Entry *entry)
{
    const VirtProbePool *pool = pool_of(search, entry->uuid);
    const char *path = virt_probe_volume_get_text(entry->volume, "path");
    g_autofree char *directory = path != NULL ? g_path_get_dirname(path) : NULL;

    return pool != NULL && g_strcmp0(directory, virt_probe_pool_get_target(pool)) == 0;
}

/* Whether nobody names it, or what it stands on is gone. */
static gboolean
is_candidate(const Search *search, guint index)
{
    const Entry *entry = g_ptr_array_index(search->entries, index);
    const VpFileKey *key = &search->keys[index];

    return !vp_file_key_is_missing(key) && volume_is_image(entry->volume)
           && (!vp_references_have(search->used, key) || backing_is_missing(search, entry))
           && is_in_pool(search, entry);
}

/* locks: what the lock says. FALSE: the caller stops. */
static gboolean
candidate_tell(const Search *search, guint index, VirtProbeDoubts locks)
{
    const Entry *entry = g_ptr_array_index(search->entries, index);
    const VpFileKey *key = &search->keys[index];
    gboolean is_broken = backing_is_missing(search, entry);
    VirtProbeOrphan orphan = {
        .pool = pool_of(search, entry->uuid),
        .volume = entry->volume,
        .reason = is_broken ? VIRT_PROBE_ORPHAN_BACKING_MISSING : VIRT_PROBE_ORPHAN_UNREFERENCED,
        .doubts = search->doubts | locks,
    };

    if ((locks & VIRT_PROBE_DOUBT_IN_USE) != 0 && !is_broken)
        return TRUE;
    if (vp_references_have(search->used, key))
        orphan.doubts |= VIRT_PROBE_DOUBT_NAMED;
    if (vp_file_key_is_late(key))
        orphan.doubts |= VIRT_PROBE_DOUBT_NO_ANSWER;
    else if (vp_file_key_is_unknown(key))
        orphan.doubts |= VIRT_PROBE_DOUBT_UNREADABLE;
    orphan_measure(&orphan, key);
    if (orphan.changed > search->now - YOUNG)
        orphan.doubts |= VIRT_PROBE_DOUBT_YOUNG;
    orphan.confidence = confidence_of(orphan.doubts);
    return search->func(&orphan, search->user_data);
}

gboolean
vp_orphans_foreach(VirtProbePool *pool, gint64 now, VirtProbeOrphanFunc func, gpointer user_data,
                   GError **error)
{
    g_auto(Search) search = { .now = now, .func = func, .user_data = user_data };
    g_autofree VirtProbeDoubts *locks = NULL;
    guint n_told = 0;

    if (!search_load(&search, error))
        return FALSE;
    for (guint i = 0; i < search.entries->len; i++) {
        Entry *entry = g_ptr_array_index(search.entries, i);

        entry->is_candidate =
            (pool == NULL || strcmp(entry->uuid, virt_probe_pool_get_uuid(pool)) == 0)
            && is_candidate(&search, i);
    }
    locks = doubt_locks(&search);
    for (guint i = 0; i < search.entries->len; i++) {
        const Entry *entry = g_ptr_array_index(search.entries, i);

        if (!entry->is_candidate || candidate_tell(&search, i, locks[n_told++]))
            continue;
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
        return FALSE;
    }
    return TRUE;
}

gboolean
virt_probe_pool_foreach_orphan(VirtProbePool *pool, VirtProbeOrphanFunc func, gpointer user_data,
                               GError **error)
{
    g_return_val_if_fail(func != NULL, FALSE);

    return vp_orphans_foreach(pool, g_get_real_time() * 1000, func, user_data, error);
}

const char *
virt_probe_orphan_reason_get_name(VirtProbeOrphanReason reason)
{
    return reason == VIRT_PROBE_ORPHAN_BACKING_MISSING ? "backing-missing" : "unreferenced";
}

const char *
virt_probe_confidence_get_name(VirtProbeConfidence confidence)
{
    static const char *const names[] = { "low", "medium", "high" };

    g_return_val_if_fail((guint) confidence < G_N_ELEMENTS(names), NULL);

    return names[confidence];
}

const char *
virt_probe_doubt_get_name(VirtProbeDoubts doubt)
{
    switch (doubt) {
    case VIRT_PROBE_DOUBT_DOMAINS:
        return "domains-unread";
    case VIRT_PROBE_DOUBT_LOCK:
        return "lock-unknown";
    case VIRT_PROBE_DOUBT_YOUNG:
        return "young";
    case VIRT_PROBE_DOUBT_POOLS:
        return "pools-unread";
    case VIRT_PROBE_DOUBT_IN_USE:
        return "in-use";
    case VIRT_PROBE_DOUBT_NO_ANSWER:
        return "no-answer";
    case VIRT_PROBE_DOUBT_NOT_FRESH:
        return "not-fresh";
    case VIRT_PROBE_DOUBT_NAMED:
        return "named";
    case VIRT_PROBE_DOUBT_UNREADABLE:
        return "unreadable";
    case VIRT_PROBE_DOUBT_UNKNOWN_NAME:
        return "name-unknown";
    default:
        return NULL;
    }
}
