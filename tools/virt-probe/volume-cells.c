/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-cells.c: volumes as lines of a table, in the columns that were asked for. */
#include "volume-cells.h"

#include <virtprobe/location.h>
#include <virtprobe/virtprobe.h>

#include <stdio.h>
#include <string.h>

#define NANOSECONDS 1000000000

static const VirtProbeVolumeField *
field_find(const char *key)
{
    const VirtProbeVolumeField *field;

    for (guint i = 0; (field = virt_probe_volume_field_get_nth(i)) != NULL; i++) {
        if (g_ascii_strcasecmp(field->key, key) == 0)
            return field;
    }
    return NULL;
}

static gboolean
has_column(const VolumeColumns *columns, const VirtProbeVolumeField *field)
{
    for (guint i = 0; i < columns->count; i++) {
        if (columns->fields[i] == field)
            return TRUE;
    }
    return FALSE;
}

/* is_addition: what is there already is not added again. */
static gboolean
columns_append(VolumeColumns *columns, const Command *command, const char *list,
               gboolean is_addition)
{
    g_auto(GStrv) keys = g_strsplit(list, ",", -1);

    for (guint i = 0; keys[i] != NULL; i++) {
        const VirtProbeVolumeField *field = field_find(keys[i]);

        if (field == NULL) {
            g_autofree char *shown = shown_name(keys[i]);

            usage_error(command, _("there is no column '%s', -o help lists them"), shown);
            return FALSE;
        }
        if (is_addition && has_column(columns, field))
            continue;
        columns->fields =
            g_renew(const VirtProbeVolumeField *, columns->fields, columns->count + 1);
        columns->fields[columns->count++] = field;
    }
    return TRUE;
}

gboolean
volume_columns_init(VolumeColumns *columns, const Command *command, const char *list,
                    const char *defaults)
{
    gboolean adds = list != NULL && list[0] == '+';

    *columns = (VolumeColumns) { .fields = NULL };
    if (list != NULL && list[adds ? 1 : 0] == '\0') {
        usage_error(command, _("no column is named, -o help lists them"));
        return FALSE;
    }
    if ((list == NULL || adds) && !columns_append(columns, command, defaults, FALSE))
        return FALSE;
    return list == NULL || columns_append(columns, command, adds ? list + 1 : list, adds);
}

void
volume_columns_clear(VolumeColumns *columns)
{
    g_clear_pointer(&columns->fields, g_free);
    columns->count = 0;
}

void
volume_columns_print_help(void)
{
    const VirtProbeVolumeField *field;

    for (guint i = 0; (field = virt_probe_volume_field_get_nth(i)) != NULL; i++)
        printf("%-16s %s\n", field->key, field->doc);
}

/* "ok", or "unreadable: timeout". (transfer full) */
static char *
state_cell(const VirtProbeVolume *volume)
{
    const char *code = virt_probe_volume_get_text(volume, "error-code");
    const char *state = virt_probe_volume_get_text(volume, "state");

    return code != NULL ? g_strdup_printf("%s: %s", state, code) : g_strdup(state);
}

char *
volume_text(const VirtProbeVolume *volume, const char *key)
{
    const VirtProbeVolumeField *field = field_find(key);
    const char *text = virt_probe_volume_get_text(volume, key);

    if (text != NULL && field != NULL && field->type == VIRT_PROBE_VOLUME_NAME)
        return virt_probe_name_mask(text);
    return g_strdup(text);
}

const char *
volume_virsh_type(const VirtProbeVolume *volume)
{
    const char *type = virt_probe_volume_get_text(volume, "type");

    return g_strcmp0(type, "block") == 0 ? "file" : type;
}

static char *
text_cell(const VirtProbeVolume *volume, const VirtProbeVolumeField *field)
{
    const char *text = virt_probe_volume_get_text(volume, field->key);
    g_autofree char *masked = NULL;

    if (text == NULL)
        return NULL;
    if (strcmp(field->key, "state") == 0)
        return state_cell(volume);
    if (field->type == VIRT_PROBE_VOLUME_NAME)
        masked = virt_probe_name_mask(text);
    return shown_name(masked != NULL ? masked : text);
}

/* Local time, as ls prints it with --time-style=long-iso, and seconds. */
static char *
time_cell(guint64 value)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local((gint64) value / NANOSECONDS);

    return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : NULL;
}

static char *
number_cell(const VirtProbeVolume *volume, const VirtProbeVolumeField *field, gboolean in_bytes)
{
    guint64 value;

    if (!virt_probe_volume_get_uint64(volume, field->key, &value))
        return NULL;
    if (field->type == VIRT_PROBE_VOLUME_SIZE && !in_bytes)
        return virt_probe_size_to_text(value);
    if (field->type == VIRT_PROBE_VOLUME_TIME)
        return time_cell(value);
    if (field->type == VIRT_PROBE_VOLUME_MODE)
        return g_strdup_printf("%04o", (guint) value);
    return g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

/* NULL: there is nothing to show. (transfer full) */
static char *
cell_of(const VirtProbeVolume *volume, const VirtProbeVolumeField *field, gboolean in_bytes)
{
    switch (field->type) {
    case VIRT_PROBE_VOLUME_TEXT:
    case VIRT_PROBE_VOLUME_NAME:
    case VIRT_PROBE_VOLUME_LIST:
        return text_cell(volume, field);
    case VIRT_PROBE_VOLUME_BOOLEAN:
        return virt_probe_volume_get_boolean(volume, field->key) ? g_strdup(_("yes")) : NULL;
    default:
        return number_cell(volume, field, in_bytes);
    }
}

struct VolumeTable {
    const VolumeColumns *columns;
    Table *table;
    GPtrArray *
        rows; /* of the group that is not ended: a volume's name, then its cells, each with its NUL */
    GString *row; /* where the next one is made */
};

VolumeTable *
volume_table_new(const VolumeColumns *columns)
{
    g_autofree TableColumn *titles = g_new0(TableColumn, columns->count);
    Table *drawn;
    VolumeTable *table;

    for (guint i = 0; i < columns->count; i++)
        titles[i] =
            (TableColumn) { columns->fields[i]->title, FALSE, columns->fields[i]->is_right };
    drawn = table_new(titles, columns->count);
    if (drawn == NULL)
        return NULL;
    table = g_new(VolumeTable, 1);
    *table = (VolumeTable) { columns, drawn, g_ptr_array_new_with_free_func(g_free),
                             g_string_new(NULL) };
    return table;
}

void
volume_table_free(VolumeTable *table)
{
    if (table == NULL)
        return;
    g_ptr_array_unref(table->rows);
    g_string_free(table->row, TRUE);
    table_free(table->table);
    g_free(table);
}

/* With its NUL. */
static void
row_append(GString *row, const char *text)
{
    g_string_append_len(row, text, (gssize) strlen(text) + 1);
}

void
volume_table_add(VolumeTable *table, const VirtProbeVolume *volume)
{
    const VolumeColumns *columns = table->columns;
    GString *row = table->row;

    g_string_truncate(row, 0);
    row_append(row, virt_probe_volume_get_text(volume, "name"));
    for (guint i = 0; i < columns->count; i++) {
        g_autofree char *cell = cell_of(volume, columns->fields[i], columns->in_bytes);

        row_append(row, cell != NULL ? cell : "-");
    }
    g_ptr_array_add(table->rows, g_memdup2(row->str, row->len));
}

/* Rows begin with the name. */
static gint
compare_rows(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The lines are made last, because whoever draws them walks through the memory in their order. */
void
volume_table_end_group(VolumeTable *table)
{
    g_ptr_array_sort(table->rows, compare_rows);
    for (guint i = 0; i < table->rows->len; i++) {
        const char *text = g_ptr_array_index(table->rows, i);
        TableLine *line = table_add_line(table->table, NULL);

        for (guint column = 0; column < table->columns->count; column++) {
            text += strlen(text) + 1;
            table_set_cell(table->table, line, column, text);
        }
    }
    g_ptr_array_set_size(table->rows, 0);
}

void
volume_table_print(VolumeTable *table)
{
    table_print(table->table);
}
