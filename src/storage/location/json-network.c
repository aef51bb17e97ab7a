/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-network.c: the options of drivers of json: names that speak to servers. */
#include "storage/location/json.h"

#include <string.h>

static const VpProtocol *
node_protocol(const VpNode *node)
{
    return vp_protocol_find(node->driver, strlen(node->driver));
}

static gboolean
succeed(const VpNode *node, const VpProtocol *protocol)
{
    vp_location_set_network(node->location, protocol);
    return TRUE;
}

static void
note_credentials(const VpNode *node, const char *key)
{
    if (vp_node_has(node, key))
        vp_record_set_bool(node->location, VP_LOCATION_HAS_CREDENTIALS, TRUE);
}

/* The text option as the name that is asked for. */
static gboolean
fill_name(const VpNode *node, const char *key, gboolean is_needed)
{
    const char *name = NULL;

    if (!vp_node_get_text(node, key, is_needed, &name))
        return FALSE;
    if (name != NULL)
        vp_record_set_string(node->location, VP_LOCATION_NAME, name);
    return TRUE;
}

/* Two text options with a slash between them. */
static gboolean
fill_joined_name(const VpNode *node, const char *first_key, const char *second_key)
{
    g_autofree char *name = NULL;
    const char *first = NULL;
    const char *second = NULL;

    if (!vp_node_get_text(node, first_key, TRUE, &first)
        || !vp_node_get_text(node, second_key, TRUE, &second))
        return FALSE;
    name = g_strdup_printf("%s/%s", first, second);
    vp_record_set_string(node->location, VP_LOCATION_NAME, name);
    return TRUE;
}

static gboolean
fill_number(const VpNode *node, const char *key, gboolean is_size, guint field)
{
    guint64 value = 0;
    gboolean is_there = FALSE;

    if (!vp_node_get_number(node, key, is_size, &value, &is_there))
        return FALSE;
    if (is_there)
        vp_record_set_uint(node->location, field, value);
    return TRUE;
}

/* Names of "NAME=VALUE; NAME=VALUE". */
static gboolean
fill_cookies(const VpNode *node)
{
    const char *text = NULL;
    g_auto(GStrv) cookies = NULL;

    if (!vp_node_get_text(node, "cookie", FALSE, &text))
        return FALSE;
    if (text == NULL)
        return TRUE;
    cookies = g_strsplit(text, ";", -1);
    for (guint i = 0; cookies[i] != NULL; i++) {
        const char *cookie = g_strstrip(cookies[i]);
        const char *equals = strchr(cookie, '=');

        if (equals == NULL || equals == cookie)
            return vp_node_fail(node, "cookie", "is not a list of NAME=VALUE");
        vp_record_append_text(node->location, VP_LOCATION_COOKIES, cookie,
                              (gsize) (equals - cookie));
    }
    return TRUE;
}

/* A boolean, or the string that QEMU's own options have. */
static gboolean
fill_ssl_verify(const VpNode *node)
{
    const json_t *value = json_object_get(node->object, "sslverify");
    const char *text = json_string_value(value);

    if (value == NULL)
        return TRUE;
    if (!json_is_boolean(value) && g_strcmp0(text, "on") != 0 && g_strcmp0(text, "off") != 0)
        return vp_node_fail(node, "sslverify", "is neither on nor off");
    vp_record_set_bool(node->location, VP_LOCATION_SSL_VERIFY,
                       json_is_true(value) || g_strcmp0(text, "on") == 0);
    return TRUE;
}

gboolean
vp_node_parse_curl(const VpNode *node)
{
    const char *url = NULL;

    if (!vp_node_get_text(node, "url", TRUE, &url)
        || !vp_location_parse_uri(node->location, url, node->driver))
        return FALSE;
    note_credentials(node, "username");
    note_credentials(node, "proxy-username");
    note_credentials(node, "cookie");
    return fill_cookies(node) && fill_ssl_verify(node)
           && fill_number(node, "readahead", TRUE, VP_LOCATION_READAHEAD)
           && fill_number(node, "timeout", FALSE, VP_LOCATION_TIMEOUT);
}

/* The spelling from before there were options, which the driver itself takes apart. */
static gboolean
parse_filename(const VpNode *node)
{
    const char *filename = NULL;

    return vp_node_get_text(node, "filename", TRUE, &filename)
           && vp_location_parse_uri(node->location, filename, node->driver);
}

gboolean
vp_node_parse_gluster(const VpNode *node)
{
    const VpProtocol *protocol = node_protocol(node);

    if (vp_node_has(node, "filename"))
        return parse_filename(node);
    return fill_joined_name(node, "volume", "path") && vp_node_add_servers(node, protocol, TRUE)
           && succeed(node, protocol);
}

/* "portal" is the server; libvirt leaves the brackets of an IPv6 address in its name. */
static gboolean
iscsi_add_portal(const VpNode *node)
{
    const char *transport = NULL;
    const char *portal = NULL;
    VpTransport spoken = VP_TRANSPORT_TCP;
    VpHost host;

    if (!vp_node_get_text(node, "transport", TRUE, &transport)
        || !vp_node_get_text(node, "portal", TRUE, &portal))
        return FALSE;
    if (strcmp(transport, "iser") == 0)
        spoken = VP_TRANSPORT_RDMA;
    else if (strcmp(transport, "tcp") != 0)
        return vp_node_fail(node, "transport", "is not known");
    if (!vp_host_split(portal, strlen(portal), &host))
        return vp_node_fail(node, "portal", "is no server");
    vp_location_add_host(node->location, node_protocol(node), &host, spoken);
    return TRUE;
}

gboolean
vp_node_parse_iscsi(const VpNode *node)
{
    g_autofree char *name = NULL;
    const char *target = NULL;
    guint64 unit = 0;

    if (vp_node_has(node, "filename"))
        return parse_filename(node);
    if (!iscsi_add_portal(node) || !vp_node_get_text(node, "target", TRUE, &target)
        || !vp_node_get_number(node, "lun", FALSE, &unit, NULL))
        return FALSE;
    name = g_strdup_printf("%s/%" G_GUINT64_FORMAT, target, unit);
    vp_record_set_string(node->location, VP_LOCATION_NAME, name);
    note_credentials(node, "user");
    note_credentials(node, "password");
    return succeed(node, node_protocol(node));
}

/* The server as an object, or spread over the node's own options. */
gboolean
vp_node_parse_nbd(const VpNode *node)
{
    const VpProtocol *protocol = node_protocol(node);
    const json_t *server = json_object_get(node->object, "server");
    guint count =
        (server != NULL) + (guint) vp_node_has(node, "path") + (guint) vp_node_has(node, "host");

    if (count != 1)
        return vp_location_fail(node->location, VIRT_PROBE_ERROR_INVALID,
                                "driver \"nbd\" needs one of \"server\", \"path\" and \"host\"");
    if (server != NULL ? !vp_node_add_server(node, server, protocol)
                       : !vp_node_add_flat_server(node, protocol, vp_node_has(node, "path")))
        return FALSE;
    return fill_name(node, "export", FALSE) && succeed(node, protocol);
}

gboolean
vp_node_parse_nfs(const VpNode *node)
{
    const VpProtocol *protocol = node_protocol(node);

    return vp_node_add_server(node, json_object_get(node->object, "server"), protocol)
           && fill_name(node, "path", TRUE) && fill_number(node, "user", FALSE, VP_LOCATION_USER_ID)
           && fill_number(node, "group", FALSE, VP_LOCATION_GROUP_ID) && succeed(node, protocol);
}

gboolean
vp_node_parse_rbd(const VpNode *node)
{
    const VpProtocol *protocol = node_protocol(node);
    const char *filename = NULL;
    const char *config = NULL;
    const char *snapshot = NULL;

    if (!vp_node_get_text(node, "filename", FALSE, &filename))
        return FALSE;
    /* QEMU's driver refuses it without the prefix; libvirt takes both. */
    if (filename != NULL && !g_str_has_prefix(filename, "rbd:"))
        return vp_node_fail(node, "filename", "does not begin with rbd:");
    if (filename != NULL)
        return vp_location_parse_rbd(node->location, filename + strlen("rbd:"));
    if (!fill_joined_name(node, "pool", "image")
        || !vp_node_get_text(node, "snapshot", FALSE, &snapshot)
        || !vp_node_get_text(node, "conf", FALSE, &config)
        || !vp_node_add_servers(node, protocol, FALSE))
        return FALSE;
    if (snapshot != NULL)
        vp_record_set_string(node->location, VP_LOCATION_SNAPSHOT, snapshot);
    if (config != NULL)
        vp_record_set_string(node->location, VP_LOCATION_CONFIG, config);
    note_credentials(node, "user");
    return succeed(node, protocol);
}

gboolean
vp_node_parse_sheepdog(const VpNode *node)
{
    const VpProtocol *protocol = node_protocol(node);

    if (vp_node_has(node, "filename"))
        return parse_filename(node);
    return fill_name(node, "vdi", TRUE)
           && vp_node_add_server(node, json_object_get(node->object, "server"), protocol)
           && succeed(node, protocol);
}

gboolean
vp_node_parse_ssh(const VpNode *node)
{
    const VpProtocol *protocol = node_protocol(node);
    const json_t *server = json_object_get(node->object, "server");

    if (!(server != NULL ? vp_node_add_server(node, server, protocol)
                         : vp_node_add_flat_server(node, protocol, FALSE))
        || !fill_name(node, "path", TRUE))
        return FALSE;
    note_credentials(node, "user");
    return succeed(node, protocol);
}

gboolean
vp_node_parse_vxhs(const VpNode *node)
{
    const VpProtocol *protocol = node_protocol(node);

    return fill_name(node, "vdisk-id", TRUE)
           && vp_node_add_server(node, json_object_get(node->object, "server"), protocol)
           && succeed(node, protocol);
}
