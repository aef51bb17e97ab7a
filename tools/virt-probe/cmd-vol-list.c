/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-vol-list.c: `vol-list`: the volumes of a pool, as the last refresh found them. */
#include "json-list.h"
#include "pool-arguments.h"
#include "virsh-table.h"
#include "volume-cells.h"

#include <stdio.h>

typedef struct {
    VirshTable *table;
    JsonList *list;
    gboolean with_details;
    gboolean with_names; /* only these are printed, at once */
} List;

static void
add_size(VirshTable *table, const VirtProbeVolume *volume, const char *key)
{
    g_autofree char *text = NULL;
    guint64 size;

    if (virt_probe_volume_get_uint64(volume, key, &size))
        text = virsh_size(size);
    virsh_table_add(table, text != NULL ? text : "-");
}

static void
add_text(VirshTable *table, const VirtProbeVolume *volume, const char *key)
{
    g_autofree char *text = volume_text(volume, key);

    virsh_table_add(table, text != NULL ? text : "-");
}

static gboolean
take_volume(VirtProbeVolume *volume, gpointer user_data)
{
    List *list = user_data;
    const char *type = volume_virsh_type(volume);

    if (list->list != NULL) {
        g_autofree char *json = virt_probe_volume_to_json(volume);

        json_list_print(list->list, json);
        return !ferror(stdout);
    }
    if (list->with_names) {
        g_autofree char *name = shown_name(virt_probe_volume_get_text(volume, "name"));

        printf("%s\n", name);
        return !ferror(stdout);
    }
    add_text(list->table, volume, "name");
    add_text(list->table, volume, "path");
    if (!list->with_details)
        return TRUE;
    virsh_table_add(list->table, type != NULL ? type : "-");
    add_size(list->table, volume, "capacity");
    add_size(list->table, volume, "allocation");
    add_text(list->table, volume, "format");
    add_text(list->table, volume, "state");
    return TRUE;
}

/* NULL: *out_status. (transfer full) */
static VirtProbePool *
list_argument(const Invocation *invocation, int *out_status)
{
    if (invocation->values[VOL_LIST_OPTION_DETAILS] == NULL
        || invocation->values[VOL_LIST_OPTION_NAME] == NULL)
        return pool_argument(invocation, out_status);
    *out_status = usage_error(invocation->command, _("--%s and --%s are mutually exclusive"),
                              "details", "name");
    return NULL;
}

int
vol_list_run(const Invocation *invocation)
{
    const char *const columns[] = { _("Name"), _("Path"), NULL };
    const char *const details[] = { _("Name"),       _("Path"),   _("Type"),  _("Capacity"),
                                    _("Allocation"), _("Format"), _("State"), NULL };
    gboolean with_details = invocation->values[VOL_LIST_OPTION_DETAILS] != NULL;
    int status;
    g_autoptr(VirtProbePool) pool = list_argument(invocation, &status);
    g_autoptr(VirshTable) table = virsh_table_new(with_details ? details : columns);
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *name = NULL;
    List list = { .table = table,
                  .with_details = with_details,
                  .with_names = invocation->values[VOL_LIST_OPTION_NAME] != NULL };
    VirtProbePoolSums sums;
    JsonList json;
    gboolean is_usable;
    gboolean is_done;

    if (pool == NULL)
        return status;
    name = shown_name(virt_probe_pool_get_name(pool));
    if (output_is_json(invocation)) {
        list.list = &json;
        json_list_begin(&json, NULL);
    }
    is_done = virt_probe_pool_foreach_volume(pool, take_volume, &list, &error);
    if (list.list != NULL)
        json_list_end(&json);
    is_usable = virt_probe_pool_get_sums(pool, &sums, &why);
    if (list.list == NULL && !list.with_names && is_done && (is_usable || sums.refreshed != 0)) {
        virsh_table_sort(table);
        virsh_table_print(table);
    }
    if (!is_done)
        return failure_print(_("pool"), virt_probe_pool_get_name(pool), error);
    /* What was listed it had when it could be used; but that may be long ago. */
    if (!is_usable)
        return failure_print(_("pool"), virt_probe_pool_get_name(pool), why);
    if (sums.refreshed != 0)
        return STATUS_OK;
    message_print(_("pool '%s' was never refreshed; see pool-refresh"), name);
    return STATUS_FAILED;
}
