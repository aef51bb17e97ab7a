/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-info-xml.c: `info --output=xml`: images as libvirt describes volumes. */
#include "info-options.h"

#include <virtprobe/virtprobe.h>
#include <virtprobe/xml.h>

#include <stdio.h>

/* XML has no place for what is wrong with an image, so it is said beside it. A directory is none. */
static gboolean
image_check(const Invocation *invocation, const char *path, GError **error)
{
    g_autoptr(VirtProbeRecord) image = virt_probe_describe_file(
        path, invocation->values[INFO_OPTION_FORMAT], VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);

    return image == NULL || virt_probe_image_verify(image, error);
}

static int
print_image(const Invocation *invocation, const char *path)
{
    VirtProbeXmlFlags flags =
        invocation->values[INFO_OPTION_FULL] != NULL ? VIRT_PROBE_XML_FULL : VIRT_PROBE_XML_DEFAULT;
    g_autoptr(GError) error = NULL;
    g_autofree char *xml =
        virt_probe_file_to_xml(path, NULL, invocation->values[INFO_OPTION_FORMAT], flags, &error);
    g_autofree char *shown = NULL;

    if (xml != NULL)
        fputs(xml, stdout);
    if (xml != NULL && image_check(invocation, path, &error))
        return STATUS_OK;
    shown = shown_name(path);
    message_print("%s: %s", shown, error->message);
    return STATUS_FAILED;
}

int
info_xml_run(const Invocation *invocation)
{
    int status = STATUS_OK;

    if (invocation->values[INFO_OPTION_BACKING_CHAIN] != NULL)
        return usage_error(invocation->command,
                           _("libvirt's XML has one image: --backing-chain needs another output"));
    for (guint i = 0; i < invocation->n_arguments; i++) {
        int image_status = print_image(invocation, invocation->arguments[i]);

        status = MAX(status, image_status);
    }
    return status;
}
