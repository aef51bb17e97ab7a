/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parse.h: what the parsers of names share. Each writes into a record LOCATION, and gives FALSE once it has put an
 * error there. */
#pragma once

#include "storage/location.h"
#include "virtprobe/error.h"

/* What stands in place of a credential. */
#define VP_MASK "***"

typedef enum {
    VP_TRANSPORT_TCP = 1 << 0,
    VP_TRANSPORT_UNIX = 1 << 1,
    VP_TRANSPORT_RDMA = 1 << 2,
} VpTransport;

typedef enum {
    VP_PROTOCOL_PLAIN = 0,
    VP_PROTOCOL_NO_URI = 1 << 0,      /* has no spelling as a URI */
    VP_PROTOCOL_NAMELESS = 1 << 1,    /* an empty path asks for no name, else for the name "" */
    VP_PROTOCOL_ABSOLUTE = 1 << 2,    /* the path's first slash belongs to the name */
    VP_PROTOCOL_VOLUME = 1 << 3,      /* the path begins with a volume, and more must follow */
    VP_PROTOCOL_LOCAL = 1 << 4,       /* without a server QEMU asks this machine */
    VP_PROTOCOL_QUERY = 1 << 5,       /* the query is sent to the server */
    VP_PROTOCOL_IDS = 1 << 6,         /* the query may say a user and a group */
    VP_PROTOCOL_NO_HOST_TYPE = 1 << 7 /* json: descriptions of its servers need no "type" */
} VpProtocolTraits;

typedef struct {
    const char *scheme;    /* of its URIs, and of its driver in json: names */
    const char *name;      /* what the record says */
    guint16 port;          /* where servers listen; 0: not ours to say */
    VpTransport transport; /* when none is written */
    guint suffixes;        /* VpTransport that may be written behind a plus sign */
    guint traits;          /* VpProtocolTraits */
    /* What follows the colon in the spelling from before URIs; NULL: there is none. */
    gboolean (*parse_colon)(VirtProbeRecord *location, const char *rest);
} VpProtocol;

/* A server as it is written. */
typedef struct {
    VpText name;  /* without the brackets of an IPv6 address */
    guint16 port; /* 0: none is written */
} VpHost;

/* The protocol with that scheme; NULL when there is none. */
const VpProtocol *vp_protocol_find(const char *scheme, gsize len);

/* Reads HOST, HOST:PORT, [IPV6], [IPV6]:PORT or IPV6. FALSE when it is none of those. */
gboolean vp_host_split(const char *text, gsize len, VpHost *out_host);

/* A port in decimal, at least 1. */
gboolean vp_port_parse(const char *text, gsize len, guint16 *out_port);

/* Writes the error, takes away everything that was understood so far, and gives FALSE. */
gboolean vp_location_fail(VirtProbeRecord *location, VirtProbeError code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* A file, block device or directory of this machine. */
gboolean vp_location_set_path(VirtProbeRecord *location, const char *kind, const char *path);

/* The same for what is part of a longer name: a path in which something would be masked as if it were a name is refused,
 * because somebody would print it alone. */
gboolean vp_location_set_plain_path(VirtProbeRecord *location, const char *kind, const char *path);

/* An NVMe controller of this machine, by its PCI address. */
gboolean vp_location_set_nvme(VirtProbeRecord *location, const char *device, gsize len,
                              guint64 namespace_id);

/* Says what is asked of which protocol; servers are appended one by one. */
void vp_location_set_network(VirtProbeRecord *location, const VpProtocol *protocol);
void vp_location_add_host(VirtProbeRecord *location, const VpProtocol *protocol, const VpHost *host,
                          VpTransport transport);
void vp_location_add_socket(VirtProbeRecord *location, const char *path, gsize len);

/* SCHEME://…; scheme: NULL, or the one that it must have. */
gboolean vp_location_parse_uri(VirtProbeRecord *location, const char *text, const char *scheme);

/* PROTOCOL:…, the spelling from before URIs. */
gboolean vp_location_parse_colon(VirtProbeRecord *location, const char *text);
gboolean vp_location_parse_rbd(VirtProbeRecord *location, const char *rest);
gboolean vp_location_parse_nbd(VirtProbeRecord *location, const char *rest);
gboolean vp_location_parse_sheepdog(VirtProbeRecord *location, const char *rest);

/* What stands behind json: */
gboolean vp_location_parse_json(VirtProbeRecord *location, const char *json);

/* How long a prefix is, with its colon, behind which a path or a name stands as it is, so that an @ is common there;
 * 0 when the text has none. */
gsize vp_name_prefix_len(const char *text, gsize len);

/* TRUE for the names that keys, options and parameters with secrets have, such as password, X-Amz-Signature or
 * private_token; their last part counts. */
gboolean vp_name_is_secret(const char *name, gsize len);

/* TRUE when one of the parts of a name, which dots end, is such a name. */
gboolean vp_name_has_secret_part(const char *name);

/* A part of a name with its credentials masked, as if it were a name; NULL when it holds none. (transfer full) */
char *vp_part_mask(const char *text, gsize len);

/* Parameters of a URI with the values of secret ones masked; NULL when there are none. (transfer full) */
char *vp_query_mask(const char *query, gsize len);

/* KEY=VALUE, with colons between, as in the names of rbd, with the values of secret ones masked; NULL when there are
 * none. (transfer full) */
GString *vp_options_mask(const char *text, gsize len);

/* What stands behind json: with its credentials masked; NULL when it holds none. is_whole: it is the whole name, so that
 * what is no JSON is hidden altogether. (transfer full) */
GString *vp_json_mask(const char *json, gsize len, gboolean is_whole);
