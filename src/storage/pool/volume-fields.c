/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-fields.c: the public table of the fields that volumes have. */
#include "storage/pool/volume.h"

#define PUBLIC_TEXT VIRT_PROBE_VOLUME_TEXT
#define PUBLIC_NAME VIRT_PROBE_VOLUME_NAME
#define PUBLIC_LIST VIRT_PROBE_VOLUME_LIST
#define PUBLIC_UINT VIRT_PROBE_VOLUME_NUMBER
#define PUBLIC_SIZE VIRT_PROBE_VOLUME_SIZE
#define PUBLIC_TIME VIRT_PROBE_VOLUME_TIME
#define PUBLIC_MODE VIRT_PROBE_VOLUME_MODE
#define PUBLIC_BOOL VIRT_PROBE_VOLUME_BOOLEAN

static const VirtProbeVolumeField fields[] = {
#define VOLUME_FIELD(member, key, type, title, is_right, doc)                                      \
    { key, title, doc, PUBLIC_##type, is_right },
#include "storage/pool/volume.def"
#undef VOLUME_FIELD
};

const VirtProbeVolumeField *
virt_probe_volume_field_get_nth(guint index)
{
    return index < G_N_ELEMENTS(fields) ? &fields[index] : NULL;
}
