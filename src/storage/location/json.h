/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.h: what the parsers of json: names share: nodes, their drivers and their options. */
#pragma once

#include "storage/location/parse.h"

#include <jansson.h>

/* Objects and lists within each other, in the name and once dotted keys are taken apart. */
#define VP_JSON_NAME_DEPTH_MAX 16

/* The object that describes a node: a driver and its options. */
typedef struct {
    VirtProbeRecord *location;
    const json_t *object;
    const char *driver;
} VpNode;

typedef enum {
    VP_DRIVER_PROTOCOL, /* reaches the bytes; has a parser */
    VP_DRIVER_FORMAT,   /* interprets the bytes of its child */
    VP_DRIVER_FILTER,   /* shows what its child shows */
    VP_DRIVER_SEVERAL,  /* has several children of the same right */
} VpDriverRole;

typedef enum {
    VP_DRIVER_BACKING = 1 << 0,   /* takes a backing file */
    VP_DRIVER_DATA_FILE = 1 << 1, /* takes an external data file */
    VP_DRIVER_SLICE = 1 << 2,     /* takes offset and size: raw */
} VpDriverTraits;

typedef struct {
    const char *name;
    VpDriverRole role;
    gboolean (*parse)(const VpNode *node);
    const char *child; /* the option that describes the node below */
    guint traits;      /* VpDriverTraits */
    /* What else it takes, with blanks between; what nodes below and all drivers take is not repeated. */
    const char *options;
} VpDriver;

/* JSON, in which no key may be there twice; NULL when it is none. (transfer full) */
json_t *vp_json_load(const char *text, gsize len, json_error_t *error);

/* NULL when no driver has that name. */
const VpDriver *vp_driver_find(const char *name);

/* Notes in the record the options of the node that the driver does not know; NULL: it is not written, and some format
 * is meant. */
void vp_node_check_options(const VpNode *node, const VpDriver *driver);

/* A new object in which dotted keys are taken apart ("a.b": 1 is "a": {"b": 1}), and objects with the keys 0 to n-1
 * are lists. NULL with an error in location. (transfer full) */
json_t *vp_json_normalise(VirtProbeRecord *location, const json_t *object);

/* Options of a node. All give FALSE with an error in the record when the option has another type or, if it is needed,
 * is absent. What is absent leaves the output as it was. */
gboolean vp_node_get_text(const VpNode *node, const char *key, gboolean is_needed,
                          const char **out_text);
/* An integer, or a string with one in decimal; is_size: which may have a suffix, as QEMU's sizes. */
gboolean vp_node_get_number(const VpNode *node, const char *key, gboolean is_size,
                            guint64 *out_value, gboolean *out_is_there);
gboolean vp_node_has(const VpNode *node, const char *key);

/* Fails: the option of the node is not what it should be. */
gboolean vp_node_fail(const VpNode *node, const char *key, const char *problem);

/* Parsers of drivers that speak to servers. */
gboolean vp_node_parse_curl(const VpNode *node);
gboolean vp_node_parse_gluster(const VpNode *node);
gboolean vp_node_parse_iscsi(const VpNode *node);
gboolean vp_node_parse_nbd(const VpNode *node);
gboolean vp_node_parse_nfs(const VpNode *node);
gboolean vp_node_parse_rbd(const VpNode *node);
gboolean vp_node_parse_sheepdog(const VpNode *node);
gboolean vp_node_parse_ssh(const VpNode *node);
gboolean vp_node_parse_vxhs(const VpNode *node);

/* Appends the server that an object describes, that the node's own options describe, or every one of a list. */
gboolean vp_node_add_server(const VpNode *node, const json_t *server, const VpProtocol *protocol);
gboolean vp_node_add_flat_server(const VpNode *node, const VpProtocol *protocol,
                                 gboolean is_socket);
gboolean vp_node_add_servers(const VpNode *node, const VpProtocol *protocol, gboolean is_needed);
