/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* orphans.h: volumes that nobody seems to need, seen at a given time. */
#pragma once

#include "virtprobe/relations.h"

/* As virt_probe_pool_foreach_orphan(); now: nanoseconds since 1970 UTC. */
gboolean vp_orphans_foreach(VirtProbePool *pool, gint64 now, VirtProbeOrphanFunc func,
                            gpointer user_data, GError **error);
