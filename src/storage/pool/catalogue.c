/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue.c: reading and changing what the catalogue holds of pools. */
#include "storage/pool/catalogue.h"

#include "storage/pool/catalogue-database.h"
#include "storage/pool/volume-pack.h"
#include "util/hash.h"
#include "virtprobe/error.h"

#include <string.h>

/* The statement, ready to be bound. NULL with an error. */
static sqlite3_stmt *
statement_get(VpCatalogue *catalogue, VpStatement statement, GError **error)
{
    sqlite3_stmt **slot = &catalogue->statements[statement];

    if (*slot == NULL) {
        g_autofree char *sql = vp_sql_statement(statement);

        if (sqlite3_prepare_v3(catalogue->database, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL)
            != SQLITE_OK) {
            vp_database_fail(catalogue, error);
            return NULL;
        }
    }
    return *slot;
}

/* The same with a pool's UUID bound, which must stay valid. */
static sqlite3_stmt *
statement_for_uuid(VpCatalogue *catalogue, VpStatement statement, const char *uuid, GError **error)
{
    sqlite3_stmt *prepared = statement_get(catalogue, statement, error);

    if (prepared != NULL)
        sqlite3_bind_text(prepared, 1, uuid, -1, SQLITE_STATIC);
    return prepared;
}

/* The same with the pool bound that is being changed. */
static sqlite3_stmt *
statement_for_pool(VpCatalogue *catalogue, VpStatement statement, GError **error)
{
    sqlite3_stmt *prepared = statement_get(catalogue, statement, error);

    if (prepared != NULL)
        sqlite3_bind_int64(prepared, 1, catalogue->pool);
    return prepared;
}

static gboolean
step_to_end(VpCatalogue *catalogue, sqlite3_stmt *statement, GError **error)
{
    int code = sqlite3_step(statement);

    sqlite3_reset(statement);
    return code == SQLITE_DONE || vp_database_fail(catalogue, error);
}

gboolean
vp_database_set_spoiled(GError **error)
{
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                        "catalogue is damaged; a refresh with --force repairs it");
    return FALSE;
}

const char *
vp_database_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *) sqlite3_column_text(statement, column);

    return text != NULL ? text : "";
}

G_STATIC_ASSERT(sizeof(VpCataloguePool) == 6 * sizeof(guint64));

static gint64
pool_checksum(const VpCataloguePool *pool, const char *uuid, const char *target)
{
    VpHashKey key = { 0x9e3779b97f4a7c15, 0 };

    key.high = vp_hash_quick(&key, uuid, strlen(uuid));
    key.high = vp_hash_quick(&key, target, strlen(target));
    return (gint64) vp_hash_quick(&key, pool, sizeof *pool);
}

gboolean
vp_database_take_pool(sqlite3_stmt *statement, VpCataloguePool *out_pool)
{
    gint64 checksum = sqlite3_column_int64(statement, 6);

    *out_pool = (VpCataloguePool) {
        .generation = (guint64) sqlite3_column_int64(statement, 1),
        .volumes = (guint64) sqlite3_column_int64(statement, 2),
        .capacity = (guint64) sqlite3_column_int64(statement, 3),
        .allocation = (guint64) sqlite3_column_int64(statement, 4),
        .refreshed = sqlite3_column_int64(statement, 5),
        .directory_listed = sqlite3_column_int64(statement, 9),
    };
    /* One that was only begun has none. */
    if (out_pool->generation == 0)
        return checksum == 0 && out_pool->volumes == 0;
    return checksum
           == pool_checksum(out_pool, vp_database_text(statement, 8),
                            vp_database_text(statement, 7));
}

/* out_id: its number, 0 when it is not there. */
static gboolean
pool_find(VpCatalogue *catalogue, const char *uuid, gint64 *out_id, VpCataloguePool *out_pool,
          GError **error)
{
    sqlite3_stmt *statement = statement_for_uuid(catalogue, VP_STATEMENT_GET_POOL, uuid, error);
    gboolean is_sound = TRUE;
    int code;

    *out_pool = (VpCataloguePool) { 0 };
    *out_id = 0;
    if (statement == NULL)
        return FALSE;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *out_id = sqlite3_column_int64(statement, 0);
        is_sound = vp_database_take_pool(statement, out_pool)
                   && strcmp(vp_database_text(statement, 8), uuid) == 0;
    }
    sqlite3_reset(statement);
    if (!is_sound)
        return vp_database_set_spoiled(error);
    return code == SQLITE_ROW || code == SQLITE_DONE || vp_database_fail(catalogue, error);
}

gboolean
vp_catalogue_get_pool(VpCatalogue *catalogue, const char *uuid, VpCataloguePool *out_pool,
                      GError **error)
{
    gint64 id;

    return pool_find(catalogue, uuid, &id, out_pool, error);
}

VpKnown *
vp_catalogue_get_known(VpCatalogue *catalogue, const char *uuid, const char *target, GError **error)
{
    sqlite3_stmt *statement = statement_for_uuid(catalogue, VP_STATEMENT_GET_KNOWN, uuid, error);
    g_autoptr(GBytes) bytes = NULL;
    int code;

    if (statement == NULL)
        return NULL;
    sqlite3_bind_blob(statement, 2, target, (int) strlen(target), SQLITE_STATIC);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        bytes = g_bytes_new(sqlite3_column_blob(statement, 0),
                            (gsize) sqlite3_column_bytes(statement, 0));
    sqlite3_reset(statement);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return vp_known_new(bytes);
    vp_database_fail(catalogue, error);
    return NULL;
}

/* Finds the pool's number; it gets one when it has none. */
static gboolean
pool_need(VpCatalogue *catalogue, const char *uuid, VpCataloguePool *out_pool, GError **error)
{
    sqlite3_stmt *statement;

    if (!pool_find(catalogue, uuid, &catalogue->pool, out_pool, error))
        return FALSE;
    if (catalogue->pool != 0)
        return TRUE;
    statement = statement_for_uuid(catalogue, VP_STATEMENT_ADD_POOL, uuid, error);
    if (statement == NULL || !step_to_end(catalogue, statement, error))
        return FALSE;
    catalogue->pool = sqlite3_last_insert_rowid(catalogue->database);
    return TRUE;
}

gboolean
vp_catalogue_begin(VpCatalogue *catalogue, const char *uuid, const char *target, guint64 generation,
                   GError **error)
{
    VpCataloguePool pool;

    if (!vp_database_execute(catalogue, VP_SQL_BEGIN, error))
        return FALSE;
    g_free(catalogue->uuid);
    catalogue->uuid = g_strdup(uuid);
    g_free(catalogue->target);
    catalogue->target = g_strdup(target);
    catalogue->generation = generation;
    catalogue->knows_sums = FALSE;
    catalogue->directory_listed = 0;
    if (!pool_need(catalogue, uuid, &pool, error)) {
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

void
vp_catalogue_drop_pending(VpCatalogue *catalogue)
{
    for (guint i = 0; i < G_N_ELEMENTS(catalogue->pending); i++) {
        g_clear_pointer(&catalogue->pending[i].volume, virt_probe_volume_unref);
        g_clear_pointer(&catalogue->pending[i].facts, g_byte_array_unref);
    }
    catalogue->n_pending = 0;
}

/* A sum ends at 2^63-1; numbers above that, and those that are not known, are left out. */
static guint64
sum_of(guint64 sum, guint64 number)
{
    return number <= G_MAXINT64 ? MIN(sum + number, G_MAXINT64) : sum;
}

/* Only what the state ok vouches for has a capacity that counts. */
static void
add_to_sums(VpCatalogue *catalogue, const VpVolumeFacts *facts)
{
    catalogue->volumes++;
    if (strcmp(facts->state, "ok") == 0)
        catalogue->capacity = sum_of(catalogue->capacity, facts->capacity);
    catalogue->allocation = sum_of(catalogue->allocation, facts->allocation);
}

static void
bind_volume(sqlite3_stmt *statement, int place, const VpPendingVolume *pending)
{
    const char *name = pending->volume->facts.name;

    sqlite3_bind_blob(statement, place, name, (int) strlen(name), SQLITE_STATIC);
    sqlite3_bind_blob(statement, place + 1, pending->facts->data, (int) pending->facts->len,
                      SQLITE_STATIC);
}

/* Puts so many of those that wait, from the one with that number on. */
static gboolean
put_pending(VpCatalogue *catalogue, VpStatement which, guint first, guint count, GError **error)
{
    sqlite3_stmt *statement = statement_for_pool(catalogue, which, error);

    if (statement == NULL)
        return FALSE;
    for (guint i = 0; i < count; i++)
        bind_volume(statement, (int) (2 + i * VP_SQL_PUT_COLUMNS), &catalogue->pending[first + i]);
    return step_to_end(catalogue, statement, error);
}

/* Puts all that wait. */
static gboolean
flush_pending(VpCatalogue *catalogue, GError **error)
{
    const guint count = catalogue->n_pending;

    catalogue->n_pending = 0;
    if (count == VP_SQL_PUT_MANY)
        return put_pending(catalogue, VP_STATEMENT_PUT_MANY, 0, count, error);
    for (guint i = 0; i < count; i++) {
        if (!put_pending(catalogue, VP_STATEMENT_PUT, i, 1, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vp_catalogue_put(VpCatalogue *catalogue, VirtProbeVolume *volume, GError **error)
{
    VpPendingVolume *pending = &catalogue->pending[catalogue->n_pending++];

    g_clear_pointer(&pending->volume, virt_probe_volume_unref);
    pending->volume = virt_probe_volume_ref(volume);
    if (pending->facts == NULL)
        pending->facts = g_byte_array_new();
    vp_volume_pack(&volume->facts, (guint64) catalogue->pool, pending->facts);
    add_to_sums(catalogue, &volume->facts);
    return catalogue->n_pending < VP_SQL_PUT_MANY || flush_pending(catalogue, error);
}

void
vp_catalogue_set_listed(VpCatalogue *catalogue, gint64 directory_listed)
{
    catalogue->directory_listed = directory_listed;
}

gboolean
vp_catalogue_drop(VpCatalogue *catalogue, const char *name, GError **error)
{
    sqlite3_stmt *statement = statement_for_pool(catalogue, VP_STATEMENT_DROP, error);

    catalogue->knows_sums = FALSE;
    if (statement == NULL || !flush_pending(catalogue, error))
        return FALSE;
    sqlite3_bind_blob(statement, 2, name, (int) strlen(name), SQLITE_STATIC);
    return step_to_end(catalogue, statement, error);
}

/* FALSE: the row is damaged. */
static gboolean
sums_take_row(VpCatalogue *catalogue, sqlite3_stmt *statement)
{
    const guint8 *bytes = sqlite3_column_blob(statement, 1);
    gsize len = (gsize) sqlite3_column_bytes(statement, 1);
    VpVolumeFacts facts;

    if (!vp_volume_unpack(bytes, len, (guint64) catalogue->pool, vp_database_text(statement, 0),
                          &facts))
        return FALSE;
    add_to_sums(catalogue, &facts);
    return TRUE;
}

/* Counts the volumes that the pool has now, and adds them up. */
static gboolean
sums_make(VpCatalogue *catalogue, GError **error)
{
    sqlite3_stmt *statement = statement_for_pool(catalogue, VP_STATEMENT_GET_VOLUMES, error);
    gboolean is_sound = TRUE;
    int code = SQLITE_DONE;

    if (statement == NULL)
        return FALSE;
    catalogue->volumes = catalogue->capacity = catalogue->allocation = 0;
    while (is_sound && (code = sqlite3_step(statement)) == SQLITE_ROW)
        is_sound = sums_take_row(catalogue, statement);
    sqlite3_reset(statement);
    if (!is_sound)
        return vp_database_set_spoiled(error);
    return code == SQLITE_DONE || vp_database_fail(catalogue, error);
}

static gboolean
sums_get(VpCatalogue *catalogue, VpCataloguePool *out_pool, GError **error)
{
    if (!catalogue->knows_sums && !sums_make(catalogue, error))
        return FALSE;
    *out_pool = (VpCataloguePool) {
        .generation = vp_generation_next(catalogue->generation),
        .volumes = catalogue->volumes,
        .capacity = catalogue->capacity,
        .allocation = catalogue->allocation,
        .refreshed = g_get_real_time() * 1000,
        .directory_listed = catalogue->directory_listed,
    };
    return TRUE;
}

static void
bind_pool(VpCatalogue *catalogue, sqlite3_stmt *statement, const VpCataloguePool *pool)
{
    sqlite3_bind_int64(statement, 2, (gint64) pool->generation);
    sqlite3_bind_int64(statement, 3, (gint64) pool->volumes);
    sqlite3_bind_int64(statement, 4, (gint64) pool->capacity);
    sqlite3_bind_int64(statement, 5, (gint64) pool->allocation);
    sqlite3_bind_int64(statement, 6, pool->refreshed);
    sqlite3_bind_blob(statement, 8, catalogue->target, (int) strlen(catalogue->target),
                      SQLITE_STATIC);
    sqlite3_bind_int64(statement, 10, pool->directory_listed);
    sqlite3_bind_int64(statement, 9, pool_checksum(pool, catalogue->uuid, catalogue->target));
}

gboolean
vp_database_get_newest(VpCatalogue *catalogue, gint64 *out_newest, GError **error)
{
    sqlite3_stmt *statement = statement_get(catalogue, VP_STATEMENT_NEWEST, error);
    int code;

    if (statement == NULL)
        return FALSE;
    code = sqlite3_step(statement);
    *out_newest = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return code == SQLITE_ROW || vp_database_fail(catalogue, error);
}

gboolean
vp_catalogue_commit(VpCatalogue *catalogue, GBytes *known, GError **error)
{
    sqlite3_stmt *statement = statement_for_pool(catalogue, VP_STATEMENT_SET_POOL, error);
    VpCataloguePool pool;
    gint64 newest;

    if (statement == NULL || !flush_pending(catalogue, error) || !sums_get(catalogue, &pool, error))
        return FALSE;
    /* Rows that nobody has put or dropped. */
    if (g_bytes_get_size(known) > 0 && pool.volumes != vp_known_count(known))
        return vp_database_set_spoiled(error);
    bind_pool(catalogue, statement, &pool);
    sqlite3_bind_blob64(statement, 7, g_bytes_get_data(known, NULL), g_bytes_get_size(known),
                        SQLITE_STATIC);
    if (!step_to_end(catalogue, statement, error)
        || !vp_database_get_newest(catalogue, &newest, error)
        || !vp_database_execute(catalogue, VP_SQL_COMMIT, error))
        return FALSE;
    vp_database_stamp(catalogue, newest);
    return TRUE;
}

void
vp_catalogue_rollback(VpCatalogue *catalogue)
{
    catalogue->n_pending = 0;
    sqlite3_exec(catalogue->database, VP_SQL_ROLLBACK, NULL, NULL, NULL);
}

gboolean
vp_catalogue_drop_all(VpCatalogue *catalogue, GError **error)
{
    sqlite3_stmt *statement = statement_for_pool(catalogue, VP_STATEMENT_FORGET_VOLUMES, error);

    catalogue->knows_sums = TRUE;
    catalogue->volumes = catalogue->capacity = catalogue->allocation = 0;
    return statement != NULL && step_to_end(catalogue, statement, error);
}

/* With a transaction. */
static gboolean
forget(VpCatalogue *catalogue, const char *uuid, GError **error)
{
    VpCataloguePool pool;
    sqlite3_stmt *statement = statement_for_uuid(catalogue, VP_STATEMENT_FORGET_POOL, uuid, error);

    return statement != NULL && pool_find(catalogue, uuid, &catalogue->pool, &pool, error)
           && vp_catalogue_drop_all(catalogue, error) && step_to_end(catalogue, statement, error);
}

gboolean
vp_catalogue_forget(VpCatalogue *catalogue, const char *uuid, GError **error)
{
    if (!vp_database_execute(catalogue, VP_SQL_BEGIN, error))
        return FALSE;
    if (forget(catalogue, uuid, error))
        return vp_database_execute(catalogue, VP_SQL_COMMIT, error);
    vp_catalogue_rollback(catalogue);
    return FALSE;
}
