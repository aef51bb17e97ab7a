/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* change.c: what the changes that a refresh notices are called. */
#include "virtprobe/pool.h"

static const char *const names[] = {
    [VIRT_PROBE_CHANGE_ADDED] = "added",
    [VIRT_PROBE_CHANGE_CHANGED] = "changed",
    [VIRT_PROBE_CHANGE_REMOVED] = "removed",
};

G_STATIC_ASSERT(G_N_ELEMENTS(names) == VIRT_PROBE_CHANGE_REMOVED + 1);

const char *
virt_probe_change_get_name(VirtProbeChange change)
{
    g_return_val_if_fail((guint) change < G_N_ELEMENTS(names), NULL);

    return names[change];
}
