/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-fixture.h: directories of a test for configuration, catalogue and pools, which are gone after it. */
#pragma once

#include "storage/pool/catalogue.h"
#include "virtprobe/pool.h"

#include <sys/types.h>

typedef struct {
    char *root;
    char *config; /* VIRT_PROBE_CONFIG_DIR */
    char *state;  /* VIRT_PROBE_STATE_DIR */
    char *target; /* directory of the pool */
    VirtProbePool *pool;
} PoolFixture;

/* For g_test_add(). The pool is called "p q" and is defined. */
void pool_fixture_set_up(PoolFixture *fixture, gconstpointer data);
void pool_fixture_tear_down(PoolFixture *fixture, gconstpointer data);

/* Where something below the root of all tests will be. (transfer full) */
char *pool_fixture_place(const char *name);

/* Makes a directory below the root of the test, with those around it. (transfer full) */
char *pool_fixture_directory(PoolFixture *fixture, const char *name);

/* Makes a file in a directory; its mode too. */
void fixture_write(const char *directory, const char *name, const char *text, mode_t mode);
void fixture_write_bytes(const char *directory, const char *name, gconstpointer bytes, gsize len);

/* Defines one more pool. (transfer full) */
VirtProbePool *fixture_pool_new(const char *name, const char *target);

/* Refreshes without events; it must succeed. */
void fixture_refresh(VirtProbePool *pool);

/* Opens the catalogue; it must succeed. (transfer full) */
VpCatalogue *fixture_open_catalogue(gboolean may_write);

/* The catalogue cannot be opened, for that reason. */
void fixture_assert_no_catalogue(gboolean may_write, const char *reason);

/* The content of a file below the test's root; "" when there is none. (transfer full) */
char *fixture_read(const PoolFixture *fixture, const char *name);
