/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* luks2.h: what the parts of the LUKS2 reader share. Source: LUKS2 On-Disk Format Specification 1.1. */
#pragma once

#include "storage/format.h"

#include <jansson.h>

/* In front of the JSON. */
#define LUKS2_BINARY_SIZE 4096

/* A copy of the header that is sound. */
typedef struct {
    guint64 offset; /* from the start of the image */
    guint64 size;
    guint64 sequence;
    const char *json; /* borrowed from the windows of the probe; json_len bytes */
    gsize json_len;
    char label[48 + 1];
    char algorithm[32 + 1];
    char uuid[40 + 1];
    char subsystem[48 + 1];
} Luks2Header;

/* Finds the copy that counts. FALSE: none is sound, and a finding says why. */
gboolean luks2_header_find(VpProbe *probe, Luks2Header *out_header);

/* Writes key slots, in the order of their numbers, and what the first of them says of the key. */
void luks2_keyslots_fill(VpProbe *probe, VirtProbeRecord *record, const json_t *metadata,
                         guint64 place);

/* Bytes of the volume key; 0 when no slot says it. */
guint64 luks2_key_bytes(const json_t *metadata);

/* A number that is written as one, or as a string of decimal digits. */
gboolean luks2_number(const json_t *value, guint64 *out_number);

/* Sets a text of the metadata, when it is one, and says when it is dangerous to show. place: of the JSON. */
void luks2_set_text(VpProbe *probe, VirtProbeRecord *record, guint field, const json_t *text,
                    guint64 place);

/* Describes the volume. FALSE: damaged, and a finding says why. */
gboolean luks2_parse(VpProbe *probe, VirtProbeRecord *record);
