/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* descriptor.h: directories that hold a disk of Parallels (ploop): images, and DiskDescriptor.xml, which says what they are to
 * each other. */
#pragma once

#include "storage/format.h"

/* The descriptor of a directory, opened beneath it; NULL when there is none, or path is no directory. The source has its
 * path, which is freed with *out_path. (transfer full) */
VpSource *vp_descriptor_open(const char *path, char **out_path);

/* Takes the place of vp_probe_run() for the bytes of a descriptor. */
void vp_descriptor_run(VpProbe *probe, const VpFormat *format);
