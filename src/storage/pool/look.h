/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* look.h: one volume as it is now. */
#pragma once

#include "storage/pool/pool.h"
#include "storage/pool/volume.h"

/* Describes the entry of a pool's directory. NULL with an error when the pool cannot be used now or does not answer; NULL
 * without one when there is no such entry. (transfer full) */
VirtProbeVolume *vp_look_at(const VirtProbePool *pool, const char *name, GError **error);
