/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-files.c: the catalogue without SQLite: a directory with a document a pool, UUID.xml. */
#include "storage/pool/catalogue-files.h"
#include "storage/pool/directories.h"
#include "storage/pool/pool.h"
#include "storage/pool/volume-pack.h"
#include "util/error.h"
#include "util/hash.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

VpCatalogue *
vp_catalogue_open(gboolean may_write, GError **error)
{
    g_autoptr(VpCatalogue) catalogue = g_new0(VpCatalogue, 1);

    catalogue->lock = -1;
    catalogue->changes = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_volume_unref);
    catalogue->folder = vp_state_directory_find("catalogue", may_write, error);
    if (catalogue->folder == NULL || !vp_state_directory_check_place(catalogue->folder, error))
        return NULL;
    return g_steal_pointer(&catalogue);
}

void
vp_catalogue_free(VpCatalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    vp_catalogue_rollback(catalogue);
    g_ptr_array_unref(catalogue->changes);
    g_free(catalogue->folder);
    g_free(catalogue->damaged);
    g_free(catalogue->uuid);
    g_free(catalogue->target);
    g_free(catalogue);
}

char *
vp_document_path(const VpCatalogue *catalogue, const char *uuid, const char *suffix)
{
    g_autofree char *base = g_strconcat(uuid, suffix, NULL);

    return g_build_filename(catalogue->folder, base, NULL);
}

/* Says in which document it was; one that is damaged can be discarded. */
static gboolean
document_fail(VpCatalogue *catalogue, const char *uuid, GError **error, GError *why)
{
    g_autofree char *path = vp_document_path(catalogue, uuid, VP_DOCUMENT_SUFFIX);

    g_prefix_error(&why, "catalogue %s: ", path);
    if (g_error_matches(why, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID)) {
        g_free(catalogue->damaged);
        catalogue->damaged = g_steal_pointer(&path);
    }
    g_propagate_error(error, why);
    return FALSE;
}

gboolean
vp_document_open(VpCatalogue *catalogue, const char *uuid, VpDocumentReader **out_reader,
                 GError **error)
{
    g_autofree char *path = vp_document_path(catalogue, uuid, VP_DOCUMENT_SUFFIX);
    GError *why = NULL;
    VpSource *source = vp_source_file_open(path, &why);

    *out_reader = source != NULL ? vp_document_reader_new(source, &why) : NULL;
    if (why == NULL)
        return TRUE;
    if (!g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return document_fail(catalogue, uuid, error, why);
    g_error_free(why);
    return TRUE;
}

gboolean
vp_document_walk(VpCatalogue *catalogue, const char *uuid, VpDocumentReader *reader,
                 VpCatalogueFunc func, gpointer user_data, GError **error)
{
    GError *why = NULL;
    VirtProbeVolume *volume;

    while (reader != NULL && (volume = vp_document_reader_next(reader, &why)) != NULL) {
        gboolean may_go_on = func(uuid, volume, user_data);

        virt_probe_volume_unref(volume);
        if (may_go_on)
            continue;
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
        return FALSE;
    }
    return why == NULL || document_fail(catalogue, uuid, error, why);
}

VpCatalogue *
vp_catalogue_open_existing(GError **error)
{
    g_autoptr(GError) why = NULL;
    VpCatalogue *catalogue = vp_catalogue_open(FALSE, &why);

    if (catalogue == NULL && !g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_propagate_error(error, g_steal_pointer(&why));
    return catalogue;
}

gboolean
vp_catalogue_discard(VpCatalogue *catalogue, GError **error)
{
    int lock = vp_directory_lock(catalogue->folder, error);

    if (lock < 0)
        return FALSE;
    if (catalogue->damaged != NULL)
        g_unlink(catalogue->damaged);
    vp_directory_close(lock);
    return TRUE;
}

gboolean
vp_catalogue_get_pool(VpCatalogue *catalogue, const char *uuid, VpCataloguePool *out_pool,
                      GError **error)
{
    g_autoptr(VpDocumentReader) reader = NULL;

    *out_pool = (VpCataloguePool) { 0 };
    if (!vp_document_open(catalogue, uuid, &reader, error))
        return FALSE;
    if (reader != NULL)
        *out_pool = vp_document_reader_head(reader)->pool;
    return TRUE;
}

static gboolean
take_identity(G_GNUC_UNUSED const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    VpFileIdentity identity = vp_known_identity_of(&volume->facts);

    vp_known_writer_add(user_data, volume->facts.name, &identity);
    return TRUE;
}

/* The volumes hold all that identities are made of, so these are not stored once more. */
VpKnown *
vp_catalogue_get_known(VpCatalogue *catalogue, const char *uuid, const char *target, GError **error)
{
    g_autoptr(VpDocumentReader) reader = NULL;
    g_autoptr(GBytes) bytes = NULL;
    GByteArray *writer;
    gboolean is_read;

    if (!vp_document_open(catalogue, uuid, &reader, error))
        return NULL;
    if (reader != NULL && strcmp(vp_document_reader_head(reader)->target, target) != 0)
        return vp_known_new(NULL);
    writer = vp_known_writer_begin();
    is_read = vp_document_walk(catalogue, uuid, reader, take_identity, writer, error);
    bytes = vp_known_writer_end(writer);
    return is_read ? vp_known_new(bytes) : NULL;
}

/* All of a document is read in each refresh, with its checksum. */
gboolean
vp_catalogue_check(G_GNUC_UNUSED VpCatalogue *catalogue, G_GNUC_UNUSED gboolean must_look,
                   gboolean *out_is_touched, G_GNUC_UNUSED GError **error)
{
    *out_is_touched = FALSE;
    return TRUE;
}

G_STATIC_ASSERT(sizeof(VpCataloguePool) == 6 * sizeof(guint64));

static guint64
checksum_of(guint64 checksum, gconstpointer bytes, gsize len)
{
    const VpHashKey key = { 0x9e3779b97f4a7c15, checksum };

    return vp_hash_quick(&key, bytes, len);
}

guint64
vp_document_checksum_add(guint64 checksum, const VirtProbeVolume *volume, GByteArray *room)
{
    const VpVolumeFacts *facts = &volume->facts;

    vp_volume_pack(facts, checksum, room);
    return checksum_of(checksum_of(checksum, room->data, room->len), facts->path,
                       strlen(facts->path));
}

guint64
vp_document_checksum_end(guint64 checksum, const VpDocumentHead *head)
{
    checksum = checksum_of(checksum, &head->pool, sizeof head->pool);
    return checksum_of(checksum, head->target, strlen(head->target));
}

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
    const char *const *first = a;
    const char *const *second = b;

    return strcmp(*first, *second);
}

/* The UUIDs of all pools, in order. NULL with an error. */
static GPtrArray *
list_pools(const VpCatalogue *catalogue, GError **error)
{
    g_autoptr(GDir) folder = g_dir_open(catalogue->folder, 0, error);
    GPtrArray *uuids;
    const char *base;

    if (folder == NULL)
        return NULL;
    uuids = g_ptr_array_new_with_free_func(g_free);
    while ((base = g_dir_read_name(folder)) != NULL) {
        g_autofree char *uuid = NULL;

        if (!g_str_has_suffix(base, VP_DOCUMENT_SUFFIX))
            continue;
        uuid = g_strndup(base, strlen(base) - strlen(VP_DOCUMENT_SUFFIX));
        if (g_uuid_string_is_valid(uuid))
            g_ptr_array_add(uuids, g_steal_pointer(&uuid));
    }
    g_ptr_array_sort(uuids, compare_texts);
    return uuids;
}

/* Passes on only volumes that may need other files. */
typedef struct {
    VpCatalogueFunc func;
    gpointer user_data;
} Overlays;

static gboolean
deliver_overlay(const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    const Overlays *overlays = user_data;

    if (!vp_volume_may_refer(&volume->facts))
        return TRUE;
    return overlays->func(uuid, volume, overlays->user_data);
}

static gboolean
query_pool(VpCatalogue *catalogue, const char *uuid, VpCatalogueFunc func, gpointer user_data,
           GError **error)
{
    g_autoptr(VpDocumentReader) reader = NULL;

    return vp_document_open(catalogue, uuid, &reader, error)
           && vp_document_walk(catalogue, uuid, reader, func, user_data, error);
}

gboolean
vp_catalogue_query(VpCatalogue *catalogue, VpCatalogueQuery query, const char *uuid,
                   VpCatalogueFunc func, gpointer user_data, GError **error)
{
    Overlays overlays = { func, user_data };
    g_autoptr(GPtrArray) uuids = NULL;

    if (query == VP_CATALOGUE_POOL)
        return query_pool(catalogue, uuid, func, user_data, error);
    if (query == VP_CATALOGUE_OVERLAYS) {
        func = deliver_overlay;
        user_data = &overlays;
    }
    uuids = list_pools(catalogue, error);
    for (guint i = 0; uuids != NULL && i < uuids->len; i++) {
        if (!query_pool(catalogue, g_ptr_array_index(uuids, i), func, user_data, error))
            return FALSE;
    }
    return uuids != NULL;
}
