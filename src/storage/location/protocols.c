/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* protocols.c: the table of protocols, and writing where a server is into a record. */
#include "storage/location/parse.h"

#include <string.h>

static const VpProtocol protocols[] = {
#define PROTOCOL(scheme, name, port, transport, suffixes, traits, colon)                           \
    { scheme, name, port, VP_TRANSPORT_##transport, suffixes, VP_PROTOCOL_##traits, colon },
#include "storage/location/protocols.def"
#undef PROTOCOL
};

const VpProtocol *
vp_protocol_find(const char *scheme, gsize len)
{
    for (guint i = 0; i < G_N_ELEMENTS(protocols); i++) {
        if (strlen(protocols[i].scheme) == len && memcmp(protocols[i].scheme, scheme, len) == 0)
            return &protocols[i];
    }
    return NULL;
}

gboolean
vp_port_parse(const char *text, gsize len, guint16 *out_port)
{
    guint port = 0;

    if (len == 0 || len > 5)
        return FALSE;
    for (gsize i = 0; i < len; i++) {
        if (!g_ascii_isdigit(text[i]))
            return FALSE;
        port = port * 10 + (guint) (text[i] - '0');
    }
    if (port == 0 || port > G_MAXUINT16)
        return FALSE;
    *out_port = (guint16) port;
    return TRUE;
}

/* What could be mistaken for another part of a name is no server's name. Only an IPv6 address has a % in it, before
 * its zone. */
static gboolean
host_name_is_valid(VpText name)
{
    if (memchr(name.bytes, '%', name.len) != NULL && memchr(name.bytes, ':', name.len) == NULL)
        return FALSE;
    for (gsize i = 0; i < name.len; i++) {
        if (g_ascii_iscntrl(name.bytes[i]) || strchr(" @/?#\\[]", name.bytes[i]) != NULL)
            return FALSE;
    }
    return name.len > 0;
}

gboolean
vp_host_split(const char *text, gsize len, VpHost *out_host)
{
    const char *end = text + len;
    const char *bracket = len > 0 && text[0] == '[' ? memchr(text, ']', len) : NULL;
    const char *colon = memchr(text, ':', len);
    VpHost host = { { text, len }, 0 };

    if (bracket != NULL) {
        host.name = (VpText) { text + 1, (gsize) (bracket - text - 1) };
        colon = bracket + 1 < end ? bracket + 1 : NULL;
        if (colon != NULL && *colon != ':')
            return FALSE;
    } else if (colon != NULL && memchr(colon + 1, ':', (gsize) (end - colon - 1)) != NULL) {
        colon = NULL; /* an IPv6 address without brackets has no port */
    } else if (colon != NULL) {
        host.name.len = (gsize) (colon - text);
    }
    /* RFC 3986 lets a port be empty. */
    if (colon != NULL && colon + 1 < end
        && !vp_port_parse(colon + 1, (gsize) (end - colon - 1), &host.port))
        return FALSE;
    if (!host_name_is_valid(host.name))
        return FALSE;
    *out_host = host;
    return TRUE;
}

void
vp_location_set_network(VirtProbeRecord *location, const VpProtocol *protocol)
{
    vp_record_set_constant(location, VP_LOCATION_KIND, "network");
    vp_record_set_constant(location, VP_LOCATION_PROTOCOL, protocol->name);
}

void
vp_location_add_host(VirtProbeRecord *location, const VpProtocol *protocol, const VpHost *host,
                     VpTransport transport)
{
    VirtProbeRecord *record = vp_record_append(location, VP_LOCATION_HOSTS);
    guint16 port = host->port != 0 ? host->port : protocol->port;

    vp_record_set_text(record, VP_HOST_NAME, host->name.bytes, host->name.len);
    if (port != 0)
        vp_record_set_uint(record, VP_HOST_PORT, port);
    vp_record_set_constant(record, VP_HOST_TRANSPORT,
                           transport == VP_TRANSPORT_RDMA ? "rdma" : "tcp");
}

void
vp_location_add_socket(VirtProbeRecord *location, const char *path, gsize len)
{
    VirtProbeRecord *record = vp_record_append(location, VP_LOCATION_HOSTS);

    vp_record_set_constant(record, VP_HOST_TRANSPORT, "unix");
    vp_record_set_text(record, VP_HOST_SOCKET, path, len);
}
