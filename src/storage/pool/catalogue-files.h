/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-files.h: what the catalogue holds of a pool as a document of XML, for builds without SQLite: a root element with the
 * sums, and in it an element a volume, by name, whose attributes are the fields of volume.def. Texts are bytes of any kind: those
 * that XML cannot hold, and backslashes, stand as \xNN. */
#pragma once

#include "storage/pool/catalogue.h"
#include "util/source.h"

/* What every document begins with. Nothing may stand before it, hence no document type either. */
#define VP_DOCUMENT_ROOT "catalogue"
#define VP_DOCUMENT_VERSION "3"
#define VP_DOCUMENT_VOLUME "volume"

/* Bytes; some four million volumes. What is longer is not written, and when it is there it is damaged. */
#define VP_DOCUMENT_SIZE_MAX (G_GUINT64_CONSTANT(2) << 30)

/* The attributes of the root: sums, the directory that the pool had, and a checksum over these and all volumes. */
typedef struct {
    VpCataloguePool pool;
    char *target;
    guint64 checksum;
} VpDocumentHead;

typedef struct VpDocumentReader VpDocumentReader;

/* Reads the head. NULL with VIRT_PROBE_ERROR_INVALID when it is not a document of this version; source is given away in
 * any case. (transfer full) */
VpDocumentReader *vp_document_reader_new(VpSource *source, GError **error);
void vp_document_reader_free(VpDocumentReader *reader);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpDocumentReader, vp_document_reader_free)

/* The checksum of volumes, with one more. room: what it may use. */
guint64 vp_document_checksum_add(guint64 checksum, const VirtProbeVolume *volume, GByteArray *room);
/* The checksum of the head and of those volumes. */
guint64 vp_document_checksum_end(guint64 checksum, const VpDocumentHead *head);

const VpDocumentHead *vp_document_reader_head(const VpDocumentReader *reader);

/* The checksum that is right for what was read. */
guint64 vp_document_reader_checksum(const VpDocumentReader *reader);

/* The next volume; NULL without an error when there is none left, VIRT_PROBE_ERROR_INVALID when the document is damaged.
 * (transfer full) */
VirtProbeVolume *vp_document_reader_next(VpDocumentReader *reader, GError **error);

typedef struct VpDocumentWriter VpDocumentWriter;

/* Begins a new file, for its owner only. (transfer full) */
VpDocumentWriter *vp_document_writer_new(const char *path, const char *target, guint64 generation,
                                         GError **error);
void vp_document_writer_set_listed(VpDocumentWriter *writer, gint64 directory_listed);
/* Closes the file, if that was not done. */
void vp_document_writer_free(VpDocumentWriter *writer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpDocumentWriter, vp_document_writer_free)

/* By name, in ascending order. What goes wrong is told at the end. */
void vp_document_writer_add(VpDocumentWriter *writer, const VirtProbeVolume *volume);

/* Ends the document, and returns when the disk has it. */
gboolean vp_document_writer_finish(VpDocumentWriter *writer, GError **error);

#define VP_DOCUMENT_SUFFIX ".xml"
/* Of the file that is being written. Only who holds the lock has one. */
#define VP_DOCUMENT_NEW_SUFFIX ".xml.new"

struct VpCatalogue {
    char *folder;
    char *damaged; /* the document that was found damaged */
    /* While a pool is changed: */
    int lock; /* -1: none is */
    char *uuid;
    char *target;
    guint64 generation;
    gint64 directory_listed;
    gboolean is_all_dropped; /* the volumes of the document do not count */
    GPtrArray *changes;      /* volumes in the order of the calls; without a path: dropped */
};

/* (transfer full) */
char *vp_document_path(const VpCatalogue *catalogue, const char *uuid, const char *suffix);

/* *out_reader: NULL when the pool was never refreshed. Errors name the document. */
gboolean vp_document_open(VpCatalogue *catalogue, const char *uuid, VpDocumentReader **out_reader,
                          GError **error);

/* Gives every volume of a document, none when there is no reader. */
gboolean vp_document_walk(VpCatalogue *catalogue, const char *uuid, VpDocumentReader *reader,
                          VpCatalogueFunc func, gpointer user_data, GError **error);
