/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-values.c: options of the nodes of json: names. */
#include "storage/location/json.h"

#include "util/numbers.h"

#include <string.h>

gboolean
vp_node_fail(const VpNode *node, const char *key, const char *problem)
{
    if (node->driver == NULL)
        return vp_location_fail(node->location, VIRT_PROBE_ERROR_INVALID, "\"%s\" %s", key,
                                problem);
    return vp_location_fail(node->location, VIRT_PROBE_ERROR_INVALID, "\"%s\" of driver \"%s\" %s",
                            key, node->driver, problem);
}

gboolean
vp_node_has(const VpNode *node, const char *key)
{
    return json_object_get(node->object, key) != NULL;
}

gboolean
vp_node_get_text(const VpNode *node, const char *key, gboolean is_needed, const char **out_text)
{
    const json_t *value = json_object_get(node->object, key);

    if (value == NULL)
        return !is_needed || vp_node_fail(node, key, "is missing");
    if (!json_is_string(value))
        return vp_node_fail(node, key, "is no string");
    *out_text = json_string_value(value);
    return TRUE;
}

/* Digits and, for a size, one letter. */
static gboolean
number_parse(const char *text, gboolean is_size, guint64 *out_value)
{
    static const char units[] = "bkmgtpe";
    gsize digits = strspn(text, "0123456789");
    const char *unit = text[digits] != '\0' ? strchr(units, g_ascii_tolower(text[digits])) : units;
    g_autofree char *number = NULL;
    guint shift;

    if (unit == NULL || (text[digits] != '\0' && (!is_size || text[digits + 1] != '\0')))
        return FALSE;
    number = g_strndup(text, digits);
    shift = 10 * (guint) (unit - units);
    if (!vp_number_parse(number, 10, 0, G_MAXUINT64 >> shift, out_value))
        return FALSE;
    *out_value <<= shift;
    return TRUE;
}

gboolean
vp_node_get_number(const VpNode *node, const char *key, gboolean is_size, guint64 *out_value,
                   gboolean *out_is_there)
{
    const json_t *value = json_object_get(node->object, key);
    guint64 number;

    if (value == NULL)
        return TRUE;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        number = (guint64) json_integer_value(value);
    else if (!json_is_string(value) || !number_parse(json_string_value(value), is_size, &number))
        return vp_node_fail(node, key, "is no whole number");
    *out_value = number;
    if (out_is_there != NULL)
        *out_is_there = TRUE;
    return TRUE;
}
