/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* outside.h: what is needed by images that the catalogue does not know, or not all about. */
#pragma once

#include "storage/pool/references.h"
#include "virtprobe/relations.h"

/* Images outside of all pools that are opened, and files that all images may name that are opened, in one call. */
#define VP_OUTSIDE_IMAGES_MAX 10000
#define VP_OUTSIDE_FILES_MAX 100000

/* Adds to used what keys name and, for those that are no volumes, all that they stand on; also what images need that only
 * opening them tells. Each image outside of the pools is opened once, whoever stands on it. images: of paths of volumes. volumes:
 * files that are known. Gives why that may not be all. */
VirtProbeDoubts vp_outside_use(const VpFileKey *keys, guint count, GPtrArray *images,
                               const VpReferences *volumes, VpReferences *used);
