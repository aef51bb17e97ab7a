/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue.c: reading and changing what the catalogue holds of pools. */
#include "storage/pool/catalogue.h"

#include "storage/pool/catalogue-database.h"
#include "storage/pool/volume-pack.h"
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

/* out_id: its number, 0 when it is not there. */
static gboolean
pool_find(VpCatalogue *catalogue, const char *uuid, gint64 *out_id, VpCataloguePool *out_pool,
          GError **error)
{
    sqlite3_stmt *statement = statement_for_uuid(catalogue, VP_STATEMENT_GET_POOL, uuid, error);
    int code;

    *out_pool = (VpCataloguePool) { 0 };
    *out_id = 0;
    if (statement == NULL)
        return FALSE;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *out_id = sqlite3_column_int64(statement, 0);
        *out_pool = (VpCataloguePool) {
            .generation = (guint64) sqlite3_column_int64(statement, 1),
            .volumes = (guint64) sqlite3_column_int64(statement, 2),
            .capacity = (guint64) sqlite3_column_int64(statement, 3),
            .allocation = (guint64) sqlite3_column_int64(statement, 4),
            .refreshed = sqlite3_column_int64(statement, 5),
        };
    }
    sqlite3_reset(statement);
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
    g_free(catalogue->target);
    catalogue->target = g_strdup(target);
    catalogue->generation = generation;
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

/* Numbers above 2^63-1 are left out of sums. */
static void
bind_number(sqlite3_stmt *statement, int place, guint64 number, gboolean is_known)
{
    if (is_known && number <= G_MAXINT64)
        sqlite3_bind_int64(statement, place, (gint64) number);
    else
        sqlite3_bind_null(statement, place);
}

static void
bind_volume(sqlite3_stmt *statement, int place, const VpPendingVolume *pending)
{
    const VpVolumeFacts *facts = &pending->volume->facts;
    gboolean is_ok = strcmp(facts->state, "ok") == 0;
    gboolean refers = facts->backing != NULL || facts->data_file != NULL;

    sqlite3_bind_blob(statement, place, facts->name, (int) strlen(facts->name), SQLITE_STATIC);
    bind_number(statement, place + 1, facts->capacity, is_ok);
    bind_number(statement, place + 2, facts->allocation, TRUE);
    bind_number(statement, place + 3, 1, refers);
    sqlite3_bind_blob(statement, place + 4, pending->facts->data, (int) pending->facts->len,
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
    vp_volume_pack(&volume->facts, pending->facts);
    return catalogue->n_pending < VP_SQL_PUT_MANY || flush_pending(catalogue, error);
}

gboolean
vp_catalogue_drop(VpCatalogue *catalogue, const char *name, GError **error)
{
    sqlite3_stmt *statement = statement_for_pool(catalogue, VP_STATEMENT_DROP, error);

    if (statement == NULL || !flush_pending(catalogue, error))
        return FALSE;
    sqlite3_bind_blob(statement, 2, name, (int) strlen(name), SQLITE_STATIC);
    return step_to_end(catalogue, statement, error);
}

/* A sum that SQLite has made of its upper and lower 32 bits; at most 2^63-1. */
static gint64
column_sum(sqlite3_stmt *statement, int column)
{
    guint64 low = (guint64) sqlite3_column_int64(statement, column + 1);
    guint64 high = (guint64) sqlite3_column_int64(statement, column) + (low >> 32);

    return high > G_MAXINT32 ? G_MAXINT64 : (gint64) (high << 32 | (low & G_MAXUINT32));
}

/* Binds the sums of the pool's volumes to the statement that stores them. */
static gboolean
bind_sums(VpCatalogue *catalogue, sqlite3_stmt *statement, GError **error)
{
    sqlite3_stmt *sums = statement_for_pool(catalogue, VP_STATEMENT_SUM, error);

    if (sums == NULL)
        return FALSE;
    if (sqlite3_step(sums) != SQLITE_ROW)
        return vp_database_fail(catalogue, error);
    sqlite3_bind_int64(statement, 2, (gint64) vp_generation_next(catalogue->generation));
    sqlite3_bind_int64(statement, 3, sqlite3_column_int64(sums, 0));
    sqlite3_bind_int64(statement, 4, column_sum(sums, 1));
    sqlite3_bind_int64(statement, 5, column_sum(sums, 3));
    sqlite3_reset(sums);
    return TRUE;
}

gboolean
vp_catalogue_commit(VpCatalogue *catalogue, GBytes *known, GError **error)
{
    sqlite3_stmt *statement = statement_for_pool(catalogue, VP_STATEMENT_SET_POOL, error);

    if (statement == NULL || !flush_pending(catalogue, error)
        || !bind_sums(catalogue, statement, error))
        return FALSE;
    sqlite3_bind_int64(statement, 6, g_get_real_time() * 1000);
    sqlite3_bind_blob64(statement, 7, g_bytes_get_data(known, NULL), g_bytes_get_size(known),
                        SQLITE_STATIC);
    sqlite3_bind_blob(statement, 8, catalogue->target, (int) strlen(catalogue->target),
                      SQLITE_STATIC);
    return step_to_end(catalogue, statement, error)
           && vp_database_execute(catalogue, VP_SQL_COMMIT, error);
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

/* Text or bytes of a column, with a NUL behind them; "" for NULL. */
static const char *
column_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *) sqlite3_column_text(statement, column);

    return text != NULL ? text : "";
}

/* What became of a row. */
typedef enum {
    ROW_TAKEN,
    ROW_STOPS,   /* func wants no more */
    ROW_SPOILED, /* nobody of ours has written it */
} RowFate;

/* path: room for the volume's path. */
static RowFate
row_deliver(sqlite3_stmt *statement, GString *path, VpCatalogueFunc func, gpointer user_data)
{
    g_autoptr(VirtProbeVolume) volume = NULL;
    const char *name = column_text(statement, 2);
    const guint8 *bytes = sqlite3_column_blob(statement, 3);
    gsize len = (gsize) sqlite3_column_bytes(statement, 3);
    VpVolumeFacts facts;

    if (name[0] == '\0' || !vp_volume_unpack(bytes, len, &facts))
        return ROW_SPOILED;
    g_string_assign(path, column_text(statement, 1));
    if (path->len > 0 && path->str[path->len - 1] != '/')
        g_string_append_c(path, '/');
    g_string_append(path, name);
    facts.name = name;
    facts.path = path->str;
    volume = vp_volume_new(&facts);
    return func(column_text(statement, 0), volume, user_data) ? ROW_TAKEN : ROW_STOPS;
}

gboolean
vp_catalogue_query(VpCatalogue *catalogue, VpCatalogueQuery query, const char *uuid,
                   VpCatalogueFunc func, gpointer user_data, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);
    sqlite3_stmt *statement = NULL;
    RowFate fate = ROW_TAKEN;
    int code;

    if (sqlite3_prepare_v2(catalogue->database, vp_sql_query(query), -1, &statement, NULL)
        != SQLITE_OK)
        return vp_database_fail(catalogue, error);
    if (uuid != NULL)
        sqlite3_bind_text(statement, 1, uuid, -1, SQLITE_STATIC);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && fate == ROW_TAKEN)
        fate = row_deliver(statement, path, func, user_data);
    sqlite3_finalize(statement);
    if (fate == ROW_STOPS)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
    else if (fate == ROW_SPOILED)
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                            "catalogue is damaged; a refresh with --force repairs it");
    else
        return code == SQLITE_DONE || vp_database_fail(catalogue, error);
    return FALSE;
}
