/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hooks-xml.c: what a hook program reads about a volume. */
#include "storage/export/xml-writer.h"
#include "storage/pool/hooks.h"
#include "virtprobe/xml.h"

/* A volume that was there is known by its name only. */
static char *
volume_path(const VirtProbePool *pool, const VirtProbeVolume *volume)
{
    const char *path = virt_probe_volume_get_text(volume, "path");

    if (path != NULL)
        return g_strdup(path);
    return g_build_filename(virt_probe_pool_get_target(pool),
                            virt_probe_volume_get_text(volume, "name"), NULL);
}

static char *
minimal_xml(const char *name, const char *path)
{
    g_auto(VpXml) xml = { NULL };

    vp_xml_init(&xml);
    vp_xml_begin(&xml, "volume");
    vp_xml_text(&xml, "name", name);
    vp_xml_text(&xml, "key", path);
    vp_xml_begin(&xml, "target");
    vp_xml_text(&xml, "path", path);
    vp_xml_end(&xml);
    vp_xml_end(&xml);
    return vp_xml_finish(&xml);
}

char *
vp_hook_volume_xml(const VirtProbePool *pool, VirtProbeChange change, const VirtProbeVolume *volume)
{
    g_autofree char *path = volume_path(pool, volume);
    const char *name = virt_probe_volume_get_text(volume, "name");
    const char *state = virt_probe_volume_get_text(volume, "state");
    char *xml = NULL;

    /* What could not be read may be what never answers. */
    if (change != VIRT_PROBE_CHANGE_REMOVED && g_strcmp0(state, "unreadable") != 0)
        xml = virt_probe_file_to_xml(
            path, name, NULL, VIRT_PROBE_XML_NO_BACKING_STATUS | VIRT_PROBE_XML_BOUNDED, NULL);
    /* A file that is broken, or gone since it was seen, is told of nevertheless. */
    return xml != NULL ? xml : minimal_xml(name, path);
}
