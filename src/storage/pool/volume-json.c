/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-json.c: a volume as a JSON object on one line, by the table of its fields. */
#include "storage/pool/volume.h"
#include "virtprobe/location.h"

#include <string.h>

/* Bytes that most volumes fit into. */
#define FIRST_ROOM 1024

#define NANOSECONDS 1000000000
#define NANOSECOND_DIGITS 9

typedef struct {
    VpJsonLine line;
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
export_text(Export *export, const VpVolumeField *field, const char *text)
{
    gsize len = strlen(text);

    if (!vp_json_line_string(&export->line, &field->json_key, text, len)
        && !vp_text_is_lossless(text, len))
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
    VpJsonLine *line = &export->line;

    vp_json_line_need(line, sizeof field->json_key);
    vp_json_line_key(line, &field->json_key);
    vp_json_line_raw(line, "[", 1);
    for (const char *before = "\""; list[0] != '\0'; before = ", \"") {
        gsize len = strcspn(list, ",");

        vp_json_line_raw(line, before, strlen(before));
        vp_json_line_raw(line, list, len);
        vp_json_line_raw(line, "\"", 1);
        list += len + (list[len] != '\0');
    }
    vp_json_line_raw(line, "]", 1);
}

/* As the time of a description: seconds, a point, nanoseconds. A number would lose digits in most readers. */
static void
export_time(Export *export, const VpVolumeField *field, guint64 value)
{
    gint64 time = (gint64) value;
    guint64 distance = time < 0 ? -(guint64) time : (guint64) time;
    guint64 nanoseconds = distance % NANOSECONDS;
    VpJsonLine *line = &export->line;
    char *place;

    vp_json_line_need(line, VP_JSON_LINE_NUMBER_MAX + NANOSECOND_DIGITS);
    vp_json_line_key(line, &field->json_key);
    place = line->place;
    *place++ = '"';
    if (time < 0)
        *place++ = '-';
    place = vp_text_put_decimal(place, distance / NANOSECONDS);
    *place++ = '.';
    vp_text_decimal(place + NANOSECOND_DIGITS, nanoseconds, NANOSECOND_DIGITS);
    place += NANOSECOND_DIGITS;
    *place++ = '"';
    line->place = place;
}

static void
export_field(Export *export, const VpVolumeFacts *facts, const VpVolumeField *field)
{
    const char *text = vp_volume_type_is_text(field->type) ? vp_volume_text(facts, field) : NULL;
    guint64 number;

    switch (field->type) {
    case VP_VOLUME_TEXT:
        if (text != NULL)
            export_text(export, field, text);
        break;
    case VP_VOLUME_NAME:
        if (text != NULL)
            export_name(export, field, text);
        break;
    case VP_VOLUME_LIST:
        if (text != NULL)
            export_list(export, field, text);
        break;
    case VP_VOLUME_TIME:
        number = vp_volume_number(facts, field);
        if (number != VP_VOLUME_UNKNOWN)
            export_time(export, field, number);
        break;
    case VP_VOLUME_UINT:
    case VP_VOLUME_SIZE:
    case VP_VOLUME_MODE:
        number = vp_volume_number(facts, field);
        if (number != VP_VOLUME_UNKNOWN)
            vp_json_line_uint(&export->line, &field->json_key, number);
        break;
    case VP_VOLUME_BOOL:
        if (vp_volume_is(facts, field)) {
            vp_json_line_need(&export->line, sizeof field->json_key);
            vp_json_line_key(&export->line, &field->json_key);
            vp_json_line_raw(&export->line, "true", strlen("true"));
        }
        break;
    }
}

void
vp_volume_facts_append_json(const VpVolumeFacts *facts, GString *out)
{
    Export export = { .inexact = NULL };

    vp_json_line_begin(&export.line, out);
    for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++)
        export_field(&export, facts, &vp_volume_fields[i]);
    if (export.inexact != NULL) {
        static const char key[] = ", \"bytes\": [";

        vp_json_line_raw(&export.line, key, strlen(key));
        vp_json_line_raw(&export.line, export.inexact->str, export.inexact->len);
        vp_json_line_raw(&export.line, "]", 1);
        g_string_free(export.inexact, TRUE);
    }
    vp_json_line_end(&export.line);
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
