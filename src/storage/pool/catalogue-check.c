/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-check.c: whether the database is as the last commit left it, and whether what it holds is believable.
 *
 * Looking at all of it would cost half as much as a refresh in which nothing changed. So a commit gives the file a time of last change that nobody
 * else gives it, by one that the database holds; only a file that has another one is looked at. */
#include "storage/pool/catalogue-database.h"
#include "storage/pool/volume-pack.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Nanoseconds that every filesystem can tell apart; in between is where other changes lie. */
#define STAMP_STEP (G_GINT64_CONSTANT(2) * 1000000000)

static gint64
stamp_of(gint64 newest)
{
    return newest - newest % STAMP_STEP;
}

void
vp_database_stamp(const VpCatalogue *catalogue, gint64 newest)
{
    const struct timespec times[] = { { .tv_nsec = UTIME_OMIT },
                                      { .tv_sec = stamp_of(newest) / 1000000000 } };

    /* Where that is not possible the next refresh looks once more than it need. */
    if (vp_database_is_in_place(catalogue))
        utimensat(AT_FDCWD, catalogue->path, times, AT_SYMLINK_NOFOLLOW);
}

/* Whether nobody has changed the file since the last commit. */
static gboolean
is_stamped(const VpCatalogue *catalogue, gint64 newest)
{
    struct stat info;

    return newest > 0 && fstatat(AT_FDCWD, catalogue->path, &info, AT_SYMLINK_NOFOLLOW) == 0
           && info.st_mtim.tv_sec == stamp_of(newest) / 1000000000 && info.st_mtim.tv_nsec == 0;
}

/* What a pool says of its volumes. */
typedef struct {
    guint64 left; /* rows that have not come yet */
    VpKnown *known;
} Expected;

static void
expected_free(gpointer data)
{
    Expected *expected = data;

    vp_known_free(expected->known);
    g_free(expected);
}

/* Takes a row. FALSE: it is damaged. pools: Expected by a pool's number. */
typedef gboolean (*CheckFunc)(sqlite3_stmt *statement, GHashTable *pools);

static gboolean
check_file(sqlite3_stmt *statement, G_GNUC_UNUSED GHashTable *pools)
{
    return g_strcmp0((const char *) sqlite3_column_text(statement, 0), "ok") == 0;
}

/* Whether the row is of the file that the pool knows by that name, and not of one that it had before. */
static gboolean
is_known(const VpKnown *known, const VpVolumeFacts *facts)
{
    const VpFileIdentity identity = vp_known_identity_of(facts);
    gint number = vp_known_find(known, facts->name);

    return number >= 0
           && memcmp(vp_known_identity(known, (guint) number), &identity, sizeof identity) == 0;
}

static gboolean
check_volume(sqlite3_stmt *statement, GHashTable *pools)
{
    gint64 pool = sqlite3_column_int64(statement, 0);
    const char *name = (const char *) sqlite3_column_text(statement, 1);
    const guint8 *bytes = sqlite3_column_blob(statement, 2);
    gsize len = (gsize) sqlite3_column_bytes(statement, 2);
    Expected *expected = g_hash_table_lookup(pools, &pool);
    VpVolumeFacts facts;

    if (name == NULL || expected == NULL
        || !vp_volume_unpack(bytes, len, (guint64) pool, name, &facts))
        return FALSE;
    expected->left--;
    return is_known(expected->known, &facts);
}

/* Notes what volumes there must be. */
static gboolean
check_pool(sqlite3_stmt *statement, GHashTable *pools)
{
    gint64 id = sqlite3_column_int64(statement, 0);
    g_autoptr(GBytes) known = g_bytes_new(sqlite3_column_blob(statement, 10),
                                          (gsize) sqlite3_column_bytes(statement, 10));
    VpCataloguePool pool;
    Expected *expected;

    if (!vp_database_take_pool(statement, &pool))
        return FALSE;
    expected = g_new(Expected, 1);
    *expected = (Expected) { pool.volumes, vp_known_new(known) };
    g_hash_table_insert(pools, g_memdup2(&id, sizeof id), expected);
    return TRUE;
}

static gboolean
check_rows(VpCatalogue *catalogue, const char *sql, CheckFunc check, GHashTable *pools,
           GError **error)
{
    sqlite3_stmt *statement = NULL;
    gboolean is_sound = TRUE;
    int code;

    if (sqlite3_prepare_v2(catalogue->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return vp_database_fail(catalogue, error);
    while (is_sound && (code = sqlite3_step(statement)) == SQLITE_ROW)
        is_sound = check(statement, pools);
    sqlite3_finalize(statement);
    if (!is_sound)
        return vp_database_set_spoiled(error);
    return code == SQLITE_DONE || vp_database_fail(catalogue, error);
}

static gboolean
check_everything(VpCatalogue *catalogue, GError **error)
{
    g_autoptr(GHashTable) pools =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, expected_free);
    GHashTableIter iterator;
    gpointer expected;

    if (!check_rows(catalogue, VP_SQL_CHECK_FILE, check_file, pools, error)
        || !check_rows(catalogue, VP_SQL_CHECK_POOLS, check_pool, pools, error)
        || !check_rows(catalogue, VP_SQL_CHECK_VOLUMES, check_volume, pools, error))
        return FALSE;
    g_hash_table_iter_init(&iterator, pools);
    while (g_hash_table_iter_next(&iterator, NULL, &expected)) {
        if (((const Expected *) expected)->left != 0)
            return vp_database_set_spoiled(error);
    }
    return TRUE;
}

gboolean
vp_catalogue_check(VpCatalogue *catalogue, gboolean must_look, gboolean *out_is_touched,
                   GError **error)
{
    gboolean is_sound;
    gint64 newest;

    /* Nobody else changes it meanwhile. */
    if (!vp_database_execute(catalogue, VP_SQL_BEGIN_READING, error))
        return FALSE;
    is_sound = vp_database_get_newest(catalogue, &newest, error);
    if (is_sound) {
        *out_is_touched = !is_stamped(catalogue, newest);
        is_sound = (!must_look && !*out_is_touched) || check_everything(catalogue, error);
    }
    vp_catalogue_rollback(catalogue);
    return is_sound;
}
