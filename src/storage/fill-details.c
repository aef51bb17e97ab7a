/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fill-details.c: showing header fields by their rows: as details of a format, or all of them as they stand. */
#include "storage/format.h"
#include "util/text.h"

#include <string.h>

static const char *
value_name(const VpValueName *names, guint64 value)
{
    for (; names != NULL && names->name != NULL; names++) {
        if (names->value == value)
            return names->name;
    }
    return NULL;
}

/* A detail with names for its values is text, also when a value has none. */
static VpFieldType
row_type(const VpHeaderField *row)
{
    return row->kind == VP_KIND_UINT && row->names == NULL ? VP_TYPE_UINT : VP_TYPE_TEXT;
}

static guint
count_texts(const VpFormat *format)
{
    guint count = 0;

    while (format->detail_texts != NULL && format->detail_texts[count].key != NULL)
        count++;
    return count;
}

static guint
count_rows(const VpFormat *format)
{
    guint count = 0;

    for (guint i = 0; i < format->n_fields; i++)
        count += format->fields[i].is_detail ? 1 : 0;
    return count;
}

/* The record type of a format's details, made from the rows: so a format adds keys without code. */
static const VpRecordType *
details_type(const VpFormat *format, VirtProbeRecord *record)
{
    guint n_texts = count_texts(format);
    VpRecordType *type = vp_record_alloc(record, sizeof *type);
    VpField *fields = vp_record_alloc(record, (format->n_fields + n_texts) * sizeof *fields);
    guint count = 0;

    if (type == NULL || fields == NULL)
        return NULL;
    for (guint i = 0; i < format->n_fields; i++) {
        const VpHeaderField *row = &format->fields[i];

        if (row->is_detail)
            fields[count++] = (VpField) { .key = row->name,
                                          .key_len = (guint8) strlen(row->name),
                                          .type = row_type(row),
                                          .child = VP_RECORD_NONE };
    }
    for (guint i = 0; i < n_texts; i++) {
        const VpDetailText *text = &format->detail_texts[i];

        fields[count++] = (VpField) { .key = text->key,
                                      .key_len = (guint8) strlen(text->key),
                                      .type = text->is_name ? VP_TYPE_NAME : VP_TYPE_TEXT,
                                      .child = VP_RECORD_NONE };
    }
    *type = (VpRecordType) { .name = "details", .fields = fields, .n_fields = count };
    return type;
}

static void
append_hex_number(GString *out, const guint8 *bytes, guint width, VpByteOrder order)
{
    for (guint i = 0; i < width; i++)
        vp_text_append_hex(out, bytes + (order == VP_ORDER_BIG ? i : width - 1 - i), 1);
}

static void
set_detail_text(VpProbe *probe, VirtProbeRecord *details, guint key, guint field)
{
    gsize len;
    const guint8 *text = vp_header_text(probe, field, &len);

    if (len > 0)
        vp_probe_set_text(probe, details, key, text, len, vp_header_field_place(probe, field));
}

static void
set_detail_utf16(VpProbe *probe, VirtProbeRecord *details, guint key, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    gsize len;
    g_autofree char *text =
        vp_text_from_utf16(vp_header_bytes(probe, field), row->width,
                           row->kind == VP_KIND_UTF16_BE ? VP_ORDER_BIG : VP_ORDER_LITTLE, &len);

    if (len > 0)
        vp_probe_set_text(probe, details, key, (const guint8 *) text, len,
                          vp_header_field_place(probe, field));
}

static gboolean
field_is_zero(const VpProbe *probe, guint field)
{
    const guint8 *bytes = vp_header_bytes(probe, field);

    for (guint i = 0; i < probe->format->fields[field].width; i++) {
        if (bytes[i] != 0)
            return FALSE;
    }
    return TRUE;
}

static void
set_detail_number(VpProbe *probe, VirtProbeRecord *details, guint key, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    guint64 value = vp_probe_value(probe, field);
    const char *name = value_name(row->names, value);

    if (name != NULL) {
        vp_record_set_constant(details, key, name);
    } else if (row->names != NULL) {
        g_autofree char *number = g_strdup_printf("unknown (%" G_GUINT64_FORMAT ")", value);

        vp_record_set_string(details, key, number);
    } else {
        vp_record_set_uint(details, key, value);
    }
}

static void
set_detail(VpProbe *probe, VirtProbeRecord *details, guint key, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    g_autoptr(GString) shown = NULL;

    switch (row->kind) {
    case VP_KIND_UINT:
        set_detail_number(probe, details, key, field);
        return;
    case VP_KIND_TEXT:
    case VP_KIND_PADDED_TEXT:
        set_detail_text(probe, details, key, field);
        return;
    case VP_KIND_UTF16_BE:
    case VP_KIND_UTF16_LE:
        set_detail_utf16(probe, details, key, field);
        return;
    default:
        break;
    }
    /* An identity of zeros means that there is none. */
    if (field_is_zero(probe, field))
        return;
    shown = g_string_new(NULL);
    if (row->kind == VP_KIND_BYTES)
        vp_text_append_hex(shown, vp_header_bytes(probe, field), row->width);
    else if (row->kind == VP_KIND_HEX)
        append_hex_number(shown, vp_header_bytes(probe, field), row->width, probe->format->order);
    else
        vp_text_append_uuid(shown, vp_header_bytes(probe, field), row->kind == VP_KIND_UUID_LE);
    vp_record_set_string(details, key, shown->str);
}

/* A field as text by which images know each other; NULL when it holds nothing. (transfer full) */
static char *
identity_text(const VpProbe *probe, guint field)
{
    const VpHeaderField *row;
    GString *text;

    /* A format may have no fields at all. */
    if (field == 0 || !vp_probe_has(probe, field) || field_is_zero(probe, field))
        return NULL;
    row = &probe->format->fields[field];
    text = g_string_new(NULL);
    if (row->kind == VP_KIND_UUID_BE || row->kind == VP_KIND_UUID_LE)
        vp_text_append_uuid(text, vp_header_bytes(probe, field), row->kind == VP_KIND_UUID_LE);
    else
        vp_text_append_hex(text, vp_header_bytes(probe, field), row->width);
    return g_string_free(text, FALSE);
}

void
vp_fill_identity(VpProbe *probe)
{
    const VpIdentityRule *rule = &probe->format->identity;
    g_autofree char *own = NULL;
    g_autofree char *parent = NULL;

    if (!vp_record_wants(probe->extra, VP_PROBE_IDENTITY))
        return;
    own = identity_text(probe, rule->own);
    parent = identity_text(probe, rule->parent);
    vp_probe_set_identity(probe, own, parent);
}

/* The record of the details, made when it is first needed. NULL when it is not wanted, or memory is spent. */
static VirtProbeRecord *
details_record(VpProbe *probe, VirtProbeRecord *record, guint field)
{
    VirtProbeRecord *details = vp_record_get_record(record, field);
    const VpRecordType *type;

    if (details != NULL || !vp_record_wants(record, field))
        return details;
    type = details_type(probe->format, record);
    return type != NULL ? vp_record_set_typed(record, field, type) : NULL;
}

void
vp_probe_set_detail(VpProbe *probe, guint index, const guint8 *bytes, gsize len, guint64 offset)
{
    VirtProbeRecord *details = details_record(probe, probe->extra, VP_PROBE_DETAILS);

    vp_probe_set_text(probe, details, count_rows(probe->format) + index, bytes, len, offset);
}

void
vp_fill_details(VpProbe *probe, VirtProbeRecord *record, guint field)
{
    const VpFormat *format = probe->format;
    VirtProbeRecord *details;
    guint key = 0;
    gboolean has_any = FALSE;

    if (!vp_record_wants(record, field))
        return;
    for (guint i = 0; i < format->n_fields; i++)
        has_any = has_any || (format->fields[i].is_detail && vp_probe_has(probe, i));
    if (!has_any)
        return;
    details = details_record(probe, record, field);
    for (guint i = 0; i < format->n_fields; i++) {
        if (!format->fields[i].is_detail)
            continue;
        if (vp_probe_has(probe, i))
            set_detail(probe, details, key, i);
        key++;
    }
}

static void
append_header_value(const VpProbe *probe, guint field, GString *out)
{
    const VpHeaderField *row = &probe->format->fields[field];

    if (row->kind == VP_KIND_UINT)
        g_string_append_printf(out, "0x%0*" G_GINT64_MODIFIER "x", row->width * 2,
                               vp_probe_value(probe, field));
    else
        vp_text_append_hex(out, vp_header_bytes(probe, field), row->width);
}

void
vp_fill_header(VpProbe *probe)
{
    if (probe->extra == NULL || (probe->flags & VIRT_PROBE_DESCRIBE_FULL) == 0)
        return;
    for (guint i = 0; i < probe->format->n_fields; i++) {
        const VpHeaderField *row = &probe->format->fields[i];
        g_autoptr(GString) value = g_string_new(NULL);
        VirtProbeRecord *record;

        if (!vp_probe_has(probe, i))
            continue;
        append_header_value(probe, i, value);
        record = vp_record_append(probe->extra, VP_PROBE_HEADER);
        vp_record_set_constant(record, VP_HEADER_FIELD_NAME, row->name);
        vp_record_set_uint(record, VP_HEADER_FIELD_OFFSET, vp_header_field_place(probe, i));
        vp_record_set_uint(record, VP_HEADER_FIELD_LENGTH, row->width);
        vp_record_set_text(record, VP_HEADER_FIELD_VALUE, value->str, value->len);
    }
}
