/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-writer.h: XML as libvirt lays it out, by libxml2's writer, that is well-formed whatever bytes texts hold. */
#pragma once

#include <glib.h>
#include <libxml/xmlwriter.h>

typedef struct {
    xmlBuffer *buffer; /* NULL: it is not made in memory */
    xmlTextWriter *writer;
    guint depth;               /* elements that were begun and not ended */
    gboolean is_after_comment; /* the writer does not indent what comes next */
} VpXml;

typedef enum {
    VP_XML_TEXT, /* bytes that XML cannot hold are written as \xNN */
    VP_XML_ATTRIBUTE,
    VP_XML_LINE, /* the ends of lines too: libvirt's schema wants paths on one line */
} VpXmlEscapes;

void vp_xml_init(VpXml *xml);

/* The same, for a document that is written while it is made; output is given away. It ends with vp_xml_clear(). */
void vp_xml_init_output(VpXml *xml, xmlOutputBuffer *output);

/* Frees what vp_xml_init() made; vp_xml_finish() did it already. */
void vp_xml_clear(VpXml *xml);

/* The document, with a newline at its end. (transfer full) */
char *vp_xml_finish(VpXml *xml);

void vp_xml_begin(VpXml *xml, const char *element);
void vp_xml_end(VpXml *xml);

/* Attributes belong to the element that was begun last, before anything is in it. NULL: no attribute. */
void vp_xml_attribute(VpXml *xml, const char *name, const char *value);

/* Ends an element with a line break in it, as libvirt writes some that are empty. */
void vp_xml_end_empty(VpXml *xml);

/* An element with a text. Returns FALSE when some of its bytes had to be written as \xNN. */
gboolean vp_xml_bytes(VpXml *xml, const char *element, const char *bytes, gsize len,
                      VpXmlEscapes escapes);
gboolean vp_xml_text(VpXml *xml, const char *element, const char *text);

/* An element with a number; unit: NULL: no attribute. */
void vp_xml_uint(VpXml *xml, const char *element, const char *unit, guint64 value);

/* A comment, of text that is ours or was made safe; two hyphens in a row become one. */
void vp_xml_comment(VpXml *xml, const char *text);

/* Appends a text with what XML gives a meaning to written as libvirt does. FALSE as for vp_xml_bytes(). */
gboolean vp_xml_append(GString *out, const char *bytes, gsize len, VpXmlEscapes escapes);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VpXml, vp_xml_clear)
