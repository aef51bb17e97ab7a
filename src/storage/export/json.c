/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.c: the metadata tree as JSON, by the field table. */
#include "storage/record.h"
#include "util/json-writer.h"
#include "util/text.h"
#include "virtprobe/describe.h"

#include <string.h>

/* Bytes that most documents fit into. */
#define FIRST_ROOM 65536

typedef struct {
    VpJsonWriter writer;
    GString *pointer;   /* JSON pointer to the value that is being written */
    GPtrArray *inexact; /* of Inexact */
} Export;

/* A string that JSON could not hold. */
typedef struct {
    char *pointer;
    const VpValue *value;
} Inexact;

static void
inexact_free(gpointer data)
{
    Inexact *inexact = data;

    g_free(inexact->pointer);
    g_free(inexact);
}

static void export_record(Export *export, const VirtProbeRecord *record);

/* QEMU keeps names as C strings, so it prints them up to their first NUL. */
static void
export_text(Export *export, const char *bytes, gsize len, const VpValue *value)
{
    vp_json_string(&export->writer, bytes, strnlen(bytes, len));
    if (value != NULL && !vp_text_is_lossless(bytes, len)) {
        Inexact *inexact = g_new(Inexact, 1);

        inexact->pointer = g_strndup(export->pointer->str, export->pointer->len);
        inexact->value = value;
        g_ptr_array_add(export->inexact, inexact);
    }
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
    gsize pointer_len = export->pointer->len;

    vp_json_array_begin(&export->writer);
    for (guint i = 0; i < list->count; i++) {
        if (type == VP_TYPE_TEXTS) {
            const VpText *text = list->items[i];

            export_text(export, text->bytes, text->len, NULL);
            continue;
        }
        g_string_append_printf(export->pointer, "/%u", i);
        export_record(export, list->items[i]);
        g_string_truncate(export->pointer, pointer_len);
    }
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
        export_text(export, value->bytes, value->len, value);
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

/* Strings that come later in the document than this are none of an image's: the record PROBE ends here. */
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
        vp_text_append_hex(hex, inexact->value->bytes, inexact->value->len);
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
    gsize pointer_len = export->pointer->len;

    vp_json_object_begin(&export->writer);
    for (guint i = 0; i < record->type->n_fields; i++) {
        const VpField *field = &record->type->fields[i];
        const VpValue *value = vp_record_get(record, i);

        if (value == NULL)
            continue;
        g_string_append_c(export->pointer, '/');
        g_string_append_len(export->pointer, field->key, field->key_len);
        vp_json_key(&export->writer, field->key);
        export_value(export, value, field->type);
        g_string_truncate(export->pointer, pointer_len);
    }
    if (record->type == vp_record_type(VP_RECORD_PROBE))
        export_inexact(export);
    vp_json_object_end(&export->writer);
}

char *
virt_probe_image_to_json(const VirtProbeRecord *image)
{
    g_autoptr(GString) pointer = NULL;
    g_autoptr(GPtrArray) inexact = NULL;
    GString *out;
    Export export;

    g_return_val_if_fail(image != NULL && image->type == vp_record_type(VP_RECORD_IMAGE), NULL);

    pointer = g_string_new(NULL);
    inexact = g_ptr_array_new_with_free_func(inexact_free);
    out = g_string_sized_new(MIN(image->tree->output_size + 256, FIRST_ROOM));
    export = (Export) { .pointer = pointer, .inexact = inexact };
    vp_json_writer_init(&export.writer, out, FALSE);
    export_record(&export, image);
    return g_string_free(out, FALSE);
}
