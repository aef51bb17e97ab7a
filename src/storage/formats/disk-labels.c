/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* disk-labels.c: partition tables of machines that are no PCs, as content of a raw payload: tables, and no function. They are
 * named, and their partitions are not listed. Source: docs/formats/disk-labels.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .reads = 3, .qemu_probe = VP_QEMU_NEVER
#define TEXT(at, len) VP_AT((at), (len)), .kind = VP_KIND_TEXT, .is_detail = TRUE
#define Z4 "\0\0\0\0"
#define F4 "\xff\xff\xff\xff"
#define Z16 Z4 Z4 Z4 Z4

/* Sun: the table of contents with its version, that it has eight entries and its own number; and two bytes at the end of the
 * sector. */

static const VpHeaderField sun_fields[] = {
    { "description", TEXT(0, 128) },
    { "label", TEXT(132, 8) },
    { "cylinders", VP_AT(432, 2), .is_detail = TRUE },
    { "heads", VP_AT(436, 2), .is_detail = TRUE },
    { "sectors-per-track", VP_AT(438, 2), .is_detail = TRUE },
};

static const VpMagic sun_magics[] = {
    { .offset = 128,
      .bytes = "\0\0\0\1" Z4 Z4 "\0\x08\0\0" Z16 Z16 Z4 Z4 Z4 "\x60\x0d\xde\xee",
      .mask = F4 Z4 Z4 "\xff\xff\0\0" Z16 Z16 Z4 Z4 Z4 F4,
      .len = 64,
      .also = "\xda\xbe",
      .also_len = 2,
      .also_behind = 380 },
    { .len = 0 },
};

const VpFormat vp_format_sun = { .name = "sun",
                                 .title = "Sun disk label",
                                 CONTENT,
                                 .order = VP_ORDER_BIG,
                                 .magics = sun_magics,
                                 VP_FIELDS(sun_fields) };

/* SGI: its number, partitions for root and swap of which there are sixteen, and zeros at the end of the sector. */

static const VpHeaderField sgi_fields[] = {
    { "root-partition", VP_AT(4, 2), .is_detail = TRUE },
    { "swap-partition", VP_AT(6, 2), .is_detail = TRUE },
    { "boot-file", TEXT(8, 16) },
};

static const VpMagic sgi_magics[] = {
    { .bytes = "\x0b\xe5\xa9\x41\0\0\0\0",
      .mask = F4 "\xff\xf0\xff\xf0",
      .len = 8,
      .evidence = VP_EVIDENCE_WEAK,
      .also = Z4,
      .also_len = 4,
      .also_behind = 508 },
    { .len = 0 },
};

const VpFormat vp_format_sgi = { .name = "sgi",
                                 .title = "SGI disk label",
                                 CONTENT,
                                 .order = VP_ORDER_BIG,
                                 .magics = sgi_magics,
                                 VP_FIELDS(sgi_fields) };
