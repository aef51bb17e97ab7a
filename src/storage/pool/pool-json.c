/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-json.c: a pool as JSON: its definition, its state and its sums. */
#include "storage/pool/pool.h"
#include "util/json-writer.h"

#include <string.h>

#define NANOSECONDS G_GINT64_CONSTANT(1000000000)

static void
add_text(VpJsonWriter *writer, const char *key, const char *text)
{
    if (text == NULL)
        return;
    vp_json_key(writer, key);
    vp_json_string(writer, text, strlen(text));
}

static void
add_number(VpJsonWriter *writer, const char *key, guint64 number)
{
    vp_json_key(writer, key);
    vp_json_uint(writer, number);
}

static void
add_filesystem(VpJsonWriter *writer, const VirtProbePoolSums *sums)
{
    add_number(writer, "capacity", sums->capacity);
    add_number(writer, "allocation", sums->allocation);
    add_number(writer, "available", sums->available);
    add_number(writer, "available-to-users", sums->available_to_users);
}

char *
vp_pool_time_text(gint64 nanoseconds)
{
    return g_strdup_printf("%" G_GINT64_FORMAT ".%09d", nanoseconds / NANOSECONDS,
                           (int) (nanoseconds % NANOSECONDS));
}

/* Without a refresh there is nothing to say of volumes. */
static void
add_volumes(VpJsonWriter *writer, const VirtProbePoolSums *sums)
{
    g_autofree char *refreshed = vp_pool_time_text(sums->refreshed);

    if (sums->refreshed == 0)
        return;
    vp_json_key(writer, "volumes");
    vp_json_object_begin(writer);
    add_number(writer, "count", sums->volumes);
    add_number(writer, "capacity", sums->volume_capacity);
    add_number(writer, "allocation", sums->volume_allocation);
    add_number(writer, "not-counted", sums->volumes_not_counted);
    add_text(writer, "refreshed", refreshed);
    vp_json_object_end(writer);
    if (sums->capacity == 0)
        return;
    vp_json_key(writer, "overcommit");
    vp_json_decimal(writer, sums->overcommit);
}

char *
virt_probe_pool_to_json(const VirtProbePool *pool)
{
    g_autoptr(GError) error = NULL;
    VirtProbePoolSums sums;

    g_return_val_if_fail(pool != NULL, NULL);

    virt_probe_pool_get_sums(pool, &sums, &error);
    return virt_probe_pool_sums_to_json(pool, &sums, error);
}

char *
virt_probe_pool_sums_to_json(const VirtProbePool *pool, const VirtProbePoolSums *sums,
                             const GError *error)
{
    GString *out;
    VpJsonWriter writer;

    g_return_val_if_fail(pool != NULL && sums != NULL, NULL);

    out = g_string_new(NULL);
    vp_json_writer_init(&writer, out, FALSE);
    vp_json_object_begin(&writer);
    add_text(&writer, "name", pool->name);
    add_text(&writer, "uuid", pool->uuid);
    add_text(&writer, "type", pool->backend->name);
    add_text(&writer, "target", pool->target);
    add_text(&writer, "state", error == NULL ? "running" : "inactive");
    if (error == NULL)
        add_filesystem(&writer, sums);
    else
        add_text(&writer, "reason", error->message);
    add_volumes(&writer, sums);
    vp_json_object_end(&writer);
    return g_string_free(out, FALSE);
}
