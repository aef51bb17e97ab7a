/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-attributes.h: who owns a file and when it was used, as libvirt writes it for volumes and pools. */
#pragma once

#include "storage/export/xml-writer.h"

#include <sys/stat.h>

/* The security label of a file: of fd when it is not negative, else of path; NULL: it has none. (transfer full) */
char *vp_file_label(int fd, const char *path);

/* Element permissions. label: may be NULL. */
void vp_xml_permissions(VpXml *xml, const struct stat *info, const char *label);

/* Element timestamps. */
void vp_xml_timestamps(VpXml *xml, const struct stat *info);
