/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue.h: what the last refresh of each pool found, kept so that it can always be made again: in an SQLite database
 * (catalogue.c), or in files where a build has no SQLite (catalogue-files.c). */
#pragma once

#include "storage/pool/known.h"
#include "storage/pool/volume.h"

typedef struct VpCatalogue VpCatalogue;

/* What the catalogue holds of a pool as a whole. */
typedef struct {
    guint64
        generation; /* another one after each change, see vp_generation_next(); 0: the pool was never refreshed */
    guint64 volumes;
    guint64 capacity;   /* sum over the volumes, bytes */
    guint64 allocation; /* the same */
    gint64 refreshed;   /* when the last change was written, nanoseconds since 1970 UTC */
    gint64
        directory_listed; /* when names in the directory had changed before it was listed, the same; 0: not known for certain */
} VpCataloguePool;

/* The generation after one. The first one of a pool is drawn, because a pool that was forgotten and is defined again must not
 * come to one that an old refresh of it still has in mind. */
static inline guint64
vp_generation_next(guint64 generation)
{
    if (generation != 0)
        return generation + 1;
    return ((guint64) g_random_int() << 30 | g_random_int() >> 2) + 1;
}

/* Opens the catalogue of the state directory; both are made when they are to be written. A catalogue that cannot be
 * used any more (another version, damaged) is made anew, because refreshes fill it again. NULL with G_FILE_ERROR_NOENT
 * when it is only to be read and there is none yet; VIRT_PROBE_ERROR_REFUSED on a network filesystem. (transfer full) */
VpCatalogue *vp_catalogue_open(gboolean may_write, GError **error);

/* The catalogue to be read; NULL without an error when there is none yet. (transfer full) */
VpCatalogue *vp_catalogue_open_existing(GError **error);
void vp_catalogue_free(VpCatalogue *catalogue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpCatalogue, vp_catalogue_free)

/* Throws away what VIRT_PROBE_ERROR_INVALID has called damaged: everything, or a file of a pool. */
gboolean vp_catalogue_discard(VpCatalogue *catalogue, GError **error);

/* Looks for damage that would be believed, if anything but a commit has changed the file since, or must_look. FALSE with
 * VIRT_PROBE_ERROR_INVALID. *out_is_touched: something has; a commit ends that. */
gboolean vp_catalogue_check(VpCatalogue *catalogue, gboolean must_look, gboolean *out_is_touched,
                            GError **error);

/* What is known of a pool; all zero when it was never refreshed. */
gboolean vp_catalogue_get_pool(VpCatalogue *catalogue, const char *uuid, VpCataloguePool *out_pool,
                               GError **error);

/* The identities of its files; empty when it was never refreshed, or had another directory. (transfer full) */
VpKnown *vp_catalogue_get_known(VpCatalogue *catalogue, const char *uuid, const char *target,
                                GError **error);

/* Begins to change a pool. Nothing is seen by others before the commit. FALSE with VIRT_PROBE_ERROR_CONFLICT when its
 * generation is not the one given: somebody else has changed it meanwhile. */
gboolean vp_catalogue_begin(VpCatalogue *catalogue, const char *uuid, const char *target,
                            guint64 generation, GError **error);
/* Adds a volume or replaces the one of that name. Its path is its name in the pool's directory. */
gboolean vp_catalogue_put(VpCatalogue *catalogue, VirtProbeVolume *volume, GError **error);
/* Takes away the volumes of that name. */
gboolean vp_catalogue_drop(VpCatalogue *catalogue, const char *name, GError **error);
/* Takes away all volumes of the pool. Those that are put then have different names. */
gboolean vp_catalogue_drop_all(VpCatalogue *catalogue, GError **error);
/* Notes when names in the directory had last changed before it was listed; 0: that is not certain. Between begin and commit. */
void vp_catalogue_set_listed(VpCatalogue *catalogue, gint64 directory_listed);
/* Ends the change. known: the identities of all files now. */
gboolean vp_catalogue_commit(VpCatalogue *catalogue, GBytes *known, GError **error);
void vp_catalogue_rollback(VpCatalogue *catalogue);

/* Forgets a pool. */
gboolean vp_catalogue_forget(VpCatalogue *catalogue, const char *uuid, GError **error);

/* Which volumes are asked for. */
typedef enum {
    VP_CATALOGUE_POOL,       /* all of a pool, by name; text: its UUID */
    VP_CATALOGUE_OVERLAYS,   /* of all pools, those that may need another file */
    VP_CATALOGUE_EVERYTHING, /* of all pools */
    VP_CATALOGUE_QUERY_COUNT,
} VpCatalogueQuery;

/* uuid: of the volume's pool. FALSE stops. */
typedef gboolean (*VpCatalogueFunc)(const char *uuid, VirtProbeVolume *volume, gpointer user_data);

gboolean vp_catalogue_query(VpCatalogue *catalogue, VpCatalogueQuery query, const char *uuid,
                            VpCatalogueFunc func, gpointer user_data, GError **error);
