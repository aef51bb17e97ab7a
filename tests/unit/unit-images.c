/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unit-images.c: the smallest healthy image of every format, made from bytes. */
#include "unit-images.h"

#include "qcow2-image.h"
#include "unit-content.h"
#include "unit.h"
#include "util/checksum.h"

#include <string.h>

#define SECTOR 512
#define KIB 1024
#define MIB (1024 * 1024)

static GByteArray *
zeros_new(guint size)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, size);
    memset(bytes->data, 0, size);
    return bytes;
}

static GByteArray *
raw_image_new(void)
{
    return zeros_new(SECTOR);
}

static GByteArray *
qcow2_healthy_new(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);

    return g_byte_array_append(g_byte_array_new(), image->bytes, (guint) image->size);
}

/* 4 KiB in one cluster; the L1 table of one entry follows the header. */
static GByteArray *
qcow_image_new(void)
{
    GByteArray *bytes = zeros_new(SECTOR);

    memcpy(bytes->data, "QFI\xfb", 4);
    put_big(bytes->data + 4, 4, 1);
    put_big(bytes->data + 24, 8, 4096);
    bytes->data[32] = 12;
    bytes->data[33] = 9;
    put_big(bytes->data + 40, 8, 48);
    return bytes;
}

/* One block that is not allocated; the block map is in the second sector. */
static GByteArray *
vdi_image_new(void)
{
    GByteArray *bytes = zeros_new(2 * SECTOR);

    put_big(bytes->data + 64, 4, 0x7f10dabe);
    put_little(bytes->data + 68, 4, 0x00010001);
    put_little(bytes->data + 72, 4, 400);
    put_little(bytes->data + 76, 4, 1);
    put_little(bytes->data + 340, 4, SECTOR);
    put_little(bytes->data + 344, 4, 2 * SECTOR);
    put_little(bytes->data + 360, 4, SECTOR);
    put_little(bytes->data + 368, 8, MIB);
    put_little(bytes->data + 376, 4, MIB);
    put_little(bytes->data + 384, 4, 1);
    return bytes;
}

/* A sparse extent of one grain, nothing allocated: header, descriptor, the directory and its table of 4 sectors. */
static GByteArray *
vmdk_image_new(void)
{
    GByteArray *bytes = zeros_new(7 * SECTOR);

    memcpy(bytes->data, "KDMV", 4);
    put_little(bytes->data + 4, 4, 1);
    put_little(bytes->data + 8, 4, 1);
    put_little(bytes->data + 12, 8, 8);
    put_little(bytes->data + 20, 8, 8);
    put_little(bytes->data + 28, 8, 1);
    put_little(bytes->data + 36, 8, 1);
    put_little(bytes->data + 44, 4, 512);
    put_little(bytes->data + 56, 8, 2);
    put_little(bytes->data + 64, 8, 7);
    memcpy(bytes->data + 73, "\n \r\n", 4);
    strcpy((char *) bytes->data + SECTOR,
           "# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\n"
           "createType=\"monolithicSparse\"\nRW 8 SPARSE \"unit.vmdk\"\n");
    put_little(bytes->data + 2 * SECTOR, 4, 3);
    return bytes;
}

/* The complement of the sum of all other bytes. */
static void
vpc_seal(guint8 *bytes, guint len, guint checksum_offset)
{
    guint32 sum = 0;

    put_big(bytes + checksum_offset, 4, 0);
    for (guint i = 0; i < len; i++)
        sum += bytes[i];
    put_big(bytes + checksum_offset, 4, ~sum);
}

void
vpc_footer_seal(guint8 *footer)
{
    vpc_seal(footer, SECTOR, 64);
}

void
vpc_dynamic_seal(guint8 *header)
{
    vpc_seal(header, 2 * SECTOR, 36);
}

static void
vpc_footer_fill(guint8 *footer, guint64 data_offset, guint64 size, guint type)
{
    memcpy(footer, "conectix", 8);
    put_big(footer + 8, 4, 2);
    put_big(footer + 12, 4, 0x00010000);
    put_big(footer + 16, 8, data_offset);
    memcpy(footer + 28, "unit", 4);
    put_big(footer + 40, 8, size);
    put_big(footer + 48, 8, size);
    put_big(footer + 56, 2, 1);
    put_big(footer + 58, 1, 1);
    put_big(footer + 59, 1, size / SECTOR);
    put_big(footer + 60, 4, type);
    vpc_footer_seal(footer);
}

void
vpc_trailer_write(GByteArray *image)
{
    memcpy(image->data + image->len - SECTOR, image->data, SECTOR);
}

/* Copy of the footer, dynamic header, block table of one entry, footer. */
GByteArray *
vpc_image_new(void)
{
    GByteArray *bytes = zeros_new(5 * SECTOR);
    guint8 *header = bytes->data + SECTOR;

    vpc_footer_fill(bytes->data, SECTOR, SECTOR, 3);
    memcpy(header, "cxsparse", 8);
    put_big(header + 8, 8, G_MAXUINT64);
    put_big(header + 16, 8, 3 * SECTOR);
    put_big(header + 24, 4, 0x00010000);
    put_big(header + 28, 4, 1);
    put_big(header + 32, 4, 2 * MIB);
    vpc_dynamic_seal(header);
    memset(bytes->data + 3 * SECTOR, 0xff, SECTOR);
    vpc_trailer_write(bytes);
    return bytes;
}

GByteArray *
vpc_fixed_image_new(void)
{
    GByteArray *bytes = zeros_new(2 * SECTOR);

    vpc_footer_fill(bytes->data + SECTOR, G_MAXUINT64, SECTOR, 2);
    return bytes;
}

/* Headers at 64 and 128 KiB, the region tables behind them. */
static void
vhdx_seal(GByteArray *image)
{
    static const struct {
        guint place;
        guint len;
    } sealed[] = { { 64 * KIB, 4 * KIB },
                   { VHDX_IMAGE_HEADER, 4 * KIB },
                   { VHDX_IMAGE_REGIONS, 64 * KIB },
                   { 256 * KIB, 64 * KIB } };

    for (guint i = 0; i < G_N_ELEMENTS(sealed); i++) {
        guint8 *bytes = image->data + sealed[i].place;

        put_little(bytes + 4, 4, vp_checksum(VP_CHECKSUM_CRC32C, bytes, sealed[i].len, 4));
    }
}

/* An entry of the table of regions or of metadata, but for the flags. */
static void
vhdx_entry_fill(guint8 *entry, const char *guid, guint offset_width, guint offset, guint length)
{
    memcpy(entry, guid, 16);
    put_little(entry + 16, offset_width, offset);
    put_little(entry + 16 + offset_width, 4, length);
}

static void
vhdx_metadata_fill(guint8 *metadata)
{
    static const char guids[][17] = {
        "\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b",
        "\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8",
        "\xab\x12\xca\xbe\xe6\xb2\x23\x45\x93\xef\xc3\x09\xe0\x00\xc7\x46",
        "\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f",
        "\xc7\x48\xa3\xcd\x5d\x44\x71\x44\x9c\xc9\xe9\x88\x52\x51\xc5\x56",
    };
    static const guint lengths[] = { 8, 8, 16, 4, 4 };
    guint8 *items = metadata + 64 * KIB;
    guint place = 64 * KIB;

    memcpy(metadata, "metadata", 8);
    put_little(metadata + 10, 2, G_N_ELEMENTS(lengths));
    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
        vhdx_entry_fill(metadata + 32 + i * 32, guids[i], 4, place, lengths[i]);
        place += lengths[i];
    }
    put_little(items, 4, MIB);
    put_little(items + 8, 8, MIB);
    put_little(items + 32, 4, SECTOR);
    put_little(items + 36, 4, SECTOR);
}

/* One block that is not allocated; the log of no bytes is where the block allocation table begins. */
static GByteArray *
vhdx_image_new(void)
{
    GByteArray *bytes = zeros_new(VHDX_IMAGE_ITEMS + 40);

    memcpy(bytes->data, "vhdxfile", 8);
    for (guint copy = 0; copy < 2; copy++) {
        guint8 *header = bytes->data + (64 + copy * 64) * KIB;
        guint8 *regions = bytes->data + VHDX_IMAGE_REGIONS + copy * 64 * KIB;

        memcpy(header, "head", 4);
        put_little(header + 8, 8, 1 + copy);
        put_little(header + 66, 2, 1);
        put_little(header + 72, 8, MIB);
        memcpy(regions, "regi", 4);
        put_little(regions + 8, 4, 2);
        vhdx_entry_fill(regions + 16,
                        "\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08", 8,
                        VHDX_IMAGE_BAT, MIB);
        vhdx_entry_fill(regions + 48,
                        "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e", 8,
                        VHDX_IMAGE_METADATA, MIB);
    }
    vhdx_metadata_fill(bytes->data + VHDX_IMAGE_METADATA);
    vhdx_seal(bytes);
    return bytes;
}

/* Eight slots of 128 sectors behind the first 8, then one sector of payload. */
GByteArray *
luks_image_new(void)
{
    const guint payload = 8 + 8 * 128;
    GByteArray *bytes = zeros_new((payload + 1) * SECTOR);

    memcpy(bytes->data, "LUKS\xba\xbe\0\1", 8);
    strcpy((char *) bytes->data + 8, "aes");
    strcpy((char *) bytes->data + 40, "cbc-essiv:sha256");
    strcpy((char *) bytes->data + 72, "sha256");
    put_big(bytes->data + 104, 4, payload);
    put_big(bytes->data + 108, 4, 16);
    put_big(bytes->data + 164, 4, 1000);
    strcpy((char *) bytes->data + 168, "00000000-0000-4000-8000-000000000001");
    for (guint i = 0; i < 8; i++) {
        guint8 *slot = bytes->data + 208 + i * 48;

        put_big(slot, 4, i == 0 ? 0x00ac71f3 : 0x0000dead);
        put_big(slot + 4, 4, i == 0 ? 1000 : 0);
        put_big(slot + 40, 4, 8 + i * 128);
        put_big(slot + 44, 4, 4000);
    }
    return bytes;
}

/* One cluster of 8 sectors, not allocated; the table of one entry follows the header. */
static GByteArray *
parallels_image_new(void)
{
    GByteArray *bytes = zeros_new(SECTOR);

    memcpy(bytes->data, "WithouFreSpacExt", 16);
    put_little(bytes->data + 16, 4, 2);
    put_little(bytes->data + 28, 4, 8);
    put_little(bytes->data + 32, 4, 1);
    put_little(bytes->data + 36, 8, 8);
    return bytes;
}

/* 4 KiB; the bitmap of one byte follows the header of 1056. */
static GByteArray *
cow_image_new(void)
{
    GByteArray *bytes = zeros_new(4 * SECTOR);

    memcpy(bytes->data, "OOOM", 4);
    put_big(bytes->data + 4, 4, 2);
    put_big(bytes->data + 1040, 8, 4096);
    return bytes;
}

/* A header cluster of 4 KiB, then an L1 table of two clusters. */
static GByteArray *
qed_image_new(void)
{
    GByteArray *bytes = zeros_new(3 * 4096);

    memcpy(bytes->data, "QED", 4);
    put_little(bytes->data + 4, 4, 4096);
    put_little(bytes->data + 8, 4, 2);
    put_little(bytes->data + 12, 4, 1);
    put_little(bytes->data + 40, 8, 4096);
    put_little(bytes->data + 48, 8, MIB);
    return bytes;
}

/* Version 2: one extent of 4 KiB, not allocated; the catalog of one entry follows the header. */
static GByteArray *
bochs_image_new(void)
{
    GByteArray *bytes = zeros_new(2 * SECTOR);

    memcpy(bytes->data, "Bochs Virtual HD Image", 22);
    memcpy(bytes->data + 32, "Redolog", 7);
    memcpy(bytes->data + 48, "Growing", 7);
    put_little(bytes->data + 64, 4, 0x00020000);
    put_little(bytes->data + 68, 4, SECTOR);
    put_little(bytes->data + 72, 4, 1);
    put_little(bytes->data + 76, 4, 1);
    put_little(bytes->data + 80, 4, 4096);
    put_little(bytes->data + 88, 8, 4096);
    memset(bytes->data + SECTOR, 0xff, 4);
    return bytes;
}

/* One block of 512 bytes, compressed to 8 that follow the table of two offsets. */
static GByteArray *
cloop_image_new(void)
{
    GByteArray *bytes = zeros_new(160);

    strcpy((char *) bytes->data, "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t "
                                 "iso9660 /dev/cloop $1\n");
    put_big(bytes->data + 128, 4, SECTOR);
    put_big(bytes->data + 132, 4, 1);
    put_big(bytes->data + 136, 8, 152);
    put_big(bytes->data + 144, 8, 160);
    return bytes;
}

/* A sector of data, 16 bytes of property list, the trailer. */
static GByteArray *
dmg_image_new(void)
{
    GByteArray *bytes = zeros_new(SECTOR + 16 + SECTOR);
    guint8 *trailer = bytes->data + SECTOR + 16;

    memcpy(trailer, "koly", 4);
    put_big(trailer + 4, 4, 4);
    put_big(trailer + 8, 4, SECTOR);
    put_big(trailer + 32, 8, SECTOR);
    put_big(trailer + 60, 4, 1);
    put_big(trailer + 216, 8, SECTOR);
    put_big(trailer + 224, 8, 16);
    put_big(trailer + 488, 4, 1);
    put_big(trailer + 492, 8, 1);
    return bytes;
}

/* Version 2: the header, then a sector of encrypted data. */
static GByteArray *
dmg_encrypted_image_new(void)
{
    GByteArray *bytes = zeros_new(2 * SECTOR);

    memcpy(bytes->data, "encrcdsa", 8);
    put_big(bytes->data + 8, 4, 2);
    put_big(bytes->data + 24, 4, 128);
    put_big(bytes->data + 52, 4, SECTOR);
    put_big(bytes->data + 56, 8, SECTOR);
    put_big(bytes->data + 64, 8, SECTOR);
    return bytes;
}

static GByteArray *
iso_image_new(void)
{
    GByteArray *bytes = zeros_new(18 * 2048);
    guint8 *descriptor = bytes->data + 32768;

    memset(descriptor + 8, ' ', 64);
    memset(descriptor + 318, ' ', 256);
    memset(descriptor + 574, ' ', 128);
    memcpy(descriptor, "\1CD001\1", 7);
    memcpy(descriptor + 40, "VOLUME", 6);
    put_little(descriptor + 80, 4, 18);
    put_big(descriptor + 84, 4, 18);
    put_little(descriptor + 128, 2, 2048);
    put_big(descriptor + 130, 2, 2048);
    memset(descriptor + 813, '0', 16);
    return bytes;
}

static const HealthyImage healthy_images[] = {
    { "raw", raw_image_new, "no-signature", NULL },
    { "qcow2", qcow2_healthy_new, "", NULL },
    { "qcow", qcow_image_new, "", NULL },
    { "vdi", vdi_image_new, "", NULL },
    { "vmdk", vmdk_image_new, "", NULL },
    { "vpc", vpc_image_new, "", NULL },
    { "vhdx", vhdx_image_new, "", vhdx_seal },
    { "luks", luks_image_new, "encrypted", NULL },
    { "parallels", parallels_image_new, "", NULL },
    { "cow", cow_image_new, "", NULL },
    { "qed", qed_image_new, "", NULL },
    { "bochs", bochs_image_new, "", NULL },
    { "cloop", cloop_image_new, "", NULL },
    { "dmg", dmg_image_new, "not-examined", NULL },
    { "dmg-encrypted", dmg_encrypted_image_new, "encrypted", NULL },
    { "iso", iso_image_new, "", NULL },
};

const HealthyImage *
healthy_image_find(const char *format)
{
    for (guint i = 0; i < G_N_ELEMENTS(healthy_images); i++) {
        if (strcmp(healthy_images[i].format, format) == 0)
            return &healthy_images[i];
    }
    for (const HealthyImage *image = content_images; image->format != NULL; image++) {
        if (strcmp(image->format, format) == 0)
            return image;
    }
    return NULL;
}
