/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* locations.c: what the tests of names share: a record LOCATION in one line, and tables of names in files. */
#include "locations.h"

#include "util/text.h"
#include "virtprobe/virtprobe.h"

#include <string.h>

VirtProbeRecord *
location_of(const char *name)
{
    VirtProbeRecord *location = vp_tree_new(VP_RECORD_LOCATION, FALSE);

    vp_location_fill(location, name);
    return location;
}

static void
append_text(GString *out, const VirtProbeRecord *record, guint field)
{
    const VpValue *value = vp_record_get(record, field);
    g_autoptr(GString) text = g_string_new(NULL);

    vp_text_append_escaped(text, value->bytes, value->len);
    g_string_replace(text, " ", "\\x20", 0);
    g_string_append(out, text->str);
}

static void
append_texts(GString *out, const VpList *list)
{
    for (guint i = 0; i < list->count; i++) {
        const VpText *text = list->items[i];

        g_string_append_printf(out, "%s%s", i > 0 ? "," : "", text->bytes);
    }
}

static void
append_host(GString *out, const VirtProbeRecord *host)
{
    const char *transport = vp_record_get(host, VP_HOST_TRANSPORT)->bytes;
    const VpValue *port = vp_record_get(host, VP_HOST_PORT);

    if (strcmp(transport, "tcp") != 0)
        g_string_append_printf(out, "%s:", transport);
    if (vp_record_has(host, VP_HOST_SOCKET)) {
        append_text(out, host, VP_HOST_SOCKET);
        return;
    }
    append_text(out, host, VP_HOST_NAME);
    if (port != NULL)
        g_string_append_printf(out, "@%" G_GUINT64_FORMAT, port->number);
}

static void
append_hosts(GString *out, const VpList *list)
{
    for (guint i = 0; i < list->count; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        append_host(out, list->items[i]);
    }
}

static void
append_record(GString *out, const VirtProbeRecord *record)
{
    if (record->type == vp_record_type(VP_RECORD_SLICE)) {
        const VpValue *size = vp_record_get(record, VP_SLICE_SIZE);
        const VpValue *needed = vp_record_get(record, VP_SLICE_NEEDED_SIZE);

        g_string_append_printf(out, "%" G_GUINT64_FORMAT "+",
                               vp_record_get(record, VP_SLICE_OFFSET)->number);
        if (size != NULL)
            g_string_append_printf(out, "%" G_GUINT64_FORMAT, size->number);
        if (needed != NULL)
            g_string_append_printf(out, "/%" G_GUINT64_FORMAT, needed->number);
    } else if (record->type == vp_record_type(VP_RECORD_ERROR)) {
        g_string_append(out, vp_record_get(record, VP_ERROR_CODE)->bytes);
    } else {
        g_autofree char *summary = location_summary(record);

        g_string_append_printf(out, "(%s)", summary);
    }
}

static void
append_value(GString *out, const VirtProbeRecord *location, guint field)
{
    const VpValue *value = vp_record_get(location, field);

    switch (location->type->fields[field].type) {
    case VP_TYPE_BOOL:
        g_string_append(out, value->number != 0 ? "yes" : "no");
        break;
    case VP_TYPE_UINT:
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, value->number);
        break;
    case VP_TYPE_TEXTS:
        append_texts(out, value->list);
        break;
    case VP_TYPE_LIST:
        append_hosts(out, value->list);
        break;
    case VP_TYPE_RECORD:
        append_record(out, value->record);
        break;
    default:
        append_text(out, location, field);
    }
}

char *
location_summary(const VirtProbeRecord *location)
{
    GString *out = g_string_new(NULL);

    for (guint i = VP_LOCATION_KIND; i < location->type->n_fields; i++) {
        if (!vp_record_has(location, i))
            continue;
        if (out->len > 0)
            g_string_append_c(out, ' ');
        if (i != VP_LOCATION_KIND)
            g_string_append_printf(out, "%s=", location->type->fields[i].key);
        append_value(out, location, i);
    }
    return g_string_free(out, FALSE);
}

static void
row_free(gpointer row)
{
    g_strfreev(row);
}

/* A row that is lost, or joined to another one, would not be missed otherwise. */
static void
check_row_count(const char *file, guint count)
{
    static const struct {
        const char *file;
        guint rows;
    } tables[] = {
        { "backing-strings.txt", 70 },
        { "qemu-names.txt", 254 },
        { "relative-paths.txt", 35 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        if (strcmp(tables[i].file, file) == 0) {
            g_assert_cmpuint(count, ==, tables[i].rows);
            return;
        }
    }
    g_assert_not_reached();
}

GPtrArray *
names_load(const char *file)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "..", "names", file, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        if (lines[i][0] != '\0' && lines[i][0] != '#')
            g_ptr_array_add(rows, g_strsplit(lines[i], "\t", -1));
    }
    check_row_count(file, rows->len);
    return rows;
}

void
check_name_row(const char *const *row)
{
    g_autoptr(VirtProbeRecord) location = location_of(row[0]);
    g_autofree char *summary = location_summary(location);

    g_assert_cmpstr(vp_record_get(location, VP_LOCATION_TEXT)->bytes, ==, row[0]);
    if (g_strcmp0(summary, row[1]) == 0)
        return;
    g_test_message("%s", row[0]);
    g_assert_cmpstr(summary, ==, row[1]);
}

void
check_hostile_name(const char *name)
{
    g_autoptr(VirtProbeRecord) location = location_of(name);
    g_autofree char *masked = vp_name_mask(name, strlen(name), NULL);
    g_free(location_summary(location));

    g_assert_true(vp_record_has(location, VP_LOCATION_KIND)
                  != vp_record_has(location, VP_LOCATION_ERROR));
    if (masked != NULL)
        g_assert_true(vp_record_has(location, VP_LOCATION_HAS_CREDENTIALS));
    /* Nothing of a name that hides something becomes a path, which would be printed. */
    if (masked != NULL && strstr(name, "json:") == NULL)
        g_assert_false(vp_record_has(location, VP_LOCATION_PATH));
}
