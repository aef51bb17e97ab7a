/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-bounds.c: which XML is given to libxml2 at all. */
#define _GNU_SOURCE /* memmem */
#include "storage/pool/xml-bounds.h"

#include "virtprobe/error.h"

#include <string.h>

typedef struct {
    const char *pos;
    const char *end;
    guint n_names; /* of elements and attributes, again and again the same ones too */
} Scan;

/* What begins so ends there, whatever is in it. */
static const struct {
    const char *begin;
    const char *end;
} sections[] = {
    { "<!--", "-->" },
    { "<![CDATA[", "]]>" },
    { "<?", "?>" },
};

static gboolean
begins_with(const Scan *scan, const char *text)
{
    gsize len = strlen(text);

    return (gsize) (scan->end - scan->pos) >= len && memcmp(scan->pos, text, len) == 0;
}

/* FALSE: it is too long. One without an end goes to the end of all. */
static gboolean
section_skip(Scan *scan, guint section)
{
    const char *begin = scan->pos;
    const char *inside = begin + strlen(sections[section].begin);
    const char *end = memmem(inside, (gsize) (scan->end - inside), sections[section].end,
                             strlen(sections[section].end));

    scan->pos = end != NULL ? end + strlen(sections[section].end) : scan->end;
    return scan->pos - begin <= VP_XML_MARKUP_MAX;
}

/* Each attribute has an equals sign that is not in quotes, and none holds a '<' (XML 1.0, 3.1): libxml2 goes no further than
 * there either. FALSE: there are too many, or the tag is too long. */
static gboolean
tag_skip(Scan *scan)
{
    const char *begin = scan->pos++;
    guint n_attributes = 0;
    char quote = '\0';

    scan->n_names += scan->pos < scan->end && *scan->pos != '/';
    for (; scan->pos < scan->end && *scan->pos != '<'; scan->pos++) {
        char byte = *scan->pos;

        if (quote != '\0')
            quote = byte == quote ? '\0' : quote;
        else if (byte == '>')
            break;
        else if (byte == '"' || byte == '\'')
            quote = byte;
        else
            n_attributes += byte == '=';
    }
    scan->n_names += n_attributes;
    return n_attributes <= VP_XML_ATTRIBUTES_MAX && scan->pos - begin <= VP_XML_MARKUP_MAX
           && scan->n_names <= VP_XML_NAMES_MAX;
}

static gboolean
markup_skip(Scan *scan)
{
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++) {
        if (begins_with(scan, sections[i].begin))
            return section_skip(scan, i);
    }
    return tag_skip(scan);
}

static gboolean
markup_check(const char *xml, gsize len)
{
    Scan scan = { xml, xml + len, 0 };

    while ((scan.pos = memchr(scan.pos, '<', (gsize) (scan.end - scan.pos))) != NULL) {
        if (!markup_skip(&scan))
            return FALSE;
    }
    return TRUE;
}

/* Anything that looks like a declaration counts. */
static gboolean
namespaces_check(const char *xml, gsize len)
{
    static const char word[] = "xmlns";
    const char *end = xml + len;
    guint count = 0;

    for (const char *pos = xml; (pos = memmem(pos, (gsize) (end - pos), word, sizeof word - 1));
         pos++) {
        if (++count > VP_XML_NAMESPACES_MAX)
            return FALSE;
    }
    return TRUE;
}

gboolean
vp_xml_check(const char *xml, gsize len, GError **error)
{
    VirtProbeError code = VIRT_PROBE_ERROR_INVALID;
    const char *reason;

    if (len == 0)
        return TRUE;
    if (memchr(xml, '\0', len) != NULL) {
        reason = "the XML holds a NUL byte";
    } else if (!g_utf8_validate(xml, (gssize) len, NULL)) {
        reason = "the XML is not UTF-8";
    } else if (memmem(xml, len, "<!DOCTYPE", 9) != NULL) {
        code = VIRT_PROBE_ERROR_REFUSED;
        reason = "the XML has a document type, which is not read";
    } else if (!markup_check(xml, len)) {
        code = VIRT_PROBE_ERROR_LIMIT;
        reason = "the XML has an element with more than 64 attributes or 16384 bytes, or too many";
    } else if (!namespaces_check(xml, len)) {
        code = VIRT_PROBE_ERROR_LIMIT;
        reason = "the XML declares more than 256 namespaces";
    } else {
        return TRUE;
    }
    g_set_error_literal(error, VIRT_PROBE_ERROR, (gint) code, reason);
    return FALSE;
}
