/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-query.c: hands out the volumes of the catalogue, as long as they are what was written. */
#include "storage/pool/catalogue-database.h"
#include "storage/pool/volume-pack.h"
#include "virtprobe/error.h"

#include <string.h>

/* What became of a row. */
typedef enum {
    ROW_TAKEN,
    ROW_STOPS,   /* func wants no more */
    ROW_SPOILED, /* nobody of ours has written it */
} RowFate;

/* Rows of a query. */
typedef struct {
    VpCatalogueQuery query;
    GString *path; /* room for the volume's path */
    VpCatalogueFunc func;
    gpointer user_data;
    guint64 count;    /* volumes so far */
    guint64 expected; /* those that the pool of the last row has */
    guint64 pool;     /* of the last row; 0: there is none */
    GString *name;    /* of the last row */
} Delivery;

/* A volume that comes twice takes the place of another. */
static gboolean
is_in_order(Delivery *delivery, guint64 pool, const char *name)
{
    if (delivery->pool == pool && strcmp(delivery->name->str, name) >= 0)
        return FALSE;
    delivery->pool = pool;
    g_string_assign(delivery->name, name);
    return TRUE;
}

static RowFate
row_deliver(Delivery *delivery, sqlite3_stmt *statement)
{
    g_autoptr(VirtProbeVolume) volume = NULL;
    GString *path = delivery->path;
    const char *name = vp_database_text(statement, 2);
    const guint8 *bytes = sqlite3_column_blob(statement, 3);
    gsize len = (gsize) sqlite3_column_bytes(statement, 3);
    guint64 pool = (guint64) sqlite3_column_int64(statement, 4);
    VpVolumeFacts facts;

    delivery->expected = (guint64) sqlite3_column_int64(statement, 5);
    if (sqlite3_column_type(statement, 2) == SQLITE_NULL)
        return ROW_TAKEN;
    if (name[0] == '\0' || !is_in_order(delivery, pool, name)
        || !vp_volume_unpack(bytes, len, pool, name, &facts))
        return ROW_SPOILED;
    delivery->count++;
    if (delivery->query == VP_CATALOGUE_OVERLAYS && !vp_volume_refers(&facts))
        return ROW_TAKEN;
    g_string_assign(path, vp_database_text(statement, 1));
    if (path->len > 0 && path->str[path->len - 1] != '/')
        g_string_append_c(path, '/');
    g_string_append(path, name);
    facts.path = path->str;
    volume = vp_volume_new(&facts);
    return delivery->func(vp_database_text(statement, 0), volume, delivery->user_data) ? ROW_TAKEN
                                                                                       : ROW_STOPS;
}

gboolean
vp_catalogue_query(VpCatalogue *catalogue, VpCatalogueQuery query, const char *uuid,
                   VpCatalogueFunc func, gpointer user_data, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);
    g_autoptr(GString) name = g_string_new(NULL);
    Delivery delivery = {
        .query = query, .path = path, .name = name, .func = func, .user_data = user_data
    };
    sqlite3_stmt *statement = NULL;
    RowFate fate = ROW_TAKEN;
    int code;

    if (sqlite3_prepare_v2(catalogue->database, vp_sql_query(query), -1, &statement, NULL)
        != SQLITE_OK)
        return vp_database_fail(catalogue, error);
    if (uuid != NULL)
        sqlite3_bind_text(statement, 1, uuid, -1, SQLITE_STATIC);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && fate == ROW_TAKEN)
        fate = row_deliver(&delivery, statement);
    sqlite3_finalize(statement);
    if (fate == ROW_STOPS) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
        return FALSE;
    }
    if (fate == ROW_SPOILED)
        return vp_database_set_spoiled(error);
    if (code != SQLITE_DONE)
        return vp_database_fail(catalogue, error);
    return query != VP_CATALOGUE_POOL || delivery.count == delivery.expected
           || vp_database_set_spoiled(error);
}
