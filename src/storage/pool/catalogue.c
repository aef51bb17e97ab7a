/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue.c: reading and changing what the catalogue holds of pools. */
#include "storage/pool/catalogue.h"

#include "storage/pool/catalogue-database.h"
#include "storage/pool/catalogue-sql.h"
#include "virtprobe/error.h"

#include <string.h>

/* The statement, ready to be bound; the pool is bound already. NULL with an error. */
static sqlite3_stmt *
statement_get(VpCatalogue *catalogue, VpStatement statement, const char *uuid, GError **error)
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
    sqlite3_reset(*slot);
    sqlite3_clear_bindings(*slot);
    sqlite3_bind_text(*slot, 1, uuid, -1, SQLITE_TRANSIENT);
    return *slot;
}

gboolean
vp_catalogue_get_pool(VpCatalogue *catalogue, const char *uuid, VpCataloguePool *out_pool,
                      GError **error)
{
    sqlite3_stmt *statement = statement_get(catalogue, VP_STATEMENT_GET_POOL, uuid, error);
    int code;

    *out_pool = (VpCataloguePool) { 0 };
    if (statement == NULL)
        return FALSE;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *out_pool = (VpCataloguePool) {
            .generation = (guint64) sqlite3_column_int64(statement, 0),
            .volumes = (guint64) sqlite3_column_int64(statement, 1),
            .capacity = (guint64) sqlite3_column_int64(statement, 2),
            .allocation = (guint64) sqlite3_column_int64(statement, 3),
            .refreshed = sqlite3_column_int64(statement, 4),
        };
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE || vp_database_fail(catalogue, error);
}

VpKnown *
vp_catalogue_get_known(VpCatalogue *catalogue, const char *uuid, const char *target, GError **error)
{
    sqlite3_stmt *statement = statement_get(catalogue, VP_STATEMENT_GET_KNOWN, uuid, error);
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

/* Numbers above 2^63-1 are stored as what they are as a signed number, and come back the same. */
static void
bind_field(sqlite3_stmt *statement, int place, const VpVolumeField *field,
           const VpVolumeFacts *facts)
{
    const guint8 *member = (const guint8 *) facts + field->offset;
    guint64 number;
    const char *text;

    switch (field->type) {
    case VP_VOLUME_TEXT:
    case VP_VOLUME_NAME:
        memcpy(&text, member, sizeof text);
        if (text != NULL)
            sqlite3_bind_blob(statement, place, text, (int) strlen(text), SQLITE_STATIC);
        break;
    case VP_VOLUME_BOOL:
        if (*member != 0)
            sqlite3_bind_int(statement, place, 1);
        break;
    default:
        memcpy(&number, member, sizeof number);
        if (number != VP_VOLUME_UNKNOWN)
            sqlite3_bind_int64(statement, place, (gint64) number);
        break;
    }
}

static gboolean
step_to_end(VpCatalogue *catalogue, sqlite3_stmt *statement, GError **error)
{
    int code = sqlite3_step(statement);

    sqlite3_reset(statement);
    return code == SQLITE_DONE || vp_database_fail(catalogue, error);
}

gboolean
vp_catalogue_put(VpCatalogue *catalogue, const VirtProbeVolume *volume, GError **error)
{
    sqlite3_stmt *statement = statement_get(catalogue, VP_STATEMENT_PUT, catalogue->uuid, error);

    if (statement == NULL)
        return FALSE;
    for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++)
        bind_field(statement, (int) i + 2, &vp_volume_fields[i], &volume->facts);
    return step_to_end(catalogue, statement, error);
}

gboolean
vp_catalogue_drop(VpCatalogue *catalogue, const char *name, GError **error)
{
    sqlite3_stmt *statement = statement_get(catalogue, VP_STATEMENT_DROP, catalogue->uuid, error);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_blob(statement, 2, name, (int) strlen(name), SQLITE_STATIC);
    return step_to_end(catalogue, statement, error);
}

gboolean
vp_catalogue_commit(VpCatalogue *catalogue, GBytes *known, GError **error)
{
    sqlite3_stmt *sums = statement_get(catalogue, VP_STATEMENT_SUM, catalogue->uuid, error);
    sqlite3_stmt *statement =
        statement_get(catalogue, VP_STATEMENT_SET_POOL, catalogue->uuid, error);

    if (sums == NULL || statement == NULL)
        return FALSE;
    if (sqlite3_step(sums) != SQLITE_ROW)
        return vp_database_fail(catalogue, error);
    sqlite3_bind_int64(statement, 2, (gint64) catalogue->generation + 1);
    sqlite3_bind_int64(statement, 3, sqlite3_column_int64(sums, 0));
    sqlite3_bind_int64(statement, 4, sqlite3_column_int64(sums, 1));
    sqlite3_bind_int64(statement, 5, sqlite3_column_int64(sums, 2));
    sqlite3_bind_int64(statement, 6, g_get_real_time() * 1000);
    sqlite3_bind_blob64(statement, 7, g_bytes_get_data(known, NULL), g_bytes_get_size(known),
                        SQLITE_STATIC);
    sqlite3_bind_blob(statement, 8, catalogue->target, (int) strlen(catalogue->target),
                      SQLITE_STATIC);
    sqlite3_reset(sums);
    return step_to_end(catalogue, statement, error)
           && vp_database_execute(catalogue, VP_SQL_COMMIT, error);
}

void
vp_catalogue_rollback(VpCatalogue *catalogue)
{
    sqlite3_exec(catalogue->database, VP_SQL_ROLLBACK, NULL, NULL, NULL);
}

gboolean
vp_catalogue_drop_all(VpCatalogue *catalogue, GError **error)
{
    sqlite3_stmt *statement =
        statement_get(catalogue, VP_STATEMENT_FORGET_VOLUMES, catalogue->uuid, error);

    return statement != NULL && step_to_end(catalogue, statement, error);
}

gboolean
vp_catalogue_forget(VpCatalogue *catalogue, const char *uuid, GError **error)
{
    sqlite3_stmt *statement;

    if (!vp_database_execute(catalogue, VP_SQL_BEGIN, error))
        return FALSE;
    g_free(catalogue->uuid);
    catalogue->uuid = g_strdup(uuid);
    statement = statement_get(catalogue, VP_STATEMENT_FORGET_POOL, uuid, error);
    if (statement == NULL || !vp_catalogue_drop_all(catalogue, error)
        || !step_to_end(catalogue, statement, error)) {
        vp_catalogue_rollback(catalogue);
        return FALSE;
    }
    return vp_database_execute(catalogue, VP_SQL_COMMIT, error);
}

/* One column of a volume; the text stays valid until the next step. */
static void
read_field(sqlite3_stmt *statement, int place, const VpVolumeField *field, VpVolumeFacts *facts)
{
    guint8 *member = (guint8 *) facts + field->offset;
    guint64 number;
    const char *text;

    if (sqlite3_column_type(statement, place) == SQLITE_NULL)
        return;
    switch (field->type) {
    case VP_VOLUME_TEXT:
    case VP_VOLUME_NAME:
        /* Asked for as text, because that ends with a NUL. */
        text = (const char *) sqlite3_column_text(statement, place);
        memcpy(member, &text, sizeof text);
        break;
    case VP_VOLUME_BOOL:
        *member = sqlite3_column_int(statement, place) != 0;
        break;
    default:
        number = (guint64) sqlite3_column_int64(statement, place);
        memcpy(member, &number, sizeof number);
        break;
    }
}

/* The volume of a row, whose first column is the pool. FALSE: func stops. */
static gboolean
row_deliver(sqlite3_stmt *statement, VpCatalogueFunc func, gpointer user_data)
{
    g_autoptr(VirtProbeVolume) volume = NULL;
    VpVolumeFacts facts;

    vp_volume_facts_init(&facts);
    for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++)
        read_field(statement, (int) i + 1, &vp_volume_fields[i], &facts);
    /* Rows that somebody else has spoiled. */
    if (facts.name == NULL || facts.path == NULL || facts.state == NULL)
        return TRUE;
    volume = vp_volume_new(&facts);
    return func((const char *) sqlite3_column_text(statement, 0), volume, user_data);
}

gboolean
vp_catalogue_query(VpCatalogue *catalogue, VpCatalogueQuery query, const char *uuid,
                   VpCatalogueFunc func, gpointer user_data, GError **error)
{
    g_autofree char *sql = vp_sql_query(query);
    sqlite3_stmt *statement = NULL;
    int code;

    if (sqlite3_prepare_v2(catalogue->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return vp_database_fail(catalogue, error);
    if (uuid != NULL)
        sqlite3_bind_text(statement, 1, uuid, -1, SQLITE_STATIC);
    do {
        code = sqlite3_step(statement);
    } while (code == SQLITE_ROW && row_deliver(statement, func, user_data));
    sqlite3_finalize(statement);
    if (code == SQLITE_ROW) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
        return FALSE;
    }
    return code == SQLITE_DONE || vp_database_fail(catalogue, error);
}
