/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-files-change.c: changing the document of a pool. A change is collected in memory; its commit merges it with the
 * document into a new file, which takes the old one's place: there always is a whole one. */
#include "storage/pool/catalogue-files.h"
#include "storage/pool/volume-sort.h"
#include "util/error.h"
#include "virtprobe/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

gboolean
vp_catalogue_begin(VpCatalogue *catalogue, const char *uuid, const char *target, guint64 generation,
                   GError **error)
{
    VpCataloguePool pool;

    catalogue->lock = vp_directory_lock(catalogue->folder, error);
    if (catalogue->lock < 0)
        return FALSE;
    g_free(catalogue->uuid);
    catalogue->uuid = g_strdup(uuid);
    g_free(catalogue->target);
    catalogue->target = g_strdup(target);
    catalogue->generation = generation;
    catalogue->directory_listed = 0;
    catalogue->is_all_dropped = FALSE;
    if (!vp_catalogue_get_pool(catalogue, uuid, &pool, error)) {
        vp_catalogue_rollback(catalogue);
        return FALSE;
    }
    if (pool.generation == generation)
        return TRUE;
    vp_catalogue_rollback(catalogue);
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT,
                        "another refresh has changed the catalogue meanwhile");
    return FALSE;
}

gboolean
vp_catalogue_put(VpCatalogue *catalogue, VirtProbeVolume *volume, G_GNUC_UNUSED GError **error)
{
    g_ptr_array_add(catalogue->changes, virt_probe_volume_ref(volume));
    return TRUE;
}

gboolean
vp_catalogue_drop(VpCatalogue *catalogue, const char *name, G_GNUC_UNUSED GError **error)
{
    VpVolumeFacts facts;

    vp_volume_facts_init(&facts);
    facts.name = name;
    g_ptr_array_add(catalogue->changes, vp_volume_new(&facts));
    return TRUE;
}

gboolean
vp_catalogue_drop_all(VpCatalogue *catalogue, G_GNUC_UNUSED GError **error)
{
    g_ptr_array_set_size(catalogue->changes, 0);
    catalogue->is_all_dropped = TRUE;
    return TRUE;
}

void
vp_catalogue_set_listed(VpCatalogue *catalogue, gint64 directory_listed)
{
    catalogue->directory_listed = directory_listed;
}

static gboolean
has_same_name(const VirtProbeVolume *volume, const VirtProbeVolume *other)
{
    return strcmp(volume->facts.name, other->facts.name) == 0;
}

/* The document as it was, and what is done to it. */
typedef struct {
    VpDocumentWriter *writer;
    const GPtrArray *changes; /* by name */
    guint next;               /* of them */
} Merge;

/* Writes the changes up to a name; NULL: all. Gives TRUE when one of them is about the volume of that name. Of several about
 * the same the last one counts. */
static gboolean
merge_changes(Merge *merge, const char *name)
{
    gint order = -1;

    for (; merge->next < merge->changes->len; merge->next++) {
        const VirtProbeVolume *volume = g_ptr_array_index(merge->changes, merge->next);

        order = name != NULL ? strcmp(volume->facts.name, name) : -1;
        if (order > 0)
            break;
        if (merge->next + 1 < merge->changes->len
            && has_same_name(volume, g_ptr_array_index(merge->changes, merge->next + 1)))
            continue;
        if (volume->facts.path != NULL)
            vp_document_writer_add(merge->writer, volume);
        if (order < 0)
            continue;
        merge->next++;
        return TRUE;
    }
    return FALSE;
}

static gboolean
merge_volume(G_GNUC_UNUSED const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    Merge *merge = user_data;

    if (!merge_changes(merge, volume->facts.name))
        vp_document_writer_add(merge->writer, volume);
    return TRUE;
}

static gboolean
write_document(VpCatalogue *catalogue, const char *path, GError **error)
{
    g_autoptr(VpDocumentReader) reader = NULL;
    g_autoptr(VpDocumentWriter) writer = NULL;
    Merge merge = { .changes = catalogue->changes };

    if (!catalogue->is_all_dropped && !vp_document_open(catalogue, catalogue->uuid, &reader, error))
        return FALSE;
    /* Of somebody who was killed. */
    g_unlink(path);
    writer = vp_document_writer_new(path, catalogue->target,
                                    vp_generation_next(catalogue->generation), error);
    if (writer == NULL)
        return FALSE;
    merge.writer = writer;
    vp_document_writer_set_listed(writer, catalogue->directory_listed);
    vp_volumes_sort(catalogue->changes);
    if (!vp_document_walk(catalogue, catalogue->uuid, reader, merge_volume, &merge, error))
        return FALSE;
    merge_changes(&merge, NULL);
    return vp_document_writer_finish(writer, error);
}

/* known is not needed: vp_catalogue_get_known() makes it of the volumes. */
gboolean
vp_catalogue_commit(VpCatalogue *catalogue, G_GNUC_UNUSED GBytes *known, GError **error)
{
    g_autofree char *path = vp_document_path(catalogue, catalogue->uuid, VP_DOCUMENT_NEW_SUFFIX);
    g_autofree char *place = vp_document_path(catalogue, catalogue->uuid, VP_DOCUMENT_SUFFIX);

    if (!write_document(catalogue, path, error)) {
        g_unlink(path);
        return FALSE;
    }
    if (g_rename(path, place) != 0) {
        vp_error_set_errno(error, errno, "cannot replace the catalogue");
        g_unlink(path);
        return FALSE;
    }
    vp_catalogue_rollback(catalogue);
    return TRUE;
}

void
vp_catalogue_rollback(VpCatalogue *catalogue)
{
    g_ptr_array_set_size(catalogue->changes, 0);
    if (catalogue->lock >= 0)
        vp_directory_close(catalogue->lock);
    catalogue->lock = -1;
}

gboolean
vp_catalogue_forget(VpCatalogue *catalogue, const char *uuid, GError **error)
{
    g_autofree char *path = vp_document_path(catalogue, uuid, VP_DOCUMENT_SUFFIX);
    g_autofree char *new_path = vp_document_path(catalogue, uuid, VP_DOCUMENT_NEW_SUFFIX);
    int lock = vp_directory_lock(catalogue->folder, error);
    int saved_errno;

    if (lock < 0)
        return FALSE;
    g_unlink(new_path);
    saved_errno = g_unlink(path) == 0 ? 0 : errno;
    vp_directory_close(lock);
    if (saved_errno == 0 || saved_errno == ENOENT)
        return TRUE;
    vp_error_set_errno(error, saved_errno, "cannot remove what the catalogue holds of the pool");
    return FALSE;
}
