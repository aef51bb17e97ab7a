/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-backing.c: libvirt's backingStore: the backing file that an image names, as far as it is a file. */
#include "storage/export/xml-attributes.h"
#include "storage/export/xml-names.h"
#include "storage/export/xml-volume.h"

#include <string.h>

/* What the name of the used backing file means; NULL when there is none. */
static const VirtProbeRecord *
backing_location(const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");
    guint count = virt_probe_record_get_length(extra, "references");

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *reference = virt_probe_record_get_item(extra, "references", i);
        gboolean is_used = FALSE;

        virt_probe_record_get_boolean(reference, "used", &is_used);
        if (is_used && g_strcmp0(virt_probe_record_get_text(reference, "role"), "backing") == 0)
            return virt_probe_record_get_record(reference, "location");
    }
    return NULL;
}

/* The path as libvirt has it: behind that of the directory, not resolved. NULL and why when there is none.
 * (transfer full) */
static char *
backing_path(const VpXmlVolume *volume, const VirtProbeRecord *location, const char **out_reason)
{
    const char *path = virt_probe_record_get_text(location, "path");
    const char *base = strrchr(volume->path, '/');

    *out_reason = NULL;
    /* The root of all directories is none either, and the one path that libvirt's schema has no place for. */
    if (path == NULL || path[0] == '\0' || strcmp(path, "/") == 0) {
        *out_reason = "the backing store is left out: it is no file";
        return NULL;
    }
    if (path[0] == '/')
        return g_strdup(path);
    /* In file: and json: it counts from wherever QEMU is started, which nobody here knows. */
    if (g_strcmp0(virt_probe_record_get_text(location, "text"), path) != 0) {
        *out_reason = "the backing store is left out: its path depends on where it is opened from";
        return NULL;
    }
    return g_strdup_printf("%.*s/%s", (int) (base - volume->path), volume->path, path);
}

/* As libvirt: nothing of what is missing, does not answer, or is neither a file nor a device. It is asked, and not opened. */
static void
write_attributes(VpXml *xml, const char *path)
{
    VpFileAttributes *attributes = vp_file_attributes(path);

    if (attributes == NULL)
        return;
    if (S_ISREG(attributes->info.st_mode) || S_ISBLK(attributes->info.st_mode)) {
        vp_xml_permissions(xml, &attributes->info, attributes->label);
        vp_xml_timestamps(xml, &attributes->info);
    }
    vp_file_attributes_free(attributes);
}

/* Where libvirt looks into the file to find out a format that is not recorded, we say that it is not known: by not
 * saying anything. A format that is recorded, and that libvirt has no name for, must not be taken for a raw disk. */
static void
write_format(VpXml *xml, const VirtProbeRecord *image)
{
    const char *format = virt_probe_record_get_text(image, "backing-filename-format");

    if (format == NULL || format[0] == '\0')
        return;
    vp_xml_begin(xml, "format");
    vp_xml_attribute(xml, "type", vp_libvirt_format(format));
    vp_xml_end(xml);
}

const char *
vp_xml_backing(VpXml *xml, const VpXmlVolume *volume)
{
    const VirtProbeRecord *location = backing_location(volume->image);
    g_autofree char *path = NULL;
    const char *reason;

    if (location == NULL)
        return NULL;
    path = backing_path(volume, location, &reason);
    if (path == NULL)
        return reason;
    vp_xml_begin(xml, "backingStore");
    vp_xml_text(xml, "path", path);
    write_format(xml, volume->image);
    if (volume->asks_backing)
        write_attributes(xml, path);
    vp_xml_note_bytes(xml, "path", path);
    vp_xml_end(xml);
    return NULL;
}
