/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* iso.c: ISO 9660 file systems, as content of a raw payload. Source: ECMA-119. */
#include "storage/format.h"
#include "util/numbers.h"

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
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static gboolean
parse(VpProbe *probe)
{
    guint64 size = vp_probe_value(probe, SPACE_SIZE) * vp_probe_value(probe, BLOCK_SIZE);

    /* A descriptor of another type has other fields. */
    if (!vp_probe_has(probe, CREATED) || !vp_probe_is_valid(probe, DESCRIPTOR_TYPE))
        return FALSE;
    vp_record_set_uint(probe->target, VP_CONTENT_SIZE, size);
    vp_fill_details(probe, probe->target, VP_CONTENT_DETAILS);
    vp_probe_set_capacity(probe, probe->size, VP_RULE_HEADER_INVALID, SPACE_SIZE);
    if (size > probe->size)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, SPACE_SIZE,
                            "the volume has %" G_GUINT64_FORMAT
                            " bytes, the file %" G_GUINT64_FORMAT,
                            size, probe->size);
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
    .capacity = { .rounding = VP_ROUND_SECTOR_UP },
    .parse = parse,
};
