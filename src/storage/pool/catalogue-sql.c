/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-sql.c: every statement of SQL. The columns of volumes are the fields of volume.def. */
#include "storage/pool/catalogue-sql.h"

static const char *const queries[VP_CATALOGUE_QUERY_COUNT] = {
    [VP_CATALOGUE_POOL] = " WHERE pool = ?1 ORDER BY name",
    [VP_CATALOGUE_OVERLAYS] =
        " WHERE backing IS NOT NULL OR data_file IS NOT NULL ORDER BY pool, name",
    [VP_CATALOGUE_EVERYTHING] = " ORDER BY pool, name",
};

/* A key of volume.def as the name of a column. */
static void
append_column(GString *sql, guint field)
{
    g_autofree char *column = g_strdelimit(g_strdup(vp_volume_fields[field].key), "-", '_');

    g_string_append_printf(sql, "\"%s\"", column);
}

/* The columns, separated by commas; with a format behind each. */
static void
append_columns(GString *sql, const char *behind)
{
    for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++) {
        g_string_append(sql, i > 0 ? ", " : "");
        append_column(sql, i);
        g_string_append(sql, behind);
    }
}

/* Texts are bytes of any kind, so columns have no type. */
char *
vp_sql_schema(void)
{
    GString *sql = g_string_new(
        "CREATE TABLE pools (uuid TEXT PRIMARY KEY, generation INTEGER NOT NULL, volumes INTEGER "
        "NOT "
        "NULL, capacity INTEGER NOT NULL, allocation INTEGER NOT NULL, refreshed INTEGER NOT NULL, "
        "known BLOB NOT NULL, target BLOB NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE volumes (pool TEXT NOT NULL, ");

    append_columns(sql, "");
    g_string_append_printf(sql,
                           ", PRIMARY KEY (pool, name)) WITHOUT ROWID;"
                           "CREATE INDEX overlays ON volumes (pool, name) WHERE backing IS NOT "
                           "NULL OR data_file IS NOT NULL;"
                           "PRAGMA application_id = %d; PRAGMA user_version = %d;",
                           VP_SQL_APPLICATION_ID, VP_SQL_SCHEMA_VERSION);
    return g_string_free(sql, FALSE);
}

char *
vp_sql_statement(VpStatement statement)
{
    GString *sql = g_string_new(NULL);

    switch (statement) {
    case VP_STATEMENT_GET_POOL:
        g_string_append(sql,
                        "SELECT generation, volumes, capacity, allocation, refreshed FROM pools "
                        "WHERE uuid = ?1");
        break;
    case VP_STATEMENT_GET_KNOWN:
        g_string_append(sql, "SELECT known FROM pools WHERE uuid = ?1 AND target = ?2");
        break;
    case VP_STATEMENT_PUT:
        g_string_append(sql, "INSERT OR REPLACE INTO volumes (pool, ");
        append_columns(sql, "");
        g_string_append(sql, ") VALUES (?1");
        for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++)
            g_string_append_printf(sql, ", ?%u", i + 2);
        g_string_append(sql, ")");
        break;
    case VP_STATEMENT_DROP:
        g_string_append(sql, "DELETE FROM volumes WHERE pool = ?1 AND name = ?2");
        break;
    case VP_STATEMENT_SUM:
        /* total() never overflows, as sum() does. */
        g_string_append(sql,
                        "SELECT count(*), total(capacity), total(allocation) FROM volumes WHERE "
                        "pool = ?1");
        break;
    case VP_STATEMENT_FORGET_VOLUMES:
        g_string_append(sql, "DELETE FROM volumes WHERE pool = ?1");
        break;
    case VP_STATEMENT_FORGET_POOL:
        g_string_append(sql, "DELETE FROM pools WHERE uuid = ?1");
        break;
    default:
        g_string_append(
            sql, "INSERT OR REPLACE INTO pools (uuid, generation, volumes, capacity, "
                 "allocation, refreshed, known, target) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        break;
    }
    return g_string_free(sql, FALSE);
}

char *
vp_sql_query(VpCatalogueQuery query)
{
    GString *sql = g_string_new("SELECT pool, ");

    append_columns(sql, "");
    g_string_append_printf(sql, " FROM volumes%s", queries[query]);
    return g_string_free(sql, FALSE);
}
