/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-server.c: servers in json: names. */
#include "storage/location/json.h"

#include <string.h>

static gboolean
add_socket(const VpNode *server)
{
    const char *path = NULL;

    /* "socket" is how "path" was written at first. */
    if (!vp_node_get_text(server, vp_node_has(server, "path") ? "path" : "socket", TRUE, &path))
        return FALSE;
    if (path[0] == '\0')
        return vp_node_fail(server, "path", "is empty");
    vp_location_add_socket(server->location, path, strlen(path));
    return TRUE;
}

/* An object with "host" and "port", whatever else it has. */
static gboolean
add_internet_host(const VpNode *server, const VpProtocol *protocol)
{
    const char *name = NULL;
    guint64 port = 0;
    gboolean has_port = FALSE;
    VpHost host;

    if (!vp_node_get_text(server, "host", TRUE, &name)
        || !vp_node_get_number(server, "port", FALSE, &port, &has_port))
        return FALSE;
    if (has_port && (port == 0 || port > G_MAXUINT16))
        return vp_node_fail(server, "port", "is no port");
    if (!vp_host_split(name, strlen(name), &host) || host.port != 0)
        return vp_node_fail(server, "host", "is no server");
    host.port = (guint16) port;
    vp_location_add_host(server->location, protocol, &host, protocol->transport);
    return TRUE;
}

gboolean
vp_node_add_server(const VpNode *node, const json_t *object, const VpProtocol *protocol)
{
    gboolean has_type = (protocol->traits & VP_PROTOCOL_NO_HOST_TYPE) == 0;
    VpNode server = { node->location, object, node->driver };
    const char *type = "inet";

    if (!json_is_object(object))
        return vp_node_fail(node, "server", "is no object");
    if (!vp_node_get_text(&server, "type", has_type, &type))
        return FALSE;
    if (strcmp(type, "inet") == 0 || strcmp(type, "tcp") == 0)
        return add_internet_host(&server, protocol);
    if (strcmp(type, "unix") == 0)
        return add_socket(&server);
    if (strcmp(type, "vsock") == 0 || strcmp(type, "fd") == 0)
        return vp_location_fail(node->location, VIRT_PROBE_ERROR_UNSUPPORTED,
                                "servers of type \"%s\" are not described", type);
    return vp_node_fail(&server, "type", "is not known");
}

gboolean
vp_node_add_flat_server(const VpNode *node, const VpProtocol *protocol, gboolean is_socket)
{
    return is_socket ? add_socket(node) : add_internet_host(node, protocol);
}

gboolean
vp_node_add_servers(const VpNode *node, const VpProtocol *protocol, gboolean is_needed)
{
    const json_t *list = json_object_get(node->object, "server");

    if (list == NULL && !is_needed)
        return TRUE;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return vp_node_fail(node, "server", "is no list of servers");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!vp_node_add_server(node, json_array_get(list, i), protocol))
            return FALSE;
    }
    return TRUE;
}
