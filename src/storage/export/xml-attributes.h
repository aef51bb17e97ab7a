/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-attributes.h: who owns a file and when it was used, as libvirt writes it for volumes and pools. */
#pragma once

#include "storage/export/xml-writer.h"

#include <sys/stat.h>

/* The security label of an open file; NULL: it has none. (transfer full) */
char *vp_file_label(int fd);

/* What is written of a file that is not open. */
typedef struct {
    struct stat info;
    char *label; /* may be NULL */
} VpFileAttributes;

/* NULL when there is no such file, or when it does not answer in time. (transfer full) */
VpFileAttributes *vp_file_attributes(const char *path);
void vp_file_attributes_free(gpointer attributes);

/* Element permissions. label: may be NULL. */
void vp_xml_permissions(VpXml *xml, const struct stat *info, const char *label);

/* Element timestamps. */
void vp_xml_timestamps(VpXml *xml, const struct stat *info);
