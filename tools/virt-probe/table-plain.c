/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* table-plain.c: tables and trees on stdout, drawn as libsmartcols draws them where nothing has to be shortened. */
#include "table.h"

#include <stdio.h>

struct TableLine {
    TableLine *parent;
    TableLine *last_child;
    char **cells; /* of each column; NULL: nothing */
};

struct Table {
    TableColumn *columns;
    char **titles; /* of the columns */
    guint n_columns;
    GPtrArray *lines; /* in the order of the calls */
    TableLine top;    /* above those without a parent */
};

/* What stands before a cell of a tree: for the line itself, and before that for each line that it hangs below. */
typedef struct {
    const char *beside; /* others follow below the same parent */
    const char *last;
    const char *past_beside;
    const char *past_last;
} TreeSigns;

static void
line_free(gpointer data)
{
    TableLine *line = data;

    g_strfreev(line->cells);
    g_free(line);
}

/* titles: of the copies. (transfer full) */
static TableColumn *
columns_copy(const TableColumn *columns, guint n_columns, char ***out_titles)
{
    TableColumn *copies = g_memdup2(columns, n_columns * sizeof *columns);

    *out_titles = g_new0(char *, n_columns + 1);
    for (guint i = 0; i < n_columns; i++) {
        (*out_titles)[i] = table_title(columns[i].name);
        copies[i].name = (*out_titles)[i];
    }
    return copies;
}

gboolean
table_load(void)
{
    return TRUE;
}

Table *
table_new(const TableColumn *columns, guint n_columns)
{
    Table *table = g_new0(Table, 1);

    table->columns = columns_copy(columns, n_columns, &table->titles);
    table->n_columns = n_columns;
    table->lines = g_ptr_array_new_with_free_func(line_free);
    return table;
}

void
table_free(Table *table)
{
    if (table == NULL)
        return;
    g_ptr_array_unref(table->lines);
    g_free(table->columns);
    g_strfreev(table->titles);
    g_free(table);
}

TableLine *
table_add_line(Table *table, TableLine *parent)
{
    TableLine *line = g_new0(TableLine, 1);

    line->parent = parent != NULL ? parent : &table->top;
    line->parent->last_child = line;
    line->cells = g_new0(char *, table->n_columns + 1);
    for (guint i = 0; i < table->n_columns; i++)
        line->cells[i] = g_strdup("");
    g_ptr_array_add(table->lines, line);
    return line;
}

void
table_set_cell(Table *table, TableLine *line, guint column, const char *text)
{
    (void) table;
    g_free(line->cells[column]);
    line->cells[column] = table_text(text);
}

/* (transfer full) */
static char *
cell_text(const Table *table, const TableLine *line, guint column)
{
    static const TreeSigns utf8_signs = { "├─", "└─", "│ ", "  " };
    static const TreeSigns ascii_signs = { "|-", "`-", "| ", "  " };
    const TreeSigns *signs = text_is_utf8() ? &utf8_signs : &ascii_signs;
    GString *text = g_string_new(line->cells[column]);

    if (!table->columns[column].is_tree)
        return g_string_free(text, FALSE);
    for (const TableLine *at = line; at->parent != &table->top; at = at->parent) {
        gboolean is_last = at->parent->last_child == at;

        if (at == line)
            g_string_prepend(text, is_last ? signs->last : signs->beside);
        else
            g_string_prepend(text, is_last ? signs->past_last : signs->past_beside);
    }
    return g_string_free(text, FALSE);
}

/* Nothing is filled up at the end of a line. */
static void
print_cell(const Table *table, guint column, guint width, const char *text)
{
    int room = (int) (width - text_width(text));
    gboolean is_right = table->columns[column].is_right;
    gboolean is_last = column + 1 == table->n_columns;

    printf("%*s%s%*s%s", is_right ? room : 0, "", text, is_right || is_last ? 0 : room, "",
           is_last ? "\n" : " ");
}

void
table_print(Table *table)
{
    g_autofree guint *widths = g_new0(guint, table->n_columns);

    for (guint i = 0; i < table->n_columns; i++) {
        widths[i] = text_width(table->columns[i].name);
        for (guint j = 0; j < table->lines->len; j++) {
            g_autofree char *text = cell_text(table, g_ptr_array_index(table->lines, j), i);

            widths[i] = MAX(widths[i], text_width(text));
        }
    }
    for (guint i = 0; i < table->n_columns; i++)
        print_cell(table, i, widths[i], table->columns[i].name);
    for (guint j = 0; j < table->lines->len; j++) {
        for (guint i = 0; i < table->n_columns; i++) {
            g_autofree char *text = cell_text(table, g_ptr_array_index(table->lines, j), i);

            print_cell(table, i, widths[i], text);
        }
    }
}
