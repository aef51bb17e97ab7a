/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-write.c: pools as XML: element for element as libvirt 9.0 prints them. */
#include "storage/export/xml-attributes.h"
#include "storage/export/xml-full.h"
#include "storage/pool/pool.h"

#include <string.h>

/* An element with nothing but an attribute; nothing when there is no value. */
static void
write_single(VpXml *xml, const char *element, const char *attribute, const char *value)
{
    if (value == NULL)
        return;
    vp_xml_begin(xml, element);
    vp_xml_attribute(xml, attribute, value);
    vp_xml_end(xml);
}

static const char *
source_format(const VirtProbePool *pool, char *room, gsize size)
{
    if (pool->backend->formats == NULL)
        return NULL;
    if (pool->format != NULL)
        return pool->format;
    /* The first of the names is the default. */
    g_strlcpy(room, pool->backend->formats, MIN(size, strcspn(pool->backend->formats, " ") + 1));
    return room;
}

static void
write_hosts(VpXml *xml, const VirtProbePool *pool)
{
    for (guint i = 0; i < pool->hosts->len; i++) {
        const VpPoolHost *host = g_ptr_array_index(pool->hosts, i);

        vp_xml_begin(xml, "host");
        vp_xml_attribute(xml, "name", host->name);
        vp_xml_attribute(xml, "port", host->port);
        vp_xml_end(xml);
    }
}

/* Only what the type of the pool has a use for is kept by libvirt. */
static void
write_source(VpXml *xml, const VirtProbePool *pool)
{
    char room[16];
    const char *format = source_format(pool, room, sizeof room);
    gboolean is_empty = pool->vendor == NULL && pool->product == NULL && format == NULL
                        && (!pool->backend->needs_host_and_dir || pool->protocol == NULL);

    vp_xml_begin(xml, "source");
    if (is_empty) {
        vp_xml_end_empty(xml);
        return;
    }
    if (pool->backend->needs_host_and_dir)
        write_hosts(xml, pool);
    if (pool->backend->needs_device)
        write_single(xml, "device", "path", pool->device);
    if (pool->backend->needs_host_and_dir)
        write_single(xml, "dir", "path", pool->dir);
    write_single(xml, "format", "type", format);
    if (pool->backend->needs_host_and_dir)
        write_single(xml, "protocol", "ver", pool->protocol);
    write_single(xml, "vendor", "name", pool->vendor);
    write_single(xml, "product", "name", pool->product);
    vp_xml_end(xml);
}

static void
write_text(VpXml *xml, const char *element, const char *text)
{
    if (text != NULL)
        vp_xml_text(xml, element, text);
}

/* Those that were asked for. */
static void
write_configured_permissions(VpXml *xml, const VirtProbePool *pool)
{
    if (pool->mode == NULL && pool->owner == NULL && pool->group == NULL && pool->label == NULL)
        return;
    vp_xml_begin(xml, "permissions");
    write_text(xml, "mode", pool->mode);
    write_text(xml, "owner", pool->owner);
    write_text(xml, "group", pool->group);
    write_text(xml, "label", pool->label);
    vp_xml_end(xml);
}

static void
write_target(VpXml *xml, const VirtProbePool *pool, gboolean is_running)
{
    VpFileAttributes *attributes = is_running ? vp_file_attributes(pool->target) : NULL;

    vp_xml_begin(xml, "target");
    vp_xml_text(xml, "path", pool->target);
    if (attributes != NULL) {
        vp_xml_permissions(xml, &attributes->info, attributes->label);
        vp_file_attributes_free(attributes);
    } else {
        write_configured_permissions(xml, pool);
    }
    vp_xml_end(xml);
}

/* Only for what is mounted: libvirt drops those of a directory, and its schema refuses them. */
static gboolean
has_options(const VirtProbePool *pool)
{
    return pool->backend->is_mount_point && pool->options->len > 0;
}

static void
write_options(VpXml *xml, const VirtProbePool *pool)
{
    if (!has_options(pool))
        return;
    vp_xml_begin(xml, "fs:mount_opts");
    for (guint i = 0; i < pool->options->len; i++)
        write_single(xml, "fs:option", "name", g_ptr_array_index(pool->options, i));
    vp_xml_end(xml);
}

/* sums: NULL: the pool does not run. */
static void
write_pool(VpXml *xml, const VirtProbePool *pool, const VirtProbePoolSums *sums)
{
    vp_xml_begin(xml, "pool");
    vp_xml_attribute(xml, "type", pool->backend->name);
    if (has_options(pool))
        vp_xml_attribute(xml, "xmlns:fs", VP_POOL_MOUNT_OPTIONS_NAMESPACE);
    vp_xml_text(xml, "name", pool->name);
    vp_xml_text(xml, "uuid", pool->uuid);
    vp_xml_uint(xml, "capacity", "bytes", sums != NULL ? sums->capacity : 0);
    vp_xml_uint(xml, "allocation", "bytes", sums != NULL ? sums->allocation : 0);
    vp_xml_uint(xml, "available", "bytes", sums != NULL ? sums->available : 0);
    if (pool->cow != NULL) {
        vp_xml_begin(xml, "features");
        write_single(xml, "cow", "state", pool->cow);
        vp_xml_end(xml);
    }
    write_source(xml, pool);
    write_target(xml, pool, sums != NULL);
    write_options(xml, pool);
    vp_xml_end(xml);
}

char *
virt_probe_pool_to_definition_xml(const VirtProbePool *pool)
{
    g_auto(VpXml) xml = { NULL };

    g_return_val_if_fail(pool != NULL, NULL);

    vp_xml_init(&xml);
    write_pool(&xml, pool, NULL);
    return vp_xml_finish(&xml);
}

char *
virt_probe_pool_to_xml(const VirtProbePool *pool)
{
    g_auto(VpXml) xml = { NULL };
    VirtProbePoolSums sums;

    g_return_val_if_fail(pool != NULL, NULL);

    vp_xml_init(&xml);
    write_pool(&xml, pool, vp_pool_get_space(pool, &sums, NULL) ? &sums : NULL);
    return vp_xml_finish(&xml);
}

/* The same keys as in JSON, but for those that libvirt's document has. */
static void
write_knowledge(VpXml *xml, const VirtProbePoolSums *sums, const GError *reason)
{
    char overcommit[G_ASCII_DTOSTR_BUF_SIZE];
    g_autofree char *refreshed = vp_pool_time_text(sums->refreshed);

    vp_xml_begin(xml, "vp:pool");
    vp_xml_text(xml, "vp:state", reason == NULL ? "running" : "inactive");
    if (reason != NULL)
        vp_xml_text(xml, "vp:reason", reason->message);
    else
        vp_xml_uint(xml, "vp:available-to-users", NULL, sums->available_to_users);
    if (sums->refreshed != 0) {
        vp_xml_begin(xml, "vp:volumes");
        vp_xml_uint(xml, "vp:count", NULL, sums->volumes);
        vp_xml_uint(xml, "vp:capacity", NULL, sums->volume_capacity);
        vp_xml_uint(xml, "vp:allocation", NULL, sums->volume_allocation);
        vp_xml_uint(xml, "vp:not-counted", NULL, sums->volumes_not_counted);
        vp_xml_text(xml, "vp:refreshed", refreshed);
        vp_xml_end(xml);
    }
    if (sums->refreshed != 0 && sums->capacity != 0)
        vp_xml_text(xml, "vp:overcommit",
                    g_ascii_formatd(overcommit, sizeof overcommit, "%.2f", sums->overcommit));
    vp_xml_end(xml);
}

char *
virt_probe_pool_to_full_xml(const VirtProbePool *pool)
{
    g_auto(VpXml) xml = { NULL };
    g_autoptr(GError) reason = NULL;
    VirtProbePoolSums sums;
    gboolean is_running;

    g_return_val_if_fail(pool != NULL, NULL);

    is_running = virt_probe_pool_get_sums(pool, &sums, &reason);
    vp_xml_init(&xml);
    vp_xml_begin(&xml, "vp:metadata");
    vp_xml_attribute(&xml, "xmlns:vp", VP_XML_NAMESPACE);
    write_pool(&xml, pool, is_running ? &sums : NULL);
    write_knowledge(&xml, &sums, reason);
    vp_xml_end(&xml);
    return vp_xml_finish(&xml);
}
