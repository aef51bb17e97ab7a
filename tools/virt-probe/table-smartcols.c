/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* table-smartcols.c: tables and trees on stdout, drawn by libsmartcols.
 *
 * The library is loaded when the first table is made: linked, it would make every start of the program a tenth slower
 * (bench/bench-start.py). */
#include "table.h"

#include "command.h"

#include <dlfcn.h>
#include <libsmartcols.h>
#include <stdio.h>

/* Every function that is used, once. */
#define TABLE_FUNCTIONS(F)                                                                         \
    F(new_table)                                                                                   \
    F(unref_table)                                                                                 \
    F(table_set_stream)                                                                            \
    F(table_enable_noencoding)                                                                     \
    F(table_new_column)                                                                            \
    F(table_new_line)                                                                              \
    F(line_set_data)                                                                               \
    F(print_table)

#define DECLARE(name) __typeof__(scols_##name) *name;
static struct {
    void *library;
    TABLE_FUNCTIONS(DECLARE)
} scols;

/* Its lines are the library's. */
struct Table {
    struct libscols_table *table;
};

#define LOAD(name)                                                                                 \
    scols.name = (__typeof__(scols_##name) *) dlsym(scols.library, "scols_" #name);                \
    is_whole = is_whole && scols.name != NULL;

gboolean
table_load(void)
{
    gboolean is_whole = TRUE;

    if (scols.library != NULL)
        return TRUE;
    scols.library = dlopen("libsmartcols.so.1", RTLD_NOW | RTLD_LOCAL);
    if (scols.library != NULL) {
        TABLE_FUNCTIONS(LOAD)
    }
    if (scols.library != NULL && is_whole)
        return TRUE;
    message_print(_("tables need libsmartcols: %s"),
                  scols.library == NULL ? dlerror() : _("it is too old"));
    if (scols.library != NULL)
        dlclose(scols.library);
    scols.library = NULL;
    return FALSE;
}

Table *
table_new(const TableColumn *columns, guint n_columns)
{
    Table *table;

    if (!table_load())
        return NULL;
    table = g_new(Table, 1);
    table->table = scols.new_table();
    scols.table_set_stream(table->table, stdout);
    /* All cells are escaped already, and the library would escape the escapes. */
    scols.table_enable_noencoding(table->table, TRUE);
    for (guint i = 0; i < n_columns; i++) {
        int flags = (columns[i].is_tree ? SCOLS_FL_TREE | SCOLS_FL_TRUNC : 0)
                    | (columns[i].is_right ? SCOLS_FL_RIGHT : 0);
        g_autofree char *title = table_title(columns[i].name);

        scols.table_new_column(table->table, title, 0, flags);
    }
    return table;
}

void
table_free(Table *table)
{
    if (table == NULL)
        return;
    scols.unref_table(table->table);
    g_free(table);
}

TableLine *
table_add_line(Table *table, TableLine *parent)
{
    return (TableLine *) scols.table_new_line(table->table, (struct libscols_line *) parent);
}

void
table_set_cell(Table *table, TableLine *line, guint column, const char *text)
{
    g_autofree char *cell = text_is_utf8() ? NULL : table_text(text);

    (void) table;
    scols.line_set_data((struct libscols_line *) line, column, cell != NULL ? cell : text);
}

void
table_print(Table *table)
{
    scols.print_table(table->table);
}
