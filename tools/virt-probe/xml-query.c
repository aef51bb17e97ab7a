/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-query.c: XML, or what an XPath expression gives of it. */
#include "xml-query.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdio.h>
#include <string.h>

/* Bytes of an expression, and steps of its evaluation: it cannot take longer than a few seconds. */
#define QUERY_MAX 4096
#define STEPS_MAX 10000000

#define XML(text) ((const xmlChar *) (text))

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlBuffer, xmlBufferFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

/* Prefixes that an expression may use. */
static const struct {
    const char *prefix;
    const char *space;
} spaces[] = {
    { "vp", "urn:x-virt-probe:metadata:1" },
    { "fs", "http://libvirt.org/schemas/storagepool/fs/1.0" },
};

/* libxml2 would print its complaints itself; it keeps the last one. */
static void
ignore_complaint(void *user_data, xmlError *complaint)
{
    (void) user_data;
    (void) complaint;
}

static const char *
complaint_reason(const xmlXPathContext *context)
{
    switch (context->lastError.code - XML_XPATH_EXPRESSION_OK) {
    case XPATH_UNDEF_PREFIX_ERROR:
        return _("it has a prefix that is not known");
    case XPATH_OP_LIMIT_EXCEEDED:
        return _("it takes too long");
    default:
        return _("it is not valid");
    }
}

static int
query_fail(const char *query, const char *reason)
{
    g_autofree char *shown = shown_name(query);

    message_print(_("the XPath expression '%s' cannot be used: %s"), shown, reason);
    return STATUS_FAILED;
}

static void
print_node(xmlDoc *document, xmlNode *node)
{
    g_autoptr(xmlBuffer) buffer = xmlBufferCreate();

    if (node->type == XML_NAMESPACE_DECL)
        return;
    xmlNodeDump(buffer, document, node, 0, 1);
    printf("%s\n", (const char *) xmlBufferContent(buffer));
}

/* A copy that can lie within an element; NULL for what cannot. */
static xmlNode *
copy_node(xmlNode *node, xmlDoc *document)
{
    if (node->type == XML_DOCUMENT_NODE)
        node = xmlDocGetRootElement((xmlDoc *) node);
    return node->type != XML_NAMESPACE_DECL ? xmlDocCopyNode(node, document, 1) : NULL;
}

static void
print_wrapped(const xmlNodeSet *nodes)
{
    g_autoptr(xmlDoc) document = xmlNewDoc(XML("1.0"));
    xmlNode *root = xmlNewNode(NULL, XML("nodes"));

    xmlDocSetRootElement(document, root);
    for (int i = 0; nodes != NULL && i < nodes->nodeNr; i++) {
        xmlNode *copy = copy_node(nodes->nodeTab[i], document);

        if (copy != NULL)
            xmlAddChild(root, copy);
    }
    print_node(document, root);
}

static int
query_print(xmlDoc *document, const char *query, gboolean wraps)
{
    g_autoptr(xmlXPathContext) context = xmlXPathNewContext(document);
    g_autoptr(xmlXPathObject) found = NULL;

    context->opLimit = STEPS_MAX;
    context->error = ignore_complaint;
    for (guint i = 0; i < G_N_ELEMENTS(spaces); i++)
        xmlXPathRegisterNs(context, XML(spaces[i].prefix), XML(spaces[i].space));
    found = xmlXPathEval(XML(query), context);
    if (found == NULL)
        return query_fail(query, complaint_reason(context));
    if (found->type != XPATH_NODESET)
        return query_fail(query, _("it gives no nodes"));
    if (wraps)
        print_wrapped(found->nodesetval);
    for (int i = 0; !wraps && found->nodesetval != NULL && i < found->nodesetval->nodeNr; i++)
        print_node(document, found->nodesetval->nodeTab[i]);
    return STATUS_OK;
}

int
xml_print(const char *xml, const char *query, gboolean wraps)
{
    g_autoptr(xmlDoc) document = NULL;

    if (query == NULL) {
        fputs(xml, stdout);
        return STATUS_OK;
    }
    if (strlen(query) > QUERY_MAX || !g_utf8_validate(query, -1, NULL))
        return query_fail("", _("it is too long, or no UTF-8"));
    document =
        xmlReadMemory(xml, (int) strlen(xml), NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_NOBLANKS);
    if (document == NULL)
        return query_fail(query, _("the document is too large"));
    return query_print(document, query, wraps);
}

int
query_without_xml(const Invocation *invocation)
{
    return usage_error(invocation->command, _("--xpath and --output=json cannot stand together"));
}
