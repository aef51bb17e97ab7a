/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-files-read.c: reading the document of a pool, volume by volume. Whatever is not exactly what the writer writes is
 * damage, because a refresh makes it anew. */
#include "storage/pool/catalogue-files.h"
#include "util/error.h"
#include "util/numbers.h"

#include <errno.h>
#include <libxml/xmlreader.h>
#include <string.h>

#define BEGINNING "<" VP_DOCUMENT_ROOT " version='" VP_DOCUMENT_VERSION "' "

struct VpDocumentReader {
    VpSource *source;
    guint64 pos;
    int saved_errno; /* of a read that failed; 0: none did */
    xmlTextReader *xml;
    VpDocumentHead head;
    GStringChunk *texts; /* of the volume that is read */
    char *last_name;     /* of the volume before */
    guint64 checksum;    /* of the volumes so far */
    GByteArray *room;    /* for making it */
};

/* Takes an attribute. FALSE: there is no such one, or its value is wrong. */
typedef gboolean (*TakeFunc)(VpDocumentReader *reader, const char *key, const char *value,
                             gpointer user_data);

static void
fail(const VpDocumentReader *reader, GError **error)
{
    if (reader->saved_errno != 0)
        vp_error_set_errno(error, reader->saved_errno, "cannot read");
    else
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                            "damaged or of another version; a refresh makes it anew");
}

/* For libxml2: bytes read, 0 at the end, -1. */
static int
read_bytes(void *user_data, char *buffer, int len)
{
    VpDocumentReader *reader = user_data;
    gssize got = reader->source->class->read_at(reader->source, buffer, (gsize) len, reader->pos);

    if (got < 0) {
        reader->saved_errno = errno;
        return -1;
    }
    reader->pos += (guint64) got;
    return (int) got;
}

/* Nothing is printed; that something was wrong is seen from what is returned. */
static void
ignore_complaint(void *user_data, xmlError *complaint)
{
    (void) user_data;
    (void) complaint;
}

static gboolean
take_number(const char *value, guint64 *out_number)
{
    return vp_number_parse(value, 10, 0, G_MAXUINT64, out_number);
}

/* Undoes \xNN in place. FALSE: a backslash that is none of the writer's. */
static gboolean
text_unescape(char *text)
{
    char *end = strchr(text, '\\');

    if (end == NULL)
        return TRUE;
    for (const char *pos = end; *pos != '\0'; pos++) {
        int high;
        int low;

        if (*pos != '\\') {
            *end++ = *pos;
            continue;
        }
        high = pos[1] == 'x' ? g_ascii_xdigit_value(pos[2]) : -1;
        low = high >= 0 ? g_ascii_xdigit_value(pos[3]) : -1;
        if (low < 0 || (high == 0 && low == 0))
            return FALSE;
        *end++ = (char) (high << 4 | low);
        pos += 3;
    }
    *end = '\0';
    return TRUE;
}

static gboolean
take_head(VpDocumentReader *reader, const char *key, const char *value, gpointer user_data)
{
    VpDocumentHead *head = &reader->head;
    const struct {
        const char *key;
        guint64 *number;
    } numbers[] = {
        { "generation", &head->pool.generation },
        { "volumes", &head->pool.volumes },
        { "capacity", &head->pool.capacity },
        { "allocation", &head->pool.allocation },
        { "refreshed", user_data },
        { "directory-listed", (guint64 *) &head->pool.directory_listed },
        { "checksum", &head->checksum },
    };

    if (strcmp(key, "target") == 0) {
        head->target = g_strdup(value);
        return text_unescape(head->target);
    }
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (strcmp(key, numbers[i].key) == 0)
            return take_number(value, numbers[i].number);
    }
    return strcmp(key, "version") == 0;
}

static gboolean
take_field(VpDocumentReader *reader, const char *key, const char *value, gpointer user_data)
{
    VpVolumeFacts *facts = user_data;
    const VpVolumeField *field = vp_volume_field_find(key);
    char *text;

    if (field == NULL)
        return FALSE;
    switch (field->type) {
    case VP_VOLUME_TEXT:
    case VP_VOLUME_NAME:
    case VP_VOLUME_LIST:
        text = g_string_chunk_insert(reader->texts, value);
        G_STRUCT_MEMBER(const char *, facts, field->offset) = text;
        return text_unescape(text);
    case VP_VOLUME_BOOL:
        G_STRUCT_MEMBER(guint8, facts, field->offset) = TRUE;
        return strcmp(value, "yes") == 0;
    default:
        return take_number(value, &G_STRUCT_MEMBER(guint64, facts, field->offset));
    }
}

/* All attributes of the element that the reader is at. */
static gboolean
take_attributes(VpDocumentReader *reader, TakeFunc take, gpointer user_data)
{
    int status;

    while ((status = xmlTextReaderMoveToNextAttribute(reader->xml)) == 1) {
        const char *key = (const char *) xmlTextReaderConstName(reader->xml);
        const char *value = (const char *) xmlTextReaderConstValue(reader->xml);

        if (!take(reader, key, value != NULL ? value : "", user_data))
            return FALSE;
    }
    return status == 0;
}

static gboolean
is_element(const VpDocumentReader *reader, const char *name, int depth)
{
    return xmlTextReaderNodeType(reader->xml) == XML_READER_TYPE_ELEMENT
           && xmlTextReaderDepth(reader->xml) == depth
           && strcmp((const char *) xmlTextReaderConstName(reader->xml), name) == 0;
}

static gboolean
head_read(VpDocumentReader *reader)
{
    gsize len = strlen(BEGINNING);
    char beginning[sizeof BEGINNING];
    guint64 refreshed = 0;

    if (reader->source->size > VP_DOCUMENT_SIZE_MAX || read_bytes(reader, beginning, (int) len) < 0
        || reader->pos != len || memcmp(beginning, BEGINNING, len) != 0)
        return FALSE;
    reader->pos = 0;
    reader->xml = xmlReaderForIO(read_bytes, NULL, reader, NULL, "UTF-8",
                                 XML_PARSE_NONET | XML_PARSE_COMPACT);
    if (reader->xml == NULL)
        return FALSE;
    xmlTextReaderSetStructuredErrorHandler(reader->xml, ignore_complaint, NULL);
    if (xmlTextReaderRead(reader->xml) != 1 || !is_element(reader, VP_DOCUMENT_ROOT, 0)
        || !take_attributes(reader, take_head, &refreshed))
        return FALSE;
    reader->head.pool.refreshed = (gint64) refreshed;
    return reader->head.pool.generation != 0 && reader->head.target != NULL;
}

VpDocumentReader *
vp_document_reader_new(VpSource *source, GError **error)
{
    g_autoptr(VpDocumentReader) reader = g_new0(VpDocumentReader, 1);

    reader->source = source;
    reader->texts = g_string_chunk_new(4096);
    reader->room = g_byte_array_new();
    if (head_read(reader))
        return g_steal_pointer(&reader);
    fail(reader, error);
    return NULL;
}

void
vp_document_reader_free(VpDocumentReader *reader)
{
    if (reader == NULL)
        return;
    if (reader->xml != NULL)
        xmlFreeTextReader(reader->xml);
    vp_source_free(reader->source);
    g_string_chunk_free(reader->texts);
    g_byte_array_unref(reader->room);
    g_free(reader->head.target);
    g_free(reader->last_name);
    g_free(reader);
}

const VpDocumentHead *
vp_document_reader_head(const VpDocumentReader *reader)
{
    return &reader->head;
}

/* The volume that the reader is at; NULL: damage. */
static VirtProbeVolume *
volume_read(VpDocumentReader *reader)
{
    VirtProbeVolume *volume;
    VpVolumeFacts facts;

    vp_volume_facts_init(&facts);
    g_string_chunk_clear(reader->texts);
    if (!is_element(reader, VP_DOCUMENT_VOLUME, 1) || !xmlTextReaderIsEmptyElement(reader->xml)
        || !take_attributes(reader, take_field, &facts) || facts.name == NULL || facts.path == NULL
        || facts.state == NULL
        || (reader->last_name != NULL && strcmp(reader->last_name, facts.name) >= 0))
        return NULL;
    g_free(reader->last_name);
    reader->last_name = g_strdup(facts.name);
    volume = vp_volume_new(&facts);
    reader->checksum = vp_document_checksum_add(reader->checksum, volume, reader->room);
    return volume;
}

/* White space, and the end of the root. */
static gboolean
is_between_volumes(const VpDocumentReader *reader)
{
    int type = xmlTextReaderNodeType(reader->xml);

    return type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE || type == XML_READER_TYPE_WHITESPACE
           || (type == XML_READER_TYPE_END_ELEMENT && xmlTextReaderDepth(reader->xml) == 0);
}

guint64
vp_document_reader_checksum(const VpDocumentReader *reader)
{
    return vp_document_checksum_end(reader->checksum, &reader->head);
}

VirtProbeVolume *
vp_document_reader_next(VpDocumentReader *reader, GError **error)
{
    VirtProbeVolume *volume = NULL;
    int status;

    do {
        status = xmlTextReaderRead(reader->xml);
    } while (status == 1 && is_between_volumes(reader));
    if (status == 0 && reader->head.checksum == vp_document_reader_checksum(reader))
        return NULL;
    if (status == 1)
        volume = volume_read(reader);
    if (volume == NULL)
        fail(reader, error);
    return volume;
}
