/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* colon.c: names from before URIs: the protocol, a colon, and parts with colons between them. */
#include "storage/location/parse.h"

#include <string.h>

#define EXPORT_NAME ":exportname="

/* nbd:HOST:PORT[:exportname=NAME] and nbd:unix:PATH[:exportname=NAME]. The first :exportname= ends the address, and
 * all behind it is the name. */
gboolean
vp_location_parse_nbd(VirtProbeRecord *location, const char *rest)
{
    const char *marker = strstr(rest, EXPORT_NAME);
    const char *name = marker != NULL ? marker + strlen(EXPORT_NAME) : NULL;
    gsize len = marker != NULL ? (gsize) (marker - rest) : strlen(rest);
    const VpProtocol *protocol = vp_protocol_find("nbd", strlen("nbd"));
    VpHost host;

    if (strstr(rest, "://") != NULL)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "QEMU takes it for a URI, and it is none");
    /* QEMU then connects to nothing at all. */
    if (name != NULL && name[0] == '\0')
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "name of the export is empty");
    if (g_str_has_prefix(rest, "unix:") && len >= strlen("unix:")) {
        if (len == strlen("unix:"))
            return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                    "path of the socket is empty");
        vp_location_add_socket(location, rest + strlen("unix:"), len - strlen("unix:"));
    } else if (vp_host_split(rest, len, &host) && host.port != 0) {
        vp_location_add_host(location, protocol, &host, protocol->transport);
    } else {
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "nbd: is not followed by a server and a port");
    }
    if (name != NULL)
        vp_record_set_string(location, VP_LOCATION_NAME, name);
    vp_location_set_network(location, protocol);
    return TRUE;
}

/* Up to the first of the character that no backslash stands before. */
static gsize
escaped_len(const char *text, gsize len, char stop)
{
    gsize pos = 0;

    while (pos < len && text[pos] != stop)
        pos += text[pos] == '\\' ? 2 : 1;
    return MIN(pos, len);
}

/* (transfer full) */
static char *
unescape(const char *text, gsize len)
{
    GString *out = g_string_sized_new(len + 1);

    for (gsize pos = 0; pos < len; pos++) {
        if (text[pos] == '\\' && pos + 1 < len)
            pos++;
        g_string_append_c(out, text[pos]);
    }
    return g_string_free(out, FALSE);
}

static gboolean
rbd_add_monitors(VirtProbeRecord *location, const char *list)
{
    const VpProtocol *protocol = vp_protocol_find("rbd", strlen("rbd"));
    VpHost host;

    for (const char *pos = list; *pos != '\0'; pos += strspn(pos, ",; ")) {
        gsize len = strcspn(pos, ",; ");

        if (len > 0 && !vp_host_split(pos, len, &host))
            return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                    "\"mon_host\" has a server that is not well written");
        if (len > 0)
            vp_location_add_host(location, protocol, &host, protocol->transport);
        pos += len;
    }
    return TRUE;
}

/* One OPTION=VALUE. Most options are meant for Ceph itself and say nothing of where the image is. */
static gboolean
rbd_fill_option(VirtProbeRecord *location, const char *text, gsize len, gboolean *has_user)
{
    gsize key_len = escaped_len(text, len, '=');
    g_autofree char *key = unescape(text, key_len);
    g_autofree char *value = key_len < len ? unescape(text + key_len + 1, len - key_len - 1) : NULL;

    if (value == NULL)
        return len == 0
               || vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                   "an option of rbd has no value");
    if (strcmp(key, "mon_host") == 0)
        return rbd_add_monitors(location, value);
    if (strcmp(key, "conf") == 0)
        vp_record_set_string(location, VP_LOCATION_CONFIG, value);
    if (strcmp(key, "id") != 0)
        return TRUE;
    vp_record_set_bool(location, VP_LOCATION_HAS_CREDENTIALS, TRUE);
    if (*has_user)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "\"id\" is given twice");
    *has_user = TRUE;
    return TRUE;
}

/* POOL/IMAGE[@SNAPSHOT][:OPTION=VALUE…]; a backslash takes its meaning from the next character. */
gboolean
vp_location_parse_rbd(VirtProbeRecord *location, const char *rest)
{
    gsize len = strlen(rest);
    gsize image_len = escaped_len(rest, len, ':');
    gsize name_len = escaped_len(rest, image_len, '@');
    g_autofree char *name = unescape(rest, name_len);
    gboolean has_user = FALSE;

    if (name_len == 0 || name[0] == '/')
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "rbd: names no image");
    vp_record_set_string(location, VP_LOCATION_NAME, name);
    if (name_len < image_len) {
        g_autofree char *snapshot = unescape(rest + name_len + 1, image_len - name_len - 1);

        vp_record_set_string(location, VP_LOCATION_SNAPSHOT, snapshot);
    }
    for (gsize pos = image_len + 1; pos <= len;) {
        gsize option_len = escaped_len(rest + pos, len - pos, ':');

        if (!rbd_fill_option(location, rest + pos, option_len, &has_user))
            return FALSE;
        pos += option_len + 1;
    }
    vp_location_set_network(location, vp_protocol_find("rbd", strlen("rbd")));
    return TRUE;
}

/* It has a spelling without slashes that nobody has written for years. */
gboolean
vp_location_parse_sheepdog(VirtProbeRecord *location, G_GNUC_UNUSED const char *rest)
{
    return vp_location_fail(location, VIRT_PROBE_ERROR_UNSUPPORTED,
                            "sheepdog is only understood as a URI");
}

gboolean
vp_location_parse_colon(VirtProbeRecord *location, const char *text)
{
    gsize len = strcspn(text, ":");
    const VpProtocol *protocol = vp_protocol_find(text, len);

    if (protocol == NULL)
        return vp_location_fail(location, VIRT_PROBE_ERROR_UNSUPPORTED,
                                "what stands before the first colon is no protocol");
    if (protocol->parse_colon != NULL)
        return protocol->parse_colon(location, text + len + 1);
    return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                            "protocol \"%s\" is only written as a URI", protocol->scheme);
}
