/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parent.c: how disks of other systems name the disk that they stand on. */
#include "storage/format.h"
#include "storage/location.h"

/* Windows asks a server for such a name; those that begin like a device are of this machine, but for one. */
static gboolean
name_is_on_server(const char *name, gsize len)
{
    g_autofree char *text = g_strndup(name, MIN(len, 8));

    g_strdelimit(text, "/", '\\');
    if (!g_str_has_prefix(text, "\\\\"))
        return FALSE;
    if (!g_str_has_prefix(text, "\\\\?\\") && !g_str_has_prefix(text, "\\\\.\\"))
        return TRUE;
    return g_ascii_strncasecmp(text + 4, "UNC\\", 4) == 0;
}

/* The path means something only where the image was made; a chain looks for the file name beside the image. */
static void
add_reference(VpProbe *probe, const char *name, gsize name_len, guint64 offset, guint64 len)
{
    VirtProbeRecord *reference = vp_record_append(probe->extra, VP_PROBE_REFERENCES);
    VirtProbeRecord *location;

    vp_record_set_constant(reference, VP_REFERENCE_ROLE, VP_ROLE_PARENT);
    vp_record_set_bool(reference, VP_REFERENCE_USED, TRUE);
    vp_record_set_uint(reference, VP_REFERENCE_NAME_OFFSET, offset);
    vp_record_set_uint(reference, VP_REFERENCE_NAME_LENGTH, len);
    if (name_is_on_server(name, name_len))
        vp_probe_find(probe, VP_RULE_PROTOCOL_FILENAME, offset, len,
                      "a name of the parent is one of a server");
    location = vp_record_set_record(reference, VP_REFERENCE_LOCATION, VP_RECORD_LOCATION);
    vp_record_set_text(location, VP_LOCATION_TEXT, name, name_len);
    if (vp_record_has(location, VP_LOCATION_TEXT))
        vp_location_fill_path(location, vp_record_get_text(location, VP_LOCATION_TEXT));
}

void
vp_probe_add_locator(VpProbe *probe, const char *key, const char *name, gsize name_len,
                     gboolean is_path, guint64 offset, guint64 len)
{
    VirtProbeRecord *locator = vp_record_append(probe->extra, VP_PROBE_PARENT_LOCATOR);

    name_len = MIN(name_len, VP_NAME_MAX);
    if (locator != NULL) {
        vp_probe_set_text(probe, locator, VP_LOCATOR_KEY, (const guint8 *) key, strlen(key),
                          offset);
        vp_record_set_uint(locator, VP_LOCATOR_OFFSET, offset);
        vp_record_set_uint(locator, VP_LOCATOR_LENGTH, len);
    }
    if (name == NULL || name_len == 0)
        return;
    if (locator != NULL)
        vp_probe_set_text(probe, locator, VP_LOCATOR_VALUE, (const guint8 *) name, name_len,
                          offset);
    if (is_path)
        add_reference(probe, name, name_len, offset, len);
}
