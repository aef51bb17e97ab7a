/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* iso.c: ISO 9660 file systems, as content of a raw payload. Source: ECMA-119. */
#include "storage/format.h"

#include <string.h>

enum {
    DESCRIPTOR_TYPE,
    IDENTIFIER,
    DESCRIPTOR_VERSION,
    SYSTEM_ID,
    VOLUME_ID,
    SPACE_SIZE,
    BLOCK_SIZE,
    PUBLISHER_ID,
    APPLICATION_ID,
    CREATED,
    MODIFIED,
    FIELD_COUNT,
};

/* Descriptors begin at sector 16 of 2048 bytes; the first one is the primary one in all images that are made
 * today. Both-endian numbers are taken from their little-endian half. */
#define DESCRIPTOR 32768

static const VpHeaderField fields[] = {
    [DESCRIPTOR_TYPE] = { "descriptor-type", VP_AT(DESCRIPTOR, 1), VP_RANGE(1, 1),
                          .rule = VP_RULE_HEADER_INCONSISTENT },
    [IDENTIFIER] = { "identifier", VP_AT(DESCRIPTOR + 1, 5), .kind = VP_KIND_BYTES },
    [DESCRIPTOR_VERSION] = { "descriptor-version", VP_AT(DESCRIPTOR + 6, 1) },
    [SYSTEM_ID] = { "system-id", VP_AT(DESCRIPTOR + 8, 32), .kind = VP_KIND_PADDED_TEXT,
                    .is_detail = TRUE },
    [VOLUME_ID] = { "volume-id", VP_AT(DESCRIPTOR + 40, 32), .kind = VP_KIND_PADDED_TEXT,
                    .is_detail = TRUE },
    [SPACE_SIZE] = { "volume-space-size", VP_AT(DESCRIPTOR + 80, 4), .is_detail = TRUE },
    [BLOCK_SIZE] = { "logical-block-size", VP_AT(DESCRIPTOR + 128, 2), VP_RANGE(512, 32768),
                     .rule = VP_RULE_HEADER_INCONSISTENT, .is_detail = TRUE },
    [PUBLISHER_ID] = { "publisher-id", VP_AT(DESCRIPTOR + 318, 128), .kind = VP_KIND_PADDED_TEXT,
                       .is_detail = TRUE },
    [APPLICATION_ID] = { "application-id", VP_AT(DESCRIPTOR + 574, 128),
                         .kind = VP_KIND_PADDED_TEXT, .is_detail = TRUE },
    [CREATED] = { "created", VP_AT(DESCRIPTOR + 813, 16), .kind = VP_KIND_PADDED_TEXT,
                  .is_detail = TRUE },
    [MODIFIED] = { "modified", VP_AT(DESCRIPTOR + 830, 16), .kind = VP_KIND_PADDED_TEXT,
                   .is_detail = TRUE },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

/* Descriptors that are looked at, as many as libblkid does. */
#define DESCRIPTORS_MAX 16
#define DESCRIPTOR_SIZE 2048
#define BOOT_RECORD 0
#define SUPPLEMENTARY 2
#define TERMINATOR 255

/* Joliet is a second directory tree, whose descriptor has one of three escape sequences. */
static gboolean
is_joliet(const VpReader *descriptor)
{
    const guint8 *escape = descriptor->data + 88;

    return memcmp(escape, "%/", 2) == 0
           && (escape[2] == '@' || escape[2] == 'C' || escape[2] == 'E');
}

static gboolean
is_el_torito(const VpReader *descriptor)
{
    static const char name[] = "EL TORITO SPECIFICATION";

    return memcmp(descriptor->data + 7, name, sizeof name) == 0;
}

/* Whoever reads the other half of a number must see the same one. */
static void
check_halves(VpProbe *probe)
{
    VpReader reader;
    guint64 other;

    if (!vp_probe_peek(probe, DESCRIPTOR, DESCRIPTOR_SIZE, &reader))
        return;
    vp_reader_seek(&reader, 84);
    other = vp_reader_u32be(&reader);
    if (other != vp_probe_value(probe, SPACE_SIZE))
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, SPACE_SIZE,
                            "volume-space-size is %" G_GUINT64_FORMAT ", and %" G_GUINT64_FORMAT
                            " in the other byte order",
                            vp_probe_value(probe, SPACE_SIZE), other);
    vp_reader_seek(&reader, 130);
    other = vp_reader_u16be(&reader);
    if (other != vp_probe_value(probe, BLOCK_SIZE))
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, BLOCK_SIZE,
                            "logical-block-size is %" G_GUINT64_FORMAT ", and %" G_GUINT64_FORMAT
                            " in the other byte order",
                            vp_probe_value(probe, BLOCK_SIZE), other);
}

/* What the descriptors behind the first say, and whether the first one agrees with itself. */
static gboolean
parse(VpProbe *probe)
{
    gboolean has_joliet = FALSE;
    gboolean has_el_torito = FALSE;

    for (guint i = 1; i < DESCRIPTORS_MAX; i++) {
        guint64 place = DESCRIPTOR + (guint64) i * DESCRIPTOR_SIZE;
        VpReader reader;
        guint8 type;

        if (!vp_probe_peek(probe, place, DESCRIPTOR_SIZE, &reader))
            break;
        type = vp_reader_u8(&reader);
        if (type == TERMINATOR)
            break;
        has_el_torito = has_el_torito || (type == BOOT_RECORD && is_el_torito(&reader));
        has_joliet = has_joliet || (type == SUPPLEMENTARY && is_joliet(&reader));
    }
    if (has_el_torito)
        vp_content_add_feature(probe, "el-torito");
    if (has_joliet)
        vp_content_add_feature(probe, "joliet");
    /* A descriptor of another type has other fields. */
    if (!vp_probe_is_valid(probe, DESCRIPTOR_TYPE))
        return FALSE;
    check_halves(probe);
    return TRUE;
}

static const VpMagic magics[] = {
    { .offset = DESCRIPTOR + 1, .bytes = "CD001", .len = 5 },
    { .len = 0 },
};

static const char *const extensions[] = { "iso", NULL };

const VpFormat vp_format_iso = {
    .name = "iso",
    .libvirt_name = "iso",
    .extensions = extensions,
    .title = "ISO 9660 file system",
    .layer = VP_LAYER_CONTENT,
    .reads = 3,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .qemu_probe = VP_QEMU_NEVER,
    VP_FIELDS(fields),
    .capacity = { VP_QUANTITY_VALUE, SPACE_SIZE, 1, VP_ROUND_NONE, VP_QUANTITY_VALUE, BLOCK_SIZE },
    .parse = parse,
};
