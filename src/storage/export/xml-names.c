/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-names.c: how libvirt calls formats. */
#include "storage/export/xml-names.h"
#include "virtprobe/format.h"

#include <string.h>

/* Names that the registry does not have, or for which libvirt prints another one than it accepts. */
static const struct {
    const char *name;
    const char *libvirt_name;
} exceptions[] = {
    { "luks", "raw" }, /* with an element for the encryption */
    { "file", "raw" },    { "host_device", "raw" }, { "vmdk", "vmdk" }, { "qed", "qed" },
    { "bochs", "bochs" }, { "cloop", "cloop" },     { "dmg", "dmg" },   { "dir", "dir" },
};

const char *
vp_libvirt_format(const char *name)
{
    const VirtProbeFormat *format = virt_probe_format_find(name);
    const char *libvirt_name = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(exceptions); i++) {
        if (strcmp(exceptions[i].name, name) == 0)
            return exceptions[i].libvirt_name;
    }
    if (format != NULL)
        libvirt_name = virt_probe_format_get_libvirt_name(format);
    return libvirt_name != NULL ? libvirt_name : "unknown";
}
