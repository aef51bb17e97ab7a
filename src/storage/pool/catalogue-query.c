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

/* A pool of the catalogue. */
typedef struct {
    char *uuid;
    char *target;
    guint64 left; /* rows that must still come */
} PoolRow;

/* Rows of a query. */
typedef struct {
    VpCatalogueQuery query;
    GHashTable *
        pools; /* from numbers to PoolRow; NULL: one pool was asked for, which each row has with it */
    GString *path; /* room for the volume's path */
    VpCatalogueFunc func;
    gpointer user_data;
    guint64 count;    /* volumes of the one pool so far */
    guint64 expected; /* those that it has */
    guint64 pool;     /* of the last row; 0: there is none */
    GString *name;    /* of the last row */
} Delivery;

static void
pool_row_free(gpointer data)
{
    PoolRow *row = data;

    g_free(row->uuid);
    g_free(row->target);
    g_free(row);
}

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

/* Hands out a volume of the pool whose row was read. */
static RowFate
volume_deliver(Delivery *delivery, const char *uuid, const char *target, VpVolumeFacts *facts)
{
    g_autoptr(VirtProbeVolume) volume = NULL;
    GString *path = delivery->path;

    if (delivery->query == VP_CATALOGUE_OVERLAYS && !vp_volume_may_refer(facts))
        return ROW_TAKEN;
    g_string_assign(path, target);
    if (path->len > 0 && path->str[path->len - 1] != '/')
        g_string_append_c(path, '/');
    g_string_append(path, facts->name);
    facts->path = path->str;
    volume = vp_volume_new(facts);
    return delivery->func(uuid, volume, delivery->user_data) ? ROW_TAKEN : ROW_STOPS;
}

/* FALSE: the facts are damaged. They are those of columns 0 to 2: pool, name and facts. */
static gboolean
row_take(Delivery *delivery, sqlite3_stmt *statement, VpVolumeFacts *facts)
{
    guint64 pool = (guint64) sqlite3_column_int64(statement, 0);
    const char *name = vp_database_text(statement, 1);
    const guint8 *bytes = sqlite3_column_blob(statement, 2);
    gsize len = (gsize) sqlite3_column_bytes(statement, 2);

    return name[0] != '\0' && is_in_order(delivery, pool, name)
           && vp_volume_unpack(bytes, len, pool, name, facts);
}

/* A row of one pool, with its UUID, its directory and how many there are. */
static RowFate
row_of_pool(Delivery *delivery, sqlite3_stmt *statement)
{
    VpVolumeFacts facts;

    delivery->expected = (guint64) sqlite3_column_int64(statement, 5);
    if (sqlite3_column_type(statement, 1) == SQLITE_NULL)
        return ROW_TAKEN;
    if (!row_take(delivery, statement, &facts))
        return ROW_SPOILED;
    delivery->count++;
    return volume_deliver(delivery, vp_database_text(statement, 3), vp_database_text(statement, 4),
                          &facts);
}

/* A row of any pool, which must be one that there is. */
static RowFate
row_of_all(Delivery *delivery, sqlite3_stmt *statement)
{
    gint64 pool = sqlite3_column_int64(statement, 0);
    PoolRow *row = g_hash_table_lookup(delivery->pools, &pool);
    VpVolumeFacts facts;

    if (row == NULL || row->left == 0 || !row_take(delivery, statement, &facts))
        return ROW_SPOILED;
    row->left--;
    return volume_deliver(delivery, row->uuid, row->target, &facts);
}

/* Notes a pool, and how many volumes it must have. */
static RowFate
row_note_pool(Delivery *delivery, sqlite3_stmt *statement)
{
    gint64 id = sqlite3_column_int64(statement, 0);
    VpCataloguePool pool;
    PoolRow *row;

    if (!vp_database_take_pool(statement, &pool))
        return ROW_SPOILED;
    row = g_new(PoolRow, 1);
    *row = (PoolRow) {
        .uuid = g_strdup(vp_database_text(statement, 8)),
        .target = g_strdup(vp_database_text(statement, 7)),
        .left = pool.volumes,
    };
    g_hash_table_replace(delivery->pools, g_memdup2(&id, sizeof id), row);
    return ROW_TAKEN;
}

typedef RowFate (*RowFunc)(Delivery *delivery, sqlite3_stmt *statement);

static gboolean
run(VpCatalogue *catalogue, const char *sql, const char *uuid, RowFunc take, Delivery *delivery,
    GError **error)
{
    sqlite3_stmt *statement = NULL;
    RowFate fate = ROW_TAKEN;
    int code;

    if (sqlite3_prepare_v2(catalogue->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return vp_database_fail(catalogue, error);
    if (uuid != NULL)
        sqlite3_bind_text(statement, 1, uuid, -1, SQLITE_STATIC);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && fate == ROW_TAKEN)
        fate = take(delivery, statement);
    sqlite3_finalize(statement);
    if (fate == ROW_STOPS) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED, "stopped");
        return FALSE;
    }
    if (fate == ROW_SPOILED)
        return vp_database_set_spoiled(error);
    return code == SQLITE_DONE || vp_database_fail(catalogue, error);
}

static gboolean
query_all(VpCatalogue *catalogue, Delivery *delivery, GError **error)
{
    GHashTableIter iterator;
    gpointer row;

    if (!run(catalogue, VP_SQL_POOLS, NULL, row_note_pool, delivery, error)
        || !run(catalogue, vp_sql_query(delivery->query), NULL, row_of_all, delivery, error))
        return FALSE;
    g_hash_table_iter_init(&iterator, delivery->pools);
    while (g_hash_table_iter_next(&iterator, NULL, &row)) {
        if (((const PoolRow *) row)->left != 0)
            return vp_database_set_spoiled(error);
    }
    return TRUE;
}

/* Pools and volumes are those of one moment. */
static gboolean
query_all_at_once(VpCatalogue *catalogue, Delivery *delivery, GError **error)
{
    g_autoptr(GHashTable) pools =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, pool_row_free);
    gboolean is_done;

    delivery->pools = pools;
    if (!vp_database_execute(catalogue, VP_SQL_BEGIN_READING, error))
        return FALSE;
    is_done = query_all(catalogue, delivery, error);
    vp_catalogue_rollback(catalogue);
    return is_done;
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

    if (query != VP_CATALOGUE_POOL)
        return query_all_at_once(catalogue, &delivery, error);
    if (!run(catalogue, vp_sql_query(query), uuid, row_of_pool, &delivery, error))
        return FALSE;
    return delivery.count == delivery.expected || vp_database_set_spoiled(error);
}
