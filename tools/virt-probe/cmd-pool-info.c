/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-pool-info.c: `pool-info`, `pool-uuid`, `pool-name` and `pool-dumpxml`. */
#include "pool-arguments.h"
#include "virsh-table.h"
#include "xml-query.h"

#include <stdio.h>

/* Local time, as columns of volumes have it. */
static void
print_time(const char *title, gint64 nanoseconds)
{
    g_autoptr(GDateTime) time =
        g_date_time_new_from_unix_local(nanoseconds / G_GINT64_CONSTANT(1000000000));
    g_autofree char *text = time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : NULL;

    if (text != NULL)
        virsh_field_print(title, text);
}

/* The sum of the volumes that are ok, and how many are not. */
static void
print_virtual(const VirtProbePoolSums *sums, gboolean in_bytes)
{
    g_autofree char *size = size_text(sums->volume_capacity, in_bytes);
    g_autofree char *count = g_strdup_printf("%" G_GUINT64_FORMAT, sums->volumes_not_counted);
    g_autofree char *left_out = g_strdup_printf(_("(%s not counted)"), count);
    g_autofree char *text = g_strdup_printf("%s %s", size, left_out);

    virsh_field_print(_("… virtual:"), sums->volumes_not_counted > 0 ? text : size);
}

static void
print_size(const char *title, guint64 size, gboolean in_bytes)
{
    g_autofree char *text = size_text(size, in_bytes);

    virsh_field_print(title, text);
}

/* What virsh does not say: the volumes, and what their guests may come to need. */
static void
print_volumes(const VirtProbePoolSums *sums, gboolean in_bytes)
{
    g_autofree char *count = g_strdup_printf("%" G_GUINT64_FORMAT, sums->volumes);
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    print_size(_("For users:"), sums->available_to_users, in_bytes);
    if (sums->refreshed == 0) {
        virsh_field_print(_("Volumes:"), _("not known; see pool-refresh"));
        return;
    }
    print_time(_("Refreshed:"), sums->refreshed);
    virsh_field_print(_("Volumes:"), count);
    print_virtual(sums, in_bytes);
    print_size(_("… allocated:"), sums->volume_allocation, in_bytes);
    if (sums->capacity == 0)
        return;
    g_ascii_formatd(number, sizeof number, "%.2f", sums->overcommit);
    virsh_field_print(_("Overcommit:"), number);
}

int
pool_info_run(const Invocation *invocation)
{
    int status;
    g_autoptr(VirtProbePool) pool = pool_argument(invocation, &status);
    gboolean in_bytes = invocation->values[POOL_INFO_OPTION_BYTES] != NULL;
    VirtProbePoolSums sums = { 0 };
    g_autoptr(GError) error = NULL;
    gboolean is_active;

    if (pool == NULL)
        return status;
    if (output_is_json(invocation)) {
        pool_value_print(invocation, pool, "");
        return list_check(pool);
    }
    is_active = virt_probe_pool_get_sums(pool, &sums, &error);
    virsh_field_print(_("Name:"), virt_probe_pool_get_name(pool));
    virsh_field_print(_("UUID:"), virt_probe_pool_get_uuid(pool));
    virsh_field_print(_("State:"), is_active ? _("running") : _("inactive"));
    virsh_field_print(_("Persistent:"), _("yes"));
    virsh_field_print(_("Autostart:"), _("yes"));
    if (is_active) {
        print_size(_("Capacity:"), sums.capacity, in_bytes);
        print_size(_("Allocation:"), sums.allocation, in_bytes);
        print_size(_("Available:"), sums.available, in_bytes);
        print_volumes(&sums, in_bytes);
    } else {
        virsh_field_print(_("Reason:"), error->message);
    }
    putchar('\n');
    return list_check(pool);
}

int
pool_uuid_run(const Invocation *invocation)
{
    int status;
    g_autoptr(VirtProbePool) pool = pool_argument(invocation, &status);

    return pool != NULL ? pool_value_print(invocation, pool, virt_probe_pool_get_uuid(pool))
                        : status;
}

int
pool_name_run(const Invocation *invocation)
{
    int status;
    g_autoptr(VirtProbePool) pool = pool_argument(invocation, &status);

    return pool != NULL ? pool_value_print(invocation, pool, virt_probe_pool_get_name(pool))
                        : status;
}

int
pool_dumpxml_run(const Invocation *invocation)
{
    int status;
    g_autoptr(VirtProbePool) pool = pool_argument(invocation, &status);
    gboolean is_full = invocation->values[POOL_DUMPXML_OPTION_FULL] != NULL;
    gboolean is_inactive = invocation->values[POOL_DUMPXML_OPTION_INACTIVE] != NULL;
    const char *query = invocation->values[POOL_DUMPXML_OPTION_XPATH];
    g_autofree char *xml = NULL;

    if (pool == NULL)
        return status;
    if (is_full && is_inactive)
        return usage_error(invocation->command, _("--full and --inactive cannot stand together"));
    if (output_is_json(invocation))
        return query == NULL ? pool_value_print(invocation, pool, "")
                             : query_without_xml(invocation);
    if (is_full)
        xml = virt_probe_pool_to_full_xml(pool);
    else
        xml = is_inactive ? virt_probe_pool_to_definition_xml(pool) : virt_probe_pool_to_xml(pool);
    return xml_print(xml, query, invocation->values[POOL_DUMPXML_OPTION_WRAP] != NULL);
}
