/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* types.c: the boxed types of the pool library. */
#include "virtprobe/volume.h"

G_DEFINE_BOXED_TYPE(VirtProbeVolume, virt_probe_volume, virt_probe_volume_ref,
                    virt_probe_volume_unref)
