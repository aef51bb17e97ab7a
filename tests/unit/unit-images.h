/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unit-images.h: the smallest healthy image of every format, made from bytes. */
#pragma once

#include <glib.h>

typedef struct {
    const char *format;
    GByteArray *(*make)(void);
    const char *findings; /* what is worth a word although it is healthy */
    void (*seal)(
        GByteArray *image); /* writes checksums that fit a changed image; NULL: none is needed */
} HealthyImage;

/* NULL when nobody has made one of that format. */
const HealthyImage *healthy_image_find(const char *format);

/* A dynamic disk, which has its header at the start. */
GByteArray *vpc_image_new(void);

/* A fixed disk of one sector, which has its header at the end. */
GByteArray *vpc_fixed_image_new(void);

/* Write the checksums that fit the footer, or the header of a dynamic disk, at that place. */
void vpc_footer_seal(guint8 *footer);
void vpc_dynamic_seal(guint8 *header);

/* VHDX: where its structures are. */
#define VHDX_IMAGE_HEADER (128 * 1024) /* the newer one */
#define VHDX_IMAGE_REGIONS (192 * 1024)
#define VHDX_IMAGE_BAT (1024 * 1024)
#define VHDX_IMAGE_METADATA (2 * 1024 * 1024)
#define VHDX_IMAGE_ITEMS (VHDX_IMAGE_METADATA + 64 * 1024)

/* Makes the footer at the end the same as its copy at the start. */
void vpc_trailer_write(GByteArray *image);

/* LUKS version 1: aes-128 cbc-essiv:sha256, slot 0 active. Its header takes 592 bytes. */
GByteArray *luks_image_new(void);
