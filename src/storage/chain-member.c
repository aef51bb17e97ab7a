/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-member.c: one member of a chain: opened and described, or the reason why not. */
#include "storage/chain-member.h"

#include "storage/chain-parent.h"
#include "storage/location.h"
#include "storage/remedy.h"
#include "util/numbers.h"

#include <string.h>

/* QEMU counts in these. */
#define VP_SECTOR_SIZE 512

/* Why a member is not described. */
typedef struct {
    const char *state;
    VpRuleId rule;
    GError *error; /* NULL: that is no failure */
} Refusal;

static void
refusal_clear(Refusal *refusal)
{
    g_clear_error(&refusal->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Refusal, refusal_clear)

void
vp_walk_free(VpWalk *walk)
{
    g_free(walk->path);
    g_free(walk);
}

static guint64
slice_number(const VirtProbeRecord *location, guint field, guint64 absent)
{
    const VpValue *value = vp_record_get(vp_record_get_record(location, VP_LOCATION_SLICE), field);

    return value != NULL ? value->number : absent;
}

/* Which image of the chain the file already is, counted from 0; -1: none. Sources without identity are never the
 * same. */
static gint
walk_find_visited(const VpWalk *walk, const VpIdentity *identity)
{
    for (guint i = 0; i < walk->n_visited && identity->inode != 0; i++) {
        const VpIdentity *seen = &walk->visited[i];

        if (seen->device == identity->device && seen->inode == identity->inode
            && seen->offset == identity->offset)
            return (gint) i;
    }
    return -1;
}

static VpIdentity
source_identity(const VpSource *source, guint64 offset)
{
    return (VpIdentity) { source->facts.device, source->facts.inode, offset };
}

static VpRuleId
open_error_rule(const VpOpener *opener, const GError *error)
{
    if (opener->is_outside)
        return VP_RULE_CHAIN_REFUSED;
    if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
        || g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR))
        return VP_RULE_CHAIN_MISSING;
    return VP_RULE_CHAIN_UNREADABLE;
}

/* The part of the file that holds the member. QEMU counts in whole sectors, also where a file ends within one, and
 * refuses a part that is not within the file. Takes over whole. */
static VpSource *
member_slice(VpSource *whole, const VirtProbeRecord *location, Refusal *refusal)
{
    guint64 offset = slice_number(location, VP_SLICE_OFFSET, 0);
    guint64 sectors_end = vp_divide_up(whole->size, VP_SECTOR_SIZE) * VP_SECTOR_SIZE;
    guint64 room = offset <= sectors_end ? sectors_end - offset : 0;
    guint64 size = slice_number(location, VP_SLICE_SIZE, room);

    if (offset <= sectors_end && size <= room
        && slice_number(location, VP_SLICE_NEEDED_SIZE, 0) <= sectors_end)
        return vp_source_slice_new(whole, offset, size);
    refusal->rule = VP_RULE_CHAIN_UNREADABLE;
    refusal->state = VP_STATE_UNREADABLE;
    g_set_error(&refusal->error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                "%" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT
                " are not within a file of %" G_GUINT64_FORMAT " bytes",
                size, offset, whole->size);
    vp_source_free(whole);
    return NULL;
}

/* QEMU takes nothing but a device for host_device: and host_cdrom:. */
static gboolean
member_check_device(const VpLink *link, const VpSource *source, Refusal *refusal)
{
    const char *kind = vp_record_get_text(link->location, VP_LOCATION_KIND);

    if (strcmp(kind, "block-device") != 0 || source->kind != VP_SOURCE_FILE)
        return TRUE;
    refusal->rule = VP_RULE_CHAIN_UNREADABLE;
    refusal->state = VP_STATE_UNREADABLE;
    g_set_error_literal(&refusal->error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                        "is no block device, as its name says");
    return FALSE;
}

/* The file, or the part of it, that the link leads to. */
static VpSource *
member_open(VpWalk *walk, const VpLink *link, Refusal *refusal)
{
    VpSource *source = walk->opener->open(walk->opener, link->path, FALSE, &refusal->error);

    if (source == NULL) {
        refusal->rule = open_error_rule(walk->opener, refusal->error);
        refusal->state =
            refusal->rule == VP_RULE_CHAIN_REFUSED ? VP_STATE_NOT_OPENED : VP_STATE_UNREADABLE;
        return NULL;
    }
    source->path = link->path;
    if (!member_check_device(link, source, refusal)) {
        vp_source_free(source);
        return NULL;
    }
    return vp_record_has(link->location, VP_LOCATION_SLICE)
               ? member_slice(source, link->location, refusal)
               : source;
}

/* FALSE when the file is a member already; else it is one now. */
static gboolean
member_visit(VpWalk *walk, const VpLink *link, const VpSource *source, Refusal *refusal)
{
    VpIdentity identity = source_identity(source, slice_number(link->location, VP_SLICE_OFFSET, 0));
    gint seen = walk_find_visited(walk, &identity);

    if (seen >= 0) {
        refusal->state = VP_STATE_NOT_OPENED;
        refusal->rule = VP_RULE_CHAIN_LOOP;
        g_set_error(&refusal->error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LOOP,
                    "comes back to image %d of the chain, where 0 is the top", seen);
        return FALSE;
    }
    if (vp_role_is_below(link->role)) {
        walk->visited[walk->n_visited++] = identity;
        g_free(walk->path);
        walk->path = g_strdup(link->path);
    }
    return TRUE;
}

/* What can be told before the file is looked at. */
static gboolean
member_may_open(const VpWalk *walk, const VpLink *link, Refusal *refusal)
{
    if (vp_role_is_below(link->role) && walk->n_visited == VP_CHAIN_IMAGES_MAX) {
        refusal->state = VP_STATE_NOT_OPENED;
        refusal->rule = VP_RULE_CHAIN_DEPTH;
        g_set_error(&refusal->error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                    "not opened, because the chain is deeper than %u images", VP_CHAIN_IMAGES_MAX);
        return FALSE;
    }
    if (walk->output > VP_CHAIN_OUTPUT_MAX) {
        refusal->state = VP_STATE_NOT_OPENED;
        refusal->rule = VP_RULE_LIMIT;
        g_set_error(&refusal->error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                    "not opened, because the images above take more than %u MiB to print",
                    VP_CHAIN_OUTPUT_MAX >> 20);
        return FALSE;
    }
    if (vp_link_check_kind(link, &refusal->rule, &refusal->error))
        return TRUE;
    refusal->state = refusal->error != NULL ? VP_STATE_UNREADABLE : VP_STATE_NOT_OPENED;
    return FALSE;
}

/* An image that is named by a json: description stands all the same in a directory, which QEMU knows too. */
static void
member_resolve_backing(VirtProbeRecord *image, const VpLink *link)
{
    const char *backing = vp_record_get_text(image, VP_IMAGE_BACKING_FILENAME);
    g_autofree char *full_name = NULL;

    if (backing == NULL || vp_record_has(image, VP_IMAGE_FULL_BACKING_FILENAME))
        return;
    full_name = vp_name_resolve(link->path, backing);
    if (full_name != NULL)
        vp_record_set_string(image, VP_IMAGE_FULL_BACKING_FILENAME, full_name);
}

static void
member_judge_name(VirtProbeRecord *image, const VpLink *link)
{
    if (link->depends_on_directory)
        vp_image_find(image, VP_RULE_NAME_DIRECTORY,
                      "QEMU takes its name from the current directory, libvirt from the image's");
}

static void
member_refuse(VpWalk *walk, VirtProbeRecord *image, const VpLink *link, const Refusal *refusal)
{
    VirtProbeRecord *extra = vp_image_begin(image, link->name);
    g_autofree char *remedy = NULL;

    if (refusal->error == NULL) {
        vp_record_set_constant(extra, VP_PROBE_STATE, refusal->state);
        vp_image_find(image, refusal->rule, "the %s is not a file that is opened", link->role);
        return;
    }
    vp_image_find(image, refusal->rule, "%s", refusal->error->message);
    vp_image_set_error(image, refusal->state, refusal->error);
    member_judge_name(image, link);
    remedy = vp_remedy_new(link, refusal->rule, walk->opener);
    if (remedy != NULL)
        vp_record_set_string(vp_record_get_record(extra, VP_PROBE_ERROR), VP_ERROR_REMEDY, remedy);
}

/* Describes the member into an empty record IMAGE. FALSE: it is not opened, and refusal says why. */
static gboolean
member_describe(VpWalk *walk, const VpLink *link, VirtProbeRecord *image, Refusal *refusal)
{
    g_autoptr(VpSource) source = NULL;
    const VpFormat *format = NULL;
    const char *format_source = NULL;

    if (!member_may_open(walk, link, refusal))
        return FALSE;
    if (!vp_link_find_format(link, walk->flags, &format, &format_source, &refusal->rule,
                             &refusal->error)) {
        refusal->state = VP_STATE_NOT_OPENED;
        return FALSE;
    }
    source = member_open(walk, link, refusal);
    if (source == NULL || !member_visit(walk, link, source, refusal))
        return FALSE;
    vp_image_describe(image, source, link->name, format, format_source,
                      strcmp(link->role, VP_ROLE_EXTENT) == 0 ? walk->flags | VP_DESCRIBE_EXTENT
                                                              : walk->flags);
    walk->output += image->tree->output_size;
    member_resolve_backing(image, link);
    member_judge_name(image, link);
    return TRUE;
}

/* Says when the member is shorter than the disk that its owner shows. */
static void
member_compare_size(VirtProbeRecord *image, const VirtProbeRecord *owner, VpRuleId rule)
{
    const VpValue *size = vp_record_get(image, VP_IMAGE_VIRTUAL_SIZE);
    const VpValue *wanted = vp_record_get(owner, VP_IMAGE_VIRTUAL_SIZE);

    if (size != NULL && wanted != NULL && size->number < wanted->number)
        vp_image_find(image, rule,
                      "it has %" G_GUINT64_FORMAT
                      " bytes, the image above it has %" G_GUINT64_FORMAT,
                      size->number, wanted->number);
}

/* libvirt's rule for formats that are guessed: a guess must not open one more file. */
static gboolean
guess_is_safe(const VpWalk *walk, const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);

    return (walk->flags & VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE) == 0
           || g_strcmp0(vp_record_get_text(extra, VP_PROBE_FORMAT_SOURCE), VP_FORMAT_RECOGNISED)
                  != 0;
}

/* By its bytes, or by the json: name that led to it. */
static gboolean
member_names_backing(const VirtProbeRecord *image, const VpLink *link)
{
    return vp_image_find_reference(image, VP_ROLE_BACKING) != NULL
           || vp_record_has(link->location, VP_LOCATION_BACKING);
}

VirtProbeRecord *
vp_member_describe_top(VpWalk *walk, const char *path, const VpFormat *declared)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VpSource) source = walk->opener->open(walk->opener, path, TRUE, &error);
    VirtProbeRecord *image = vp_image_new(path, walk->flags);

    if (source == NULL) {
        if (walk->opener->is_outside)
            vp_image_find(image, VP_RULE_CHAIN_REFUSED, "%s", error->message);
        vp_image_set_error(
            image, walk->opener->is_outside ? VP_STATE_NOT_OPENED : VP_STATE_UNREADABLE, error);
        return image;
    }
    walk->visited[walk->n_visited++] = source_identity(source, 0);
    walk->path = g_strdup(path);
    vp_image_describe(image, source, path, declared,
                      declared != NULL ? VP_FORMAT_DECLARED : VP_FORMAT_RECOGNISED, walk->flags);
    vp_parent_search(image, walk->opener, walk->path);
    return image;
}

VirtProbeRecord *
vp_member_describe_backing(VpWalk *walk, const VirtProbeRecord *owner, const VpLink *link,
                           gboolean *out_is_end)
{
    g_autoptr(VirtProbeRecord) image = vp_image_new(link->name, walk->flags);
    g_auto(Refusal) refusal = { 0 };

    if (member_describe(walk, link, image, &refusal)) {
        *out_is_end = FALSE;
        if (guess_is_safe(walk, image) || !member_names_backing(image, link)) {
            member_compare_size(image, owner, VP_RULE_BACKING_SMALLER);
            vp_parent_judge(image, owner, link->role);
            vp_parent_search(image, walk->opener, walk->path);
            return g_steal_pointer(&image);
        }
        g_clear_pointer(&image, virt_probe_record_unref);
        image = vp_image_new(link->name, walk->flags);
        refusal.state = VP_STATE_NOT_OPENED;
        refusal.rule = VP_RULE_BACKING_FORMAT_MISSING;
        g_set_error_literal(&refusal.error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "its format is not recorded, and by its bytes it names a backing file");
    }
    *out_is_end = TRUE;
    member_refuse(walk, image, link, &refusal);
    return g_steal_pointer(&image);
}

VirtProbeRecord *
vp_member_new_unfound(VpWalk *walk, const VirtProbeRecord *owner)
{
    g_autofree char *identity = g_strdup(vp_parent_unfound(owner));
    gboolean may_search = walk->opener->list != NULL;
    const VpLink link = { .role = VP_ROLE_PARENT, .name = identity };
    g_auto(Refusal) refusal = {
        .state = may_search ? VP_STATE_UNREADABLE : VP_STATE_NOT_OPENED,
        .rule = may_search ? VP_RULE_CHAIN_MISSING : VP_RULE_CHAIN_REFUSED,
    };
    VirtProbeRecord *image;

    if (identity == NULL)
        return NULL;
    if (may_search)
        g_set_error_literal(&refusal.error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                            "no file beside the image above it has this identity");
    else
        g_set_error_literal(&refusal.error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "not looked for, because no name in an image is to be followed");
    image = vp_image_new(identity, walk->flags);
    member_refuse(walk, image, &link, &refusal);
    return image;
}

/* Describes a file that the owner needs beside the chain. Gives its record; NULL when it could not be described. */
static VirtProbeRecord *
side_describe(VpWalk *walk, VirtProbeRecord *owner, const VpLink *link)
{
    g_auto(Refusal) refusal = { 0 };
    VirtProbeRecord *child =
        vp_record_append(vp_record_get_record(owner, VP_IMAGE_VIRT_PROBE), VP_PROBE_SIDE_MEMBERS);
    VirtProbeRecord *image;

    vp_record_set_constant(child, VP_CHILD_NAME, link->role);
    image = vp_record_set_record(child, VP_CHILD_INFO, VP_RECORD_IMAGE);
    if (image == NULL)
        return NULL;
    /* Who opened the top chose to have it recognised. */
    if (walk->n_visited > 1 && !guess_is_safe(walk, owner)) {
        refusal.state = VP_STATE_NOT_OPENED;
        refusal.rule = VP_RULE_CHAIN_REFUSED;
        g_set_error_literal(&refusal.error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "not opened, because the format of its image is a guess");
    } else if (member_describe(walk, link, image, &refusal)) {
        return image;
    }
    member_refuse(walk, image, link, &refusal);
    return NULL;
}

static void
describe_data_file(VpWalk *walk, VirtProbeRecord *owner, const VirtProbeRecord *via)
{
    g_auto(VpLink) link = { 0 };
    VirtProbeRecord *image;

    if (!vp_link_init(&link, owner, walk->path, via, VP_ROLE_DATA_FILE))
        return;
    image = side_describe(walk, owner, &link);
    if (image != NULL)
        member_compare_size(image, owner, VP_RULE_DATA_FILE_SMALLER);
}

/* Says when the file is not of the kind that its owner takes it for. */
static void
extent_judge(VirtProbeRecord *image, const VirtProbeRecord *reference)
{
    VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    const char *wanted = vp_record_get_text(reference, VP_REFERENCE_EXTENT_KIND);
    const char *found = vp_record_get_text(extra, VP_PROBE_EXTENT_KIND);
    g_autoptr(GError) error = NULL;

    if (wanted == NULL || g_strcmp0(wanted, found) == 0)
        return;
    g_set_error(&error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                "its descriptor takes it for a %s extent, which it is not", wanted);
    vp_image_find(image, VP_RULE_EXTENT_MISMATCH, "%s", error->message);
    if (!vp_record_has(extra, VP_PROBE_ERROR))
        vp_image_set_error(image, VP_STATE_PARTIAL, error);
}

static void
describe_extents(VpWalk *walk, VirtProbeRecord *owner)
{
    const VirtProbeRecord *reference;

    for (guint i = 0; (reference = vp_image_nth_reference(owner, VP_ROLE_EXTENT, i)) != NULL; i++) {
        g_auto(VpLink) link = { 0 };
        VirtProbeRecord *image;

        if (i == VP_CHAIN_EXTENTS_MAX) {
            vp_image_find(owner, VP_RULE_TOO_MANY, "only the first %u extents are opened",
                          VP_CHAIN_EXTENTS_MAX);
            return;
        }
        vp_link_init_extent(&link, reference, walk->path);
        image = side_describe(walk, owner, &link);
        if (image != NULL)
            extent_judge(image, reference);
    }
}

void
vp_member_describe_sides(VpWalk *walk, VirtProbeRecord *owner, const VirtProbeRecord *via)
{
    describe_data_file(walk, owner, via);
    describe_extents(walk, owner);
}
