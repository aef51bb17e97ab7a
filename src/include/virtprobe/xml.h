/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml.h: descriptions as XML: libvirt's volumes, and everything in a document of our own. */
#pragma once

#include <virtprobe/record.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeXmlFlags:
 * @VIRT_PROBE_XML_DEFAULT: libvirt's document
 * @VIRT_PROBE_XML_NO_BACKING_STATUS: without owner, mode and times of the backing file, so that nothing that an image names
 *   is even asked about
 * @VIRT_PROBE_XML_FULL: a document of our own with libvirt's in it, and beside it all that is known
 * @VIRT_PROBE_XML_BOUNDED: virt_probe_file_to_xml() gives up after 10 seconds, with %G_FILE_ERROR_IO, when the file does not
 *   answer, such as one of a server that is away
 *
 * What to write.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_XML_DEFAULT = 0,
    VIRT_PROBE_XML_FULL = 1 << 0,
    VIRT_PROBE_XML_NO_BACKING_STATUS = 1 << 1,
    VIRT_PROBE_XML_BOUNDED = 1 << 2,
} VirtProbeXmlFlags;

/**
 * virt_probe_file_to_xml:
 * @path: (type filename): a regular file, block device or directory; a relative path is made absolute
 * @name: (type filename) (nullable): name of the volume; %NULL: the last part of @path
 * @format: (nullable): its format; %NULL to have it recognised
 * @flags: what to write
 * @error: return location for an error
 *
 * Describes a file as libvirt describes a volume of a directory: element for element as libvirt 9.0 prints it, valid by
 * its storagevol.rng; docs/xml.md lists where and why it differs. The file is opened once; of a backing file only owner,
 * mode and times are asked, and it is not opened; they are left out when it does not answer within 10 seconds. What is
 * damaged is described as far as it goes.
 *
 * Bytes that XML cannot hold are written as \xNN, and a comment at the end has the whole text in hexadecimal.
 *
 * Returns: (transfer full): the XML, UTF-8 with a newline at its end, to be freed with g_free(); %NULL when the file
 *   cannot be opened or described, as for virt_probe_describe_file()
 *
 * Since: 0.1
 */
char *virt_probe_file_to_xml(const char *path, const char *name, const char *format,
                             VirtProbeXmlFlags flags, GError **error);

/**
 * virt_probe_fd_to_xml:
 * @fd: a descriptor open for reading; it stays open
 * @path: (type filename): what its path is said to be
 * @name: (type filename) (nullable): as for virt_probe_file_to_xml()
 * @format: (nullable): as for virt_probe_file_to_xml()
 * @flags: what to write
 * @error: return location for an error
 *
 * As virt_probe_file_to_xml(), for a file that is open already. @path is not opened; names of backing files count from
 * its directory.
 *
 * Returns: (transfer full): the XML, or %NULL
 *
 * Since: 0.1
 */
char *virt_probe_fd_to_xml(int fd, const char *path, const char *name, const char *format,
                           VirtProbeXmlFlags flags, GError **error);

/**
 * virt_probe_record_to_xml:
 * @record: a record; mostly that of an image or a chain
 *
 * Writes the record with everything in it, as virt_probe_record_to_json() does: the elements are the keys of
 * docs/fields.md in the namespace `urn:x-virt-probe:metadata:1`, an item of a list is called as its record. The schema is
 * docs/schema/virt-probe.rng. Credentials in names of files are masked.
 *
 * Returns: (transfer full): the XML, UTF-8 with a newline at its end; to be freed with g_free()
 *
 * Since: 0.1
 */
char *virt_probe_record_to_xml(const VirtProbeRecord *record);

#pragma GCC visibility pop
G_END_DECLS
