/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain.c: following the names in images from the top down, and the record that sums up the members. */
#include "storage/chain.h"

#include "storage/chain-member.h"
#include "util/error.h"
#include "virtprobe/location.h"

#include <string.h>

/* What the summary says of a member's place. */
typedef struct {
    const char *role;
    const char *recorded_name; /* NULL when no image holds it */
    guint owner;
    gboolean has_owner; /* FALSE at the top */
    gboolean replaces_data_file;
} Place;

static void
summary_add_error(VirtProbeRecord *member, const VirtProbeRecord *error)
{
    VirtProbeRecord *copy;

    if (error == NULL)
        return;
    copy = vp_record_set_record(member, VP_MEMBER_ERROR, VP_RECORD_ERROR);
    for (guint i = 0; i < VP_ERROR_FIELD_COUNT; i++)
        vp_record_copy_text(copy, i, error, i);
}

static gboolean
texts_contain(const VpValue *texts, const char *wanted)
{
    for (guint i = 0; texts != NULL && i < texts->list->count; i++) {
        const VpText *text = texts->list->items[i];

        if (strcmp(text->bytes, wanted) == 0)
            return TRUE;
    }
    return FALSE;
}

static void
summary_add_rules(VirtProbeRecord *member, const VirtProbeRecord *extra)
{
    const VpValue *findings = vp_record_get(extra, VP_PROBE_FINDINGS);

    for (guint i = 0; findings != NULL && i < findings->list->count; i++) {
        const VirtProbeRecord *finding = findings->list->items[i];
        const char *rule = vp_record_get_text(finding, VP_FINDING_RULE);
        const char *severity = vp_record_get_text(finding, VP_FINDING_SEVERITY);

        if (rule == NULL || severity == NULL || strcmp(severity, "info") == 0)
            continue;
        if (!texts_contain(vp_record_get(member, VP_MEMBER_RULES), rule))
            vp_record_append_text(member, VP_MEMBER_RULES, rule, strlen(rule));
    }
}

/* Writes what people want to see of a member at a glance. */
static void
summary_fill(VirtProbeRecord *member, const VirtProbeRecord *image, const Place *place)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);

    vp_record_set_constant(member, VP_MEMBER_ROLE, place->role);
    if (place->has_owner)
        vp_record_set_uint(member, VP_MEMBER_OWNER, place->owner);
    if (place->recorded_name != NULL)
        vp_record_set_string(member, VP_MEMBER_RECORDED_NAME, place->recorded_name);
    vp_record_copy_text(member, VP_MEMBER_FILENAME, image, VP_IMAGE_FILENAME);
    vp_record_copy_text(member, VP_MEMBER_FORMAT, image, VP_IMAGE_FORMAT);
    vp_record_copy_text(member, VP_MEMBER_FORMAT_SOURCE, extra, VP_PROBE_FORMAT_SOURCE);
    vp_record_copy_number(member, VP_MEMBER_VIRTUAL_SIZE, image, VP_IMAGE_VIRTUAL_SIZE);
    vp_record_copy_number(member, VP_MEMBER_ACTUAL_SIZE, image, VP_IMAGE_ACTUAL_SIZE);
    vp_record_copy_text(member, VP_MEMBER_STATE, extra, VP_PROBE_STATE);
    summary_add_error(member, vp_record_get_record(extra, VP_PROBE_ERROR));
    summary_add_rules(member, extra);
}

/* Adds a member as a whole or, once memory is spent, not at all. */
static void
summary_add(VirtProbeRecord *chain, const VirtProbeRecord *image, const Place *place)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    VirtProbeRecord *member = NULL;

    if (vp_record_has(extra, VP_PROBE_ERROR))
        vp_record_set_constant(chain, VP_CHAIN_STATE, VP_STATE_PARTIAL);
    if (!chain->tree->is_out_of_memory)
        member = vp_record_append(chain, VP_CHAIN_MEMBERS);
    if (member == NULL)
        return;
    summary_fill(member, image, place);
    if (chain->tree->is_out_of_memory)
        vp_record_remove_last(chain, VP_CHAIN_MEMBERS);
}

static guint
summary_length(const VirtProbeRecord *chain)
{
    const VpValue *members = vp_record_get(chain, VP_CHAIN_MEMBERS);

    return members != NULL ? members->list->count : 0;
}

/* Sums up an image with its side members, and shows it to the caller. FALSE: the caller stops. */
static gboolean
image_deliver(VirtProbeRecord *chain, VirtProbeRecord *image, const Place *place,
              VirtProbeMemberFunc func, gpointer user_data, GError **error)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    const VpValue *sides = vp_record_get(extra, VP_PROBE_SIDE_MEMBERS);
    Place side = { .owner = summary_length(chain), .has_owner = TRUE };
    guint n_extents = 0;

    summary_add(chain, image, place);
    for (guint i = 0; sides != NULL && i < sides->list->count; i++) {
        const VirtProbeRecord *child = sides->list->items[i];
        const VirtProbeRecord *reference;

        side.role = vp_record_get_text(child, VP_CHILD_NAME);
        reference = strcmp(side.role, VP_ROLE_EXTENT) == 0
                        ? vp_image_nth_reference(image, side.role, n_extents++)
                        : vp_image_find_reference(image, side.role);
        side.recorded_name = vp_record_get_text(
            vp_record_get_record(reference, VP_REFERENCE_LOCATION), VP_LOCATION_TEXT);
        /* A json: name above put another file in its place. */
        if (place->replaces_data_file)
            side.recorded_name =
                vp_record_get_text(vp_record_get_record(child, VP_CHILD_INFO), VP_IMAGE_FILENAME);
        summary_add(chain, vp_record_get_record(child, VP_CHILD_INFO), &side);
    }
    if (func == NULL || func(image, user_data))
        return TRUE;
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED,
                        "stopped before the end of the chain");
    return FALSE;
}

static VirtProbeRecord *
chain_new(const char *path)
{
    VirtProbeRecord *chain = vp_tree_new(VP_RECORD_CHAIN, FALSE);

    vp_record_set_string(chain, VP_CHAIN_FILENAME, path);
    vp_record_set_uint(chain, VP_CHAIN_SCHEMA, 1);
    vp_record_set_constant(chain, VP_CHAIN_STATE, VP_STATE_OK);
    return chain;
}

/* The state when all members are known. */
static void
chain_finish(VirtProbeRecord *chain)
{
    const VpValue *members = vp_record_get(chain, VP_CHAIN_MEMBERS);
    VirtProbeRecord *error;

    if (members != NULL && members->list->count > 0
        && !vp_state_is_described(vp_record_get_text(members->list->items[0], VP_MEMBER_STATE)))
        vp_record_set_constant(chain, VP_CHAIN_STATE, VP_STATE_UNREADABLE);
    if (!chain->tree->is_out_of_memory)
        return;
    vp_tree_open_reserve(chain);
    vp_record_set_constant(chain, VP_CHAIN_STATE, VP_STATE_PARTIAL);
    error = vp_record_set_record(chain, VP_CHAIN_ERROR, VP_RECORD_ERROR);
    vp_record_set_constant(error, VP_ERROR_CODE, vp_error_code_name(VIRT_PROBE_ERROR_LIMIT));
    vp_record_set_constant(error, VP_ERROR_MESSAGE,
                           "the names of the members need more memory than is allowed");
}

static gboolean
image_is_described(const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);

    return vp_state_is_described(vp_record_get_text(extra, VP_PROBE_STATE));
}

/* Keeps location, and with it the image whose name it is, in place of the one in *kept. */
static void
location_replace(VirtProbeRecord **kept, const VirtProbeRecord *location)
{
    VirtProbeRecord *old = *kept;

    *kept = virt_probe_record_ref((VirtProbeRecord *) location);
    virt_probe_record_unref(old);
}

/* Shows what an image stands on that names nothing, when that was not found. FALSE: the caller stops. */
static gboolean
unfound_deliver(VpWalk *walk, VirtProbeRecord *chain, const VirtProbeRecord *owner,
                guint owner_index, VirtProbeMemberFunc func, gpointer user_data, GError **error)
{
    g_autoptr(VirtProbeRecord) image = vp_member_new_unfound(walk, owner);

    return image == NULL
           || image_deliver(chain, image, &(Place) { VP_ROLE_PARENT, NULL, owner_index, TRUE },
                            func, user_data, error);
}

/* Follows the backing files below the top, which is shown already. Takes over top. */
static gboolean
walk_down(VpWalk *walk, VirtProbeRecord *chain, VirtProbeRecord *top, VirtProbeMemberFunc func,
          gpointer user_data, GError **error)
{
    g_autoptr(VirtProbeRecord) owner = top;
    /* What led to owner; it may lie deep in a json: name of an image far above, so it is counted by itself. */
    g_autoptr(VirtProbeRecord) via = NULL;
    guint owner_index = 0;
    gboolean is_end = !image_is_described(top);

    while (!is_end) {
        g_autoptr(VirtProbeRecord) image = NULL;
        g_auto(VpLink) link = { 0 };
        guint index = summary_length(chain);

        if (!vp_link_init(&link, owner, walk->path, via, VP_ROLE_BACKING))
            return vp_record_has(via, VP_LOCATION_NO_BACKING)
                   || unfound_deliver(walk, chain, owner, owner_index, func, user_data, error);
        image = vp_member_describe_backing(walk, owner, &link, &is_end);
        if (!is_end)
            vp_member_describe_sides(walk, image, link.location);
        if (!image_deliver(chain, image,
                           &(Place) { link.role, link.recorded_name, owner_index, TRUE,
                                      vp_record_has(link.location, VP_LOCATION_DATA_FILE) },
                           func, user_data, error))
            return FALSE;
        location_replace(&via, link.location);
        owner_index = index;
        g_clear_pointer(&owner, virt_probe_record_unref);
        owner = g_steal_pointer(&image);
    }
    return TRUE;
}

VirtProbeRecord *
vp_chain_open(VpOpener *opener, const char *path, const VpFormat *declared,
              VirtProbeDescribeFlags flags, VirtProbeMemberFunc func, gpointer user_data,
              GError **error)
{
    g_autoptr(VpWalk) walk = g_new0(VpWalk, 1);
    g_autoptr(VirtProbeRecord) chain = chain_new(path);
    g_autoptr(VirtProbeRecord) top = NULL;

    walk->opener = opener;
    walk->flags = flags;
    top = vp_member_describe_top(walk, path, declared);
    if (image_is_described(top))
        vp_member_describe_sides(walk, top, NULL);
    if (!image_deliver(chain, top, &(Place) { "image", NULL, 0 }, func, user_data, error)
        || !walk_down(walk, chain, g_steal_pointer(&top), func, user_data, error))
        return NULL;
    chain_finish(chain);
    return g_steal_pointer(&chain);
}

VirtProbeRecord *
virt_probe_chain_open(const char *path, const char *format, VirtProbeDescribeFlags flags,
                      VirtProbeFollow follow, const char *directory, VirtProbeMemberFunc func,
                      gpointer user_data, GError **error)
{
    g_auto(VpFileOpener) opener = { .directory = -1 };
    const VpFormat *declared;

    g_return_val_if_fail(path != NULL, NULL);
    g_return_val_if_fail((follow == VIRT_PROBE_FOLLOW_BENEATH) == (directory != NULL), NULL);

    if (!vp_find_declared(format, flags, &declared, error)
        || !vp_file_opener_init(&opener, follow, path, directory, error))
        return NULL;
    return vp_chain_open(&opener.parent, path, declared, flags, func, user_data, error);
}

VirtProbeRecord *
virt_probe_chain_new_unreadable(const char *path, const GError *error)
{
    g_autoptr(VirtProbeRecord) image = NULL;
    VirtProbeRecord *chain;

    g_return_val_if_fail(path != NULL && error != NULL, NULL);

    image = virt_probe_image_new_unreadable(path, error);
    chain = chain_new(path);
    summary_add(chain, image, &(Place) { "image", NULL, 0 });
    chain_finish(chain);
    return chain;
}

gboolean
virt_probe_chain_verify(const VirtProbeRecord *chain, GError **error)
{
    g_autofree char *name = NULL;
    g_autofree char *message = NULL;
    const VirtProbeRecord *failure;
    const VirtProbeRecord *failed = chain;
    const VpValue *members;

    g_return_val_if_fail(chain != NULL && chain->type == vp_record_type(VP_RECORD_CHAIN), FALSE);

    members = vp_record_get(chain, VP_CHAIN_MEMBERS);
    failure = vp_record_get_record(chain, VP_CHAIN_ERROR);
    for (guint i = 0; members != NULL && i < members->list->count && failure == NULL; i++) {
        failed = members->list->items[i];
        failure = vp_record_get_record(failed, VP_MEMBER_ERROR);
    }
    if (failure == NULL)
        return TRUE;
    name = virt_probe_name_mask(
        vp_record_get_text(failed, failed == chain ? VP_CHAIN_FILENAME : VP_MEMBER_FILENAME));
    message = g_strdup_printf("%s: %s", name, vp_record_get_text(failure, VP_ERROR_MESSAGE));
    vp_error_set_named(error, vp_record_get_text(failure, VP_ERROR_CODE), message);
    return FALSE;
}
