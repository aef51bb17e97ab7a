/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domain-xml.c: the files that libvirt's XML of a virtual machine or a snapshot names; without network, entities or
 * document types. */
#include "storage/pool/domains.h"
#include "storage/pool/xml-bounds.h"

#include <libxml/xmlreader.h>
#include <string.h>

#define XML(text) ((const xmlChar *) (text))

/* Where names of files stand, wherever the element lies: disks, their backing chains and mirrors, firmware, direct boot,
 * memory of snapshots. */
static const struct {
    const char *element;
    const char *attribute; /* NULL: the element's text */
} places[] = {
    { "source", "file" },    { "source", "dev" }, { "source", "path" }, { "memory", "file" },
    { "nvram", "template" }, { "nvram", NULL },   { "loader", NULL },   { "kernel", NULL },
    { "initrd", NULL },      { "dtb", NULL },
};

typedef struct {
    VpDomainFunc func;
    gpointer user_data;
} Listener;

static void
take_name(const Listener *listener, const char *name)
{
    g_autofree char *path = g_strstrip(g_strdup(name));

    if (g_path_is_absolute(path))
        listener->func(NULL, path, listener->user_data);
}

static char *
get_attribute(xmlTextReader *reader, const char *name)
{
    return (char *) xmlTextReaderGetAttribute(reader, XML(name));
}

/* <source pool='default' volume='disk.qcow2'/> */
static void
take_volume(xmlTextReader *reader, const Listener *listener)
{
    g_autofree char *pool = get_attribute(reader, "pool");
    g_autofree char *volume = get_attribute(reader, "volume");

    if (pool != NULL && volume != NULL)
        listener->func(pool, volume, listener->user_data);
}

/* <qemu:arg value='file=/srv/disk.raw,if=virtio'/>: whatever looks like a path. */
static void
take_words(xmlTextReader *reader, const Listener *listener)
{
    g_autofree char *value = get_attribute(reader, "value");
    g_auto(GStrv) words = NULL;

    if (value == NULL)
        return;
    words = g_strsplit_set(value, "=,:\"", -1);
    for (guint i = 0; words[i] != NULL; i++)
        take_name(listener, words[i]);
}

static void
take_element(xmlTextReader *reader, const Listener *listener)
{
    const char *element = (const char *) xmlTextReaderConstLocalName(reader);

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *name = NULL;

        if (strcmp(places[i].element, element) != 0)
            continue;
        name = places[i].attribute != NULL ? get_attribute(reader, places[i].attribute)
                                           : (char *) xmlTextReaderReadString(reader);
        if (name != NULL)
            take_name(listener, name);
    }
    if (strcmp(element, "source") == 0)
        take_volume(reader, listener);
    if (strcmp(element, "arg") == 0)
        take_words(reader, listener);
}

static gboolean
take_node(xmlTextReader *reader, const Listener *listener)
{
    switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_ELEMENT:
        if (xmlTextReaderDepth(reader) >= VP_DOMAIN_XML_DEPTH_MAX)
            return FALSE;
        take_element(reader, listener);
        return TRUE;
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
        return FALSE;
    default:
        return TRUE;
    }
}

/* A file that is no XML is a doubt, and nobody wants to read more of it. */
static void
ignore_complaint(G_GNUC_UNUSED void *user_data, G_GNUC_UNUSED xmlError *complaint)
{
}

gboolean
vp_domain_read(const char *xml, gsize len, VpDomainFunc func, gpointer user_data)
{
    const Listener listener = { func, user_data };
    xmlTextReader *reader;
    int status;

    if (len == 0 || len > VP_DOMAIN_XML_MAX || !vp_xml_check(xml, len, NULL))
        return FALSE;
    reader = xmlReaderForMemory(xml, (int) len, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_COMPACT);
    if (reader == NULL)
        return FALSE;
    xmlTextReaderSetStructuredErrorHandler(reader, ignore_complaint, NULL);
    do {
        status = xmlTextReaderRead(reader);
    } while (status == 1 && take_node(reader, &listener));
    xmlFreeTextReader(reader);
    return status == 0;
}
