/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* describe-source.h: from a source of bytes to the record of an image. */
#pragma once

#include "storage/format.h"
#include "virtprobe/describe.h"

/* Makes the record of an image of which only the name is known. (transfer full) */
VirtProbeRecord *vp_image_new(const char *name, VirtProbeDescribeFlags flags);

/* Writes the name into an empty record IMAGE; gives its record PROBE. */
VirtProbeRecord *vp_image_begin(VirtProbeRecord *image, const char *name);

/* Says what is wrong with an image: state is VP_STATE_UNREADABLE or VP_STATE_NOT_OPENED when it could not be described, else
 * VP_STATE_PARTIAL. */
void vp_image_set_error(VirtProbeRecord *image, const char *state, const GError *error);

/* Describes source into an empty record IMAGE. name: of the image, may be NULL. declared: its format, as
 * format_source says; NULL: recognise it. */
void vp_image_describe(VirtProbeRecord *image, VpSource *source, const char *name,
                       const VpFormat *declared, const char *format_source,
                       VirtProbeDescribeFlags flags);

/* The same with a function of its own in the place of vp_probe_run(). */
void vp_image_describe_by(VirtProbeRecord *image, VpSource *source, const char *name,
                          const VpFormat *format, const char *format_source,
                          VirtProbeDescribeFlags flags,
                          void (*run)(VpProbe *probe, const VpFormat *format));

/* The format that a caller declares. FALSE when no format has the name, or none was declared and guessing was not
 * asked for. */
gboolean vp_find_declared(const char *name, VirtProbeDescribeFlags flags,
                          const VpFormat **out_format, GError **error);
