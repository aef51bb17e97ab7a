/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-read.c: reading definitions of pools: libvirt's pool XML, without network, entities or document types. */
#include "storage/pool/pool.h"
#include "storage/pool/xml-bounds.h"
#include "util/error.h"
#include "util/numbers.h"
#include "util/text.h"

#include <libxml/xmlreader.h>
#include <string.h>

/* Bytes of a wrong value, and of libxml2's words, that a message shows. */
#define SHOWN_MAX 100

typedef struct {
    VirtProbePool *pool;
    xmlTextReader *reader;
    GString *path;      /* names of the elements around the place, joined by slashes */
    gsize skip;         /* of path, what stands before "pool" */
    char *message;      /* libxml2's first complaint */
    int message_line;   /* … and where */
    gboolean is_vague;  /* it says less than what is wrong */
    gboolean was_pool;  /* the root was the right one */
    gboolean is_strict; /* what is not known is refused */
} Reading;

typedef gboolean (*ReadFunc)(Reading *reading, const char *value, GError **error);

static gboolean
fail(const Reading *reading, GError **error, VirtProbeError code, const char *phrase,
     const char *value)
{
    long line = xmlGetLineNo(xmlTextReaderCurrentNode(reading->reader));
    g_autofree char *shown = vp_text_escape(value, MIN(strlen(value), SHOWN_MAX));

    g_set_error(error, VIRT_PROBE_ERROR, (gint) code, "line %ld: %s \"%s\"", line, phrase, shown);
    return FALSE;
}

static gboolean
read_type(Reading *reading, const char *value, GError **error)
{
    reading->pool->backend = vp_pool_backend_find(value);
    if (reading->pool->backend != NULL)
        return TRUE;
    return fail(reading, error, VIRT_PROBE_ERROR_UNSUPPORTED,
                "only pools of type dir, fs and netfs are known, not", value);
}

static gboolean
read_uuid(Reading *reading, const char *value, GError **error)
{
    reading->pool->uuid = vp_uuid_normalise(value);
    if (reading->pool->uuid != NULL)
        return TRUE;
    return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "no UUID:", value);
}

static gboolean
read_host(Reading *reading, const char *value, GError **error)
{
    g_autofree char *port =
        (char *) xmlTextReaderGetAttribute(reading->reader, (const xmlChar *) "port");
    gboolean is_number;
    VpPoolHost *host;
    guint64 number = 0;

    /* libvirt's schema has -1 for none, and libvirt keeps it. */
    is_number = port != NULL && strcmp(port, "-1") != 0;
    if (is_number && !vp_number_parse(port, 10, 0, G_MAXUINT16, &number))
        return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "no port:", port);
    host = g_new0(VpPoolHost, 1);
    host->name = g_strdup(value);
    if (is_number && number != 0)
        host->port = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    else if (port != NULL && !is_number)
        host->port = g_steal_pointer(&port);
    g_ptr_array_add(reading->pool->hosts, host);
    return TRUE;
}

static gboolean
read_option(Reading *reading, const char *value, G_GNUC_UNUSED GError **error)
{
    g_ptr_array_add(reading->pool->options, g_strdup(value));
    return TRUE;
}

static gboolean
read_cow(Reading *reading, const char *value, GError **error)
{
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "cow is yes or no, not", value);
    reading->pool->cow = g_strdup(value);
    return TRUE;
}

static gboolean
read_mode(Reading *reading, const char *value, GError **error)
{
    guint64 mode;

    if (!vp_number_parse(value, 8, 0, 0777, &mode))
        return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "no octal mode up to 0777:", value);
    reading->pool->mode = g_strdup_printf("0%o", (guint) mode);
    return TRUE;
}

/* -1 means that nothing is asked for, also as the number without a sign that has the same bits. */
static gboolean
read_id(Reading *reading, const char *value, char **out_id, GError **error)
{
    guint64 id;

    while (g_ascii_isspace(*value))
        value++;
    if (strcmp(value, "-1") == 0)
        return TRUE;
    if (!vp_number_parse(value, 10, 0, G_MAXUINT32, &id))
        return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "no id of a user or group:", value);
    if (id == G_MAXUINT32)
        return TRUE;
    *out_id = g_strdup_printf("%" G_GUINT64_FORMAT, id);
    return TRUE;
}

static gboolean
read_owner(Reading *reading, const char *value, GError **error)
{
    return read_id(reading, value, &reading->pool->owner, error);
}

static gboolean
read_group(Reading *reading, const char *value, GError **error)
{
    return read_id(reading, value, &reading->pool->group, error);
}

#define NO_MEMBER G_MAXSIZE
#define MEMBER(name) G_STRUCT_OFFSET(VirtProbePool, name)

/* Everything that is read. What is not here is ignored, as libvirt does. Of elements that come twice the first counts,
 * but for those whose function makes a list. */
static const struct {
    const char *path;
    const char *attribute; /* NULL: the element's text */
    gsize member;          /* a string that takes the value as it is */
    ReadFunc read;         /* or what takes it */
} rows[] = {
    { "pool", "type", MEMBER(backend), read_type },
    { "pool/name", NULL, MEMBER(name), NULL },
    { "pool/uuid", NULL, MEMBER(uuid), read_uuid },
    { "pool/features/cow", "state", MEMBER(cow), read_cow },
    { "pool/source/host", "name", NO_MEMBER, read_host },
    { "pool/source/device", "path", MEMBER(device), NULL },
    { "pool/source/dir", "path", MEMBER(dir), NULL },
    { "pool/source/format", "type", MEMBER(format), NULL },
    { "pool/source/protocol", "ver", MEMBER(protocol), NULL },
    { "pool/source/vendor", "name", MEMBER(vendor), NULL },
    { "pool/source/product", "name", MEMBER(product), NULL },
    { "pool/target/path", NULL, MEMBER(target), NULL },
    { "pool/target/permissions/mode", NULL, MEMBER(mode), read_mode },
    { "pool/target/permissions/owner", NULL, MEMBER(owner), read_owner },
    { "pool/target/permissions/group", NULL, MEMBER(group), read_group },
    { "pool/target/permissions/label", NULL, MEMBER(label), NULL },
    { "pool/fs:mount_opts/fs:option", "name", NO_MEMBER, read_option },
};

static gboolean
take_value(Reading *reading, guint row, const char *value, GError **error)
{
    char **member = NULL;

    if (rows[row].member != NO_MEMBER)
        member = (char **) G_STRUCT_MEMBER_P(reading->pool, rows[row].member);
    if (member != NULL && *member != NULL)
        return !reading->is_strict
               || fail(reading, error, VIRT_PROBE_ERROR_INVALID, "a second", rows[row].path);
    if (rows[row].read != NULL)
        return rows[row].read(reading, value, error);
    *member = g_strdup(value);
    return TRUE;
}

/* The text directly in an element that has begun, up to where something else begins. */
static gboolean
take_text(Reading *reading, guint row, GError **error)
{
    g_autofree char *text = (char *) xmlTextReaderReadString(reading->reader);

    return text == NULL || text[0] == '\0' || take_value(reading, row, text, error);
}

/* The right hand side of an attribute. One that is missing is found missing when the definition is complete, except
 * for a host. */
static gboolean
take_attribute(Reading *reading, guint row, GError **error)
{
    g_autofree char *value =
        (char *) xmlTextReaderGetAttribute(reading->reader, (const xmlChar *) rows[row].attribute);

    if (value != NULL)
        return take_value(reading, row, value, error);
    if (rows[row].read == read_host)
        return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "a host without", "name");
    return TRUE;
}

/* What a definition may hold besides the rows, and what is not read. attribute: NULL: the element and its text. */
static const struct {
    const char *path;
    const char *attribute;
} unread[] = {
    { "pool/capacity", NULL },      { "pool/capacity", "unit" }, { "pool/allocation", NULL },
    { "pool/allocation", "unit" },  { "pool/available", NULL },  { "pool/available", "unit" },
    { "pool/source/host", "port" },
};

/* Whether something of that path has an attribute, or a text (attribute: NULL). */
static gboolean
value_is_known(const char *path, const char *attribute)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].path, path) == 0 && g_strcmp0(rows[i].attribute, attribute) == 0)
            return TRUE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(unread); i++) {
        if (strcmp(unread[i].path, path) == 0 && g_strcmp0(unread[i].attribute, attribute) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Whether it is an element that is known, or has such ones in it. */
static gboolean
element_is_known(const char *path)
{
    gsize len = strlen(path);

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *rest = rows[i].path + len;

        if (strncmp(rows[i].path, path, len) == 0 && (*rest == '/' || *rest == '\0'))
            return TRUE;
    }
    return value_is_known(path, NULL);
}

static gboolean
check_attributes(Reading *reading, GError **error)
{
    gboolean is_fine = TRUE;

    while (is_fine && xmlTextReaderMoveToNextAttribute(reading->reader) == 1) {
        const char *name = (const char *) xmlTextReaderConstLocalName(reading->reader);

        if (xmlTextReaderIsNamespaceDecl(reading->reader) == 1)
            continue;
        is_fine = xmlTextReaderConstNamespaceUri(reading->reader) == NULL
                  && value_is_known(reading->path->str, name);
        if (!is_fine)
            fail(reading, error, VIRT_PROBE_ERROR_INVALID, "unknown attribute", name);
    }
    xmlTextReaderMoveToElement(reading->reader);
    return is_fine;
}

static gboolean
check_element(Reading *reading, GError **error)
{
    if (element_is_known(reading->path->str))
        return check_attributes(reading, error);
    return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "unknown element", reading->path->str);
}

/* Blanks between elements are no text. */
static gboolean
check_text(Reading *reading, GError **error)
{
    if (value_is_known(reading->path->str, NULL))
        return TRUE;
    return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "text in the element",
                reading->path->str);
}

static gboolean
take_element(Reading *reading, GError **error)
{
    const char *path = reading->path->str + reading->skip;

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gboolean is_read = TRUE;

        if (strcmp(rows[i].path, path) != 0)
            continue;
        is_read = rows[i].attribute != NULL ? take_attribute(reading, i, error)
                                            : take_text(reading, i, error);
        if (!is_read)
            return FALSE;
    }
    return TRUE;
}

/* An element's name; that of another namespace is none that is looked for. */
static void
append_name(Reading *reading)
{
    const char *space = (const char *) xmlTextReaderConstNamespaceUri(reading->reader);
    const char *name = (const char *) xmlTextReaderConstLocalName(reading->reader);
    const char *prefix = "";

    if (space != NULL)
        prefix = strcmp(space, VP_POOL_MOUNT_OPTIONS_NAMESPACE) == 0 ? "fs:" : "other:";
    g_string_append_printf(reading->path, "%s%s%s", reading->path->len > 0 ? "/" : "", prefix,
                           name);
}

static void
drop_name(Reading *reading)
{
    const char *slash = strrchr(reading->path->str, '/');

    g_string_truncate(reading->path, slash != NULL ? (gsize) (slash - reading->path->str) : 0);
}

/* libvirt's state files have the pool in an element of their own. */
static gboolean
check_root(Reading *reading, GError **error)
{
    const char *path = reading->path->str;

    if (strcmp(path, "poolstate") == 0 && !reading->is_strict) {
        reading->skip = strlen("poolstate/");
        return TRUE;
    }
    if (strcmp(path, "pool") != 0)
        return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "the root element is not pool, but",
                    path);
    reading->was_pool = TRUE;
    return TRUE;
}

static gboolean
take_start(Reading *reading, GError **error)
{
    int depth = xmlTextReaderDepth(reading->reader);

    if (depth >= VP_POOL_XML_DEPTH_MAX)
        return fail(reading, error, VIRT_PROBE_ERROR_LIMIT, "more than 32 elements in each other,",
                    "the XML is refused");
    append_name(reading);
    if (depth == 0 && !check_root(reading, error))
        return FALSE;
    if (reading->is_strict && !check_element(reading, error))
        return FALSE;
    if (depth == 0 && !reading->was_pool)
        return TRUE;
    if (strcmp(reading->path->str, "poolstate/pool") == 0) {
        if (reading->was_pool)
            return fail(reading, error, VIRT_PROBE_ERROR_INVALID, "a second", "pool");
        reading->was_pool = TRUE;
    }
    return take_element(reading, error);
}

static gboolean
take_node(Reading *reading, GError **error)
{
    switch (xmlTextReaderNodeType(reading->reader)) {
    case XML_READER_TYPE_ELEMENT:
        if (!take_start(reading, error))
            return FALSE;
        if (xmlTextReaderIsEmptyElement(reading->reader))
            drop_name(reading);
        return TRUE;
    case XML_READER_TYPE_END_ELEMENT:
        drop_name(reading);
        return TRUE;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
        return !reading->is_strict || check_text(reading, error);
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
        return fail(reading, error, VIRT_PROBE_ERROR_REFUSED,
                    "document types and entities are not read:",
                    (const char *) xmlTextReaderConstName(reading->reader));
    default:
        return TRUE;
    }
}

static void
note_complaint(void *user_data, xmlError *complaint)
{
    Reading *reading = user_data;
    gsize len;

    if (reading->message != NULL || complaint->message == NULL)
        return;
    len = strcspn(complaint->message, "\n");
    reading->message = vp_text_escape(complaint->message, MIN(len, SHOWN_MAX));
    reading->message_line = complaint->line;
    reading->is_vague =
        complaint->code == XML_ERR_DOCUMENT_END || complaint->code == XML_ERR_DOCUMENT_EMPTY;
}

/* A reader calls an end that comes too early too much content, and text without a root no content. Read as a whole such a document
 * gets the right name, and the one that virsh gives it. */
static void
name_damage(Reading *reading, const char *xml, gsize length)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlParserCtxt *context = reading->is_vague ? xmlNewParserCtxt() : NULL;

    if (context == NULL)
        return;
    xmlFreeDoc(xmlCtxtReadMemory(context, xml, (int) length, NULL, "UTF-8", options));
    if (xmlCtxtGetLastError(context) != NULL) {
        g_clear_pointer(&reading->message, g_free);
        note_complaint(reading, xmlCtxtGetLastError(context));
    }
    xmlFreeParserCtxt(context);
}

static gboolean
read_nodes(Reading *reading, const char *xml, gsize length, GError **error)
{
    int status;

    while ((status = xmlTextReaderRead(reading->reader)) == 1) {
        if (!take_node(reading, error))
            return FALSE;
    }
    if (status == 0 && reading->was_pool)
        return TRUE;
    name_damage(reading, xml, length);
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, "line %d: not XML of a pool: %s",
                reading->message_line,
                reading->message != NULL ? reading->message : "it has no pool");
    return FALSE;
}

/* Before libxml2 sees anything. */
static gboolean
check_bytes(const char *xml, gsize length, GError **error)
{
    const char *reason = NULL;

    /* Said first, because it is what an image in the place of a definition meets. */
    if (memchr(xml, '\0', length) != NULL)
        reason = "not XML of a pool: it holds a NUL byte, as images do and XML never does";
    else if (length == 0)
        reason = "the XML is empty";
    else if (!g_utf8_validate(xml, (gssize) length, NULL) && length <= VP_POOL_XML_MAX)
        reason = "not XML of a pool: it is not UTF-8";
    if (reason != NULL) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, reason);
        return FALSE;
    }
    if (length <= VP_POOL_XML_MAX)
        return vp_xml_check(xml, length, error);
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                "the XML has %" G_GSIZE_FORMAT " bytes, at most %d are read", length,
                VP_POOL_XML_MAX);
    return FALSE;
}

gboolean
vp_pool_read(VirtProbePool *pool, const char *xml, gsize length, gboolean is_strict, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);
    Reading reading = { .pool = pool, .path = path, .is_strict = is_strict };
    gboolean is_read;

    if (!check_bytes(xml, length, error))
        return FALSE;
    reading.reader =
        xmlReaderForMemory(xml, (int) length, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_COMPACT);
    if (reading.reader == NULL) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, "the XML is empty");
        return FALSE;
    }
    xmlTextReaderSetStructuredErrorHandler(reading.reader, note_complaint, &reading);
    is_read = read_nodes(&reading, xml, length, error);
    xmlFreeTextReader(reading.reader);
    g_free(reading.message);
    return is_read;
}
