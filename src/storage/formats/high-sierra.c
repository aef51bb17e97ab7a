/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* high-sierra.c: discs of the working paper from which ISO 9660 was made, as content of a raw payload. Source: the
 * High Sierra Group's working paper of 1986, as Linux reads it. */
#include "storage/format.h"

enum {
    VOLUME_ID,
    SPACE_SIZE,
    BLOCK_SIZE,
    FIELD_COUNT,
};

/* Eight bytes stand in front of what ISO 9660 begins with. */
#define DESCRIPTOR (32768 + 8)

static const VpHeaderField fields[] = {
    [VOLUME_ID] = { "volume-id", VP_AT(DESCRIPTOR + 40, 32), .kind = VP_KIND_PADDED_TEXT,
                    .is_detail = TRUE },
    [SPACE_SIZE] = { "volume-space-size", VP_AT(DESCRIPTOR + 80, 4), .is_detail = TRUE },
    [BLOCK_SIZE] = { "logical-block-size", VP_AT(DESCRIPTOR + 128, 2), VP_RANGE(512, 32768),
                     .rule = VP_RULE_HEADER_INCONSISTENT, .is_detail = TRUE },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpMagic magics[] = {
    { .offset = DESCRIPTOR + 1, .bytes = "CDROM", .len = 5 },
    { .len = 0 },
};

const VpFormat vp_format_high_sierra = {
    .name = "high-sierra",
    .title = "High Sierra file system",
    .layer = VP_LAYER_CONTENT,
    .reads = 3,
    .order = VP_ORDER_LITTLE,
    .magics = magics,
    .qemu_probe = VP_QEMU_NEVER,
    VP_FIELDS(fields),
    .capacity = { VP_QUANTITY_VALUE, SPACE_SIZE, 1, VP_ROUND_NONE, VP_QUANTITY_VALUE, BLOCK_SIZE },
};
