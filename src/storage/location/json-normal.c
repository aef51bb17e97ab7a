/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-normal.c: json: names in one form: QEMU takes {"file.driver": …} and {"file": {"driver": …}} as the same. */
#include "storage/location/json.h"

#include <string.h>

static gboolean expand_members(VirtProbeRecord *location, const json_t *object, json_t *target,
                               guint depth);

static json_t *expand(VirtProbeRecord *location, const json_t *value, guint depth);

static gboolean
fail_depth(VirtProbeRecord *location)
{
    return vp_location_fail(location, VIRT_PROBE_ERROR_LIMIT, "json: nests deeper than %u levels",
                            VP_JSON_NAME_DEPTH_MAX);
}

static gboolean
fail_clash(VirtProbeRecord *location)
{
    return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                            "json: has two values for the same option");
}

static json_t *
expand_array(VirtProbeRecord *location, const json_t *array, guint depth)
{
    json_auto_t *items = json_array();

    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *item = expand(location, json_array_get(array, i), depth + 1);

        if (item == NULL || json_array_append_new(items, item) != 0)
            return NULL;
    }
    return g_steal_pointer(&items);
}

/* (transfer full); scalars are shared with the original. */
static json_t *
expand(VirtProbeRecord *location, const json_t *value, guint depth)
{
    json_auto_t *object = NULL;

    if (!json_is_object(value) && !json_is_array(value))
        return json_incref((json_t *) value);
    if (depth >= VP_JSON_NAME_DEPTH_MAX) {
        fail_depth(location);
        return NULL;
    }
    if (json_is_array(value))
        return expand_array(location, value, depth);
    object = json_object();
    return expand_members(location, value, object, depth) ? g_steal_pointer(&object) : NULL;
}

/* The object under the key, made when there is none. NULL: something else is there. (transfer none) */
static json_t *
enter(json_t *object, const char *key)
{
    json_t *child = json_object_get(object, key);

    if (child == NULL)
        json_object_set_new(object, key, json_object());
    else if (!json_is_object(child))
        return NULL;
    return json_object_get(object, key);
}

static gboolean
expand_member(VirtProbeRecord *location, const char *key, const json_t *value, json_t *target,
              guint depth)
{
    g_auto(GStrv) parts = g_strsplit(key, ".", VP_JSON_NAME_DEPTH_MAX + 1);
    guint last = g_strv_length(parts) - 1;
    json_t *expanded;

    if (depth + last >= VP_JSON_NAME_DEPTH_MAX)
        return fail_depth(location);
    for (guint i = 0; i < last && target != NULL; i++)
        target = enter(target, parts[i]);
    if (target == NULL)
        return fail_clash(location);
    if (json_is_object(value)) {
        target = enter(target, parts[last]);
        if (target == NULL)
            return fail_clash(location);
        return depth + last + 1 < VP_JSON_NAME_DEPTH_MAX
                   ? expand_members(location, value, target, depth + last + 1)
                   : fail_depth(location);
    }
    if (json_object_get(target, parts[last]) != NULL)
        return fail_clash(location);
    expanded = expand(location, value, depth + last + 1);
    return expanded != NULL && json_object_set_new(target, parts[last], expanded) == 0;
}

/* Takes the keys of an object apart into target, which may hold members already. */
static gboolean
expand_members(VirtProbeRecord *location, const json_t *object, json_t *target, guint depth)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *) object, key, value)
    {
        if (key[0] == '\0')
            return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "json: has an empty key");
        if (!expand_member(location, key, value, target, depth))
            return FALSE;
    }
    return TRUE;
}

/* TRUE for the keys 0 to n-1, in any order. */
static gboolean
object_is_list(const json_t *object)
{
    size_t count = json_object_size(object);
    char key[24];

    for (size_t i = 0; i < count; i++) {
        g_snprintf(key, sizeof key, "%" G_GSIZE_FORMAT, i);
        if (json_object_get(object, key) == NULL)
            return FALSE;
    }
    return count > 0;
}

static json_t *
list_from_object(const json_t *object)
{
    json_t *list = json_array();
    char key[24];

    for (size_t i = 0; i < json_object_size(object); i++) {
        g_snprintf(key, sizeof key, "%" G_GSIZE_FORMAT, i);
        json_array_append(list, json_object_get(object, key));
    }
    return list;
}

/* Makes lists of all objects below value that are lists in disguise. Its depth was bounded before. */
static void
make_lists(json_t *value)
{
    const char *key;
    json_t *child;
    size_t index;
    void *next;

    if (json_is_array(value)) {
        json_array_foreach(value, index, child)
        {
            make_lists(child);
            if (json_is_object(child) && object_is_list(child))
                json_array_set_new(value, index, list_from_object(child));
        }
        return;
    }
    json_object_foreach_safe(value, next, key, child)
    {
        make_lists(child);
        if (json_is_object(child) && object_is_list(child))
            json_object_set_new(value, key, list_from_object(child));
    }
}

json_t *
vp_json_normalise(VirtProbeRecord *location, const json_t *object)
{
    json_t *normal = expand(location, object, 0);

    if (normal != NULL)
        make_lists(normal);
    return normal;
}
