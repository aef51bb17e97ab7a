/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-volume.c: libvirt's volume, from a record and the attributes of its file.
 *
 * Elements, order and indentation are those of libvirt 9.0; docs/xml.md says where we differ and why. */
#include "storage/export/xml-volume.h"
#include "storage/export/xml-attributes.h"
#include "storage/export/xml-names.h"
#include "util/text.h"

#include <string.h>

static const VirtProbeRecord *
image_extra(const VirtProbeRecord *image)
{
    return virt_probe_record_get_record(image, "virt-probe");
}

/* What only the image's format has; NULL when there is nothing. */
static const VirtProbeRecord *
image_specific(const VirtProbeRecord *image)
{
    const VirtProbeRecord *specific = virt_probe_record_get_record(image, "format-specific");

    return specific != NULL ? virt_probe_record_get_record(specific, "data") : NULL;
}

static gboolean
image_is(const VirtProbeRecord *image, const char *format)
{
    return g_strcmp0(virt_probe_record_get_text(image, "format"), format) == 0;
}

/* For libvirt a volume of type block is one of a pool of disks or logical volumes; in a directory the link to a device is
 * a file, with the sizes of the device. */
static const char *
volume_type(const VpXmlVolume *volume)
{
    return volume->image == NULL ? "dir" : "file";
}

static gboolean
format_is_recognised(const VirtProbeRecord *image)
{
    return g_strcmp0(virt_probe_record_get_text(image_extra(image), "format-source"), "recognised")
           == 0;
}

/* The size that the image states, not the whole sectors that QEMU makes of it; absent when it states none. */
static void
write_capacity(VpXml *xml, const VpXmlVolume *volume)
{
    guint64 capacity = 0;

    if (volume->image != NULL
        && !virt_probe_record_get_uint64(image_extra(volume->image), "exact-virtual-size",
                                         &capacity)
        && !virt_probe_record_get_uint64(volume->image, "virtual-size", &capacity))
        return;
    vp_xml_uint(xml, "capacity", "bytes", capacity);
}

static void
write_sizes(VpXml *xml, const VpXmlVolume *volume)
{
    guint64 allocation = (guint64) volume->info.st_blocks * 512;
    guint64 physical = 0;

    if (volume->image != NULL)
        virt_probe_record_get_uint64(image_extra(volume->image), "file-size", &physical);
    if (volume->image == NULL)
        allocation = 0;
    else if (S_ISBLK(volume->info.st_mode))
        allocation = physical;
    write_capacity(xml, volume);
    vp_xml_uint(xml, "allocation", "bytes", allocation);
    if (physical > 0)
        vp_xml_uint(xml, "physical", "bytes", physical);
}

/* For libvirt a disc is a format, for us the content of a raw image. */
static const char *
content_format(const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = image_extra(image);
    guint count = virt_probe_record_get_length(extra, "content");

    if (!image_is(image, "raw") || !format_is_recognised(image))
        return NULL;
    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *content = virt_probe_record_get_item(extra, "content", i);

        if (g_strcmp0(virt_probe_record_get_text(content, "format"), "iso") == 0)
            return "iso";
    }
    return NULL;
}

static const char *
volume_format(const VpXmlVolume *volume)
{
    const char *format;

    if (volume->image == NULL)
        return volume->is_ploop ? "ploop" : "dir";
    if (content_format(volume->image) != NULL)
        return content_format(volume->image);
    format = virt_probe_record_get_text(volume->image, "format");
    return format != NULL ? vp_libvirt_format(format) : "unknown";
}

/* libvirt has names for how QEMU encrypts, and none for how VMware and Apple do. */
static gboolean
image_is_encrypted_by_qemu(const VirtProbeRecord *image)
{
    static const char *const formats[] = { "luks", "qcow", "qcow2", NULL };
    const char *format = virt_probe_record_get_text(image, "format");

    return format != NULL && g_strv_contains(formats, format);
}

static void
write_encryption(VpXml *xml, const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = image_extra(image);
    const VirtProbeRecord *encryption = virt_probe_record_get_record(extra, "encryption");
    guint64 version = 0;
    const char *name;

    if (encryption == NULL || !image_is_encrypted_by_qemu(image))
        return;
    if (image_is(image, "luks"))
        virt_probe_record_get_uint64(extra, "version", &version);
    if (g_strcmp0(virt_probe_record_get_text(encryption, "method"), "aes") == 0)
        name = "qcow";
    else
        name = version == 2 ? "luks2" : "luks";
    vp_xml_begin(xml, "encryption");
    vp_xml_attribute(xml, "format", name);
    vp_xml_end_empty(xml);
}

static void
write_feature(VpXml *xml, const VirtProbeRecord *data, const char *key, const char *element)
{
    gboolean is_set = FALSE;

    if (virt_probe_record_get_boolean(data, key, &is_set) && is_set) {
        vp_xml_begin(xml, element);
        vp_xml_end(xml);
    }
}

static void
write_qcow2(VpXml *xml, const VirtProbeRecord *image)
{
    const VirtProbeRecord *data = image_specific(image);
    const char *compat = data != NULL ? virt_probe_record_get_text(data, "compat") : NULL;
    gboolean is_version_3 = g_strcmp0(compat, "1.1") == 0;
    guint64 cluster_size;

    /* Version 2 is what libvirt says nothing of. */
    if (is_version_3)
        vp_xml_text(xml, "compat", compat);
    if (virt_probe_record_get_uint64(image, "cluster-size", &cluster_size))
        vp_xml_uint(xml, "clusterSize", "B", cluster_size);
    if (!is_version_3)
        return;
    vp_xml_begin(xml, "features");
    write_feature(xml, data, "lazy-refcounts", "lazy_refcounts");
    write_feature(xml, data, "extended-l2", "extended_l2");
    vp_xml_end(xml);
}

static void
write_target(VpXml *xml, const VpXmlVolume *volume)
{
    vp_xml_begin(xml, "target");
    vp_xml_text(xml, "path", volume->path);
    vp_xml_begin(xml, "format");
    vp_xml_attribute(xml, "type", volume_format(volume));
    vp_xml_end(xml);
    vp_xml_permissions(xml, &volume->info, volume->label);
    vp_xml_timestamps(xml, &volume->info);
    if (volume->image != NULL)
        write_encryption(xml, volume->image);
    if (volume->image != NULL && image_is(volume->image, "qcow2"))
        write_qcow2(xml, volume->image);
    vp_xml_end(xml);
}

void
vp_xml_note_bytes(VpXml *xml, const char *what, const char *text)
{
    g_autoptr(GString) scratch = g_string_new(NULL);

    if (vp_xml_append(scratch, text, strlen(text), VP_XML_LINE))
        return;
    g_string_printf(scratch, "%s in hexadecimal: ", what);
    vp_text_append_hex(scratch, text, strlen(text));
    vp_xml_comment(xml, scratch->str);
}

/* Whoever reads that there is no encryption should not believe it. */
static void
note_encryption(VpXml *xml, const VirtProbeRecord *image)
{
    if (virt_probe_record_get_record(image_extra(image), "encryption") != NULL
        && !image_is_encrypted_by_qemu(image))
        vp_xml_comment(xml, "encrypted, in a way that libvirt has no name for");
}

/* libvirt has no element for it, and a reader should not take a part for the whole. */
static void
note_state(VpXml *xml, const VirtProbeRecord *image)
{
    const VirtProbeRecord *error = virt_probe_record_get_record(image_extra(image), "error");
    g_autofree char *note = NULL;

    if (error == NULL)
        return;
    note = g_strdup_printf("%s: %s", virt_probe_record_get_text(error, "code"),
                           virt_probe_record_get_text(error, "message"));
    vp_xml_comment(xml, note);
}

void
vp_xml_volume(VpXml *xml, const VpXmlVolume *volume)
{
    const char *left_out = NULL;

    vp_xml_begin(xml, "volume");
    vp_xml_attribute(xml, "type", volume_type(volume));
    vp_xml_text(xml, "name", volume->name);
    vp_xml_text(xml, "key", volume->path);
    write_sizes(xml, volume);
    write_target(xml, volume);
    if (volume->image != NULL)
        left_out = vp_xml_backing(xml, volume);
    if (left_out != NULL)
        vp_xml_comment(xml, left_out);
    if (volume->image != NULL) {
        note_encryption(xml, volume->image);
        note_state(xml, volume->image);
    }
    vp_xml_note_bytes(xml, "name", volume->name);
    vp_xml_note_bytes(xml, "path", volume->path);
    vp_xml_end(xml);
}
