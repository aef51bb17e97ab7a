/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-files-write.c: writing the document of a pool. The sums stand in its root but are known at its end, so their numbers
 * have a fixed width, and the beginning is written once more. */
#include "storage/export/xml-writer.h"
#include "storage/pool/catalogue-files.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Digits of the largest number of 64 bits. */
#define WIDE 20

struct VpDocumentWriter {
    int fd;
    guint64 pos;
    int saved_errno; /* of the first write that failed; 0: none did */
    VpXml xml;
    VpDocumentHead head;
    guint64 checksum; /* of the volumes so far */
    GByteArray *room; /* for making it */
};

/* For libxml2. It would print what went wrong, so that is kept for the end. */
static int
write_bytes(void *user_data, const char *bytes, int len)
{
    VpDocumentWriter *writer = user_data;
    int done = 0;

    if (writer->pos + (guint64) len > VP_DOCUMENT_SIZE_MAX)
        writer->saved_errno = EFBIG;
    while (writer->saved_errno == 0 && done < len) {
        gssize written =
            pwrite(writer->fd, bytes + done, (gsize) (len - done), (off_t) writer->pos);

        if (written >= 0) {
            writer->pos += (guint64) written;
            done += (int) written;
        } else if (errno != EINTR) {
            writer->saved_errno = errno;
        }
    }
    return len;
}

/* Backslashes become \x5c, so that those of vp_xml_append() can be told from others. */
static void
write_text(VpXml *xml, const char *key, const char *text)
{
    g_autoptr(GString) escaped = NULL;

    if (strchr(text, '\\') != NULL) {
        escaped = g_string_new(text);
        g_string_replace(escaped, "\\", "\\x5c", 0);
        text = escaped->str;
    }
    vp_xml_attribute(xml, key, text);
}

static void
write_number(VpXml *xml, const char *key, guint64 number, int width)
{
    char text[WIDE + 1];

    g_snprintf(text, sizeof text, "%0*" G_GUINT64_FORMAT, width, number);
    vp_xml_attribute(xml, key, text);
}

/* Begins the root. Always as long, for the same directory. */
static void
head_write(VpDocumentWriter *writer)
{
    const VpCataloguePool *pool = &writer->head.pool;

    vp_xml_init_output(&writer->xml, xmlOutputBufferCreateIO(write_bytes, NULL, writer, NULL));
    vp_xml_begin(&writer->xml, VP_DOCUMENT_ROOT);
    vp_xml_attribute(&writer->xml, "version", VP_DOCUMENT_VERSION);
    write_text(&writer->xml, "target", writer->head.target);
    write_number(&writer->xml, "generation", pool->generation, WIDE);
    write_number(&writer->xml, "volumes", pool->volumes, WIDE);
    write_number(&writer->xml, "capacity", pool->capacity, WIDE);
    write_number(&writer->xml, "allocation", pool->allocation, WIDE);
    write_number(&writer->xml, "refreshed", (guint64) pool->refreshed, WIDE);
    write_number(&writer->xml, "directory-listed", (guint64) pool->directory_listed, WIDE);
    write_number(&writer->xml, "checksum", writer->head.checksum, WIDE);
}

VpDocumentWriter *
vp_document_writer_new(const char *path, const char *target, guint64 generation, GError **error)
{
    int fd = g_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    VpDocumentWriter *writer;

    if (fd < 0) {
        vp_error_set_errno(error, errno, "cannot make the catalogue");
        return NULL;
    }
    writer = g_new0(VpDocumentWriter, 1);
    writer->fd = fd;
    writer->room = g_byte_array_new();
    writer->head.target = g_strdup(target);
    writer->head.pool.generation = generation;
    head_write(writer);
    return writer;
}

void
vp_document_writer_set_listed(VpDocumentWriter *writer, gint64 directory_listed)
{
    writer->head.pool.directory_listed = directory_listed;
}

void
vp_document_writer_free(VpDocumentWriter *writer)
{
    if (writer == NULL)
        return;
    vp_xml_clear(&writer->xml);
    g_close(writer->fd, NULL);
    g_free(writer->head.target);
    g_byte_array_unref(writer->room);
    g_free(writer);
}

static void
write_field(VpXml *xml, const VpVolumeField *field, const VpVolumeFacts *facts)
{
    switch (field->type) {
    case VP_VOLUME_TEXT:
    case VP_VOLUME_NAME:
    case VP_VOLUME_LIST:
        if (vp_volume_text(facts, field) != NULL)
            write_text(xml, field->key, vp_volume_text(facts, field));
        break;
    case VP_VOLUME_BOOL:
        if (vp_volume_is(facts, field))
            vp_xml_attribute(xml, field->key, "yes");
        break;
    default:
        if (vp_volume_number(facts, field) != VP_VOLUME_UNKNOWN)
            write_number(xml, field->key, vp_volume_number(facts, field), 0);
        break;
    }
}

/* Stays at the largest number that every catalogue holds when the sum is larger; what is not known counts nothing. */
static void
sum_add(guint64 *sum, guint64 size)
{
    if (size != VP_VOLUME_UNKNOWN)
        *sum = size > G_MAXINT64 - *sum ? G_MAXINT64 : *sum + size;
}

void
vp_document_writer_add(VpDocumentWriter *writer, const VirtProbeVolume *volume)
{
    VpXml *xml = &writer->xml;

    writer->head.pool.volumes++;
    writer->checksum = vp_document_checksum_add(writer->checksum, volume, writer->room);
    /* What a damaged image claims would spoil the sum. */
    if (strcmp(volume->facts.state, "ok") == 0)
        sum_add(&writer->head.pool.capacity, volume->facts.capacity);
    sum_add(&writer->head.pool.allocation, volume->facts.allocation);
    vp_xml_begin(xml, VP_DOCUMENT_VOLUME);
    for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++)
        write_field(xml, &vp_volume_fields[i], &volume->facts);
    vp_xml_end(xml);
}

gboolean
vp_document_writer_finish(VpDocumentWriter *writer, GError **error)
{
    vp_xml_end(&writer->xml);
    vp_xml_clear(&writer->xml);
    writer->pos = 0;
    writer->head.pool.refreshed = g_get_real_time() * 1000;
    writer->head.checksum = vp_document_checksum_end(writer->checksum, &writer->head);
    head_write(writer);
    vp_xml_clear(&writer->xml);
    if (writer->saved_errno == 0 && fsync(writer->fd) != 0)
        writer->saved_errno = errno;
    if (writer->saved_errno == 0)
        return TRUE;
    vp_error_set_errno(error, writer->saved_errno, "cannot write the catalogue");
    return FALSE;
}
