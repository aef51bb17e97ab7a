/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-vol-relations.c: `vol-dependents` and `vol-orphans`: who stands on whom, and whom nobody seems to need. */
#include "json-list.h"
#include "pool-arguments.h"
#include "refresh-events.h"
#include "virsh-table.h"
#include "volume-cells.h"

#include <virtprobe/relations.h>

#include <stdio.h>
#include <string.h>

typedef struct {
    VirshTable *table;
    JsonList *list; /* NULL: the table is filled */
    gboolean in_bytes;
    gboolean has_items;
    VirtProbeDoubts doubts; /* of all that was found */
} Output;

static const char *
pool_name(const VirtProbePool *pool)
{
    return pool != NULL ? virt_probe_pool_get_name(pool) : "-";
}

static void
add_text(VirshTable *table, const VirtProbeVolume *volume, const char *key)
{
    g_autofree char *text = volume_text(volume, key);

    virsh_table_add(table, text != NULL ? text : "-");
}

/* The volume's own object within ours. */
static void
print_json(JsonList *list, const VirtProbePool *pool, VirtProbeVolume *volume, const char *more)
{
    g_autofree char *inner = virt_probe_volume_to_json(volume);
    /* Its definition may be gone or broken. */
    g_autofree char *of_pool = pool != NULL ? pool_members(pool) : g_strdup("");
    g_autofree char *json = g_strdup_printf("{%s%s,\"volume\":%s}", of_pool, more, inner);

    json_list_print(list, json);
}

static gboolean
take_dependent(const VirtProbeDependent *dependent, gpointer user_data)
{
    Output *output = user_data;
    g_autofree char *depth = g_strdup_printf("%u", dependent->depth);
    const char *role = dependent->is_data_file ? "data-file" : "backing";

    output->has_items = TRUE;
    if (output->list != NULL) {
        g_autofree char *more = g_strdup_printf("\"role\":\"%s\",\"depth\":%s", role, depth);

        print_json(output->list, dependent->pool, dependent->volume, more);
        return !ferror(stdout);
    }
    add_text(output->table, dependent->volume, "name");
    virsh_table_add(output->table, pool_name(dependent->pool));
    add_text(output->table, dependent->volume, "path");
    virsh_table_add(output->table, role);
    virsh_table_add(output->table, depth);
    return TRUE;
}

/* The doubts as words, with something before and behind each. (transfer full) */
static char *
doubts_text(VirtProbeDoubts doubts, const char *quote)
{
    GString *text = g_string_new(NULL);

    for (guint bit = 1; bit <= VIRT_PROBE_DOUBT_UNKNOWN_NAME; bit <<= 1) {
        if ((doubts & bit) != 0)
            g_string_append_printf(text, "%s%s%s%s", text->len > 0 ? "," : "", quote,
                                   virt_probe_doubt_get_name((VirtProbeDoubts) bit), quote);
    }
    return g_string_free(text, FALSE);
}

static char *
date_text(gint64 nanoseconds)
{
    g_autoptr(GDateTime) date =
        g_date_time_new_from_unix_local(nanoseconds / G_GINT64_CONSTANT(1000000000));

    return date != NULL ? g_date_time_format(date, "%Y-%m-%d") : g_strdup("-");
}

static gboolean
take_orphan(const VirtProbeOrphan *orphan, gpointer user_data)
{
    Output *output = user_data;
    const char *reason = virt_probe_orphan_reason_get_name(orphan->reason);
    const char *confidence = virt_probe_confidence_get_name(orphan->confidence);
    g_autofree char *doubts = doubts_text(orphan->doubts, output->list != NULL ? "\"" : "");
    g_autofree char *size = NULL;
    g_autofree char *date = NULL;

    output->doubts |= orphan->doubts;
    if (output->list != NULL) {
        g_autofree char *more = g_strdup_printf(
            "\"reason\":\"%s\",\"confidence\":\"%s\",\"doubts\":[%s],\"size\":%" G_GUINT64_FORMAT,
            reason, confidence, doubts, orphan->size);

        print_json(output->list, orphan->pool, orphan->volume, more);
        return !ferror(stdout);
    }
    size = size_text(orphan->size, output->in_bytes);
    date = date_text(orphan->changed);
    add_text(output->table, orphan->volume, "name");
    virsh_table_add(output->table, pool_name(orphan->pool));
    virsh_table_add(output->table, size);
    virsh_table_add(output->table, date);
    virsh_table_add(output->table, reason);
    virsh_table_add(output->table, confidence);
    virsh_table_add(output->table, doubts[0] != '\0' ? doubts : "-");
    return TRUE;
}

/* Ends the list or the table. What was found is shown even if it may not be all. */
static void
output_end(const Output *output, gboolean is_done)
{
    if (output->list != NULL)
        json_list_end(output->list);
    else if (is_done || output->has_items)
        virsh_table_print(output->table);
}

static void
print_unread_pool(VirtProbePool *pool, const VirtProbePoolSums *sums, const GError *error,
                  gpointer user_data)
{
    g_autofree char *name = shown_name(virt_probe_pool_get_name(pool));

    (void) user_data;
    if (error == NULL && sums->refreshed == 0 && virt_probe_pool_check_list(pool, NULL))
        message_print(_("pool '%s' was never refreshed, so this may not be all"), name);
    else if (error == NULL && sums->refreshed != 0
             && sums->directory_changed != sums->directory_listed)
        message_print(_("the directory of pool '%s' has changed since its last refresh, so this "
                        "may not be all"),
                      name);
}

/* Who stands on a volume can only be told of pools that were looked at. */
static void
print_unread_pools(void)
{
    g_autoptr(GPtrArray) pools = virt_probe_pool_list(NULL);

    virt_probe_pool_foreach_sums(pools, print_unread_pool, NULL, NULL);
}

/* Images of which nobody knows what they stand on, by the first of them. */
static void
print_unseen(guint count, const char *first)
{
    g_autofree char *name = first != NULL ? shown_name(first) : NULL;

    if (name != NULL)
        message_print(ngettext("what '%s' stands on is not known, so this may not be all",
                               "what '%s' and other images stand on is not known (%u in all), so "
                               "this may not be all",
                               count),
                      name, count);
}

/* The path of the volume that the verb is about. One that cannot be found may be gone, and those that stand on it are what is
 * asked for: then *out_reason says why. NULL: *out_status. (transfer full) */
static char *
base_argument(const Invocation *invocation, int *out_status, GError **out_reason)
{
    g_autoptr(VirtProbePool) pool = NULL;
    g_autoptr(VirtProbeVolume) volume = NULL;
    const char *name;

    if (!volume_arguments_take(invocation, &name, &pool, out_status))
        return NULL;
    volume = virt_probe_pool_find_volume(pool, name, NULL, out_reason);
    if (volume != NULL)
        return g_strdup(virt_probe_volume_get_text(volume, "path"));
    if (strchr(name, '/') != NULL)
        return g_strdup(name);
    if (pool != NULL)
        return g_build_filename(virt_probe_pool_get_target(pool), name, NULL);
    *out_status = volume_failure_print(name, pool, *out_reason);
    return NULL;
}

int
vol_dependents_run(const Invocation *invocation)
{
    const char *const columns[] = { _("Name"), _("Pool"), _("Path"), _("Role"), _("Depth"), NULL };
    int status = STATUS_OK;
    g_autoptr(GError) reason = NULL;
    g_autofree char *path = base_argument(invocation, &status, &reason);
    g_autoptr(VirshTable) table = virsh_table_new(columns);
    g_autoptr(GError) error = NULL;
    g_autofree char *unseen = NULL;
    Output output = { .table = table };
    guint n_unseen = 0;
    JsonList list;
    gboolean is_done;

    if (path == NULL)
        return status;
    if (output_is_json(invocation)) {
        output.list = &list;
        json_list_begin(&list, NULL);
    }
    is_done = virt_probe_volume_foreach_dependent_full(path, take_dependent, &output, &n_unseen,
                                                       &unseen, &error);
    output_end(&output, is_done && reason == NULL);
    print_unread_pools();
    print_unseen(n_unseen, unseen);
    if (!is_done)
        return failure_print(_("volume"), path, error);
    /* A volume that is gone is missed by somebody, or its name is a mistake. */
    if (reason != NULL
        && (!output.has_items || !g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_NOENT)))
        return volume_failure_print(path, NULL, reason);
    return STATUS_OK;
}

/* What is in a pool that cannot be used now is not known. */
static int
print_unusable_pool(const VirtProbePool *pool, JsonList *list)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;

    if (virt_probe_pool_check(pool, &error))
        return STATUS_OK;
    if (list == NULL)
        return failure_print(_("pool"), virt_probe_pool_get_name(pool), error);
    json = refresh_json(pool, NULL, error);
    json_list_print(list, json);
    return STATUS_FAILED;
}

/* Into the list; NULL: on stderr. pool: NULL: all of them. */
static int
print_unusable_pools(const VirtProbePool *pool, JsonList *list)
{
    g_autoptr(GPtrArray) pools = NULL;
    int status = STATUS_OK;

    if (pool != NULL)
        return print_unusable_pool(pool, list);
    pools = virt_probe_pool_list(NULL);
    for (guint i = 0; i < pools->len; i++) {
        int pool_status = print_unusable_pool(g_ptr_array_index(pools, i), list);

        status = MAX(status, pool_status);
    }
    return status;
}

/* Which definition of a virtual machine it is that everything is in doubt for. */
static void
print_unread_domains(VirtProbeDoubts doubts)
{
    g_autoptr(GError) error = NULL;

    if ((doubts & VIRT_PROBE_DOUBT_DOMAINS) != 0 && !virt_probe_domains_check(&error))
        message_print(_("not all virtual machines are known: %s"), error->message);
}

int
vol_orphans_run(const Invocation *invocation)
{
    const char *const columns[] = { _("Name"),   _("Pool"),       _("Size"),   _("Changed"),
                                    _("Reason"), _("Confidence"), _("Doubts"), NULL };
    int status = STATUS_OK;
    g_autoptr(VirtProbePool) pool = NULL;
    g_autoptr(VirshTable) table = virsh_table_new(columns);
    g_autoptr(GError) error = NULL;
    Output output = { .table = table,
                      .in_bytes = invocation->values[POOL_INFO_OPTION_BYTES] != NULL };
    JsonList list;
    gboolean is_done;

    if (invocation->n_arguments > 0 || invocation->values[POOL_OPTION_POOL] != NULL) {
        pool = pool_argument(invocation, &status);
        if (pool == NULL)
            return status;
    }
    if (output_is_json(invocation)) {
        output.list = &list;
        json_list_begin(&list, NULL);
    }
    if (output.list != NULL)
        print_unusable_pools(pool, output.list);
    is_done = virt_probe_pool_foreach_orphan(pool, take_orphan, &output, &error);
    output_end(&output, is_done);
    print_unread_domains(output.doubts);
    print_unread_pools();
    status = print_unusable_pools(pool, NULL);
    return is_done ? status : error_print(error);
}
