/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-sort.h: many volumes in the order of their names. */
#pragma once

#include "virtprobe/volume.h"

/* Sorts volumes by the bytes of their names, as strcmp() does, which is the order of the catalogue. Those of the same name stay in
 * the order in which they are. */
void vp_volumes_sort(GPtrArray *volumes);

/* Of sorted volumes with the same name keeps the last: a directory that is changed while it is listed may show a name twice, and the last
 * look counts. */
void vp_volumes_drop_repeated(GPtrArray *volumes);
