/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.c: the metadata tree as JSON, by the field table. */
#include "storage/location.h"
#include "storage/record.h"
#include "util/json-writer.h"
#include "util/text.h"

#include <string.h>

/* Bytes that most documents fit into. */
#define FIRST_ROOM 65536

/* One step of the way to the value that is being written. */
typedef struct {
    const char *key; /* NULL: an item of a list */
    guint index;
} Step;

typedef struct {
    VpJsonWriter writer;
    Step steps[VP_JSON_DEPTH_MAX * 2];
    guint n_steps;
    GPtrArray *inexact;       /* of Inexact */
    gboolean has_bytes_owner; /* a record further up lists the exact bytes of all strings in it */
} Export;

/* A string that JSON could not hold. */
typedef struct {
    char *pointer;
    char *bytes;
    gsize len;
} Inexact;

static void
inexact_free(gpointer data)
{
    Inexact *inexact = data;

    g_free(inexact->pointer);
    g_free(inexact->bytes);
    g_free(inexact);
}

static void export_record(Export *export, const VirtProbeRecord *record);

/* The way as a JSON pointer (RFC 6901); no key of ours needs escapes. (transfer full) */
static char *
export_pointer(const Export *export)
{
    GString *pointer = g_string_new(NULL);

    for (guint i = 0; i < export->n_steps; i++) {
        if (export->steps[i].key != NULL)
            g_string_append_printf(pointer, "/%s", export->steps[i].key);
        else
            g_string_append_printf(pointer, "/%u", export->steps[i].index);
    }
    return g_string_free(pointer, FALSE);
}

/* QEMU keeps names as C strings, so it prints them up to their first NUL. */
static void
export_text(Export *export, const char *bytes, gsize len)
{
    vp_json_string(&export->writer, bytes, strnlen(bytes, len));
}

/* The same, with its bytes noted when JSON cannot hold them. */
static void
export_exact_text(Export *export, const char *bytes, gsize len)
{
    Inexact *inexact;

    export_text(export, bytes, len);
    if (vp_text_is_lossless(bytes, len))
        return;
    inexact = g_new(Inexact, 1);
    inexact->pointer = export_pointer(export);
    inexact->bytes = g_memdup2(bytes, len);
    inexact->len = len;
    g_ptr_array_add(export->inexact, inexact);
}

/* A name without its credentials; they are not among the exact bytes either. */
static void
export_name(Export *export, const char *bytes, gsize len)
{
    gsize masked_len = 0;
    g_autofree char *masked = vp_name_mask(bytes, len, &masked_len);

    if (masked != NULL)
        export_exact_text(export, masked, masked_len);
    else
        export_exact_text(export, bytes, len);
}

static void
export_mask(Export *export, guint64 value)
{
    char text[24];

    g_snprintf(text, sizeof text, "0x%016" G_GINT64_MODIFIER "x", value);
    vp_json_string(&export->writer, text, strlen(text));
}

static void
export_list(Export *export, const VpList *list, VpFieldType type)
{
    Step *step = &export->steps[export->n_steps++];

    vp_json_array_begin(&export->writer);
    for (guint i = 0; i < list->count; i++) {
        if (type == VP_TYPE_TEXTS) {
            const VpText *text = list->items[i];

            export_text(export, text->bytes, text->len);
            continue;
        }
        *step = (Step) { .index = i };
        export_record(export, list->items[i]);
    }
    export->n_steps--;
    vp_json_array_end(&export->writer);
}

static void
export_value(Export *export, const VpValue *value, VpFieldType type)
{
    switch (type) {
    case VP_TYPE_BOOL:
        vp_json_bool(&export->writer, value->number != 0);
        break;
    case VP_TYPE_UINT:
        vp_json_uint(&export->writer, value->number);
        break;
    case VP_TYPE_INT:
        vp_json_int(&export->writer, (gint64) value->number);
        break;
    case VP_TYPE_MASK:
        export_mask(export, value->number);
        break;
    case VP_TYPE_TEXT:
        export_exact_text(export, value->bytes, value->len);
        break;
    case VP_TYPE_NAME:
        export_name(export, value->bytes, value->len);
        break;
    case VP_TYPE_RECORD:
        export_record(export, value->record);
        break;
    case VP_TYPE_TEXTS:
    case VP_TYPE_LIST:
        export_list(export, value->list, type);
        break;
    }
}

/* The field in which a record lists the exact bytes of strings; -1: it has none. */
static gint
bytes_field(const VpRecordType *type)
{
    const VpField *last = &type->fields[type->n_fields - 1];

    return last->child == VP_RECORD_BYTES ? (gint) type->n_fields - 1 : -1;
}

/* Strings that come later in the document than this are none of an image's. */
static void
export_inexact(Export *export)
{
    g_autoptr(GString) hex = g_string_new(NULL);

    if (export->inexact->len == 0)
        return;
    vp_json_key(&export->writer, vp_record_type(VP_RECORD_PROBE)->fields[VP_PROBE_BYTES].key);
    vp_json_array_begin(&export->writer);
    for (guint i = 0; i < export->inexact->len; i++) {
        const Inexact *inexact = g_ptr_array_index(export->inexact, i);
        const VpField *fields = vp_record_type(VP_RECORD_BYTES)->fields;

        g_string_truncate(hex, 0);
        vp_text_append_hex(hex, inexact->bytes, inexact->len);
        vp_json_object_begin(&export->writer);
        vp_json_key(&export->writer, fields[VP_BYTES_POINTER].key);
        vp_json_string(&export->writer, inexact->pointer, strlen(inexact->pointer));
        vp_json_key(&export->writer, fields[VP_BYTES_HEX].key);
        vp_json_string(&export->writer, hex->str, hex->len);
        vp_json_object_end(&export->writer);
    }
    vp_json_array_end(&export->writer);
}

static void
export_record(Export *export, const VirtProbeRecord *record)
{
    Step *step = &export->steps[export->n_steps++];
    gboolean lists_bytes = !export->has_bytes_owner && bytes_field(record->type) >= 0;

    export->has_bytes_owner = export->has_bytes_owner || lists_bytes;
    vp_json_object_begin(&export->writer);
    for (guint i = 0; i < record->type->n_fields; i++) {
        const VpField *field = &record->type->fields[i];
        const VpValue *value = vp_record_get(record, i);

        if (value == NULL)
            continue;
        *step = (Step) { .key = field->key };
        vp_json_key(&export->writer, field->key);
        export_value(export, value, field->type);
    }
    export->n_steps--;
    if (lists_bytes)
        export_inexact(export);
    vp_json_object_end(&export->writer);
}

char *
virt_probe_record_to_json(const VirtProbeRecord *record)
{
    g_autoptr(GPtrArray) inexact = NULL;
    GString *out;
    Export export;

    g_return_val_if_fail(record != NULL, NULL);

    inexact = g_ptr_array_new_with_free_func(inexact_free);
    out = g_string_sized_new(MIN(record->tree->output_size + 256, FIRST_ROOM));
    export = (Export) { .inexact = inexact };
    vp_json_writer_init(&export.writer, out, FALSE);
    export_record(&export, record);
    return g_string_free(out, FALSE);
}
