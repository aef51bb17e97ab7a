/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-link.c: a name in an image, on the way to the member of the chain that it means. */
#include "storage/chain-link.h"

#include "storage/chain-parent.h"
#include "storage/location.h"
#include "storage/registry.h"
#include "util/error.h"
#include "util/text.h"

#include <string.h>

/* What a json: name, by which the owner itself was opened, puts in place of the owner's own reference. */
static const VirtProbeRecord *
location_override(const VirtProbeRecord *via, const char *role)
{
    return vp_record_get_record(via, strcmp(role, VP_ROLE_BACKING) == 0 ? VP_LOCATION_BACKING
                                                                        : VP_LOCATION_DATA_FILE);
}

/* Whether the outermost driver of a json: name is a format, and not what reaches the bytes. */
static gboolean
outermost_is_format(const VirtProbeRecord *location)
{
    const VpValue *drivers = vp_record_get(location, VP_LOCATION_DRIVERS);
    const char *format = vp_record_get_text(location, VP_LOCATION_FORMAT);

    return format != NULL && strcmp(format, ((const VpText *) drivers->list->items[0])->bytes) == 0;
}

/* Whether the owner can have a file of that role; a qcow2 image takes another data file only in place of its own. */
static gboolean
owner_takes(const VirtProbeRecord *owner, const char *role)
{
    const char *name = vp_record_get_text(owner, VP_IMAGE_FORMAT);
    const VpFormat *format = name != NULL ? vp_registry_find(name) : NULL;

    if (strcmp(role, VP_ROLE_BACKING) == 0)
        return format != NULL && (format->flags & VP_FORMAT_BACKING) != 0;
    return vp_image_find_reference(owner, role) != NULL;
}

/* Whether the location says no more than a path, so that QEMU shows the path instead of the whole name. */
static gboolean
location_is_plain_file(const VirtProbeRecord *location)
{
    const VpValue *drivers = vp_record_get(location, VP_LOCATION_DRIVERS);
    const char *kind = vp_record_get_text(location, VP_LOCATION_KIND);
    guint count = drivers != NULL ? drivers->list->count : 0;

    if (g_strcmp0(kind, "file") != 0 && g_strcmp0(kind, "block-device") != 0)
        return FALSE;
    return !vp_record_has(location, VP_LOCATION_SLICE)
           && (count <= 1 || (count == 2 && outermost_is_format(location)));
}

/* What the link's member is called, as QEMU does. A location within a json: name has no text of its own, so its path
 * stands for it, or what is asked of which server. (transfer full) */
static char *
link_name(const VpLink *link)
{
    const char *path = vp_record_get_text(link->location, VP_LOCATION_PATH);
    const char *protocol = vp_record_get_text(link->location, VP_LOCATION_PROTOCOL);
    const char *name = vp_record_get_text(link->location, VP_LOCATION_NAME);

    if (link->path != NULL
        && (location_is_plain_file(link->location) || strcmp(link->role, VP_ROLE_PARENT) == 0))
        return g_strdup(link->path);
    if (link->recorded_name != NULL)
        return g_strdup(link->recorded_name);
    if (path != NULL)
        return g_strdup(path);
    return protocol != NULL ? g_strdup_printf("%s:%s", protocol, name != NULL ? name : "")
                            : g_strdup("json:");
}

/* The format that a link to a backing file states besides its location; NULL: none. What a json: name puts in its place
 * is judged by the record as well, unless it says its own driver. */
static const char *
recorded_format(const VpLink *link, const VirtProbeRecord *owner)
{
    /* Formats that know their parents by identity have parents of their own kind. */
    if (strcmp(link->role, VP_ROLE_PARENT) == 0)
        return vp_record_get_text(owner, VP_IMAGE_FORMAT);
    if (strcmp(link->role, VP_ROLE_BACKING) != 0
        || (link->is_override && vp_record_has(link->location, VP_LOCATION_FORMAT)))
        return NULL;
    return vp_record_get_text(owner, VP_IMAGE_BACKING_FILENAME_FORMAT);
}

/* The path to open, and whether what it means depends on who looks. */
static void
link_resolve(VpLink *link, const char *owner_path)
{
    const char *path = vp_record_get_text(link->location, VP_LOCATION_PATH);
    const char *text = vp_record_get_text(link->location, VP_LOCATION_TEXT);
    gboolean is_backing = strcmp(link->role, VP_ROLE_BACKING) == 0;
    /* The name of a data file is a path, whatever it looks like. */
    gboolean is_literal = !is_backing && !link->is_override;
    gboolean is_written_plain =
        is_literal || (text != NULL && vp_name_kind(text) == VP_NAME_RELATIVE);
    g_autofree char *beside = NULL;

    if (path == NULL || !vp_record_has(link->location, VP_LOCATION_KIND))
        return;
    if (strcmp(link->role, VP_ROLE_PARENT) == 0) {
        link->path = vp_parent_path(owner_path, path);
        return;
    }
    if (path[0] == '/') {
        link->path = g_strdup(path);
        return;
    }
    beside = is_literal ? vp_name_beside(owner_path, path) : vp_name_resolve(owner_path, path);
    /* QEMU takes a relative path of a json: or file: name, and every relative name of a data file, from the
     * current directory; libvirt always looks beside the image. */
    link->depends_on_directory = (!is_written_plain || !is_backing) && g_strcmp0(beside, path) != 0;
    if (is_written_plain)
        link->path = g_steal_pointer(&beside);
    else /* As QEMU does, so that a colon in it makes no protocol. */
        link->path = g_strconcat(vp_name_kind(path) > VP_NAME_ABSOLUTE ? "./" : "", path, NULL);
}

gboolean
vp_link_init(VpLink *link, const VirtProbeRecord *owner, const char *owner_path,
             const VirtProbeRecord *via, const char *role)
{
    gboolean is_backing = strcmp(role, VP_ROLE_BACKING) == 0;
    const VirtProbeRecord *reference = vp_image_find_reference(owner, role);

    *link = (VpLink) {
        .role = role,
        .location = location_override(via, role),
        .is_owner_slice = vp_record_has(via, VP_LOCATION_SLICE),
    };
    if (is_backing && reference == NULL && link->location == NULL) {
        reference = vp_image_find_reference(owner, VP_ROLE_PARENT);
        link->role = reference != NULL ? VP_ROLE_PARENT : role;
    }
    link->is_override = link->location != NULL;
    link->is_not_allowed = link->is_override && !owner_takes(owner, role);
    if (link->location == NULL) {
        if (reference == NULL || (is_backing && vp_record_has(via, VP_LOCATION_NO_BACKING)))
            return FALSE;
        link->location = vp_record_get_record(reference, VP_REFERENCE_LOCATION);
    }
    link->owner_path = g_strdup(owner_path);
    link->recorded_format = recorded_format(link, owner);
    link->recorded_name = vp_record_get_text(link->location, VP_LOCATION_TEXT);
    link_resolve(link, owner_path);
    link->name = link_name(link);
    return TRUE;
}

void
vp_link_init_extent(VpLink *link, const VirtProbeRecord *reference, const char *owner_path)
{
    *link = (VpLink) {
        .role = VP_ROLE_EXTENT,
        .location = vp_record_get_record(reference, VP_REFERENCE_LOCATION),
        .recorded_format = vp_record_get_text(reference, VP_REFERENCE_FORMAT),
        .owner_path = g_strdup(owner_path),
    };
    link->recorded_name = vp_record_get_text(link->location, VP_LOCATION_TEXT);
    link_resolve(link, owner_path);
    /* QEMU and VMware look beside the descriptor. */
    link->depends_on_directory = FALSE;
    link->name = link_name(link);
}

void
vp_link_clear(VpLink *link)
{
    g_free(link->owner_path);
    g_free(link->name);
    g_free(link->path);
}

/* QEMU knows drivers by their exact names only, and not every format here is one of them. */
static const VpFormat *
format_find_exact(const char *name)
{
    const VpFormat *format = vp_registry_find(name);

    if (format == NULL || strcmp(format->name, name) != 0)
        return NULL;
    return format->layer == VP_LAYER_FALLBACK || format->qemu_probe != VP_QEMU_NEVER ? format
                                                                                     : NULL;
}

/* The name of the format, wherever it is written. */
static const char *
link_format_name(const VpLink *link)
{
    /* Never a guess: what holds guest data may begin like anything. */
    if (strcmp(link->role, VP_ROLE_DATA_FILE) == 0
        || (strcmp(link->role, VP_ROLE_EXTENT) == 0 && link->recorded_format == NULL))
        return "raw";
    if (link->recorded_format != NULL && link->recorded_format[0] != '\0')
        return link->recorded_format;
    return vp_record_get_text(link->location, VP_LOCATION_FORMAT);
}

gboolean
vp_link_find_format(const VpLink *link, VirtProbeDescribeFlags flags, const VpFormat **out_format,
                    const char **out_source, VpRuleId *out_rule, GError **error)
{
    const char *name = link_format_name(link);
    const VpFormat *format = name != NULL ? format_find_exact(name) : NULL;
    g_autofree char *shown = NULL;

    if (name == NULL
        && (flags
            & (VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING | VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE))
               == 0) {
        *out_rule = VP_RULE_BACKING_FORMAT_MISSING;
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "not opened, because its format is not recorded");
        return FALSE;
    }
    if (name == NULL || format != NULL) {
        *out_format = format;
        *out_source = format != NULL ? VP_FORMAT_RECORDED : VP_FORMAT_RECOGNISED;
        return TRUE;
    }
    shown = vp_text_escape(name, strlen(name));
    *out_rule = VP_RULE_BACKING_FORMAT_UNKNOWN;
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED,
                "not opened, because '%s', the recorded format, is none that is described here",
                shown);
    return FALSE;
}

/* QEMU puts the recorded format in the place of the outermost driver, and takes its options and files for that format's.
 * That is harmless between formats as long as there is nothing but the file below. */
static gboolean
link_contradicts(const VpLink *link)
{
    const VpValue *drivers = vp_record_get(link->location, VP_LOCATION_DRIVERS);

    static const guint more[] = { VP_LOCATION_SLICE, VP_LOCATION_BACKING, VP_LOCATION_NO_BACKING,
                                  VP_LOCATION_DATA_FILE };

    if (link->recorded_format == NULL || link->recorded_format[0] == '\0' || drivers == NULL
        || !vp_record_has(link->location, VP_LOCATION_FORMAT)
        || strcmp(link->recorded_format, ((const VpText *) drivers->list->items[0])->bytes) == 0)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(more); i++) {
        if (vp_record_has(link->location, more[i]))
            return TRUE;
    }
    return !outermost_is_format(link->location);
}

gboolean
vp_link_check_kind(const VpLink *link, VpRuleId *out_rule, GError **error)
{
    const VirtProbeRecord *failure = vp_record_get_record(link->location, VP_LOCATION_ERROR);
    const char *kind = vp_record_get_text(link->location, VP_LOCATION_KIND);

    if (link->is_not_allowed) {
        *out_rule = VP_RULE_CHAIN_UNREADABLE;
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                    "a json: name gives a %s file to an image that cannot have one",
                    vp_role_is_below(link->role) ? "backing" : "data");
        return FALSE;
    }
    if (link_contradicts(link)) {
        *out_rule = VP_RULE_CHAIN_UNREADABLE;
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                            "the recorded format is another one than the driver of the json: name");
        return FALSE;
    }
    if (failure != NULL || kind == NULL) {
        *out_rule = VP_RULE_CHAIN_UNREADABLE;
        if (failure != NULL)
            vp_error_set_named(error, vp_record_get_text(failure, VP_ERROR_CODE),
                               vp_record_get_text(failure, VP_ERROR_MESSAGE));
        else
            g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                                "its name was not looked at, because memory was spent");
        return FALSE;
    }
    if (strcmp(kind, "file") != 0 && strcmp(kind, "block-device") != 0) {
        *out_rule = VP_RULE_CHAIN_NOT_OPENED;
        return FALSE;
    }
    if (link->path != NULL)
        return TRUE;
    *out_rule = VP_RULE_CHAIN_UNREADABLE;
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                        "its directory cannot be told, because its overlay has no plain name");
    return FALSE;
}
