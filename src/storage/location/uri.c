/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* uri.c: names that are URIs. */
#include "storage/location/parse.h"

#include "util/numbers.h"

#include <string.h>

/* The parts of a URI as they are written. */
typedef struct {
    const VpProtocol *protocol;
    VpTransport transport;
    VpText user; /* what stands before the last @ of the authority */
    VpText host; /* with the port */
    VpText path;
    VpText query;
} Uri;

static void
uri_split(const char *rest, Uri *uri)
{
    gsize authority_len = strcspn(rest, "/?#");
    const char *at = g_strrstr_len(rest, (gssize) authority_len, "@");
    const char *host = at != NULL ? at + 1 : rest;

    uri->user = (VpText) { rest, at != NULL ? (gsize) (at - rest) : 0 };
    uri->host = (VpText) { host, (gsize) (rest + authority_len - host) };
    uri->path = (VpText) { rest + authority_len, strcspn(rest + authority_len, "?#") };
    rest = uri->path.bytes + uri->path.len;
    rest += *rest == '?' ? 1 : 0;
    uri->query = (VpText) { rest, strcspn(rest, "#") };
}

static gboolean
scheme_is_shown(const char *scheme, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        if (!g_ascii_isalnum(scheme[i]) && strchr("+-._", scheme[i]) == NULL)
            return FALSE;
    }
    return len > 0 && len <= 32;
}

/* PROTOCOL or PROTOCOL+TRANSPORT. */
static gboolean
scheme_parse(VirtProbeRecord *location, const char *scheme, gsize len, Uri *uri)
{
    static const struct {
        const char *name;
        VpTransport transport;
    } suffixes[] = { { "tcp", VP_TRANSPORT_TCP },
                     { "unix", VP_TRANSPORT_UNIX },
                     { "rdma", VP_TRANSPORT_RDMA } };
    const char *plus = memchr(scheme, '+', len);
    gsize suffix_len = plus != NULL ? len - (gsize) (plus + 1 - scheme) : 0;

    if (!scheme_is_shown(scheme, len))
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "name of a URI has no scheme");
    uri->protocol = vp_protocol_find(scheme, plus != NULL ? (gsize) (plus - scheme) : len);
    if (uri->protocol == NULL)
        return vp_location_fail(location, VIRT_PROBE_ERROR_UNSUPPORTED,
                                "protocol \"%.*s\" is not known", (int) len, scheme);
    if (uri->protocol->traits & VP_PROTOCOL_NO_URI)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "protocol \"%s\" is not written as a URI", uri->protocol->scheme);
    uri->transport = uri->protocol->transport;
    if (plus == NULL)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        uri->transport = suffixes[i].transport;
        if (strlen(suffixes[i].name) == suffix_len
            && memcmp(suffixes[i].name, plus + 1, suffix_len) == 0
            && (uri->protocol->suffixes & uri->transport) != 0)
            return TRUE;
    }
    return vp_location_fail(location, VIRT_PROBE_ERROR_UNSUPPORTED,
                            "protocol \"%s\" has no transport \"%.*s\"", uri->protocol->scheme,
                            (int) suffix_len, plus + 1);
}

/* The decoded value of a parameter; NULL when it is not there or not well written. (transfer full) */
static char *
query_find(VpText query, const char *name)
{
    const char *end = query.bytes + query.len;
    gsize name_len = strlen(name);

    for (const char *pos = query.bytes; pos != NULL && pos < end;) {
        const char *next = memchr(pos, '&', (gsize) (end - pos));
        const char *stop = next != NULL ? next : end;

        if ((gsize) (stop - pos) > name_len && memcmp(pos, name, name_len) == 0
            && pos[name_len] == '=')
            return g_uri_unescape_segment(pos + name_len + 1, stop, NULL);
        pos = next != NULL ? next + 1 : NULL;
    }
    return NULL;
}

static gboolean
uri_fill_socket(VirtProbeRecord *location, const Uri *uri)
{
    /* Taken from what is shown of the query: who writes a secret behind the path does not want it printed. */
    g_autofree char *masked = vp_query_mask(uri->query.bytes, uri->query.len);
    VpText query = masked != NULL ? (VpText) { masked, strlen(masked) } : uri->query;
    g_autofree char *socket = query_find(query, "socket");

    if (uri->host.len > 0)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "URI names both a unix socket and a server");
    if (socket == NULL || socket[0] == '\0')
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "URI of a unix socket has no parameter \"socket\"");
    vp_location_add_socket(location, socket, strlen(socket));
    return TRUE;
}

static gboolean
uri_fill_host(VirtProbeRecord *location, const Uri *uri)
{
    VpHost host = { { "localhost", strlen("localhost") }, 0 };

    if (uri->transport == VP_TRANSPORT_UNIX)
        return uri_fill_socket(location, uri);
    if (uri->host.len == 0 && (uri->protocol->traits & VP_PROTOCOL_LOCAL) == 0)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "URI names no server");
    if (uri->host.len > 0 && !vp_host_split(uri->host.bytes, uri->host.len, &host))
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "server of the URI is not well written");
    vp_location_add_host(location, uri->protocol, &host, uri->transport);
    return TRUE;
}

/* libvirt takes one slash away from the path, and so do QEMU's drivers, but for those of ssh and nfs: what they open
 * begins with it. */
static gboolean
uri_fill_name(VirtProbeRecord *location, const Uri *uri)
{
    g_autofree char *path =
        g_uri_unescape_segment(uri->path.bytes, uri->path.bytes + uri->path.len, NULL);
    g_autofree char *masked = NULL;
    guint traits = uri->protocol->traits;
    const char *name = path;
    const char *slash;

    if (path == NULL)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "path of the URI is not well escaped");
    if (name[0] == '/' && (traits & VP_PROTOCOL_ABSOLUTE) == 0)
        name++;
    slash = strchr(name, '/');
    if ((traits & VP_PROTOCOL_VOLUME)
        && (slash == NULL || slash == name || strcmp(slash, "/") == 0))
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "URI does not name a volume and a path");
    /* Another URI may stand in it. */
    masked = vp_part_mask(name, strlen(name));
    if (name[0] != '\0' || (traits & VP_PROTOCOL_NAMELESS) == 0)
        vp_record_set_string(location, VP_LOCATION_NAME, masked != NULL ? masked : name);
    return TRUE;
}

static gboolean
uri_fill_id(VirtProbeRecord *location, const Uri *uri, const char *parameter, guint field)
{
    g_autofree char *text = query_find(uri->query, parameter);
    guint64 id;

    if (text == NULL)
        return TRUE;
    if (!vp_number_parse(text, 10, 0, G_MAXUINT32, &id))
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "parameter \"%s\" of the URI is no number", parameter);
    vp_record_set_uint(location, field, id);
    return TRUE;
}

static gboolean
uri_fill_query(VirtProbeRecord *location, const Uri *uri)
{
    guint traits = uri->protocol->traits;

    if ((traits & VP_PROTOCOL_QUERY) && uri->query.len > 0) {
        g_autofree char *masked = vp_query_mask(uri->query.bytes, uri->query.len);

        vp_record_set_text(location, VP_LOCATION_QUERY, masked != NULL ? masked : uri->query.bytes,
                           masked != NULL ? strlen(masked) : uri->query.len);
    }
    if ((traits & VP_PROTOCOL_IDS) == 0)
        return TRUE;
    return uri_fill_id(location, uri, "uid", VP_LOCATION_USER_ID)
           && uri_fill_id(location, uri, "gid", VP_LOCATION_GROUP_ID);
}

gboolean
vp_location_parse_uri(VirtProbeRecord *location, const char *text, const char *scheme)
{
    const char *separator = strstr(text, "://");
    Uri uri = { 0 };

    if (separator == NULL)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "name is no URI");
    if (!scheme_parse(location, text, (gsize) (separator - text), &uri))
        return FALSE;
    if (scheme != NULL && strcmp(uri.protocol->scheme, scheme) != 0)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "URI is one of \"%s\", its driver is \"%s\"", uri.protocol->scheme,
                                scheme);
    uri_split(separator + 3, &uri);
    if (!uri_fill_host(location, &uri) || !uri_fill_name(location, &uri)
        || !uri_fill_query(location, &uri))
        return FALSE;
    if (uri.user.len > 0)
        vp_record_set_bool(location, VP_LOCATION_HAS_CREDENTIALS, TRUE);
    vp_location_set_network(location, uri.protocol);
    return TRUE;
}
