/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-pool-list.c: `pool-list`: the pools there are. */
#include "json-list.h"
#include "pool-arguments.h"
#include "virsh-table.h"

#include <stdio.h>
#include <string.h>

/* Every type that virsh knows. Pools here are of the first three, so there is none of the others to be listed. */
static const char *const types[] = { "dir",   "fs",           "netfs",    "disk",  "gluster",
                                     "iscsi", "iscsi-direct", "logical",  "mpath", "rbd",
                                     "scsi",  "sheepdog",     "vstorage", "zfs",   NULL };

typedef struct {
    const Invocation *invocation;
    VirshTable *table; /* of --details */
    JsonList *list;    /* NULL: the table is filled */
} List;

/* FALSE: one of the types is none, which was said. */
static gboolean
types_check(const Invocation *invocation)
{
    const char *given = invocation->values[POOL_LIST_OPTION_TYPE];
    g_auto(GStrv) words = g_strsplit(given != NULL ? given : "", ",", -1);

    if (given != NULL && given[0] == '\0') {
        usage_error(invocation->command, _("--%s is empty"), "type");
        return FALSE;
    }
    for (guint i = 0; words[i] != NULL; i++) {
        g_autofree char *shown = shown_name(words[i]);

        if (g_strv_contains(types, words[i]))
            continue;
        usage_error(invocation->command, _("there are no pools of type '%s'"), shown);
        return FALSE;
    }
    return TRUE;
}

/* FALSE: two of the options cannot stand together, which was said. */
static gboolean
options_check(const Invocation *invocation)
{
    static const guint pairs[][2] = { { POOL_LIST_OPTION_DETAILS, POOL_LIST_OPTION_NAME },
                                      { POOL_LIST_OPTION_DETAILS, POOL_LIST_OPTION_UUID },
                                      { POOL_LIST_OPTION_ALL, POOL_LIST_OPTION_INACTIVE } };

    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        if (invocation->values[pairs[i][0]] == NULL || invocation->values[pairs[i][1]] == NULL)
            continue;
        usage_error(invocation->command, _("--%s and --%s are mutually exclusive"),
                    invocation->command->options[pairs[i][0]].name,
                    invocation->command->options[pairs[i][1]].name);
        return FALSE;
    }
    return TRUE;
}

/* Which pools are asked for, whatever their state. */
static gboolean
pool_is_wanted(const Invocation *invocation, const VirtProbePool *pool)
{
    const char *const *values = invocation->values;
    g_auto(GStrv) words = NULL;

    /* Every pool is defined, and none needs to be started. */
    if (values[POOL_LIST_OPTION_TRANSIENT] != NULL || values[POOL_LIST_OPTION_NO_AUTOSTART] != NULL)
        return FALSE;
    if (values[POOL_LIST_OPTION_TYPE] == NULL)
        return TRUE;
    words = g_strsplit(values[POOL_LIST_OPTION_TYPE], ",", -1);
    return g_strv_contains((const char *const *) words, virt_probe_pool_get_kind(pool));
}

/* A pool whose directory cannot be used is what virsh calls inactive. */
static gboolean
state_is_wanted(const Invocation *invocation, gboolean is_active)
{
    if (invocation->values[POOL_LIST_OPTION_ALL] != NULL)
        return TRUE;
    return is_active == (invocation->values[POOL_LIST_OPTION_INACTIVE] == NULL);
}

static void
add_size(VirshTable *table, gboolean is_known, guint64 size)
{
    g_autofree char *text = is_known ? virsh_size(size) : g_strdup("-");

    virsh_table_add(table, text);
}

/* For a table with details, or JSON. */
static void
take_pool(VirtProbePool *pool, const VirtProbePoolSums *sums, const GError *error,
          gpointer user_data)
{
    List *list = user_data;
    gboolean is_active = error == NULL;

    if (!state_is_wanted(list->invocation, is_active))
        return;
    if (list->list != NULL) {
        g_autofree char *json = virt_probe_pool_sums_to_json(pool, sums, error);

        json_list_print(list->list, json);
        return;
    }
    virsh_table_add(list->table, virt_probe_pool_get_name(pool));
    virsh_table_add(list->table, is_active ? _("running") : _("inactive"));
    virsh_table_add(list->table, _("yes"));
    virsh_table_add(list->table, _("yes"));
    add_size(list->table, is_active, sums->capacity);
    add_size(list->table, is_active, sums->allocation);
    add_size(list->table, is_active, sums->available);
}

/* error: of the lists of volumes, whatever could be printed. */
static gboolean
print_details(const Invocation *invocation, GPtrArray *pools, GError **error)
{
    const char *const columns[] = { _("Name"),     _("State"),      _("Autostart"), _("Persistent"),
                                    _("Capacity"), _("Allocation"), _("Available"), NULL };
    g_autoptr(VirshTable) table = virsh_table_new(columns);
    List list = { .invocation = invocation, .table = table };
    gboolean is_read;

    is_read = virt_probe_pool_foreach_sums(pools, take_pool, &list, error);
    virsh_table_print(table);
    return is_read;
}

/* The same. */
static gboolean
print_json(const Invocation *invocation, GPtrArray *pools, GError **error)
{
    JsonList json;
    List list = { .invocation = invocation, .list = &json };
    gboolean is_read;

    json_list_begin(&json, NULL);
    is_read = virt_probe_pool_foreach_sums(pools, take_pool, &list, error);
    json_list_end(&json);
    return is_read;
}

/* A line a pool. With --all nobody needs to know its state. */
static void
print_words(const Invocation *invocation, const GPtrArray *pools)
{
    gboolean is_all = invocation->values[POOL_LIST_OPTION_ALL] != NULL;
    gboolean with_names = invocation->values[POOL_LIST_OPTION_NAME] != NULL;
    gboolean with_uuids = invocation->values[POOL_LIST_OPTION_UUID] != NULL;

    for (guint i = 0; i < pools->len; i++) {
        const VirtProbePool *pool = g_ptr_array_index(pools, i);
        g_autofree char *name = shown_name(virt_probe_pool_get_name(pool));

        if (!is_all && !state_is_wanted(invocation, virt_probe_pool_check(pool, NULL)))
            continue;
        if (with_uuids)
            printf("%s%s", virt_probe_pool_get_uuid(pool), with_names ? " " : "\n");
        if (with_names)
            printf("%s\n", name);
    }
}

static void
print_table(const Invocation *invocation, const GPtrArray *pools)
{
    const char *const columns[] = { _("Name"), _("State"), _("Autostart"), NULL };
    g_autoptr(VirshTable) table = virsh_table_new(columns);

    for (guint i = 0; i < pools->len; i++) {
        const VirtProbePool *pool = g_ptr_array_index(pools, i);
        gboolean is_active = virt_probe_pool_check(pool, NULL);

        if (!state_is_wanted(invocation, is_active))
            continue;
        virsh_table_add(table, virt_probe_pool_get_name(pool));
        virsh_table_add(table, is_active ? _("active") : _("inactive"));
        virsh_table_add(table, _("yes"));
    }
    virsh_table_print(table);
}

/* As virsh does. */
static gint
compare_names(gconstpointer a, gconstpointer b)
{
    const VirtProbePool *const *first = a;
    const VirtProbePool *const *second = b;

    return g_ascii_strcasecmp(virt_probe_pool_get_name(*first), virt_probe_pool_get_name(*second));
}

int
pool_list_run(const Invocation *invocation)
{
    gboolean is_read = TRUE;
    g_autoptr(GError) unread = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pools = NULL;
    const char *const *values = invocation->values;
    Arguments arguments = { .invocation = invocation };

    if (!arguments_end(&arguments) || !types_check(invocation) || !options_check(invocation))
        return STATUS_USAGE;
    pools = virt_probe_pool_list(&error);
    for (guint i = pools->len; i > 0; i--) {
        if (!pool_is_wanted(invocation, g_ptr_array_index(pools, i - 1)))
            g_ptr_array_remove_index(pools, i - 1);
    }
    g_ptr_array_sort(pools, compare_names);
    if (output_is_json(invocation))
        is_read = print_json(invocation, pools, &unread);
    else if (values[POOL_LIST_OPTION_NAME] != NULL || values[POOL_LIST_OPTION_UUID] != NULL)
        print_words(invocation, pools);
    else if (values[POOL_LIST_OPTION_DETAILS] != NULL)
        is_read = print_details(invocation, pools, &unread);
    else
        print_table(invocation, pools);
    if (!is_read)
        error_print(unread);
    if (error != NULL)
        error_print(error);
    return is_read && error == NULL ? STATUS_OK : STATUS_FAILED;
}
