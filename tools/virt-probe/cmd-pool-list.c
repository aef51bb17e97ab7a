/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-pool-list.c: `pool-list`: the pools there are. */
#include "json-list.h"
#include "pool-arguments.h"
#include "virsh-table.h"

#include <stdio.h>
#include <string.h>

/* Which pools are asked for. A pool whose directory cannot be used is what virsh calls inactive. */
static gboolean
pool_is_wanted(const Invocation *invocation, const VirtProbePool *pool, gboolean is_active)
{
    const char *const *values = invocation->values;
    const char *types = values[POOL_LIST_OPTION_TYPE];

    /* Every pool is defined, and none needs to be started. */
    if (values[POOL_LIST_OPTION_TRANSIENT] != NULL || values[POOL_LIST_OPTION_NO_AUTOSTART] != NULL)
        return FALSE;
    if (types != NULL) {
        g_auto(GStrv) words = g_strsplit(types, ",", -1);

        if (!g_strv_contains((const char *const *) words, virt_probe_pool_get_kind(pool)))
            return FALSE;
    }
    if (values[POOL_LIST_OPTION_INACTIVE] != NULL && values[POOL_LIST_OPTION_ALL] == NULL)
        return !is_active;
    return is_active || values[POOL_LIST_OPTION_ALL] != NULL;
}

static void
add_size(VirshTable *table, gboolean is_known, guint64 size)
{
    g_autofree char *text = is_known ? virsh_size(size) : g_strdup("-");

    virsh_table_add(table, text);
}

static void
add_pool(VirshTable *table, const VirtProbePool *pool, gboolean is_active, gboolean with_details)
{
    VirtProbePoolSums sums = { 0 };

    virsh_table_add(table, virt_probe_pool_get_name(pool));
    if (with_details)
        virsh_table_add(table, is_active ? _("running") : _("inactive"));
    else
        virsh_table_add(table, is_active ? _("active") : _("inactive"));
    virsh_table_add(table, _("yes"));
    if (!with_details)
        return;
    virt_probe_pool_get_sums(pool, &sums, NULL);
    virsh_table_add(table, _("yes"));
    add_size(table, is_active, sums.capacity);
    add_size(table, is_active, sums.allocation);
    add_size(table, is_active, sums.available);
}

static void
print_words(const GPtrArray *pools, gboolean are_uuids)
{
    for (guint i = 0; i < pools->len; i++) {
        const VirtProbePool *pool = g_ptr_array_index(pools, i);
        g_autofree char *name = shown_name(virt_probe_pool_get_name(pool));

        printf("%s\n", are_uuids ? virt_probe_pool_get_uuid(pool) : name);
    }
}

static void
print_table(const GPtrArray *pools, gboolean with_details)
{
    const char *const columns[] = { _("Name"), _("State"), _("Autostart"), NULL };
    const char *const details[] = { _("Name"),     _("State"),      _("Autostart"), _("Persistent"),
                                    _("Capacity"), _("Allocation"), _("Available"), NULL };
    g_autoptr(VirshTable) table = virsh_table_new(with_details ? details : columns);

    for (guint i = 0; i < pools->len; i++) {
        const VirtProbePool *pool = g_ptr_array_index(pools, i);

        add_pool(table, pool, virt_probe_pool_check(pool, NULL), with_details);
    }
    virsh_table_print(table);
}

static void
print_json(const GPtrArray *pools)
{
    JsonList list;

    json_list_begin(&list, NULL);
    for (guint i = 0; i < pools->len; i++) {
        g_autofree char *json = virt_probe_pool_to_json(g_ptr_array_index(pools, i));

        json_list_print(&list, json);
    }
    json_list_end(&list);
}

int
pool_list_run(const Invocation *invocation)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pools = NULL;
    const char *const *values = invocation->values;
    Arguments arguments = { .invocation = invocation };

    if (!arguments_end(&arguments))
        return STATUS_USAGE;
    pools = virt_probe_pool_list(&error);
    if (pools == NULL)
        return failure_print(_("list"), _("pools"), error);
    for (guint i = pools->len; i > 0; i--) {
        const VirtProbePool *pool = g_ptr_array_index(pools, i - 1);

        if (!pool_is_wanted(invocation, pool, virt_probe_pool_check(pool, NULL)))
            g_ptr_array_remove_index(pools, i - 1);
    }
    if (output_is_json(invocation))
        print_json(pools);
    else if (values[POOL_LIST_OPTION_NAME] != NULL || values[POOL_LIST_OPTION_UUID] != NULL)
        print_words(pools, values[POOL_LIST_OPTION_NAME] == NULL);
    else
        print_table(pools, values[POOL_LIST_OPTION_DETAILS] != NULL);
    if (error == NULL)
        return STATUS_OK;
    message_print("%s", error->message);
    return STATUS_FAILED;
}
