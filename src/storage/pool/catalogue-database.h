/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-database.h: the database of the catalogue, for the files that work on it. A file that is of another version or
 * damaged is thrown away, because the next refresh fills it again. */
#pragma once

#include "storage/pool/catalogue-sql.h"

#include <sqlite3.h>

struct VpCatalogue {
    sqlite3 *database;
    sqlite3_stmt *statements[VP_STATEMENT_COUNT];
    char *path;
    char *uuid;   /* of the pool that is being changed */
    char *target; /* its directory */
    guint64 generation;
};

/* Gives FALSE, with SQLite's last error: VIRT_PROBE_ERROR_INVALID when the database is damaged, else G_FILE_ERROR. */
gboolean vp_database_fail(VpCatalogue *catalogue, GError **error);

gboolean vp_database_execute(VpCatalogue *catalogue, const char *sql, GError **error);
