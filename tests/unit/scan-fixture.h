/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-fixture.h: directories to be scanned, and what a scan gave of them. */
#pragma once

#include "virtprobe/scan.h"

/* A directory of its own for a test, and the volumes of the last scan by name. */
typedef struct {
    char *directory;
    GHashTable *volumes;
    guint n_calls;    /* of the function that gets volumes */
    guint stop_after; /* it says stop then; 0: never */
    gint is_inside;   /* atomic: it runs */
} ScanFixture;

void scan_fixture_set_up(ScanFixture *fixture, gconstpointer data);
void scan_fixture_tear_down(ScanFixture *fixture, gconstpointer data);

/* A path in the directory. (transfer full) */
char *scan_path(const ScanFixture *fixture, const char *name);

void scan_add_file(const ScanFixture *fixture, const char *name, gconstpointer data, gsize len);
void scan_add_image(const ScanFixture *fixture, const char *name, const char *format);
void scan_add_directory(const ScanFixture *fixture, const char *name);
void scan_add_link(const ScanFixture *fixture, const char *name, const char *target);

/* Scans the directory; that must succeed. */
void scan_all(ScanFixture *fixture, const VirtProbeScanSettings *settings);

/* The volume of that name, which must be there. */
VirtProbeVolume *scan_find(const ScanFixture *fixture, const char *name);

/* "ok", "partial" or "unreadable", and the code of the error; NULL: none. */
void scan_assert_state(const ScanFixture *fixture, const char *name, const char *state,
                       const char *code);

/* The function for virt_probe_scan(), with the fixture. */
gboolean scan_take(VirtProbeVolume *volume, gpointer user_data);
