/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* table.h: tables and trees on stdout: drawn by libsmartcols, or plain in a build without it. */
#pragma once

#include <glib.h>

typedef struct {
    const char *name;
    gboolean is_tree;  /* its cells hang below those of the line above them */
    gboolean is_right; /* numbers */
} TableColumn;

typedef struct Table Table;
typedef struct TableLine TableLine;

/* Loads now what the first table would load. FALSE when libsmartcols should be there and is not, which was said. */
gboolean table_load(void);

/* columns: titles are borrowed. NULL when libsmartcols should be there and is not, which was said. (transfer full) */
Table *table_new(const TableColumn *columns, guint n_columns);
void table_free(Table *table);

/* Appends a line below parent in the tree; NULL: at the top. What is below a line is added before the next one beside it.
 * The table owns it. */
TableLine *table_add_line(Table *table, TableLine *parent);

/* The text is copied. */
void table_set_cell(Table *table, TableLine *line, guint column, const char *text);

/* A name fit for a cell: as shown_name(), and blanks at its ends or behind each other are escaped too, so that no name
 * looks like several columns. (transfer full) */
char *table_name(const char *name);

/* Whether the locale's characters are UTF-8, as ours are. */
gboolean text_is_utf8(void);

/* A cell as the locale can show it: bytes that are no ASCII stand as \xNN where its characters are not UTF-8. libsmartcols
 * would never come back from them. (transfer full) */
char *table_text(const char *text);

/* The same of a title, which is ours and is written out: "..." for "…". (transfer full) */
char *table_title(const char *title);

/* printf() of text of ours, written out in the same way. */
void text_printf(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Columns of a terminal that a text takes: UTF-8, without control characters. */
guint text_width(const char *text);

void table_print(Table *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)
