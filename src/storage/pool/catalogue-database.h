/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-database.h: the database of the catalogue, for the files that work on it. A file that is of another version or
 * damaged is thrown away, because the next refresh fills it again. */
#pragma once

#include "storage/pool/catalogue-sql.h"

#include <sqlite3.h>

/* A volume that waits to be put. */
typedef struct {
    VirtProbeVolume *volume;
    GByteArray *facts;
} VpPendingVolume;

struct VpCatalogue {
    sqlite3 *database;
    sqlite3_stmt *statements[VP_STATEMENT_COUNT];
    char *path;     /* of the file; no directory in it is a link */
    guint64 device; /* what was opened */
    guint64 inode;  /* 0: it is not certain which file was */
    gint64 pool;    /* the one that is being changed */
    char *target;   /* its directory */
    guint64 generation;
    VpPendingVolume pending[VP_SQL_PUT_MANY];
    guint n_pending;
};

/* Gives FALSE, with SQLite's last error: VIRT_PROBE_ERROR_INVALID when the database is damaged, else G_FILE_ERROR. */
gboolean vp_database_fail(VpCatalogue *catalogue, GError **error);

gboolean vp_database_execute(VpCatalogue *catalogue, const char *sql, GError **error);

/* Gives up the volumes that wait to be put. */
void vp_catalogue_drop_pending(VpCatalogue *catalogue);
