/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-json.c: a volume as a JSON object on one line, by the table of its fields. */
#include "storage/pool/volume.h"
#include "util/json-writer.h"
#include "util/text.h"
#include "virtprobe/location.h"

#include <string.h>

/* Bytes that most volumes fit into. */
#define FIRST_ROOM 1024

#define NANOSECONDS 1000000000
#define NANOSECOND_DIGITS 9

typedef struct {
    VpJsonWriter writer;
    GString *inexact; /* objects about strings that JSON cannot hold; NULL: there are none yet */
} Export;

/* Notes the exact bytes of a string; "pointer" is a JSON pointer (RFC 6901) to it, as in descriptions of images. */
static void
note_inexact(Export *export, const char *key, const char *text, gsize len)
{
    if (export->inexact == NULL)
        export->inexact = g_string_new(NULL);
    g_string_append_printf(export->inexact, "%s{\"pointer\": \"/%s\", \"hex\": \"",
                           export->inexact->len > 0 ? ", " : "", key);
    vp_text_append_hex(export->inexact, text, len);
    g_string_append(export->inexact, "\"}");
}

static void
export_key(Export *export, const VpVolumeField *field)
{
    vp_json_key_compact(&export->writer, &field->json_key);
}

static void
export_text(Export *export, const VpVolumeField *field, const char *text)
{
    gsize len = strlen(text);

    export_key(export, field);
    if (!vp_json_string(&export->writer, text, len) && !vp_text_is_lossless(text, len))
        note_inexact(export, field->key, text, len);
}

/* A name without its credentials; they are not among the exact bytes either. */
static void
export_name(Export *export, const VpVolumeField *field, const char *name)
{
    g_autofree char *masked = NULL;

    /* Without a colon it is a path, in which nothing can be hidden. */
    if (strchr(name, ':') != NULL)
        masked = virt_probe_name_mask(name);
    export_text(export, field, masked != NULL ? masked : name);
}

/* Ids of our own, between commas: none of them needs to be escaped. */
static void
export_list(Export *export, const VpVolumeField *field, const char *list)
{
    export_key(export, field);
    vp_json_array_begin(&export->writer);
    while (list[0] != '\0') {
        gsize len = strcspn(list, ",");

        vp_json_string(&export->writer, list, len);
        list += len + (list[len] != '\0');
    }
    vp_json_array_end(&export->writer);
}

/* As the time of a description: seconds, a point, nanoseconds. A number would lose digits in most readers. */
static void
export_time(Export *export, const VpVolumeField *field, guint64 value)
{
    gint64 time = (gint64) value;
    gint64 nanoseconds = time % NANOSECONDS;
    gint64 seconds = time / NANOSECONDS;
    char text[48];
    char *end = text + sizeof text;
    char *first;

    if (nanoseconds < 0) {
        nanoseconds += NANOSECONDS;
        seconds--;
    }
    /* Not printf: times are in every line of a scan. */
    first = vp_text_decimal(end, (guint64) nanoseconds, NANOSECOND_DIGITS);
    *--first = '.';
    first = vp_text_decimal(first, (guint64) ABS(seconds), 1);
    if (seconds < 0)
        *--first = '-';
    export_key(export, field);
    vp_json_string(&export->writer, first, (gsize) (end - first));
}

static void
export_number(Export *export, const VpVolumeField *field, guint64 value)
{
    if (value == VP_VOLUME_UNKNOWN)
        return;
    if (field->type == VP_VOLUME_TIME) {
        export_time(export, field, value);
        return;
    }
    export_key(export, field);
    vp_json_uint(&export->writer, value);
}

static void
export_field(Export *export, const VpVolumeFacts *facts, const VpVolumeField *field)
{
    const char *text;

    switch (field->type) {
    case VP_VOLUME_TEXT:
    case VP_VOLUME_NAME:
        text = vp_volume_text(facts, field);
        if (text != NULL && field->type == VP_VOLUME_NAME)
            export_name(export, field, text);
        else if (text != NULL)
            export_text(export, field, text);
        break;
    case VP_VOLUME_LIST:
        text = vp_volume_text(facts, field);
        if (text != NULL)
            export_list(export, field, text);
        break;
    case VP_VOLUME_UINT:
    case VP_VOLUME_SIZE:
    case VP_VOLUME_TIME:
    case VP_VOLUME_MODE:
        export_number(export, field, vp_volume_number(facts, field));
        break;
    case VP_VOLUME_BOOL:
        if (vp_volume_is(facts, field)) {
            export_key(export, field);
            vp_json_bool(&export->writer, TRUE);
        }
        break;
    }
}

void
vp_volume_facts_append_json(const VpVolumeFacts *facts, GString *out)
{
    Export export = { .inexact = NULL };

    vp_json_writer_init(&export.writer, out, TRUE);
    vp_json_object_begin(&export.writer);
    for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++)
        export_field(&export, facts, &vp_volume_fields[i]);
    if (export.inexact != NULL) {
        g_string_append_printf(out, ", \"bytes\": [%s]", export.inexact->str);
        g_string_free(export.inexact, TRUE);
    }
    vp_json_object_end(&export.writer);
}

void
virt_probe_volume_append_json(const VirtProbeVolume *volume, GString *out)
{
    g_return_if_fail(volume != NULL && out != NULL);

    vp_volume_facts_append_json(&volume->facts, out);
}

char *
virt_probe_volume_to_json(const VirtProbeVolume *volume)
{
    GString *out;

    g_return_val_if_fail(volume != NULL, NULL);

    out = g_string_sized_new(FIRST_ROOM);
    virt_probe_volume_append_json(volume, out);
    return g_string_free(out, FALSE);
}
