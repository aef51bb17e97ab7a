/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-full.c: everything that is known, in a document of our own: a record as elements, named by its keys.
 *
 * What the elements are is said by the field table alone; docs/schema/virt-probe.rng is made from it too. */
#include "storage/export/xml-full.h"
#include "util/text.h"
#include "virtprobe/location.h"
#include "virtprobe/xml.h"

#include <string.h>

/* Our names have a prefix, so that libvirt's elements stay as they are. */
#define PREFIX "vp:"

typedef struct {
    VpXml *xml;
    GString *pointer;         /* JSON pointer to the value that is being written */
    GString *inexact;         /* pairs of pointer and bytes as hexadecimal, each ended by a NUL */
    gboolean has_bytes_owner; /* a record further up lists the exact bytes of all texts in it */
} Full;

static void write_record(Full *full, const char *element, const VirtProbeRecord *record);

static void
begin(Full *full, const char *element)
{
    g_autofree char *name = g_strconcat(PREFIX, element, NULL);

    vp_xml_begin(full->xml, name);
}

static gboolean
write_bytes(Full *full, const char *element, const char *bytes, gsize len)
{
    g_autofree char *name = g_strconcat(PREFIX, element, NULL);

    return vp_xml_bytes(full->xml, name, bytes, len, VP_XML_TEXT);
}

static void
note_inexact(Full *full, const char *bytes, gsize len)
{
    g_string_append_len(full->inexact, full->pointer->str, (gssize) full->pointer->len + 1);
    vp_text_append_hex(full->inexact, bytes, len);
    g_string_append_c(full->inexact, '\0');
}

/* A text up to its first NUL, as JSON has it. */
static void
write_text(Full *full, const char *key, const char *bytes, gsize len)
{
    gsize shown = strnlen(bytes, len);

    if (!write_bytes(full, key, bytes, shown) || shown < len)
        note_inexact(full, bytes, len);
}

/* What is behind a NUL in a name may hold credentials that nobody would find, so it is not written at all. */
static void
write_name(Full *full, const char *key, const char *name)
{
    g_autofree char *masked = virt_probe_name_mask(name);

    write_text(full, key, masked, strlen(masked));
}

static void
write_number(Full *full, const char *key, const char *number)
{
    write_bytes(full, key, number, strlen(number));
}

static void
write_uint(Full *full, const VirtProbeRecord *record, const char *key, VirtProbeFieldType type)
{
    char text[24];
    guint64 value = 0;

    virt_probe_record_get_uint64(record, key, &value);
    if (type == VIRT_PROBE_FIELD_MASK)
        g_snprintf(text, sizeof text, "0x%016" G_GINT64_MODIFIER "x", value);
    else if (type == VIRT_PROBE_FIELD_SIGNED)
        g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, (gint64) value);
    else
        g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, value);
    write_number(full, key, text);
}

static void
write_list(Full *full, const VirtProbeRecord *record, const char *key, gboolean is_of_texts)
{
    guint count = virt_probe_record_get_length(record, key);
    gsize place = full->pointer->len;

    begin(full, key);
    for (guint i = 0; i < count; i++) {
        g_string_append_printf(full->pointer, "/%u", i);
        if (is_of_texts) {
            const char *text = virt_probe_record_get_text_item(record, key, i);

            write_text(full, "item", text, strlen(text));
        } else {
            const VirtProbeRecord *item = virt_probe_record_get_item(record, key, i);

            write_record(full, virt_probe_record_get_kind(item), item);
        }
        g_string_truncate(full->pointer, place);
    }
    vp_xml_end(full->xml);
}

static void
write_field(Full *full, const VirtProbeRecord *record, const char *key)
{
    VirtProbeFieldType type = virt_probe_record_get_field_type(record, key);
    gboolean is_true = FALSE;
    const char *bytes;
    gsize len;

    switch (type) {
    case VIRT_PROBE_FIELD_NONE:
        break;
    case VIRT_PROBE_FIELD_BOOLEAN:
        virt_probe_record_get_boolean(record, key, &is_true);
        write_number(full, key, is_true ? "true" : "false");
        break;
    case VIRT_PROBE_FIELD_NUMBER:
    case VIRT_PROBE_FIELD_SIGNED:
    case VIRT_PROBE_FIELD_MASK:
        write_uint(full, record, key, type);
        break;
    case VIRT_PROBE_FIELD_TEXT:
        bytes = virt_probe_record_get_bytes(record, key, &len);
        write_text(full, key, bytes, len);
        break;
    case VIRT_PROBE_FIELD_NAME:
        write_name(full, key, virt_probe_record_get_text(record, key));
        break;
    case VIRT_PROBE_FIELD_RECORD:
        write_record(full, key, virt_probe_record_get_record(record, key));
        break;
    case VIRT_PROBE_FIELD_TEXTS:
    case VIRT_PROBE_FIELD_LIST:
        write_list(full, record, key, type == VIRT_PROBE_FIELD_TEXTS);
        break;
    }
}

/* In the records in which JSON has them. */
static gboolean
kind_lists_bytes(const char *kind)
{
    static const char *const kinds[] = { "virt-probe", "chain", "location", NULL };

    return g_strv_contains(kinds, kind);
}

static void
write_inexact(Full *full)
{
    const char *at = full->inexact->str;
    const char *end = at + full->inexact->len;

    if (at == end)
        return;
    begin(full, "bytes");
    while (at < end) {
        const char *hex = at + strlen(at) + 1;

        begin(full, "bytes");
        write_bytes(full, "pointer", at, strlen(at));
        write_bytes(full, "hex", hex, strlen(hex));
        vp_xml_end(full->xml);
        at = hex + strlen(hex) + 1;
    }
    vp_xml_end(full->xml);
    g_string_truncate(full->inexact, 0);
}

static void
write_record(Full *full, const char *element, const VirtProbeRecord *record)
{
    gboolean is_owner =
        !full->has_bytes_owner && kind_lists_bytes(virt_probe_record_get_kind(record));
    gsize place = full->pointer->len;
    const char *key;

    full->has_bytes_owner = full->has_bytes_owner || is_owner;
    begin(full, element);
    for (guint i = 0; (key = virt_probe_record_get_nth_key(record, i)) != NULL; i++) {
        g_string_append_printf(full->pointer, "/%s", key);
        write_field(full, record, key);
        g_string_truncate(full->pointer, place);
    }
    if (is_owner)
        write_inexact(full);
    vp_xml_end(full->xml);
}

void
vp_xml_full(VpXml *xml, const VpXmlVolume *volume, const VirtProbeRecord *record)
{
    g_autoptr(GString) pointer = g_string_new(NULL);
    g_autoptr(GString) inexact = g_string_new(NULL);
    Full full = { .xml = xml, .pointer = pointer, .inexact = inexact };

    vp_xml_begin(xml, PREFIX "metadata");
    vp_xml_attribute(xml, "xmlns:vp", VP_XML_NAMESPACE);
    if (volume != NULL)
        vp_xml_volume(xml, volume);
    if (record != NULL)
        write_record(&full, virt_probe_record_get_kind(record), record);
    vp_xml_end(xml);
}

char *
virt_probe_record_to_xml(const VirtProbeRecord *record)
{
    g_auto(VpXml) xml = { NULL };

    g_return_val_if_fail(record != NULL, NULL);

    vp_xml_init(&xml);
    vp_xml_full(&xml, NULL, record);
    return vp_xml_finish(&xml);
}
