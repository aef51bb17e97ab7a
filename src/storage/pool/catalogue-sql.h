/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-sql.h: the statements of SQL that the catalogue needs. */
#pragma once

#include "storage/pool/catalogue.h"

#define VP_SQL_SCHEMA_VERSION 1
/* "vprb", so that file(1) and others can tell whose it is. */
#define VP_SQL_APPLICATION_ID 0x76707262

#define VP_SQL_GET_VERSION "PRAGMA user_version"
/* 0: the file has no tables. */
#define VP_SQL_GET_TABLES "PRAGMA schema_version"
#define VP_SQL_GET_APPLICATION "PRAGMA application_id"
/* A crash of the machine may lose the last refresh, never the catalogue. */
#define VP_SQL_OPEN "PRAGMA synchronous = NORMAL"
#define VP_SQL_BEGIN "BEGIN IMMEDIATE"
#define VP_SQL_COMMIT "COMMIT"
#define VP_SQL_ROLLBACK "ROLLBACK"

/* Statements whose first parameter is the UUID of a pool. */
typedef enum {
    VP_STATEMENT_GET_POOL,
    VP_STATEMENT_GET_KNOWN, /* then the pool's directory */
    VP_STATEMENT_PUT,       /* then the fields of a volume, in their order */
    VP_STATEMENT_DROP,      /* then the name of a volume */
    VP_STATEMENT_SUM,
    VP_STATEMENT_FORGET_VOLUMES,
    VP_STATEMENT_FORGET_POOL,
    VP_STATEMENT_SET_POOL, /* then generation, volumes, capacity, allocation, refreshed, known, target */
    VP_STATEMENT_COUNT,
} VpStatement;

char *vp_sql_schema(void);
char *vp_sql_statement(VpStatement statement);

/* Gives the pool, then the fields of a volume. */
char *vp_sql_query(VpCatalogueQuery query);
