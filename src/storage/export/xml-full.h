/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-full.h: everything that is known, in a document of our own. */
#pragma once

#include "storage/export/xml-volume.h"

#define VP_XML_NAMESPACE "urn:x-virt-probe:metadata:1"

/* Writes the element metadata: libvirt's volume, then the record. Either may be NULL. */
void vp_xml_full(VpXml *xml, const VpXmlVolume *volume, const VirtProbeRecord *record);
