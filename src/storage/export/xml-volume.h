/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-volume.h: libvirt's volume, from a record and the attributes of its file. */
#pragma once

#include "storage/export/xml-writer.h"
#include "virtprobe/record.h"

#include <sys/stat.h>

typedef struct {
    const char *name;
    const char *path;             /* absolute */
    const VirtProbeRecord *image; /* NULL: a directory */
    gboolean is_ploop;            /* a directory that holds an image of Parallels */
    gboolean asks_backing;        /* for the attributes of the backing file */
    struct stat info;
    const char *label; /* may be NULL */
} VpXmlVolume;

/* Writes the element volume. */
void vp_xml_volume(VpXml *xml, const VpXmlVolume *volume);

/* Writes the element backingStore, if there is one. Returns why there is none although the image has a backing file, or
 * NULL. */
const char *vp_xml_backing(VpXml *xml, const VpXmlVolume *volume);

/* A comment with a text in hexadecimal, when it cannot be written as it is. */
void vp_xml_note_bytes(VpXml *xml, const char *what, const char *text);
