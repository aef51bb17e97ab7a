/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* orphans.c: volumes that nobody seems to need: first everything that is named anywhere, then what is left. */
#include "storage/pool/orphans.h"

#include "storage/pool/catalogue.h"
#include "storage/pool/domains.h"
#include "storage/pool/references.h"
#include "virtprobe/chain.h"
#include "virtprobe/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define YOUNG (7 * 24 * 3600 * G_GINT64_CONSTANT(1000000000))
#define BLOCK_SIZE 512 /* of st_blocks */

typedef struct {
    char *uuid; /* of its pool */
    VirtProbeVolume *volume;
    VpFileKey key;
} Entry;

typedef struct {
    GPtrArray *pools;
    GPtrArray *entries;    /* all volumes of the catalogue */
    VpReferences *volumes; /* the same */
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
    vp_file_key_clear(&entry->key);
    g_free(entry);
}

static void
search_clear(Search *search)
{
    g_clear_pointer(&search->pools, g_ptr_array_unref);
    g_clear_pointer(&search->entries, g_ptr_array_unref);
    g_clear_pointer(&search->volumes, vp_references_free);
    g_clear_pointer(&search->used, vp_references_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

static gboolean
take_volume(const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    Search *search = user_data;
    Entry *entry = g_new0(Entry, 1);

    entry->uuid = g_strdup(uuid);
    entry->volume = virt_probe_volume_ref(volume);
    vp_file_key_init(&entry->key, virt_probe_volume_get_text(volume, "path"));
    vp_references_add(search->volumes, &entry->key);
    g_ptr_array_add(search->entries, entry);
    return TRUE;
}

/* What an image outside of all pools stands on is needed too. */
static void
use_chain(Search *search, const char *path)
{
    const VirtProbeDescribeFlags flags =
        VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING;
    g_autoptr(VirtProbeRecord) chain =
        virt_probe_chain_open(path, NULL, flags, VIRT_PROBE_FOLLOW_ANY, NULL, NULL, NULL, NULL);
    guint count = chain != NULL ? virt_probe_record_get_length(chain, "members") : 0;

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *member = virt_probe_record_get_item(chain, "members", i);
        g_auto(VpFileKey) key = { NULL };

        vp_file_key_init(&key, virt_probe_record_get_text(member, "filename"));
        vp_references_add(search->used, &key);
    }
}

static void
use_file(Search *search, const char *path)
{
    g_auto(VpFileKey) key = { NULL };

    vp_file_key_init(&key, path);
    if (vp_references_have(search->used, &key))
        return;
    vp_references_add(search->used, &key);
    if (key.saved_errno == 0 && !vp_references_have(search->volumes, &key))
        use_chain(search, path);
}

static void
take_domain_file(const char *pool_name, const char *name, gpointer user_data)
{
    Search *search = user_data;

    for (guint i = 0; pool_name != NULL && i < search->pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(search->pools, i);
        g_autofree char *path = NULL;

        if (strcmp(virt_probe_pool_get_name(pool), pool_name) != 0)
            continue;
        path = g_build_filename(virt_probe_pool_get_target(pool), name, NULL);
        use_file(search, path);
    }
    if (pool_name == NULL)
        use_file(search, name);
}

static void
use_what_volumes_name(Search *search)
{
    for (guint i = 0; i < search->entries->len; i++) {
        const Entry *entry = g_ptr_array_index(search->entries, i);
        g_autofree char *backing = vp_volume_backing_path(entry->volume);
        g_autofree char *data = vp_volume_data_path(entry->volume);

        if (backing != NULL)
            use_file(search, backing);
        if (data != NULL)
            use_file(search, data);
    }
}

/* A pool that was never refreshed may hold overlays that nobody knows of. */
static gboolean
doubt_pools(Search *search, VpCatalogue *catalogue, GError **error)
{
    for (guint i = 0; i < search->pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(search->pools, i);
        VpCataloguePool known;

        if (!vp_catalogue_get_pool(catalogue, virt_probe_pool_get_uuid(pool), &known, error))
            return FALSE;
        if (known.generation == 0 || !virt_probe_pool_check(pool, NULL))
            search->doubts |= VIRT_PROBE_DOUBT_POOLS;
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
    search->volumes = vp_references_new();
    search->used = vp_references_new();
    if (!doubt_pools(search, catalogue, error)
        || !vp_catalogue_query(catalogue, VP_CATALOGUE_EVERYTHING, NULL, take_volume, search,
                               error))
        return FALSE;
    use_what_volumes_name(search);
    if (!vp_domains_read(take_domain_file, search))
        search->doubts |= VIRT_PROBE_DOUBT_DOMAINS;
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

static gboolean
backing_is_missing(const VirtProbeVolume *volume)
{
    const char *path = virt_probe_volume_get_text(volume, "backing-path");
    g_auto(VpFileKey) key = { NULL };

    /* Where a relative path of a json: name leads is not known. */
    if (path == NULL || !g_path_is_absolute(path))
        return FALSE;
    vp_file_key_init(&key, path);
    return vp_file_key_is_missing(&key);
}

/* Whether a writer is at it, and whether that can be told. */
static VirtProbeDoubts
doubt_lock(const char *path)
{
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_file(path, "raw", VIRT_PROBE_DESCRIBE_DEFAULT, NULL);
    const VirtProbeRecord *extra =
        image != NULL ? virt_probe_record_get_record(image, "virt-probe") : NULL;
    gboolean is_in_use;

    if (extra == NULL || !virt_probe_record_get_boolean(extra, "in-use", &is_in_use))
        return VIRT_PROBE_DOUBT_LOCK;
    return is_in_use ? VIRT_PROBE_DOUBT_IN_USE : VIRT_PROBE_DOUBT_NONE;
}

static gint64
nanoseconds(struct timespec time)
{
    return (gint64) time.tv_sec * 1000000000 + time.tv_nsec;
}

/* As it is now, or as the catalogue knows it. */
static void
orphan_measure(VirtProbeOrphan *orphan, const char *path)
{
    struct stat info;
    guint64 mtime = 0;
    guint64 ctime = 0;

    if (stat(path, &info) == 0) {
        orphan->size = (guint64) info.st_blocks * BLOCK_SIZE;
        orphan->changed = MAX(nanoseconds(info.st_mtim), nanoseconds(info.st_ctim));
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
    if ((doubts & VIRT_PROBE_DOUBT_IN_USE) != 0 || (bits & (bits - 1)) != 0)
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

/* FALSE: the caller stops. */
static gboolean
entry_judge(const Search *search, const Entry *entry)
{
    gboolean is_used = vp_references_have(search->used, &entry->key);
    gboolean is_broken = backing_is_missing(entry->volume);
    VirtProbeOrphan orphan = { .volume = entry->volume, .doubts = search->doubts };

    if (vp_file_key_is_missing(&entry->key) || !volume_is_image(entry->volume)
        || (is_used && !is_broken))
        return TRUE;
    orphan.pool = pool_of(search, entry->uuid);
    if (orphan.pool == NULL)
        return TRUE;
    orphan.reason = is_broken ? VIRT_PROBE_ORPHAN_BACKING_MISSING : VIRT_PROBE_ORPHAN_UNREFERENCED;
    orphan.doubts |= doubt_lock(entry->key.path);
    if ((orphan.doubts & VIRT_PROBE_DOUBT_IN_USE) != 0 && !is_broken)
        return TRUE;
    if (is_used)
        orphan.doubts |= VIRT_PROBE_DOUBT_IN_USE;
    orphan_measure(&orphan, entry->key.path);
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

    if (!search_load(&search, error))
        return FALSE;
    for (guint i = 0; i < search.entries->len; i++) {
        const Entry *entry = g_ptr_array_index(search.entries, i);

        if (pool != NULL && strcmp(entry->uuid, virt_probe_pool_get_uuid(pool)) != 0)
            continue;
        if (!entry_judge(&search, entry)) {
            g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
            return FALSE;
        }
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
    default:
        return NULL;
    }
}
