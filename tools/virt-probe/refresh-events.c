/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* refresh-events.c: what the verbs that refresh pools share: hooks, and messages of them. */
#include "refresh-events.h"

#include <jansson.h>
#include <stdlib.h>

static void
print_message(const char *text, gpointer user_data)
{
    (void) user_data;
    message_print("%s", text);
}

VirtProbeHooks *
hooks_open(gboolean (*may_go_on)(gpointer user_data), const VirtProbeRefreshEvents *next)
{
    const VirtProbeHookSettings settings = { .message = print_message, .may_go_on = may_go_on };

    return virt_probe_hooks_new(&settings, next);
}

char *
pool_members(const VirtProbePool *pool)
{
    json_auto_t *name = json_string(virt_probe_pool_get_name(pool));
    char *dumped = json_dumps(name, JSON_COMPACT | JSON_ENCODE_ANY);
    char *members =
        g_strdup_printf("\"pool\":%s,\"uuid\":\"%s\",", dumped != NULL ? dumped : "\"\"",
                        virt_probe_pool_get_uuid(pool));

    free(dumped);
    return members;
}

static void
add_number(json_t *object, const char *key, guint64 number)
{
    json_object_set_new(object, key, json_integer((json_int_t) number));
}

char *
refresh_json(const VirtProbePool *pool, const VirtProbeRefreshCounts *counts, const GError *error)
{
    json_auto_t *object = json_object();
    char *dumped;
    char *json;

    json_object_set_new(object, "pool", json_string(virt_probe_pool_get_name(pool)));
    json_object_set_new(object, "uuid", json_string(virt_probe_pool_get_uuid(pool)));
    if (error != NULL) {
        json_object_set_new(object, "error", json_string(error->message));
    } else {
        add_number(object, "volumes", counts->volumes);
        add_number(object, "read", counts->read);
        add_number(object, "not-ok", counts->not_ok);
        add_number(object, "added", counts->added);
        add_number(object, "changed", counts->changed);
        add_number(object, "removed", counts->removed);
    }
    dumped = json_dumps(object, JSON_COMPACT);
    json = g_strdup(dumped != NULL ? dumped : "{}");
    free(dumped);
    return json;
}
