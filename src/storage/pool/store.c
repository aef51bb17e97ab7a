/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store.c: the definitions of pools as files of the configuration directory: storage/NAME.xml. */
#include "storage/pool/catalogue.h"
#include "storage/pool/directories.h"
#include "storage/pool/pool.h"
#include "util/error.h"
#include "util/look.h"
#include "util/source.h"
#include "util/text.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".xml"

char *
vp_pool_store_folder(void)
{
    g_autofree char *directory = vp_config_directory();

    return g_build_filename(directory, "storage", NULL);
}

static char *
pool_file(const char *name)
{
    g_autofree char *folder = vp_pool_store_folder();
    g_autofree char *base = g_strconcat(name, SUFFIX, NULL);

    return g_build_filename(folder, base, NULL);
}

/* Whether nobody else can put definitions there. */
static gboolean
store_check(const char *folder, GError **error)
{
    const char *what = "the configuration directory";
    g_autofree char *directory = vp_config_directory();

    return vp_directory_check_owner(directory, what, error)
           && vp_directory_check_owner(folder, what, error);
}

static VirtProbePool *
pool_load(const char *path, GError **error)
{
    g_autoptr(VirtProbePool) pool = vp_pool_file_load(path, error);
    g_autofree char *base = g_path_get_basename(path);

    if (pool == NULL)
        return NULL;
    pool->is_from_store = TRUE;
    if (g_str_has_prefix(base, pool->name) && strcmp(base + strlen(pool->name), SUFFIX) == 0)
        return g_steal_pointer(&pool);
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                        "the file is not called as the pool in it");
    return NULL;
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    const VirtProbePool *const *first = a;
    const VirtProbePool *const *second = b;

    return strcmp((*first)->name, (*second)->name);
}

/* Keeps the first of several errors, with the file's name before it. */
static void
keep_first(GError **kept, GError *error, const char *path)
{
    g_autofree char *shown = vp_text_escape(path, strlen(path));

    g_prefix_error(&error, "%s: ", shown);
    if (kept != NULL && *kept == NULL)
        g_propagate_error(kept, error);
    else
        g_error_free(error);
}

GPtrArray *
virt_probe_pool_list(GError **error)
{
    GPtrArray *pools = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_pool_unref);
    g_autofree char *folder = vp_pool_store_folder();
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = store_check(folder, &why) ? g_dir_open(folder, 0, &why) : NULL;
    const char *base;

    if (g_error_matches(why, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return pools;
    }
    if (dir == NULL) {
        /* Nobody has defined a pool yet. */
        if (!g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            keep_first(error, g_steal_pointer(&why), folder);
        return pools;
    }
    while ((base = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, base, NULL);
        GError *failure = NULL;
        VirtProbePool *pool;

        if (!g_str_has_suffix(base, SUFFIX))
            continue;
        pool = pool_load(path, &failure);
        if (pool != NULL)
            g_ptr_array_add(pools, pool);
        else
            keep_first(error, failure, path);
    }
    g_ptr_array_sort(pools, compare_names);
    return pools;
}

/* Whether the file that would define the pool is there and cannot be read: then its error is the one that explains why there is
 * no such pool, whatever else is wrong in the directory. */
static gboolean
own_file_is_broken(const char *name, GError **error)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(VirtProbePool) pool = NULL;

    if (!vp_pool_name_check(name, NULL))
        return FALSE;
    path = pool_file(name);
    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        return FALSE;
    pool = pool_load(path, &why);
    if (pool != NULL)
        return FALSE;
    keep_first(error, g_steal_pointer(&why), path);
    return TRUE;
}

VirtProbePool *
virt_probe_pool_find(const char *name, GError **error)
{
    g_autofree char *folder = vp_pool_store_folder();
    g_autoptr(GPtrArray) pools = NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *uuid = NULL;
    g_autofree char *shown = NULL;

    g_return_val_if_fail(name != NULL, NULL);

    if (!store_check(folder, error))
        return NULL;
    uuid = vp_uuid_normalise(name);
    pools = virt_probe_pool_list(&why);
    for (guint i = 0; i < pools->len; i++) {
        VirtProbePool *pool = g_ptr_array_index(pools, i);

        if (strcmp(pool->name, name) == 0 || g_strcmp0(pool->uuid, uuid) == 0)
            return virt_probe_pool_ref(pool);
    }
    if (own_file_is_broken(name, error))
        return NULL;
    shown = vp_text_escape(name, strlen(name));
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no pool \"%s\" is defined%s%s", shown,
                why != NULL ? "; " : "", why != NULL ? why->message : "");
    return NULL;
}

static gboolean
name_check(const VirtProbePool *pool, const VirtProbePool *other, GError **error)
{
    gboolean is_name = strcmp(pool->name, other->name) == 0;
    gboolean is_uuid = strcmp(pool->uuid, other->uuid) == 0;

    if (is_name && !is_uuid)
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT,
                    "pool \"%s\" is defined already, with UUID %s", other->name, other->uuid);
    else if (is_uuid && !is_name)
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT,
                    "pool \"%s\" is defined already with UUID %s", other->name, other->uuid);
    return is_name == is_uuid;
}

typedef struct {
    dev_t device;
    ino_t inode;
} Place;

/* NULL: there is none. */
static gpointer
place_ask(const char *target, G_GNUC_UNUSED gconstpointer data)
{
    struct stat info;
    Place *place;

    if (stat(target, &info) != 0)
        return NULL;
    place = g_new(Place, 1);
    *place = (Place) { info.st_dev, info.st_ino };
    return place;
}

/* Whether two pools have the same directory, whatever their paths look like. What is not there, or does not answer, has only
 * its path. */
static gboolean
target_is_same(const char *target, const Place *place, const char *other, const Place *other_place)
{
    g_autofree char *path = g_canonicalize_filename(target, NULL);
    g_autofree char *other_path = g_canonicalize_filename(other, NULL);

    if (place == NULL || other_place == NULL)
        return strcmp(path, other_path) == 0;
    return place->device == other_place->device && place->inode == other_place->inode;
}

/* The directories of the pools that must not have this one's, after its own: strings. For mount points libvirt asks what is
 * mounted, not where. (transfer full) */
static GPtrArray *
targets_of_others(const VirtProbePool *pool, GPtrArray *pools, GPtrArray *out_others)
{
    GPtrArray *targets = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(targets, g_strdup(pool->target));
    for (guint i = 0; i < pools->len; i++) {
        VirtProbePool *other = g_ptr_array_index(pools, i);

        if (other->backend != pool->backend || pool->backend->is_mount_point
            || strcmp(other->name, pool->name) == 0)
            continue;
        g_ptr_array_add(out_others, other);
        g_ptr_array_add(targets, g_strdup(other->target));
    }
    return targets;
}

static gboolean
targets_check(const VirtProbePool *pool, GPtrArray *pools, GError **error)
{
    static const VpLookKind kind = { place_ask, g_free, TRUE };
    g_autoptr(GPtrArray) others = g_ptr_array_new();
    g_autoptr(GPtrArray) targets = targets_of_others(pool, pools, others);
    g_autofree VpLookAnswer *answers = NULL;
    const VirtProbePool *conflict = NULL;

    if (others->len == 0)
        return TRUE;
    answers = vp_look(&kind, targets, NULL, NULL);
    for (guint i = 0; i < others->len && conflict == NULL; i++) {
        const VirtProbePool *other = g_ptr_array_index(others, i);

        if (target_is_same(pool->target, answers[0].answer, other->target, answers[i + 1].answer))
            conflict = other;
    }
    for (guint i = 0; i < targets->len; i++)
        g_free(answers[i].answer);
    if (conflict != NULL)
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT,
                    "storage source conflict with pool \"%s\", which has the same directory",
                    conflict->name);
    return conflict == NULL;
}

/* Each refresh would change the directory that it has just read. */
static gboolean
state_check(const VirtProbePool *pool, GError **error)
{
    static const VpLookKind kind = { place_ask, g_free, TRUE };
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *state = vp_state_directory();
    g_autofree VpLookAnswer *answers = NULL;
    gboolean is_state = FALSE;

    g_ptr_array_add(paths, g_strdup(pool->target));
    g_ptr_array_add(paths, g_strdup(state));
    g_ptr_array_add(paths, g_build_filename(state, "catalogue", NULL));
    answers = vp_look(&kind, paths, NULL, NULL);
    for (guint i = 1; i < paths->len; i++)
        is_state |= target_is_same(pool->target, answers[0].answer, g_ptr_array_index(paths, i),
                                   answers[i].answer);
    for (guint i = 0; i < paths->len; i++)
        g_free(answers[i].answer);
    if (is_state)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "the state directory, which has the catalogue, cannot be a pool");
    return !is_state;
}

/* Nobody else defines anything meanwhile. */
static gboolean
define_locked(const VirtProbePool *pool, GError **error)
{
    /* A file that cannot be read defines nothing that could be in conflict. */
    g_autoptr(GPtrArray) pools = virt_probe_pool_list(NULL);
    g_autofree char *path = pool_file(pool->name);
    g_autofree char *xml = NULL;

    for (guint i = 0; i < pools->len; i++) {
        if (!name_check(pool, g_ptr_array_index(pools, i), error))
            return FALSE;
    }
    if (!targets_check(pool, pools, error) || !state_check(pool, error))
        return FALSE;
    xml = virt_probe_pool_to_definition_xml(pool);
    return g_file_set_contents_full(
        path, xml, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

gboolean
vp_pool_is_same(const VirtProbePool *pool, const VirtProbePool *other)
{
    return strcmp(pool->name, other->name) == 0
           && (strcmp(pool->uuid, other->uuid) == 0
               || (pool->has_random_uuid && other->has_random_uuid));
}

/* The definition of the pool's name, if it is the pool's. (transfer full) */
static VirtProbePool *
stored_find(const VirtProbePool *pool)
{
    g_autofree char *path = pool_file(pool->name);
    g_autoptr(VirtProbePool) stored = pool_load(path, NULL);

    return stored != NULL && vp_pool_is_same(stored, pool) ? g_steal_pointer(&stored) : NULL;
}

gboolean
vp_pool_is_stored(const VirtProbePool *pool)
{
    g_autoptr(VirtProbePool) stored = stored_find(pool);

    return stored != NULL;
}

gboolean
vp_pool_is_current(const VirtProbePool *pool)
{
    g_autoptr(VirtProbePool) stored = stored_find(pool);

    return stored != NULL && strcmp(stored->target, pool->target) == 0;
}

gboolean
vp_pool_is_gone(const VirtProbePool *pool)
{
    g_autofree char *path = pool_file(pool->name);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) stored = pool_load(path, &error);

    if (stored != NULL)
        return !vp_pool_is_same(stored, pool);
    return g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

gboolean
virt_probe_pool_define(const VirtProbePool *pool, GError **error)
{
    g_autofree char *folder = vp_pool_store_folder();
    gboolean is_defined;
    int lock;

    g_return_val_if_fail(pool != NULL, FALSE);

    if (g_mkdir_with_parents(folder, 0755) != 0) {
        g_autofree char *action =
            g_strdup_printf("cannot make the configuration directory %s", folder);

        vp_error_set_errno(error, errno, action);
        return FALSE;
    }
    if (!store_check(folder, error))
        return FALSE;
    if (access(folder, W_OK) != 0) {
        vp_error_set_errno(error, errno, "cannot write the definition");
        return FALSE;
    }
    lock = vp_directory_lock(folder, error);
    if (lock < 0)
        return FALSE;
    is_defined = define_locked(pool, error);
    vp_directory_close(lock);
    return is_defined;
}

/* What the catalogue holds of a pool is given up with it. One that is damaged holds nothing that anybody could read. */
static gboolean
forget_volumes(const VirtProbePool *pool, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(VpCatalogue) catalogue = vp_catalogue_open_existing(&why);

    if (catalogue != NULL)
        vp_catalogue_forget(catalogue, pool->uuid, &why);
    if (why == NULL || g_error_matches(why, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

/* Whether the file still defines this pool. */
static gboolean
is_still_defined(const VirtProbePool *pool, const char *path, GError **error)
{
    g_autoptr(VirtProbePool) stored = pool_load(path, error);

    if (stored == NULL) {
        g_prefix_error(error, "cannot remove the definition: ");
        return FALSE;
    }
    if (vp_pool_is_same(stored, pool))
        return TRUE;
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT,
                "pool \"%s\" is defined with UUID %s now", stored->name, stored->uuid);
    return FALSE;
}

/* Nobody else defines anything meanwhile. */
static gboolean
undefine_locked(const VirtProbePool *pool, GError **error)
{
    g_autofree char *path = pool_file(pool->name);

    /* What the catalogue holds goes first: as long as that fails the pool is there, and it can be tried again. */
    if (!is_still_defined(pool, path, error) || !forget_volumes(pool, error))
        return FALSE;
    if (g_unlink(path) != 0) {
        vp_error_set_errno(error, errno, "cannot remove the definition");
        return FALSE;
    }
    /* Again, because a refresh may have written between the two. From now on none does. */
    return forget_volumes(pool, error);
}

gboolean
virt_probe_pool_undefine(const VirtProbePool *pool, GError **error)
{
    g_autofree char *folder = vp_pool_store_folder();
    gboolean is_gone;
    int lock;

    g_return_val_if_fail(pool != NULL, FALSE);

    if (!store_check(folder, error))
        return FALSE;
    lock = vp_directory_lock(folder, error);
    if (lock < 0)
        return FALSE;
    is_gone = undefine_locked(pool, error);
    vp_directory_close(lock);
    return is_gone;
}
