/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domain-xml.c: the files that libvirt's XML of a virtual machine or a snapshot names; without network, entities or
 * document types. */
#include "storage/pool/domains.h"
#include "storage/pool/xml-bounds.h"

#include <libxml/xmlreader.h>
#include <limits.h>
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

/* Arguments of QEMU that are looked into: their bytes, and how many paths one may hold. */
#define ARGUMENT_MAX (64 * 1024)
#define ARGUMENT_PATHS_MAX 256

typedef struct {
    VpDomainFunc func;
    gpointer user_data;
    gboolean *has_doubt; /* set when something that may name a file was not understood */
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

/* Where an option of QEMU's ends: a comma that is not doubled; or the end of the text. */
static const char *
option_end(const char *text)
{
    while (text[0] != '\0' && (text[0] != ',' || text[1] == ','))
        text += text[0] == ',' ? 2 : 1;
    return text;
}

/* Whether a slash is the first of a path, and not within one. */
static gboolean
path_begins(const char *text, const char *slash)
{
    return slash == text || strchr("=:,\"' ", slash[-1]) != NULL;
}

/* A path may hold a comma, doubled or in JSON as it is, a colon, an equals sign. So all that may be meant is told: the
 * text up to the next option, with its commas halved; up to the next quotation mark; and all of it. */
static void
take_paths(const Listener *listener, const char *text)
{
    g_autofree char *rest = g_strndup(text, PATH_MAX);
    g_autofree char *option = g_strndup(rest, (gsize) (option_end(rest) - rest));
    g_auto(GStrv) halves = g_strsplit(option, ",,", -1);
    g_autofree char *path = g_strjoinv(",", halves);
    g_autofree char *quoted = g_strndup(rest, strcspn(rest, "\""));

    take_name(listener, path);
    if (strcmp(quoted, path) != 0)
        take_name(listener, quoted);
    if (strcmp(rest, quoted) != 0)
        take_name(listener, rest);
}

/* Whether the first slash of an option begins a path, and not the second part of one that is relative. */
static gboolean
slash_is_first(const char *option, const char *slash, gboolean names_file)
{
    if (slash == option)
        return TRUE;
    switch (slash[-1]) {
    case ':':
    case '"':
        return TRUE;
    case '=':
        return !names_file || strchr(option, '=') == slash - 1;
    default:
        return !names_file && slash[-1] == ' ';
    }
}

/* One option, its end excluded. A path is understood when it is absolute and is written as it is; JSON may write it in
 * other letters, and a relative one counts from where QEMU is started. */
static gboolean
option_is_understood(const char *option)
{
    const char *slash = strchr(option, '/');
    gboolean names_file = strstr(option, "file=") != NULL || strstr(option, "filename") != NULL;

    if (strchr(option, '\\') != NULL)
        return slash == NULL && !names_file;
    return slash != NULL ? slash_is_first(option, slash, names_file) : !names_file;
}

static gboolean
argument_is_understood(const char *value)
{
    while (TRUE) {
        const char *end = option_end(value);
        g_autofree char *option = g_strndup(value, (gsize) (end - value));

        if (!option_is_understood(option))
            return FALSE;
        if (*end == '\0')
            return TRUE;
        value = end + 1;
    }
}

/* FALSE: it may name a file, and nobody knows which. */
static gboolean
take_argument(const Listener *listener, const char *value)
{
    g_auto(GStrv) words = NULL;
    guint n_paths = 0;

    if (strlen(value) > ARGUMENT_MAX)
        return FALSE;
    words = g_strsplit_set(value, "=,:\"", -1);
    for (guint i = 0; words[i] != NULL; i++)
        take_name(listener, words[i]);
    for (const char *at = strchr(value, '/'); at != NULL; at = strchr(at + 1, '/')) {
        if (!path_begins(value, at))
            continue;
        if (++n_paths > ARGUMENT_PATHS_MAX)
            return FALSE;
        take_paths(listener, at);
    }
    return argument_is_understood(value);
}

/* <qemu:arg value='file=/srv/disk.raw,if=virtio'/>: whatever looks like a path. */
static void
take_words(xmlTextReader *reader, const Listener *listener)
{
    g_autofree char *value = get_attribute(reader, "value");

    if (value != NULL && !take_argument(listener, value))
        *listener->has_doubt = TRUE;
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
    gboolean has_doubt = FALSE;
    const Listener listener = { func, user_data, &has_doubt };
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
    return status == 0 && !has_doubt;
}
