/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qcow2-image.h: building a small qcow2 image piece by piece, sound unless a test spoils it. */
#pragma once

#include "unit.h"

/* Clusters of the image: header, refcount table, refcount block, L1 table, and four for the tests. */
#define QCOW2_IMAGE_CLUSTERS 8
#define QCOW2_FREE_CLUSTER 4

/* Numbers of header extensions. */
#define QCOW2_EXT_BACKING_FORMAT 0xe2792aca
#define QCOW2_EXT_DATA_FILE 0x44415441
#define QCOW2_EXT_LUKS 0x0537be77
#define QCOW2_EXT_FEATURE_NAMES 0x6803f857
#define QCOW2_EXT_BITMAPS 0x23852875

typedef struct {
    guint8 *bytes;
    gsize size;
    gsize cluster_size;
    gsize extensions_end; /* where the next header extension goes */
    gsize table_end;      /* where the next snapshot or bitmap goes */
} Qcow2Image;

/* Version 3, virtual size of one L1 entry's reach, nothing allocated. */
Qcow2Image *qcow2_image_new(guint cluster_bits);
void qcow2_image_free(Qcow2Image *image);

/* Where the tables of the tests begin. */
gsize qcow2_free_place(const Qcow2Image *image);

/* Makes it an image of version 2, without what that cannot have. */
void qcow2_make_version_2(Qcow2Image *image);

void qcow2_put(Qcow2Image *image, gsize offset, guint width, guint64 value);

/* Appends a header extension, padded to 8 bytes. */
void qcow2_add_extension(Qcow2Image *image, guint32 type, gconstpointer data, gsize len);

/* Puts the name behind the header extensions and points the header there. */
void qcow2_set_backing(Qcow2Image *image, const char *name);

void qcow2_set_incompatible(Qcow2Image *image, guint64 bits);
void qcow2_set_autoclear(Qcow2Image *image, guint64 bits);

/* Appends a sound snapshot and counts it; gives where it lies. */
gsize qcow2_add_snapshot(Qcow2Image *image, const char *id, const char *name);

/* Appends a sound bitmap to the directory; gives where it lies. */
gsize qcow2_add_bitmap(Qcow2Image *image, gconstpointer name, gsize len);

/* Names the directory in a header extension and sets the feature bit. */
void qcow2_finish_bitmaps(Qcow2Image *image, guint32 count);

VirtProbeRecord *qcow2_describe(const Qcow2Image *image);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Qcow2Image, qcow2_image_free)
