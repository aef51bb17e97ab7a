/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-valid.c: definitions of pools that hold nothing that would be ignored. */
#include "storage/pool/pool.h"
#include "util/error.h"

/* libvirt's schema wants a character behind the slash. */
static gboolean
target_is_valid(const VirtProbePool *pool, GError **error)
{
    if (!g_str_equal(pool->target, "/"))
        return TRUE;
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                        "the pool's target path is \"/\", and must be a directory below it");
    return FALSE;
}

static gboolean
refuse(GError **error, const VirtProbePool *pool, const char *what)
{
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, "a pool of type %s has no %s",
                pool->backend->name, what);
    return FALSE;
}

/* What libvirt's schema allows the type of the pool. */
static gboolean
source_is_used(const VirtProbePool *pool, GError **error)
{
    const VpPoolBackend *backend = pool->backend;

    if (!backend->needs_device && pool->device != NULL)
        return refuse(error, pool, "source device");
    if (!backend->needs_host_and_dir && pool->hosts->len > 0)
        return refuse(error, pool, "source host");
    if (!backend->needs_host_and_dir && pool->dir != NULL)
        return refuse(error, pool, "source directory");
    if (!backend->needs_host_and_dir && pool->protocol != NULL)
        return refuse(error, pool, "protocol version");
    if (backend->formats == NULL && pool->format != NULL)
        return refuse(error, pool, "source format");
    if (!backend->is_mount_point && pool->options->len > 0)
        return refuse(error, pool, "mount options");
    return TRUE;
}

VirtProbePool *
virt_probe_pool_new_from_valid_xml(const char *xml, gsize length, GError **error)
{
    g_autoptr(VirtProbePool) pool = vp_pool_new_empty();

    g_return_val_if_fail(xml != NULL, NULL);

    if (!vp_pool_read(pool, xml, length, TRUE, error) || !vp_pool_complete(pool, error)
        || !source_is_used(pool, error) || !target_is_valid(pool, error))
        return NULL;
    return g_steal_pointer(&pool);
}

VirtProbePool *
virt_probe_pool_new_from_valid_file(const char *path, GError **error)
{
    g_autofree char *xml = NULL;
    gsize len;

    g_return_val_if_fail(path != NULL, NULL);

    xml = vp_pool_file_read(path, &len, error);
    return xml != NULL ? virt_probe_pool_new_from_valid_xml(xml, len, error) : NULL;
}
