/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-sql.h: the statements of SQL that the catalogue needs. */
#pragma once

#include "storage/pool/catalogue.h"

#define VP_SQL_SCHEMA_VERSION 7
/* "vprb", so that file(1) and others can tell whose it is. */
#define VP_SQL_APPLICATION_ID 0x76707262

#define VP_SQL_GET_VERSION "PRAGMA user_version"
/* 0: the file has no tables. */
#define VP_SQL_GET_TABLES "SELECT count(*) FROM sqlite_master"
/* Tables that we have. */
#define VP_SQL_TABLES 2
/* How many of our tables there are; ?1: vp_sql_schema. */
#define VP_SQL_GET_OWN_TABLES                                                                      \
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND instr(?1, sql)"
#define VP_SQL_GET_APPLICATION "PRAGMA application_id"
/* A program that is killed never damages the catalogue. With a rollback journal a loss of power at the wrong moment may,
 * on some filesystems. FULL would make that rarer and every refresh wait for one more sync; but the catalogue is a cache:
 * damage is found when it is read, and the next refresh makes it anew.
 * 16 MiB of pages, of 60,000 volumes: what does not fit is written, and waited for, before the end. */
#define VP_SQL_OPEN "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384"
/* While there is nothing that could be lost. */
#define VP_SQL_NO_SYNC "PRAGMA synchronous = OFF"
#define VP_SQL_BEGIN "BEGIN IMMEDIATE"
#define VP_SQL_BEGIN_READING "BEGIN"
#define VP_SQL_COMMIT "COMMIT"
#define VP_SQL_ROLLBACK "ROLLBACK"

#define VP_SQL_POOL_COLUMNS                                                                        \
    "id, generation, volumes, capacity, allocation, refreshed, checksum, target, uuid,"            \
    " directory_listed"
#define VP_SQL_POOLS "SELECT " VP_SQL_POOL_COLUMNS " FROM pools"
/* With the list of known files behind the columns of the other. */
#define VP_SQL_CHECK_POOLS "SELECT " VP_SQL_POOL_COLUMNS ", known FROM pools"

/* Volumes that are put by one statement, which costs far less than one for each. */
#define VP_SQL_PUT_MANY 32

/* Statements. ?1 is the UUID of a pool, or its number where that is said. */
typedef enum {
    VP_STATEMENT_GET_POOL,
    VP_STATEMENT_GET_KNOWN,      /* then the pool's directory */
    VP_STATEMENT_ADD_POOL,       /* when it is not there yet */
    VP_STATEMENT_PUT,            /* number; then name and facts of a volume */
    VP_STATEMENT_PUT_MANY,       /* number; then the same VP_SQL_PUT_MANY times */
    VP_STATEMENT_DROP,           /* number; then the name of a volume */
    VP_STATEMENT_GET_VOLUMES,    /* number; gives name and facts of each */
    VP_STATEMENT_FORGET_VOLUMES, /* number */
    VP_STATEMENT_FORGET_POOL,
    VP_STATEMENT_SET_POOL, /* number; then generation, volumes, capacity, allocation, refreshed, known, target, checksum, directory_listed */
    VP_STATEMENT_NEWEST,   /* nothing; gives when the last change of any pool was written */
    VP_STATEMENT_COUNT,
} VpStatement;

/* Parameters of a volume that is put. */
#define VP_SQL_PUT_COLUMNS 2

char *vp_sql_statement(VpStatement statement);

/* Gives the number of its pool, name and facts of each volume, by these; what is asked for is to be picked from the rows by their
 * facts. Of VP_CATALOGUE_POOL, ?1 is the UUID, and UUID, directory and number of volumes of the pool follow, which has one row
 * without a name when it has no volumes. */
const char *vp_sql_query(VpCatalogueQuery query);

/* Gives all that is held of each volume. */
#define VP_SQL_CHECK_VOLUMES "SELECT pool, name, facts FROM volumes ORDER BY pool, name"
/* Gives "ok" when tables and indexes are whole. */
#define VP_SQL_CHECK_FILE "PRAGMA integrity_check(1)"

extern const char vp_sql_schema[];
