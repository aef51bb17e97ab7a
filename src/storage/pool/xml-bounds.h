/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-bounds.h: which XML is given to libxml2 at all. */
#pragma once

#include <glib.h>

/* Attributes of an element; declarations of namespaces in all; bytes of a tag, comment, CDATA section or processing
 * instruction; names of elements and attributes in all. libvirt's own files stay below: a machine with 500 disks has about
 * 30000 names. */
#define VP_XML_ATTRIBUTES_MAX 64
#define VP_XML_NAMESPACES_MAX 256
#define VP_XML_MARKUP_MAX (16 * 1024)
#define VP_XML_NAMES_MAX 65536

/* FALSE when libxml2 would read the bytes in more than one way (they are not UTF-8, hold a NUL or a document type), or not in
 * time proportional to their number: it compares the attributes of an element with each other, looks for prefixes among all
 * namespaces, begins anew with markup that does not end in the bytes that it has, and keeps every name. */
gboolean vp_xml_check(const char *xml, gsize len, GError **error);
