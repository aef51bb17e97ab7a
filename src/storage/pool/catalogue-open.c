/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-open.c: opening the catalogue, and making it where there is none that can be used. */
#include "storage/pool/catalogue-database.h"
#include "storage/pool/catalogue-sql.h"
#include "storage/pool/directories.h"
#include "util/error.h"
#include "util/source.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long somebody else's change is waited for. */
#define BUSY_MS 10000

static void
set_errno(GError **error, int saved_errno, const char *action, const char *path)
{
    g_autofree char *shown = vp_text_escape(path, strlen(path));
    g_autofree char *whole = g_strdup_printf("%s \"%s\"", action, shown);

    vp_error_set_errno(error, saved_errno, whole);
}

/* Also a statement that does not fit the tables, and rows that do not fit each other. */
gboolean
vp_database_is_damage(int code)
{
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR
           || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH || code == SQLITE_TOOBIG;
}

/* Its header may say that nobody can write it. */
static gboolean
is_damaged(const VpCatalogue *catalogue, int code)
{
    return vp_database_is_damage(code)
           || (code == SQLITE_READONLY && g_access(catalogue->path, W_OK) == 0);
}

gboolean
vp_database_fail(VpCatalogue *catalogue, GError **error)
{
    g_autofree char *shown = vp_text_escape(catalogue->path, strlen(catalogue->path));
    int code = sqlite3_errcode(catalogue->database);
    gboolean is_link = sqlite3_extended_errcode(catalogue->database) == SQLITE_CANTOPEN_SYMLINK;
    const char *message = sqlite3_errmsg(catalogue->database);

    if (is_link)
        message = "it is a symbolic link";
    if (code == SQLITE_CANTOPEN && !is_link && sqlite3_system_errno(catalogue->database) != 0)
        set_errno(error, sqlite3_system_errno(catalogue->database), "cannot open the catalogue",
                  catalogue->path);
    else if (is_damaged(catalogue, code))
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, "catalogue \"%s\": %s",
                    shown, message);
    else
        g_set_error(error, G_FILE_ERROR, code == SQLITE_FULL ? G_FILE_ERROR_NOSPC : G_FILE_ERROR_IO,
                    "catalogue \"%s\": %s", shown, message);
    return FALSE;
}

gboolean
vp_database_execute(VpCatalogue *catalogue, const char *sql, GError **error)
{
    return sqlite3_exec(catalogue->database, sql, NULL, NULL, NULL) == SQLITE_OK
           || vp_database_fail(catalogue, error);
}

/* The single number that a PRAGMA gives. FALSE when it cannot be told. */
static gboolean
pragma_number(VpCatalogue *catalogue, const char *sql, gint64 *out_number)
{
    sqlite3_stmt *statement = NULL;
    gboolean is_told =
        sqlite3_prepare_v2(catalogue->database, sql, -1, &statement, NULL) == SQLITE_OK
        && sqlite3_step(statement) == SQLITE_ROW;

    if (is_told)
        *out_number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return is_told;
}

/* What the file is. */
typedef enum {
    DATABASE_OURS,
    DATABASE_EMPTY,
    DATABASE_OLD,     /* ours, of another version */
    DATABASE_FOREIGN, /* of another program */
    DATABASE_DAMAGED,
    DATABASE_UNKNOWN, /* it cannot be read now */
} DatabaseKind;

/* Whether the tables are ours, whatever the header says. */
static gboolean
tables_are_ours(VpCatalogue *catalogue)
{
    sqlite3_stmt *statement = NULL;
    gint64 count = 0;

    if (sqlite3_prepare_v2(catalogue->database, VP_SQL_GET_OWN_TABLES, -1, &statement, NULL)
        != SQLITE_OK)
        return FALSE;
    sqlite3_bind_text(statement, 1, vp_sql_schema, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW)
        count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return count == VP_SQL_TABLES;
}

static DatabaseKind
database_kind(VpCatalogue *catalogue)
{
    gint64 application = 0;
    gint64 version = 0;
    gint64 tables = 0;
    gboolean is_read = pragma_number(catalogue, VP_SQL_GET_APPLICATION, &application)
                       && pragma_number(catalogue, VP_SQL_GET_VERSION, &version);

    if (!is_read || !pragma_number(catalogue, VP_SQL_GET_TABLES, &tables)) {
        if (!vp_database_is_damage(sqlite3_errcode(catalogue->database)))
            return DATABASE_UNKNOWN;
        return is_read && application != VP_SQL_APPLICATION_ID ? DATABASE_FOREIGN
                                                               : DATABASE_DAMAGED;
    }
    if (application == VP_SQL_APPLICATION_ID && version != VP_SQL_SCHEMA_VERSION)
        return DATABASE_OLD;
    if (application == VP_SQL_APPLICATION_ID)
        return tables_are_ours(catalogue) ? DATABASE_OURS : DATABASE_DAMAGED;
    if (tables == 0)
        return DATABASE_EMPTY;
    return tables_are_ours(catalogue) ? DATABASE_DAMAGED : DATABASE_FOREIGN;
}

static void
database_close(VpCatalogue *catalogue)
{
    for (guint i = 0; i < VP_STATEMENT_COUNT; i++)
        sqlite3_finalize(catalogue->statements[i]);
    memset(catalogue->statements, 0, sizeof catalogue->statements);
    sqlite3_close(catalogue->database);
    catalogue->database = NULL;
}

gboolean
vp_database_is_in_place(const VpCatalogue *catalogue)
{
    struct stat info;

    return catalogue->inode != 0 && g_lstat(catalogue->path, &info) == 0
           && info.st_dev == catalogue->device && info.st_ino == catalogue->inode;
}

/* Links on the way are followed once, before; a link in the place of the file is nobody's catalogue. */
static gboolean
database_open(VpCatalogue *catalogue, GError **error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    struct stat info = { .st_ino = 0 };

    /* SQLite does not give its descriptor away: what has the path before and after is what it has opened. */
    if (g_lstat(catalogue->path, &info) == 0) {
        catalogue->device = info.st_dev;
        catalogue->inode = info.st_ino;
    }
    if (sqlite3_open_v2(catalogue->path, &catalogue->database, flags, NULL) != SQLITE_OK)
        return vp_database_fail(catalogue, error);
    if (!vp_database_is_in_place(catalogue))
        catalogue->inode = 0;
    sqlite3_busy_timeout(catalogue->database, BUSY_MS);
    /* Whoever reads may meet a database that somebody else has prepared. */
    sqlite3_db_config(catalogue->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return TRUE;
}

/* Names in images may hold passwords, so nobody else may read them. An old file keeps what it has. */
static gboolean
database_make(const char *path, GError **error)
{
    int fd = g_open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0)
        return g_close(fd, error);
    set_errno(error, errno, "cannot make the catalogue", path);
    return FALSE;
}

/* With what SQLite keeps beside it; the last two where a damaged header has asked for them. */
static void
database_remove(const char *path)
{
    static const char *const suffixes[] = { "", "-journal", "-wal", "-shm" };

    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *file = g_strconcat(path, suffixes[i], NULL);

        g_unlink(file);
    }
}

/* There is nothing yet that a loss of power could take, so nothing is waited for. */
static gboolean
schema_make(VpCatalogue *catalogue, GError **error)
{
    return vp_database_execute(catalogue, VP_SQL_NO_SYNC, error)
           && vp_database_execute(catalogue, VP_SQL_BEGIN, error)
           && vp_database_execute(catalogue, vp_sql_schema, error)
           && vp_database_execute(catalogue, VP_SQL_COMMIT, error);
}

static gboolean
foreign_refuse(const VpCatalogue *catalogue, GError **error)
{
    g_autofree char *shown = vp_text_escape(catalogue->path, strlen(catalogue->path));

    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                "\"%s\" is the database of another program", shown);
    return FALSE;
}

/* Makes a catalogue where there is none that can be used. Nobody else does so meanwhile. */
static gboolean
catalogue_make(VpCatalogue *catalogue, GError **error)
{
    DatabaseKind kind;

    if (!database_make(catalogue->path, error) || !database_open(catalogue, error))
        return FALSE;
    kind = database_kind(catalogue);
    if (kind == DATABASE_OLD || kind == DATABASE_DAMAGED) {
        database_close(catalogue);
        database_remove(catalogue->path);
        if (!database_make(catalogue->path, error) || !database_open(catalogue, error))
            return FALSE;
        kind = DATABASE_EMPTY;
    }
    if (kind == DATABASE_FOREIGN)
        return foreign_refuse(catalogue, error);
    if (kind == DATABASE_UNKNOWN)
        return vp_database_fail(catalogue, error);
    return (kind == DATABASE_OURS || schema_make(catalogue, error))
           && vp_database_execute(catalogue, VP_SQL_OPEN, error);
}

static gboolean
absent_fail(GError **error)
{
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "there is no catalogue yet");
    return FALSE;
}

static gboolean
open_to_write(VpCatalogue *catalogue, const char *directory, GError **error)
{
    gboolean is_open;
    int lock;

    if (!vp_state_directory_check_place(directory, error))
        return FALSE;
    lock = vp_directory_lock(directory, error);
    if (lock < 0) {
        g_prefix_error(error, "state directory: ");
        return FALSE;
    }
    is_open = catalogue_make(catalogue, error);
    vp_directory_close(lock);
    return is_open;
}

static gboolean
unusable_refuse(const VpCatalogue *catalogue, GError **error)
{
    g_autofree char *shown = vp_text_escape(catalogue->path, strlen(catalogue->path));

    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                "catalogue \"%s\" is damaged or of another version; a refresh makes it anew",
                shown);
    return FALSE;
}

static gboolean
open_to_read(VpCatalogue *catalogue, const char *directory, GError **error)
{
    if (g_access(catalogue->path, F_OK) != 0 && errno == ENOENT)
        return absent_fail(error);
    if (!vp_state_directory_check_place(directory, error) || !database_open(catalogue, error))
        return FALSE;
    switch (database_kind(catalogue)) {
    case DATABASE_OURS:
        return TRUE;
    case DATABASE_EMPTY:
        return absent_fail(error);
    case DATABASE_FOREIGN:
        return foreign_refuse(catalogue, error);
    case DATABASE_UNKNOWN:
        return vp_database_fail(catalogue, error);
    default:
        return unusable_refuse(catalogue, error);
    }
}

VpCatalogue *
vp_catalogue_open(gboolean may_write, GError **error)
{
    g_autoptr(VpCatalogue) catalogue = g_new0(VpCatalogue, 1);
    g_autofree char *directory = vp_state_directory_find(NULL, may_write, error);
    gboolean is_open;

    if (directory == NULL)
        return NULL;
    catalogue->path = g_build_filename(directory, "catalogue.db", NULL);
    is_open = may_write ? open_to_write(catalogue, directory, error)
                        : open_to_read(catalogue, directory, error);
    return is_open ? g_steal_pointer(&catalogue) : NULL;
}

VpCatalogue *
vp_catalogue_open_existing(GError **error)
{
    g_autoptr(GError) why = NULL;
    VpCatalogue *catalogue = vp_catalogue_open(FALSE, &why);

    if (catalogue == NULL && !g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_propagate_error(error, g_steal_pointer(&why));
    return catalogue;
}

gboolean
vp_catalogue_discard(VpCatalogue *catalogue, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(catalogue->path);
    int lock = vp_directory_lock(directory, error);
    gboolean is_damaged_one;
    gboolean is_made;

    if (lock < 0)
        return FALSE;
    /* Somebody else may have made it anew meanwhile, and filled it. */
    is_damaged_one = vp_database_is_in_place(catalogue);
    database_close(catalogue);
    if (is_damaged_one)
        database_remove(catalogue->path);
    is_made = catalogue_make(catalogue, error);
    vp_directory_close(lock);
    return is_made;
}

void
vp_catalogue_free(VpCatalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    if (catalogue->database != NULL)
        database_close(catalogue);
    vp_catalogue_drop_pending(catalogue);
    g_free(catalogue->path);
    g_free(catalogue->uuid);
    g_free(catalogue->target);
    g_free(catalogue);
}
