/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qcow2-image.c: building a small qcow2 image piece by piece, sound unless a test spoils it. */
#include "qcow2-image.h"

#include <string.h>

#define HEADER_LENGTH 112
#define SNAPSHOT_HEADER 40
#define BITMAP_HEADER 24

static gsize
padded(gsize len)
{
    return (len + 7) / 8 * 8;
}

void
qcow2_put(Qcow2Image *image, gsize offset, guint width, guint64 value)
{
    g_assert_cmpuint(offset + width, <=, image->size);
    put_big(image->bytes + offset, width, value);
}

Qcow2Image *
qcow2_image_new(guint cluster_bits)
{
    Qcow2Image *image = g_new0(Qcow2Image, 1);
    gsize cluster_size = (gsize) 1 << cluster_bits;

    image->cluster_size = cluster_size;
    image->size = QCOW2_IMAGE_CLUSTERS * cluster_size;
    image->bytes = g_malloc0(image->size);
    image->extensions_end = HEADER_LENGTH;
    image->table_end = qcow2_free_place(image);
    memcpy(image->bytes, "QFI\xfb", 4);
    qcow2_put(image, 4, 4, 3);
    qcow2_put(image, 20, 4, cluster_bits);
    qcow2_put(image, 24, 8, cluster_size * (cluster_size / 8));
    qcow2_put(image, 36, 4, 1);
    qcow2_put(image, 40, 8, 3 * cluster_size);
    qcow2_put(image, 48, 8, cluster_size);
    qcow2_put(image, 56, 4, 1);
    qcow2_put(image, 96, 4, 4);
    qcow2_put(image, 100, 4, HEADER_LENGTH);
    qcow2_put(image, cluster_size, 8, 2 * cluster_size);
    return image;
}

void
qcow2_image_free(Qcow2Image *image)
{
    if (image == NULL)
        return;
    g_free(image->bytes);
    g_free(image);
}

gsize
qcow2_free_place(const Qcow2Image *image)
{
    return QCOW2_FREE_CLUSTER * image->cluster_size;
}

void
qcow2_make_version_2(Qcow2Image *image)
{
    qcow2_put(image, 4, 4, 2);
    memset(image->bytes + 72, 0, HEADER_LENGTH - 72);
    image->extensions_end = 72;
}

void
qcow2_add_extension(Qcow2Image *image, guint32 type, gconstpointer data, gsize len)
{
    gsize place = image->extensions_end;

    g_assert_cmpuint(place + 8 + padded(len), <=, image->cluster_size);
    qcow2_put(image, place, 4, type);
    qcow2_put(image, place + 4, 4, len);
    if (len > 0)
        memcpy(image->bytes + place + 8, data, len);
    image->extensions_end += 8 + padded(len);
}

void
qcow2_set_backing(Qcow2Image *image, const char *name)
{
    gsize place = image->extensions_end + 8;

    g_assert_cmpuint(place + strlen(name), <=, image->cluster_size);
    memcpy(image->bytes + place, name, strlen(name));
    qcow2_put(image, 8, 8, place);
    qcow2_put(image, 16, 4, strlen(name));
}

void
qcow2_set_incompatible(Qcow2Image *image, guint64 bits)
{
    qcow2_put(image, 72, 8, bits);
}

void
qcow2_set_autoclear(Qcow2Image *image, guint64 bits)
{
    qcow2_put(image, 88, 8, bits);
}

gsize
qcow2_add_snapshot(Qcow2Image *image, const char *id, const char *name)
{
    gsize place = image->table_end;
    guint8 *names = image->bytes + place + SNAPSHOT_HEADER + 16;
    gsize len = SNAPSHOT_HEADER + 16 + strlen(id) + strlen(name);

    g_assert_cmpuint(place + padded(len), <=, image->size);
    qcow2_put(image, 60, 4,
              (guint) (image->bytes[61] << 16 | image->bytes[62] << 8 | image->bytes[63]) + 1u);
    qcow2_put(image, 64, 8, qcow2_free_place(image));
    qcow2_put(image, place, 8, 3 * image->cluster_size);
    qcow2_put(image, place + 8, 4, 1);
    qcow2_put(image, place + 12, 2, strlen(id));
    qcow2_put(image, place + 14, 2, strlen(name));
    qcow2_put(image, place + 16, 4, 1700000000);
    qcow2_put(image, place + 36, 4, 16);
    qcow2_put(image, place + 48, 8, image->cluster_size);
    memcpy(names, id, strlen(id));
    memcpy(names + strlen(id), name, strlen(name));
    image->table_end += padded(len);
    return place;
}

gsize
qcow2_add_bitmap(Qcow2Image *image, gconstpointer name, gsize len)
{
    gsize place = image->table_end;

    g_assert_cmpuint(place + padded(BITMAP_HEADER + len), <=, image->size);
    qcow2_put(image, place, 8, 7 * image->cluster_size);
    qcow2_put(image, place + 8, 4, 1);
    qcow2_put(image, place + 16, 1, 1);
    qcow2_put(image, place + 17, 1, 16);
    qcow2_put(image, place + 18, 2, len);
    memcpy(image->bytes + place + BITMAP_HEADER, name, len);
    image->table_end += padded(BITMAP_HEADER + len);
    return place;
}

void
qcow2_finish_bitmaps(Qcow2Image *image, guint32 count)
{
    guint8 extension[24] = { 0 };

    put_big(extension, 4, count);
    put_big(extension + 8, 8, image->table_end - qcow2_free_place(image));
    put_big(extension + 16, 8, qcow2_free_place(image));
    qcow2_add_extension(image, QCOW2_EXT_BITMAPS, extension, sizeof extension);
    qcow2_set_autoclear(image, 1);
}

VirtProbeRecord *
qcow2_describe(const Qcow2Image *image)
{
    return describe_bytes(image->bytes, image->size, "qcow2");
}
