/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* public.c: names of images for programs that use the library. */
#include "storage/location.h"
#include "util/error.h"
#include "virtprobe/location.h"

#include <string.h>

VirtProbeRecord *
virt_probe_location_parse(const char *name, GError **error)
{
    g_autoptr(VirtProbeRecord) location = NULL;
    const VirtProbeRecord *failure;

    g_return_val_if_fail(name != NULL, NULL);
    g_return_val_if_fail(error == NULL || *error == NULL, NULL);

    location = vp_tree_new(VP_RECORD_LOCATION, FALSE);
    vp_location_fill(location, name);
    failure = vp_record_get_record(location, VP_LOCATION_ERROR);
    if (failure == NULL)
        return g_steal_pointer(&location);
    vp_error_set_named(error, vp_record_get(failure, VP_ERROR_CODE)->bytes,
                       vp_record_get(failure, VP_ERROR_MESSAGE)->bytes);
    return NULL;
}

char *
virt_probe_name_mask(const char *name)
{
    char *masked;

    g_return_val_if_fail(name != NULL, NULL);

    masked = vp_name_mask(name, strlen(name), NULL);
    return masked != NULL ? masked : g_strdup(name);
}
