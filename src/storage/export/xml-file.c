/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-file.c: the public calls that describe a file as XML. */
#include "storage/export/xml-attributes.h"
#include "storage/export/xml-full.h"
#include "storage/export/xml-volume.h"
#include "util/error.h"
#include "util/source.h"
#include "virtprobe/describe.h"
#include "virtprobe/xml.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* As libvirt: a directory with both files is an image of Parallels. */
static gboolean
directory_is_ploop(int fd)
{
    return faccessat(fd, "root.hds", F_OK, 0) == 0
           && faccessat(fd, "DiskDescriptor.xml", F_OK, 0) == 0;
}

static VirtProbeRecord *
describe(int fd, const char *path, const char *format, VirtProbeXmlFlags flags, GError **error)
{
    VirtProbeDescribeFlags how = VIRT_PROBE_DESCRIBE_DEFAULT;

    if (format == NULL)
        how |= VIRT_PROBE_DESCRIBE_RECOGNISE;
    if ((flags & VIRT_PROBE_XML_FULL) != 0)
        how |= VIRT_PROBE_DESCRIBE_FULL;
    return virt_probe_describe_fd(fd, path, format, how, error);
}

static char *
write_document(const VpXmlVolume *volume, VirtProbeXmlFlags flags)
{
    g_auto(VpXml) xml = { NULL };

    vp_xml_init(&xml);
    if ((flags & VIRT_PROBE_XML_FULL) != 0)
        vp_xml_full(&xml, volume, volume->image);
    else
        vp_xml_volume(&xml, volume);
    return vp_xml_finish(&xml);
}

char *
virt_probe_fd_to_xml(int fd, const char *path, const char *name, const char *format,
                     VirtProbeXmlFlags flags, GError **error)
{
    g_autofree char *folder = NULL;
    g_autofree char *absolute = NULL;
    g_autofree char *base = NULL;
    g_autofree char *label = NULL;
    g_autoptr(VirtProbeRecord) image = NULL;
    VpXmlVolume volume = { .name = name };

    g_return_val_if_fail(fd >= 0 && path != NULL, NULL);

    if (fstat(fd, &volume.info) != 0) {
        vp_error_set_errno(error, errno, "cannot read its attributes");
        return NULL;
    }
    if (!g_path_is_absolute(path)) {
        folder = g_get_current_dir();
        absolute = g_build_filename(folder, path, NULL);
    }
    volume.path = absolute != NULL ? absolute : path;
    volume.asks_backing = (flags & VIRT_PROBE_XML_NO_BACKING_STATUS) == 0;
    if (S_ISDIR(volume.info.st_mode))
        volume.is_ploop = directory_is_ploop(fd);
    else if ((image = describe(fd, path, format, flags, error)) == NULL)
        return NULL;
    volume.image = image;
    if (name == NULL)
        volume.name = base = g_path_get_basename(path);
    volume.label = label = vp_file_label(fd, NULL);
    return write_document(&volume, flags);
}

char *
virt_probe_file_to_xml(const char *path, const char *name, const char *format,
                       VirtProbeXmlFlags flags, GError **error)
{
    struct stat info;
    char *xml;
    int fd;

    g_return_val_if_fail(path != NULL, NULL);

    fd = vp_source_any_open(path, &info, error);
    if (fd < 0)
        return NULL;
    xml = virt_probe_fd_to_xml(fd, path, name, format, flags, error);
    close(fd);
    return xml;
}
