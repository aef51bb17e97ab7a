/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* types.c: the boxed types of the pool library that have no file of their own. */
#include "virtprobe/relations.h"

G_DEFINE_BOXED_TYPE(VirtProbeVolume, virt_probe_volume, virt_probe_volume_ref,
                    virt_probe_volume_unref)
G_DEFINE_BOXED_TYPE(VirtProbeDependent, virt_probe_dependent, virt_probe_dependent_copy,
                    virt_probe_dependent_free)
G_DEFINE_BOXED_TYPE(VirtProbeOrphan, virt_probe_orphan, virt_probe_orphan_copy,
                    virt_probe_orphan_free)

/* A pool that is not defined any more is none. */
static VirtProbePool *
pool_ref(VirtProbePool *pool)
{
    return pool != NULL ? virt_probe_pool_ref(pool) : NULL;
}

VirtProbeDependent *
virt_probe_dependent_copy(const VirtProbeDependent *dependent)
{
    VirtProbeDependent *copy;

    g_return_val_if_fail(dependent != NULL, NULL);

    copy = g_memdup2(dependent, sizeof *dependent);
    pool_ref(copy->pool);
    virt_probe_volume_ref(copy->volume);
    return copy;
}

void
virt_probe_dependent_free(VirtProbeDependent *dependent)
{
    if (dependent == NULL)
        return;
    virt_probe_pool_unref(dependent->pool);
    virt_probe_volume_unref(dependent->volume);
    g_free(dependent);
}

VirtProbeOrphan *
virt_probe_orphan_copy(const VirtProbeOrphan *orphan)
{
    VirtProbeOrphan *copy;

    g_return_val_if_fail(orphan != NULL, NULL);

    copy = g_memdup2(orphan, sizeof *orphan);
    pool_ref(copy->pool);
    virt_probe_volume_ref(copy->volume);
    return copy;
}

void
virt_probe_orphan_free(VirtProbeOrphan *orphan)
{
    if (orphan == NULL)
        return;
    virt_probe_pool_unref(orphan->pool);
    virt_probe_volume_unref(orphan->volume);
    g_free(orphan);
}
