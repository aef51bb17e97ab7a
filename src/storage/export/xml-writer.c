/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-writer.c: XML as libvirt lays it out, by libxml2's writer, that is well-formed whatever bytes texts hold. */
#include "storage/export/xml-writer.h"

#include "util/text.h"

#include <string.h>

#define XML(text) ((const xmlChar *) (text))
/* DEL; the control characters below are blanks, or XML cannot hold them. */
#define FIRST_UNPRINTABLE 0x7f

/* Takes over a writer. */
static void
xml_begin(VpXml *xml, xmlTextWriter *writer)
{
    g_assert(writer != NULL);
    xml->writer = writer;
    xmlTextWriterSetIndent(xml->writer, 1);
    xmlTextWriterSetIndentString(xml->writer, XML("  "));
    xmlTextWriterSetQuoteChar(xml->writer, '\'');
}

void
vp_xml_init(VpXml *xml)
{
    *xml = (VpXml) { .buffer = xmlBufferCreate() };
    g_assert(xml->buffer != NULL);
    xml_begin(xml, xmlNewTextWriterMemory(xml->buffer, 0));
}

void
vp_xml_init_output(VpXml *xml, xmlOutputBuffer *output)
{
    *xml = (VpXml) { .buffer = NULL };
    g_assert(output != NULL);
    xml_begin(xml, xmlNewTextWriter(output));
}

void
vp_xml_clear(VpXml *xml)
{
    g_clear_pointer(&xml->writer, xmlFreeTextWriter);
    g_clear_pointer(&xml->buffer, xmlBufferFree);
}

char *
vp_xml_finish(VpXml *xml)
{
    char *text;

    xmlTextWriterEndDocument(xml->writer);
    xmlTextWriterFlush(xml->writer);
    text = g_strdup((const char *) xmlBufferContent(xml->buffer));
    vp_xml_clear(xml);
    return text;
}

void
vp_xml_begin(VpXml *xml, const char *element)
{
    xmlTextWriterStartElement(xml->writer, XML(element));
    xml->depth++;
    xml->is_after_comment = FALSE;
}

static void
write_indent(VpXml *xml)
{
    for (guint i = 0; i < xml->depth; i++)
        xmlTextWriterWriteRaw(xml->writer, XML("  "));
}

void
vp_xml_end(VpXml *xml)
{
    xml->depth--;
    if (xml->is_after_comment)
        write_indent(xml);
    xmlTextWriterEndElement(xml->writer);
    xml->is_after_comment = FALSE;
}

/* A character that XML 1.0 can hold; section 2.2 lists them. */
static gboolean
char_is_allowed(gunichar c, VpXmlEscapes escapes)
{
    if (c == '\n' || c == '\r')
        return escapes != VP_XML_LINE;
    if (c < 0x20)
        return c == '\t';
    return c < 0xd800 || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* Readers turn a bare carriage return into a newline, and blanks of an attribute into spaces. */
static const char *
char_entity(char c, VpXmlEscapes escapes)
{
    gboolean is_attribute = escapes == VP_XML_ATTRIBUTE;

    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    case '\r':
        return "&#13;";
    case '\n':
        return is_attribute ? "&#10;" : NULL;
    case '\t':
        return is_attribute ? "&#9;" : NULL;
    default:
        return NULL;
    }
}

gboolean
vp_xml_append(GString *out, const char *bytes, gsize len, VpXmlEscapes escapes)
{
    const char *end = bytes + len;
    gboolean is_exact = TRUE;

    while (bytes < end) {
        gunichar c = g_utf8_get_char_validated(bytes, end - bytes);
        gboolean is_text = c != (gunichar) -1 && c != (gunichar) -2;
        gsize used = is_text ? (gsize) (g_utf8_next_char(bytes) - bytes) : 1;
        const char *entity = char_entity(*bytes, escapes);

        if (!is_text || !char_is_allowed(c, escapes)) {
            for (gsize i = 0; i < used; i++)
                g_string_append_printf(out, "\\x%02x", (guint8) bytes[i]);
            is_exact = FALSE;
        } else if (entity != NULL) {
            g_string_append(out, entity);
        } else if (c >= FIRST_UNPRINTABLE && !vp_text_is_clean(bytes, used)) {
            /* The same character to a reader of XML, and none to a terminal. */
            g_string_append_printf(out, "&#x%X;", c);
        } else {
            g_string_append_len(out, bytes, (gssize) used);
        }
        bytes += used;
    }
    return is_exact;
}

void
vp_xml_attribute(VpXml *xml, const char *name, const char *value)
{
    g_autoptr(GString) out = NULL;

    if (value == NULL)
        return;
    out = g_string_new(NULL);
    vp_xml_append(out, value, strlen(value), VP_XML_ATTRIBUTE);
    xmlTextWriterStartAttribute(xml->writer, XML(name));
    xmlTextWriterWriteRaw(xml->writer, XML(out->str));
    xmlTextWriterEndAttribute(xml->writer);
}

void
vp_xml_end_empty(VpXml *xml)
{
    xml->depth--;
    xmlTextWriterWriteRaw(xml->writer, XML("\n"));
    write_indent(xml);
    xmlTextWriterEndElement(xml->writer);
}

gboolean
vp_xml_bytes(VpXml *xml, const char *element, const char *bytes, gsize len, VpXmlEscapes escapes)
{
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean is_exact = vp_xml_append(out, bytes, len, escapes);

    vp_xml_begin(xml, element);
    if (out->len > 0)
        xmlTextWriterWriteRaw(xml->writer, XML(out->str));
    vp_xml_end(xml);
    return is_exact;
}

gboolean
vp_xml_text(VpXml *xml, const char *element, const char *text)
{
    return vp_xml_bytes(xml, element, text, strlen(text), VP_XML_LINE);
}

void
vp_xml_uint(VpXml *xml, const char *element, const char *unit, guint64 value)
{
    vp_xml_begin(xml, element);
    vp_xml_attribute(xml, "unit", unit);
    xmlTextWriterWriteFormatRaw(xml->writer, "%" G_GUINT64_FORMAT, value);
    vp_xml_end(xml);
}

void
vp_xml_comment(VpXml *xml, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GString) out = g_string_new(" ");

    for (const char *at = valid; *at != '\0'; at++) {
        if (*at == '-' && (at[1] == '-' || at[1] == '\0'))
            continue;
        g_string_append_c(out, *at > 0 && *at < ' ' ? '?' : *at);
    }
    g_string_append_c(out, ' ');
    xmlTextWriterWriteComment(xml->writer, XML(out->str));
    xml->is_after_comment = TRUE;
}
