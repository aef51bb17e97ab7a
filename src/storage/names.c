/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.c: texts and names of other files that an image holds: storing them and saying what is odd. */
#include "storage/format.h"
#include "storage/location.h"
#include "util/text.h"

#include <string.h>

/* Bytes of an unsafe text that a finding shows. */
#define SHOWN_MAX 64

/* What a finding shows of a text: its beginning, and no credentials of a name. (transfer full) */
static char *
text_shown(const VpField *field, const guint8 *bytes, gsize len)
{
    gsize masked_len = 0;
    g_autofree char *masked =
        field->type == VP_TYPE_NAME ? vp_name_mask((const char *) bytes, len, &masked_len) : NULL;

    return masked != NULL ? vp_text_escape(masked, MIN(masked_len, SHOWN_MAX))
                          : vp_text_escape(bytes, MIN(len, SHOWN_MAX));
}

void
vp_probe_set_text(VpProbe *probe, VirtProbeRecord *record, guint field, const guint8 *bytes,
                  gsize len, guint64 offset)
{
    if (record == NULL)
        return;
    vp_record_set_text(record, field, bytes, len);
    if (!vp_text_is_clean(bytes, len)) {
        g_autofree char *shown = text_shown(&record->type->fields[field], bytes, len);

        vp_probe_find(probe, VP_RULE_UNSAFE_TEXT, offset, len, "%s holds unsafe text: %s",
                      record->type->fields[field].key, shown);
    }
}

static void
find_name_kind(VpProbe *probe, const char *key, const char *name, gsize len, guint64 offset)
{
    switch (vp_name_kind(name)) {
    case VP_NAME_JSON:
        vp_probe_find(probe, VP_RULE_JSON_FILENAME, offset, len, "%s is a json: description", key);
        break;
    case VP_NAME_PROTOCOL:
        vp_probe_find(probe, VP_RULE_PROTOCOL_FILENAME, offset, len, "%s starts with a protocol",
                      key);
        break;
    case VP_NAME_ABSOLUTE:
        vp_probe_find(probe, VP_RULE_ABSOLUTE_PATH, offset, len, "%s is an absolute path", key);
        break;
    case VP_NAME_RELATIVE:
        break;
    }
}

/* The reference with that role, empty: when an image names a file twice, the last name counts, as for QEMU. Only of extents
 * there are many. */
static VirtProbeRecord *
reference_for_role(VpProbe *probe, const char *role)
{
    const VpValue *list =
        strcmp(role, VP_ROLE_EXTENT) != 0 ? vp_record_get(probe->extra, VP_PROBE_REFERENCES) : NULL;
    VirtProbeRecord *reference;

    for (guint i = 0; list != NULL && i < list->list->count; i++) {
        reference = list->list->items[i];
        if (strcmp(vp_record_get(reference, VP_REFERENCE_ROLE)->bytes, role) == 0) {
            vp_record_unset(reference, VP_REFERENCE_LOCATION);
            return reference;
        }
    }
    reference = vp_record_append(probe->extra, VP_PROBE_REFERENCES);
    vp_record_set_constant(reference, VP_REFERENCE_ROLE, role);
    return reference;
}

/* Writes what the name means. QEMU, since it was repaired for CVE-2024-4467, opens a data file by nothing but its path;
 * what older versions make of other names is said by find_name_kind(). */
static void
reference_fill_location(VpProbe *probe, VirtProbeRecord *reference, const char *key,
                        const char *name, gsize len, guint64 offset)
{
    VirtProbeRecord *location =
        vp_record_set_record(reference, VP_REFERENCE_LOCATION, VP_RECORD_LOCATION);
    const char *option;

    if (strcmp(vp_record_get(reference, VP_REFERENCE_ROLE)->bytes, VP_ROLE_BACKING) != 0) {
        vp_location_fill_path(location, name);
        return;
    }
    vp_location_fill(location, name);
    option = location != NULL ? vp_location_find_unknown_option(location) : NULL;
    if (option != NULL)
        vp_probe_find(probe, VP_RULE_JSON_OPTION_UNKNOWN, offset, len,
                      "%s has an option that its driver does not know: %s", key, option);
}

VirtProbeRecord *
vp_probe_set_reference(VpProbe *probe, const char *role, VirtProbeRecord *record, guint field,
                       const guint8 *bytes, gsize len, guint64 offset)
{
    VirtProbeRecord *reference;
    const VpValue *value;

    if (len > VP_NAME_MAX) {
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, offset, len,
                      "%s has %" G_GSIZE_FORMAT " bytes, no file name is longer than %u",
                      record->type->fields[field].key, len, VP_NAME_MAX);
        len = VP_NAME_MAX;
    }
    vp_probe_set_text(probe, record, field, bytes, len, offset);
    value = vp_record_get(record, field);
    if (value == NULL)
        return NULL;
    find_name_kind(probe, record->type->fields[field].key, value->bytes, len, offset);
    reference = reference_for_role(probe, role);
    vp_record_set_bool(reference, VP_REFERENCE_USED, TRUE);
    vp_record_set_uint(reference, VP_REFERENCE_NAME_OFFSET, offset);
    vp_record_set_uint(reference, VP_REFERENCE_NAME_LENGTH, len);
    reference_fill_location(probe, reference, record->type->fields[field].key, value->bytes, len,
                            offset);
    return reference;
}

void
vp_probe_resolve_beside(VpProbe *probe, VirtProbeRecord *record, guint field)
{
    const char *name = vp_record_get_text(record, field);
    g_autofree char *full_name = NULL;

    if (name == NULL || probe->name == NULL || vp_name_kind(name) == VP_NAME_ABSOLUTE)
        return;
    full_name = vp_name_beside(probe->name, name);
    if (full_name != NULL)
        vp_record_set_string(record, field, full_name);
}

void
vp_probe_set_backing(VpProbe *probe, const guint8 *name, gsize len, guint64 offset)
{
    g_autofree char *full_name = NULL;
    const VpValue *value;
    VpRuleId rule;

    /* An empty name means that there is none, also for QEMU. */
    if (len == 0)
        return;
    if (name[0] == '\0') {
        vp_probe_find(probe, VP_RULE_UNSAFE_TEXT, offset, len,
                      "backing file name begins with a NUL byte, so QEMU takes it for none");
        return;
    }
    rule = probe->format->backing.rule;
    vp_probe_find(probe, rule != 0 ? rule : VP_RULE_BACKING_FILE, offset, len,
                  "the image stands on a backing file");
    vp_probe_set_reference(probe, VP_ROLE_BACKING, probe->image, VP_IMAGE_BACKING_FILENAME, name,
                           len, offset);
    value = vp_record_get(probe->image, VP_IMAGE_BACKING_FILENAME);
    if (value == NULL)
        return;
    full_name = vp_name_resolve(probe->name, value->bytes);
    if (full_name != NULL)
        vp_record_set_string(probe->image, VP_IMAGE_FULL_BACKING_FILENAME, full_name);
}

void
vp_probe_set_identity(VpProbe *probe, const char *own, const char *parent)
{
    if (own != NULL && own[0] != '\0')
        vp_record_set_string(probe->extra, VP_PROBE_IDENTITY, own);
    if (parent != NULL && parent[0] != '\0')
        vp_record_set_string(probe->extra, VP_PROBE_PARENT_IDENTITY, parent);
}

VirtProbeRecord *
vp_image_nth_reference(const VirtProbeRecord *image, const char *role, guint number)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    const VpValue *list = vp_record_get(extra, VP_PROBE_REFERENCES);

    for (guint i = 0; list != NULL && i < list->list->count; i++) {
        VirtProbeRecord *reference = list->list->items[i];

        if (strcmp(vp_record_get(reference, VP_REFERENCE_ROLE)->bytes, role) == 0 && number-- == 0)
            return reference;
    }
    return NULL;
}

VirtProbeRecord *
vp_image_find_reference(const VirtProbeRecord *image, const char *role)
{
    VirtProbeRecord *reference = vp_image_nth_reference(image, role, 0);

    return reference != NULL && vp_record_get(reference, VP_REFERENCE_USED)->number != 0 ? reference
                                                                                         : NULL;
}
