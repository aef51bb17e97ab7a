/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* raw.c: the bytes are the disk: what a file is when nothing else matches, or when it is declared so. */
#include "storage/format.h"

static gboolean
parse(VpProbe *probe)
{
    if (probe->size == 0)
        vp_probe_find(probe, VP_RULE_EMPTY, 0, 0, "the file is empty");
    return TRUE;
}

static const char *const extensions[] = { "raw", NULL };

const VpFormat vp_format_raw = {
    .name = "raw",
    .libvirt_name = "raw",
    .extensions = extensions,
    .title = "raw disk",
    .layer = VP_LAYER_FALLBACK,
    .flags = VP_FORMAT_RAW_PAYLOAD,
    .reads = 3,
    .dirty = { VP_DIRTY_NEVER },
    .parse = parse,
};
