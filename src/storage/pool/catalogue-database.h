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
    char *uuid;     /* its UUID */
    char *target;   /* its directory */
    guint64 generation;
    gint64 directory_listed;
    VpPendingVolume pending[VP_SQL_PUT_MANY];
    guint n_pending;
    gboolean knows_sums; /* the pool was emptied, so what was put since is all it holds: */
    guint64 volumes;
    guint64 capacity;
    guint64 allocation;
};

/* Gives FALSE, with SQLite's last error: VIRT_PROBE_ERROR_INVALID when the database is damaged, else G_FILE_ERROR. */
gboolean vp_database_fail(VpCatalogue *catalogue, GError **error);

gboolean vp_database_execute(VpCatalogue *catalogue, const char *sql, GError **error);

/* Whether a code of SQLite says that the file is damaged. */
gboolean vp_database_is_damage(int code);

/* Text or bytes of a column, with a NUL behind them; "" for NULL. Valid until the next step. */
const char *vp_database_text(sqlite3_stmt *statement, int column);

/* Takes a row of VP_SQL_POOLS. FALSE: it is damaged. */
gboolean vp_database_take_pool(sqlite3_stmt *statement, VpCataloguePool *out_pool);

/* Sets the error of a catalogue that holds what nobody has written. Gives FALSE. */
gboolean vp_database_set_spoiled(GError **error);

/* When the last change of any pool was written; 0: none was. */
gboolean vp_database_get_newest(VpCatalogue *catalogue, gint64 *out_newest, GError **error);

/* Gives the file the time by which vp_catalogue_check() knows it again. newest: VP_STATEMENT_NEWEST. */
void vp_database_stamp(const VpCatalogue *catalogue, gint64 newest);

/* Whether the file that has the path now is the one that was opened. No other file takes its inode while it is open. */
gboolean vp_database_is_in_place(const VpCatalogue *catalogue);

/* Gives up the volumes that wait to be put. */
void vp_catalogue_drop_pending(VpCatalogue *catalogue);
