/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* udf.c: UDF file systems, as content of a raw payload. Sources: ECMA-167, OSTA UDF 2.60. */
#include "storage/format.h"
#include "util/text.h"

#include <string.h>

#define SECTOR 512
#define SEQUENCE 32768
#define STRUCTURE 2048
#define STRUCTURE_HEAD 6
/* Sizes of blocks that are no larger than that. */
#define SIZES_SMALL 3
#define ANCHOR_BLOCK 256
#define TAG_ANCHOR 2
#define TAG_LOGICAL_VOLUME 6
#define TAG_TERMINATOR 8
/* Descriptors of the main sequence that are looked at; six kinds exist. */
#define DESCRIPTORS_MAX 16
#define LABEL_PLACE 84
#define LABEL_WIDTH 128

/* A structure begins with a tag: its number, and the block that it stands in. FALSE: it is not that block. */
static gboolean
tag_read(VpReader *reader, guint16 *out_tag, guint64 block)
{
    *out_tag = vp_reader_u16le(reader);
    vp_reader_seek(reader, 12);
    return vp_reader_u32le(reader) == block;
}

/* Blocks that are larger than a structure of the recognition sequence leave its room between two of them free. */
static gboolean
has_large_blocks(VpProbe *probe)
{
    VpReader reader;

    return vp_probe_peek(probe, SEQUENCE + STRUCTURE, STRUCTURE_HEAD, &reader)
           && memcmp(reader.data, "\0\0\0\0\0\0", STRUCTURE_HEAD) == 0;
}

/* FALSE: with blocks of that size there is no anchor. */
static gboolean
find_anchor_of(VpProbe *probe, guint block_size, guint32 *out_len, guint32 *out_block)
{
    VpReader reader;
    guint16 tag;

    if (!vp_probe_peek(probe, (guint64) ANCHOR_BLOCK * block_size, SECTOR, &reader)
        || !tag_read(&reader, &tag, ANCHOR_BLOCK) || tag != TAG_ANCHOR)
        return FALSE;
    *out_len = vp_reader_u32le(&reader);
    *out_block = vp_reader_u32le(&reader);
    return TRUE;
}

/* The anchor stands at block 256; how large blocks are is not known before, but whether they are large. */
static gboolean
find_anchor(VpProbe *probe, guint *out_block_size, guint32 *out_len, guint32 *out_block)
{
    static const guint sizes[] = { 2048, 512, 1024, 4096, 8192, 16384, 32768 };
    guint first = has_large_blocks(probe) ? SIZES_SMALL : 0;

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        guint size = sizes[(first + i) % G_N_ELEMENTS(sizes)];

        if (find_anchor_of(probe, size, out_len, out_block)) {
            *out_block_size = size;
            return TRUE;
        }
    }
    return FALSE;
}

/* A text of fixed width: how it is coded comes first, its length last. */
static void
set_label(VpProbe *probe, VpReader *descriptor, guint64 place)
{
    g_autoptr(GString) label = g_string_new(NULL);
    const guint8 *text;
    guint len;

    vp_reader_seek(descriptor, LABEL_PLACE);
    text = vp_reader_bytes(descriptor, LABEL_WIDTH);
    if (text == NULL)
        return;
    len = MIN(text[LABEL_WIDTH - 1], LABEL_WIDTH - 1);
    for (guint i = 1; text[0] == 8 && i < len; i++)
        g_string_append_unichar(label, text[i]);
    if (text[0] == 16 && len > 1) {
        gsize utf8_len;
        g_autofree char *utf8 = vp_text_from_utf16(text + 1, len - 1, VP_ORDER_BIG, &utf8_len);

        g_string_append_len(label, utf8, (gssize) utf8_len);
    }
    if (label->len > 0)
        vp_probe_set_text(probe, probe->target, VP_CONTENT_LABEL, (const guint8 *) label->str,
                          label->len, place + LABEL_PLACE);
}

static gboolean
parse(VpProbe *probe)
{
    guint block_size;
    guint32 len;
    guint32 block;

    /* A list of many files has no use for names. */
    if ((probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) != 0)
        return TRUE;
    if (!find_anchor(probe, &block_size, &len, &block)) {
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, 0, 0, "the UDF volume has no anchor");
        return TRUE;
    }
    vp_record_set_uint(probe->target, VP_CONTENT_SECTOR_SIZE, block_size);
    len = MIN(len, DESCRIPTORS_MAX * block_size);
    vp_probe_prefetch(probe, (guint64) block * block_size, len);
    for (guint64 i = 0; i < len / block_size; i++) {
        guint64 place = (block + i) * block_size;
        VpReader reader;
        guint16 tag;

        if (!vp_probe_peek(probe, place, SECTOR, &reader) || !tag_read(&reader, &tag, block + i)
            || tag == TAG_TERMINATOR)
            break;
        if (tag == TAG_LOGICAL_VOLUME)
            set_label(probe, &reader, place);
    }
    return TRUE;
}

/* The recognition sequence begins at 32 KiB, a structure in 2048 bytes; what makes it UDF stands anywhere in it. */
#define NSR(place)                                                                                 \
    {                                                                                              \
        .offset = SEQUENCE + (place) *STRUCTURE + 1, .bytes = "NSR02",                             \
        .mask = "\xff\xff\xff\xff\xfe", .len = 5                                                   \
    }

static const VpMagic magics[] = {
    NSR(1),  NSR(2),  NSR(3),  NSR(4),  NSR(5),  NSR(6),  NSR(7),  NSR(8),       NSR(9),
    NSR(10), NSR(11), NSR(12), NSR(13), NSR(14), NSR(15), NSR(16), { .len = 0 },
};

const VpFormat vp_format_udf = {
    .name = "udf",
    .title = "UDF file system",
    .layer = VP_LAYER_CONTENT,
    .reads = 6,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .qemu_probe = VP_QEMU_NEVER,
    .parse = parse,
};
