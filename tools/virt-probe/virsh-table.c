/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virsh-table.c: tables and lists laid out as virsh lays them out. */
#include "virsh-table.h"

#include "command.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

#define GAP 3
#define TITLE_WIDTH 15

struct VirshTable {
    char **columns;
    guint n_columns;
    guint *widths;
    GPtrArray *cells;
};

VirshTable *
virsh_table_new(const char *const *columns)
{
    VirshTable *table = g_new0(VirshTable, 1);

    table->n_columns = g_strv_length((char **) columns);
    table->columns = g_new0(char *, table->n_columns + 1);
    table->widths = g_new(guint, table->n_columns);
    for (guint i = 0; i < table->n_columns; i++) {
        table->columns[i] = table_title(columns[i]);
        table->widths[i] = text_width(table->columns[i]);
    }
    table->cells = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void
virsh_table_free(VirshTable *table)
{
    if (table == NULL)
        return;
    g_ptr_array_unref(table->cells);
    g_strfreev(table->columns);
    g_free(table->widths);
    g_free(table);
}

void
virsh_table_add(VirshTable *table, const char *text)
{
    g_autofree char *escaped = shown_name(text);
    char *shown = table_text(escaped);
    guint column = table->cells->len % table->n_columns;

    table->widths[column] = MAX(table->widths[column], text_width(shown));
    g_ptr_array_add(table->cells, shown);
}

/* Of lines that begin with those cells. */
static gint
compare_lines(gconstpointer a, gconstpointer b)
{
    return g_ascii_strcasecmp(**(char *const *const *) a, **(char *const *const *) b);
}

void
virsh_table_sort(VirshTable *table)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    g_autofree gpointer *cells = g_memdup2(table->cells->pdata, table->cells->len * sizeof *cells);

    for (guint i = 0; i < table->cells->len; i += table->n_columns)
        g_ptr_array_add(lines, &cells[i]);
    g_ptr_array_sort(lines, compare_lines);
    for (guint i = 0; i < lines->len; i++)
        memcpy(&table->cells->pdata[i * table->n_columns], g_ptr_array_index(lines, i),
               table->n_columns * sizeof *cells);
}

/* The last cell of a line is not filled up. */
static void
print_cell(const VirshTable *table, guint column, const char *text)
{
    gboolean is_last = column + 1 == table->n_columns;
    guint width = is_last ? 0 : table->widths[column] - text_width(text) + GAP;

    printf("%s%s%*s%s", column == 0 ? " " : "", text, (int) width, "", is_last ? "\n" : "");
}

/* The line below the titles is as long as if a gap followed each of them. */
void
virsh_table_print(const VirshTable *table)
{
    guint width = 0;

    for (guint i = 0; i < table->n_columns; i++) {
        print_cell(table, i, table->columns[i]);
        width += table->widths[i] + GAP;
    }
    for (guint i = 0; i < width; i++)
        putchar('-');
    putchar('\n');
    for (guint i = 0; i < table->cells->len; i++)
        print_cell(table, i % table->n_columns, g_ptr_array_index(table->cells, i));
    putchar('\n');
}

char *
virsh_size(guint64 size)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    double value = (double) size;
    guint unit = 0;

    while (value >= 1024.0 && unit + 1 < G_N_ELEMENTS(units)) {
        value /= 1024.0;
        unit++;
    }
    g_ascii_formatd(number, sizeof number, "%.2f", value);
    return g_strdup_printf("%s %s", number, units[unit]);
}

void
virsh_field_print(const char *title, const char *value)
{
    g_autofree char *escaped = shown_name(value);
    g_autofree char *shown = table_text(escaped);
    g_autofree char *written = table_title(title);
    guint width = text_width(written);

    printf("%s%*s %s\n", written, width < TITLE_WIDTH ? (int) (TITLE_WIDTH - width) : 0, "", shown);
}
