/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unit.h: what the unit tests share: making bytes, describing them, and asking which findings came out. */
#pragma once

#include "virtprobe/virtprobe.h"

/* Bytes as a C string, which may hold NUL: two arguments. */
#define BYTES(text) text, sizeof(text) - 1

/* As g_assert_cmpmem(), without its conversions. */
void assert_same_bytes(gconstpointer a, gsize a_len, gconstpointer b, gsize b_len);

/* Writes a number of width bytes in either order. */
void put_big(guint8 *place, guint width, guint64 value);
void put_little(guint8 *place, guint width, guint64 value);

/* Describes bytes in memory. format: NULL to have it recognised. (transfer full) */
VirtProbeRecord *describe_bytes(gconstpointer data, gsize size, const char *format);
VirtProbeRecord *describe_bytes_in_full(gconstpointer data, gsize size, const char *format);

/* The ids of all findings, in order, separated by blanks. (transfer full) */
char *findings_of(const VirtProbeRecord *image);

gboolean has_finding(const VirtProbeRecord *image, const char *rule);
guint count_findings(const VirtProbeRecord *image, const char *rule);

/* Their messages name all findings when they fail. */
void assert_finding(const VirtProbeRecord *image, const char *rule);
void assert_no_finding(const VirtProbeRecord *image, const char *rule);
void assert_findings(const VirtProbeRecord *image, const char *rules);

/* "ok" or "partial", and that virt_probe_image_verify() says the same. */
void assert_state(const VirtProbeRecord *image, const char *state);

/* The record under "virt-probe". (transfer none) */
VirtProbeRecord *probe_of(const VirtProbeRecord *image);

/* The record with what only the image's format has. (transfer none) */
VirtProbeRecord *specific_of(const VirtProbeRecord *image);

/* A number that must be there. */
guint64 number_of(const VirtProbeRecord *record, const char *key);
gboolean boolean_of(const VirtProbeRecord *record, const char *key);

/* Adds a test for one row of a table, which must outlive the run: path and name make its path. */
void add_row_test(const char *path, const char *name, gconstpointer row, GTestDataFunc test);
