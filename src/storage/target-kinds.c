/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-kinds.c: kinds of images that one format has, and where the description says which an image is. */
#include "storage/target.h"

#include <string.h>

/* Kinds as the description names them: docs/formats has the values of details, docs/fields.md create-type. */
static const struct {
    const char *format;
    const char *key;
    gboolean is_specific; /* of the record "format-specific"; else of "details" */
    const char *const *kinds;
} table[] = {
    { "vmdk", "create-type", TRUE,
      (const char *const[]) { "custom", "fullDevice", "monolithicFlat", "monolithicSparse",
                              "partitionedDevice", "seSparse", "streamOptimized",
                              "twoGbMaxExtentFlat", "twoGbMaxExtentSparse", "vmfs", "vmfsRaw",
                              "vmfsRawDeviceMap", "vmfsPassthroughRawDeviceMap", "vmfsSparse",
                              "vmfsThin", NULL } },
    { "vpc", "disk-type", FALSE,
      (const char *const[]) { "fixed", "dynamic", "differencing", NULL } },
    { "vhdx", "disk-type", FALSE,
      (const char *const[]) { "fixed", "dynamic", "differencing", NULL } },
    { "vdi", "image-type", FALSE,
      (const char *const[]) { "dynamic", "static", "undo", "differencing", NULL } },
    { "parallels", "magic", FALSE,
      (const char *const[]) { "WithoutFreeSpace", "WithouFreSpacExt", NULL } },
};

static const VirtProbeRecord *
record_below(const VirtProbeRecord *record, const char *key)
{
    return record != NULL ? virt_probe_record_get_record(record, key) : NULL;
}

const char *
vp_target_kind_of(const VirtProbeRecord *image)
{
    const char *format = virt_probe_record_get_text(image, "format");

    for (guint i = 0; format != NULL && i < G_N_ELEMENTS(table); i++) {
        const VirtProbeRecord *record;

        if (strcmp(table[i].format, format) != 0)
            continue;
        record = table[i].is_specific ? record_below(record_below(image, "format-specific"), "data")
                                      : record_below(record_below(image, "virt-probe"), "details");
        return record != NULL ? virt_probe_record_get_text(record, table[i].key) : NULL;
    }
    return NULL;
}

gboolean
vp_target_kind_exists(const char *format, const char *kind)
{
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i].format, format) == 0)
            return g_strv_contains(table[i].kinds, kind);
    }
    return FALSE;
}
