/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.c: json: names, from the outermost node down to the one that reaches the bytes. */
#include "storage/location/json.h"

#include <string.h>

/* What was met on the way down. */
typedef struct {
    VirtProbeRecord *location;
    gboolean has_format; /* a format, or the task to recognise one, was met */
    gboolean has_slice;
    guint64 offset; /* of the slice, in what the nodes below show */
    guint64 size;   /* G_MAXUINT64: to the end */
    guint64 needed; /* how much the nodes below must show for those above to open */
} Walk;

static gboolean walk_nodes(VirtProbeRecord *location, const json_t *top, gboolean is_image);

/* QEMU counts in these. */
#define SECTOR_SIZE 512

/* The slice of a raw node lies in what this one shows, which may be a slice itself. QEMU opens the nodes from below, and
 * each must find its own offset and size in what is there. */
static gboolean
walk_slice(Walk *walk, const VpNode *node)
{
    guint64 offset = 0;
    guint64 size = G_MAXUINT64;
    gboolean has_offset = FALSE;
    gboolean has_size = FALSE;

    if (!vp_node_get_number(node, "offset", TRUE, &offset, &has_offset)
        || !vp_node_get_number(node, "size", TRUE, &size, &has_size))
        return FALSE;
    if (!has_offset && !has_size)
        return TRUE;
    if (offset > G_MAXINT64 || (has_size && size > G_MAXINT64 - offset)
        || walk->needed > G_MAXINT64 - offset)
        return vp_node_fail(node, "offset", "is too large");
    if (has_size && size % SECTOR_SIZE != 0)
        return vp_node_fail(node, "size", "is no multiple of 512");
    if (has_size && walk->needed > size)
        return vp_node_fail(node, "size", "is less than the node above needs");
    if (has_size && walk->size == G_MAXUINT64)
        walk->size = size - walk->offset;
    walk->offset += offset;
    walk->needed = offset + (has_size ? size : walk->needed);
    walk->has_slice = TRUE;
    return TRUE;
}

/* A node that takes the place of what an image records. is_image: as for walk_nodes(). */
static gboolean
walk_override(const VpNode *node, const char *key, guint field, gboolean is_image)
{
    const json_t *value = json_object_get(node->object, key);
    VirtProbeRecord *other;

    if (value == NULL)
        return TRUE;
    other = vp_record_set_record(node->location, field, VP_RECORD_LOCATION);
    if (json_is_object(value)) {
        walk_nodes(other, value, is_image);
        return TRUE;
    }
    if (!json_is_string(value))
        return vp_node_fail(node, key, "is neither a node nor the name of one");
    vp_location_fail(other, VIRT_PROBE_ERROR_UNSUPPORTED, "\"%s\" names a node of a running QEMU",
                     key);
    return TRUE;
}

static gboolean
walk_overrides(const VpNode *node, guint traits)
{
    const json_t *backing = json_object_get(node->object, "backing");

    if ((traits & VP_DRIVER_DATA_FILE) != 0
        && !walk_override(node, "data-file", VP_LOCATION_DATA_FILE, FALSE))
        return FALSE;
    if ((traits & VP_DRIVER_BACKING) == 0)
        return TRUE;
    /* An empty string is how null was written before QEMU 2.12. */
    if (!json_is_null(backing) && g_strcmp0(json_string_value(backing), "") != 0)
        return walk_override(node, "backing", VP_LOCATION_BACKING, TRUE);
    vp_record_set_bool(node->location, VP_LOCATION_NO_BACKING, TRUE);
    return TRUE;
}

/* A format was met. Below another one only raw is followed, for it does no more than cut. */
static gboolean
walk_format(Walk *walk, const VpNode *node, const VpDriver *driver)
{
    gboolean is_raw = (driver->traits & VP_DRIVER_SLICE) != 0;

    if (walk->has_format && !is_raw)
        return vp_location_fail(walk->location, VIRT_PROBE_ERROR_UNSUPPORTED,
                                "an image within an image is not followed");
    if (!walk->has_format)
        vp_record_set_constant(walk->location, VP_LOCATION_FORMAT, driver->name);
    walk->has_format = TRUE;
    if (is_raw && !walk_slice(walk, node))
        return FALSE;
    return walk_overrides(node, driver->traits);
}

/* The node below. NULL with an error in the record. */
static const json_t *
walk_child(const VpNode *node, const char *key)
{
    const json_t *child = json_object_get(node->object, key);

    if (json_is_object(child))
        return child;
    if (child == NULL)
        vp_node_fail(node, key, "is missing");
    else if (json_is_string(child))
        vp_location_fail(node->location, VIRT_PROBE_ERROR_UNSUPPORTED,
                         "\"%s\" names a node of a running QEMU", key);
    else
        vp_node_fail(node, key, "is no node");
    return NULL;
}

/* The driver of a node below another: without one a file is meant, whose name is taken literally. */
static gboolean
node_driver(VpNode *node)
{
    gboolean has_driver = vp_node_has(node, "driver");

    if (!has_driver && !vp_node_has(node, "filename"))
        return vp_location_fail(node->location, VIRT_PROBE_ERROR_INVALID,
                                "a node has neither \"driver\" nor \"filename\"");
    node->driver = "file";
    return !has_driver || vp_node_get_text(node, "driver", TRUE, &node->driver);
}

static void
walk_finish(const Walk *walk)
{
    VirtProbeRecord *slice;

    if (!walk->has_slice)
        return;
    slice = vp_record_set_record(walk->location, VP_LOCATION_SLICE, VP_RECORD_SLICE);
    vp_record_set_uint(slice, VP_SLICE_OFFSET, walk->offset);
    if (walk->size == G_MAXUINT64)
        return;
    vp_record_set_uint(slice, VP_SLICE_SIZE, walk->size);
    if (walk->needed > walk->offset + walk->size)
        vp_record_set_uint(slice, VP_SLICE_NEEDED_SIZE, walk->needed);
}

/* One node. TRUE, with the node below in *out_child, which is NULL once the bytes are reached. */
static gboolean
walk_node(Walk *walk, VpNode *node, const json_t **out_child)
{
    const VpDriver *driver;

    if (!node_driver(node))
        return FALSE;
    driver = vp_driver_find(node->driver);
    if (driver == NULL)
        return vp_location_fail(walk->location, VIRT_PROBE_ERROR_UNSUPPORTED,
                                "a driver of the name is not known");
    node->driver = driver->name;
    vp_record_append_text(walk->location, VP_LOCATION_DRIVERS, driver->name, strlen(driver->name));
    vp_node_check_options(node, driver);
    if (driver->role == VP_DRIVER_SEVERAL)
        return vp_location_fail(walk->location, VIRT_PROBE_ERROR_UNSUPPORTED,
                                "driver \"%s\" has several images", driver->name);
    *out_child = NULL;
    if (driver->role == VP_DRIVER_PROTOCOL)
        return driver->parse(node);
    if (driver->role == VP_DRIVER_FORMAT && !walk_format(walk, node, driver))
        return FALSE;
    *out_child = walk_child(node, driver->child);
    return *out_child != NULL;
}

/* is_image: an image is meant, so the node may be without a driver and have its file below; QEMU then takes the format
 * from elsewhere. Without it the bytes of a file are meant. */
static gboolean
walk_nodes(VirtProbeRecord *location, const json_t *top, gboolean is_image)
{
    Walk walk = { .location = location, .size = G_MAXUINT64 };
    VpNode node = { location, top, NULL };
    const json_t *next = top;

    if (is_image && !vp_node_has(&node, "driver")) {
        walk.has_format = TRUE;
        vp_node_check_options(&node, NULL);
        if (!walk_overrides(&node, VP_DRIVER_BACKING | VP_DRIVER_DATA_FILE))
            return FALSE;
        next = walk_child(&node, "file");
        if (next == NULL)
            return FALSE;
    }
    while (next != NULL) {
        node = (VpNode) { location, next, NULL };
        if (!walk_node(&walk, &node, &next))
            return FALSE;
    }
    /* As in QEMU, where the name itself is the protocol's node: nothing is recognised in its bytes. */
    if (is_image && !walk.has_format && !vp_record_has(location, VP_LOCATION_FORMAT))
        vp_record_set_constant(location, VP_LOCATION_FORMAT, "raw");
    walk_finish(&walk);
    return TRUE;
}

gboolean
vp_location_parse_json(VirtProbeRecord *location, const char *json)
{
    json_error_t error;
    json_auto_t *loaded = vp_json_load(json, strlen(json), &error);
    json_auto_t *object = NULL;

    if (loaded == NULL && json_error_code(&error) == json_error_stack_overflow)
        return vp_location_fail(location, VIRT_PROBE_ERROR_LIMIT,
                                "json: nests deeper than %u levels", VP_JSON_NAME_DEPTH_MAX);
    if (loaded == NULL && json_error_code(&error) == json_error_duplicate_key)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "json: has a key twice");
    if (!json_is_object(loaded))
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "json: is not followed by a JSON object");
    object = vp_json_normalise(location, loaded);
    if (object == NULL)
        return FALSE;
    return walk_nodes(location, object, TRUE);
}
