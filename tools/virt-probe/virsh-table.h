/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virsh-table.h: tables and lists laid out as virsh lays them out, because scripts cut them apart. */
#pragma once

#include <glib.h>

typedef struct VirshTable VirshTable;

/* columns: titles, translated, ended by NULL. */
VirshTable *virsh_table_new(const char *const *columns);
void virsh_table_free(VirshTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirshTable, virsh_table_free)

/* Fills the next cell, line by line. text is copied; what could drive a terminal is escaped. */
void virsh_table_add(VirshTable *table, const char *text);

/* Prints the titles, a line of hyphens, the lines, and an empty line. */
/* Puts the lines in the order of their first cells, without regard to the case of ASCII letters, as virsh does. */
void virsh_table_sort(VirshTable *table);

void virsh_table_print(const VirshTable *table);

/* "10.00 GiB". (transfer full) */
char *virsh_size(guint64 size);

/* "Name:           value", the value at the 17th column. */
void virsh_field_print(const char *title, const char *value);
