/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-sql.c: every statement of SQL. A volume's facts are one column of bytes (volume-pack.h): a row is written and
 * read in a third of the time that a column for each field took. */
#include "storage/pool/catalogue-sql.h"

#define STRING(macro) STRING_OF(macro)
#define STRING_OF(text) #text

/* Names are bytes of any kind. What a query needs of the facts is asked of the rows: columns beside them cost each row that is
 * written more than they save those who ask. */
const char vp_sql_schema[] =
    "CREATE TABLE pools (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE,"
    " generation INTEGER NOT NULL DEFAULT 0, volumes INTEGER NOT NULL DEFAULT 0,"
    " capacity INTEGER NOT NULL DEFAULT 0, allocation INTEGER NOT NULL DEFAULT 0,"
    " refreshed INTEGER NOT NULL DEFAULT 0, directory_listed INTEGER NOT NULL DEFAULT 0, checksum "
    "INTEGER NOT NULL DEFAULT 0,"
    " target BLOB, known BLOB);"
    "CREATE TABLE volumes (pool INTEGER NOT NULL, name BLOB NOT NULL, facts BLOB NOT NULL,"
    " PRIMARY KEY (pool, name))"
    " WITHOUT ROWID;"
    "PRAGMA application_id = " STRING(VP_SQL_APPLICATION_ID) ";"
                                                             "PRAGMA user_version = " STRING(
                                                                 VP_SQL_SCHEMA_VERSION) ";";

/* Pools are counted and checked by themselves, so their columns need not come with each volume. */
#define ALL_VOLUMES "SELECT pool, name, facts FROM volumes ORDER BY pool, name"
#define POOL_VOLUMES                                                                               \
    "SELECT v.pool, v.name, v.facts, p.uuid, p.target, p.volumes FROM pools p"                     \
    " LEFT JOIN volumes v ON v.pool = p.id WHERE p.uuid = ?1 ORDER BY v.name"

static const char *const queries[VP_CATALOGUE_QUERY_COUNT] = {
    [VP_CATALOGUE_POOL] = POOL_VOLUMES,
    [VP_CATALOGUE_OVERLAYS] = ALL_VOLUMES,
    [VP_CATALOGUE_EVERYTHING] = ALL_VOLUMES,
};

static const char *const statements[VP_STATEMENT_COUNT] = {
    [VP_STATEMENT_GET_POOL] = VP_SQL_POOLS " WHERE uuid = ?1",
    [VP_STATEMENT_GET_KNOWN] = "SELECT known FROM pools WHERE uuid = ?1 AND target = ?2",
    [VP_STATEMENT_ADD_POOL] = "INSERT OR IGNORE INTO pools (uuid) VALUES (?1)",
    [VP_STATEMENT_DROP] = "DELETE FROM volumes WHERE pool = ?1 AND name = ?2",
    [VP_STATEMENT_GET_VOLUMES] = "SELECT name, facts FROM volumes WHERE pool = ?1",
    [VP_STATEMENT_FORGET_VOLUMES] = "DELETE FROM volumes WHERE pool = ?1",
    [VP_STATEMENT_FORGET_POOL] = "DELETE FROM pools WHERE uuid = ?1",
    [VP_STATEMENT_SET_POOL] =
        "UPDATE pools SET generation = ?2, volumes = ?3, capacity = ?4, allocation = ?5,"
        " refreshed = ?6, known = ?7, target = ?8, checksum = ?9, directory_listed = ?10 WHERE id "
        "= ?1",
    [VP_STATEMENT_NEWEST] = "SELECT max(refreshed) FROM pools",
};

/* Puts so many volumes at once. */
static char *
put_statement(guint count)
{
    GString *sql = g_string_new("INSERT OR REPLACE INTO volumes (pool, name, facts) VALUES ");

    for (guint i = 0; i < count; i++) {
        g_string_append(sql, i > 0 ? ", (?1" : "(?1");
        for (guint column = 0; column < VP_SQL_PUT_COLUMNS; column++)
            g_string_append_printf(sql, ", ?%u", 2 + i * VP_SQL_PUT_COLUMNS + column);
        g_string_append(sql, ")");
    }
    return g_string_free(sql, FALSE);
}

char *
vp_sql_statement(VpStatement statement)
{
    if (statement == VP_STATEMENT_PUT)
        return put_statement(1);
    if (statement == VP_STATEMENT_PUT_MANY)
        return put_statement(VP_SQL_PUT_MANY);
    return g_strdup(statements[statement]);
}

const char *
vp_sql_query(VpCatalogueQuery query)
{
    return queries[query];
}
