/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-sql.h: the statements of SQL that the catalogue needs. */
#pragma once

#include "storage/pool/catalogue.h"

#define VP_SQL_SCHEMA_VERSION 2
/* "vprb", so that file(1) and others can tell whose it is. */
#define VP_SQL_APPLICATION_ID 0x76707262

#define VP_SQL_GET_VERSION "PRAGMA user_version"
/* 0: the file has no tables. */
#define VP_SQL_GET_TABLES "PRAGMA schema_version"
#define VP_SQL_GET_APPLICATION "PRAGMA application_id"
/* A program that is killed never damages the catalogue. With a rollback journal a loss of power at the wrong moment may,
 * on some filesystems. FULL would make that rarer and every refresh wait for one more sync; but the catalogue is a cache:
 * damage is found when it is read, and the next refresh makes it anew. */
#define VP_SQL_OPEN "PRAGMA synchronous = NORMAL"
#define VP_SQL_BEGIN "BEGIN IMMEDIATE"
#define VP_SQL_COMMIT "COMMIT"
#define VP_SQL_ROLLBACK "ROLLBACK"

/* Volumes that are put by one statement, which costs far less than one for each. */
#define VP_SQL_PUT_MANY 8

/* Statements. ?1 is the UUID of a pool, or its number where that is said. */
typedef enum {
    VP_STATEMENT_GET_POOL,
    VP_STATEMENT_GET_KNOWN, /* then the pool's directory */
    VP_STATEMENT_ADD_POOL,  /* when it is not there yet */
    VP_STATEMENT_PUT, /* number; then name, capacity, allocation, whether it refers to others, facts */
    VP_STATEMENT_PUT_MANY,       /* number; then the same VP_SQL_PUT_MANY times */
    VP_STATEMENT_DROP,           /* number; then the name of a volume */
    VP_STATEMENT_SUM,            /* number */
    VP_STATEMENT_FORGET_VOLUMES, /* number */
    VP_STATEMENT_FORGET_POOL,
    VP_STATEMENT_SET_POOL, /* number; then generation, volumes, capacity, allocation, refreshed, known, target */
    VP_STATEMENT_COUNT,
} VpStatement;

/* Parameters of a volume that is put. */
#define VP_SQL_PUT_COLUMNS 5

char *vp_sql_statement(VpStatement statement);

/* Gives UUID and directory of the pool, then name and facts of a volume. */
const char *vp_sql_query(VpCatalogueQuery query);

extern const char vp_sql_schema[];
