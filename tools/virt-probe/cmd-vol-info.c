/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-vol-info.c: `vol-info`, `vol-dumpxml`, `vol-path`, `vol-key`, `vol-name` and `vol-pool`: one volume, as it is now. */
#include "pool-arguments.h"
#include "virsh-table.h"
#include "volume-cells.h"
#include "xml-query.h"

#include <virtprobe/xml.h>

#include <stdio.h>

static void
print_size(const VirtProbeVolume *volume, const char *key, const char *title, gboolean in_bytes)
{
    g_autofree char *text = NULL;
    guint64 size;

    if (!virt_probe_volume_get_uint64(volume, key, &size))
        return;
    text =
        in_bytes ? g_strdup_printf("%" G_GUINT64_FORMAT " %s", size, _("bytes")) : virsh_size(size);
    virsh_field_print(title, text);
}

static void
print_text(const VirtProbeVolume *volume, const char *key, const char *title)
{
    g_autofree char *text = volume_text(volume, key);

    if (text != NULL)
        virsh_field_print(title, text);
}

static void
print_claim(const VirtProbeVolume *volume, const char *key, const char *title)
{
    if (virt_probe_volume_get_boolean(volume, key))
        virsh_field_print(title, _("yes"));
}

/* What virsh does not say, where there is something. */
static void
print_more(const VirtProbeVolume *volume)
{
    g_autofree char *snapshots = NULL;
    guint64 count;

    print_text(volume, "backing", _("Backing:"));
    print_text(volume, "data-file", _("Data file:"));
    if (virt_probe_volume_get_uint64(volume, "snapshots", &count) && count > 0) {
        snapshots = g_strdup_printf("%" G_GUINT64_FORMAT, count);
        virsh_field_print(_("Snapshots:"), snapshots);
    }
    print_claim(volume, "encrypted", _("Encrypted:"));
    print_claim(volume, "dirty", _("Dirty:"));
    print_claim(volume, "corrupt", _("Corrupt:"));
    print_text(volume, "state", _("State:"));
    print_text(volume, "error-message", _("Reason:"));
    print_text(volume, "rules", _("Rules:"));
}

/* What is known was printed; that it could not be read is said besides. */
static int
info_status(const VirtProbeVolume *volume)
{
    g_autofree char *name = shown_name(virt_probe_volume_get_text(volume, "name"));
    const char *message = virt_probe_volume_get_text(volume, "error-message");
    const char *state = virt_probe_volume_get_text(volume, "state");

    if (g_strcmp0(state, "unreadable") != 0)
        return STATUS_OK;
    message_print("%s '%s': %s", _("volume"), name, message != NULL ? message : state);
    return STATUS_FAILED;
}

int
vol_info_run(const Invocation *invocation)
{
    gboolean in_bytes = invocation->values[VOL_INFO_OPTION_BYTES] != NULL;
    int status;
    g_autoptr(VirtProbeVolume) volume = volume_argument(invocation, NULL, &status);
    const char *type;

    if (volume == NULL)
        return status;
    type = volume_virsh_type(volume);
    if (output_is_json(invocation)) {
        volume_value_print(invocation, volume, "");
        return info_status(volume);
    }
    print_text(volume, "name", _("Name:"));
    if (type != NULL)
        virsh_field_print(_("Type:"), type);
    print_size(volume, "capacity", _("Capacity:"), in_bytes);
    if (invocation->values[VOL_INFO_OPTION_PHYSICAL] != NULL)
        print_size(volume, "physical", _("Physical:"), in_bytes);
    else
        print_size(volume, "allocation", _("Allocation:"), in_bytes);
    print_text(volume, "format", _("Format:"));
    print_more(volume);
    putchar('\n');
    return info_status(volume);
}

static int
print_value(const Invocation *invocation, const char *key)
{
    int status;
    g_autoptr(VirtProbeVolume) volume = volume_argument(invocation, NULL, &status);

    return volume != NULL
               ? volume_value_print(invocation, volume, virt_probe_volume_get_text(volume, key))
               : status;
}

int
vol_path_run(const Invocation *invocation)
{
    return print_value(invocation, "path");
}

/* A file's key is its path, as for libvirt. */
int
vol_key_run(const Invocation *invocation)
{
    return print_value(invocation, "path");
}

int
vol_name_run(const Invocation *invocation)
{
    return print_value(invocation, "name");
}

int
vol_pool_run(const Invocation *invocation)
{
    g_autoptr(VirtProbePool) pool = NULL;
    int status;
    g_autoptr(VirtProbeVolume) volume = volume_argument(invocation, &pool, &status);

    if (volume == NULL)
        return status;
    return pool_value_print(invocation, pool,
                            invocation->values[VOL_POOL_OPTION_UUID] != NULL
                                ? virt_probe_pool_get_uuid(pool)
                                : virt_probe_pool_get_name(pool));
}

int
vol_dumpxml_run(const Invocation *invocation)
{
    VirtProbeXmlFlags flags = VIRT_PROBE_XML_BOUNDED;
    int status;
    g_autoptr(VirtProbeVolume) volume = volume_argument(invocation, NULL, &status);
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = NULL;
    const char *query = invocation->values[VOL_DUMPXML_OPTION_XPATH];

    if (volume == NULL)
        return status;
    if (output_is_json(invocation))
        return query == NULL ? volume_value_print(invocation, volume, "")
                             : query_without_xml(invocation);
    if (invocation->values[VOL_DUMPXML_OPTION_FULL] != NULL)
        flags |= VIRT_PROBE_XML_FULL;
    xml = virt_probe_file_to_xml(virt_probe_volume_get_text(volume, "path"),
                                 virt_probe_volume_get_text(volume, "name"), NULL, flags, &error);
    if (xml == NULL)
        return failure_print(_("volume"), virt_probe_volume_get_text(volume, "name"), error);
    return xml_print(xml, query, invocation->values[VOL_DUMPXML_OPTION_WRAP] != NULL);
}
