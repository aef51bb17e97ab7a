/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-parent.c: images that know the one that they stand on by its identity, and have names only as hints. */
#include "storage/chain-parent.h"

#include "storage/describe-source.h"
#include "storage/location.h"
#include "storage/probe.h"
#include "storage/registry.h"

#include <string.h>

/* Files beside an image whose header is read for it. */
#define PARENTS_TRIED_MAX 256

/* The last component of a path, of this system or of Windows. */
static const char *
last_component(const char *path)
{
    const char *base = path;

    for (const char *pos = path; *pos != '\0'; pos++) {
        if (*pos == '/' || *pos == '\\' || (*pos == ':' && pos == path + 1))
            base = pos + 1;
    }
    return base;
}

char *
vp_parent_path(const char *owner_path, const char *name)
{
    const char *base = last_component(name);

    if (base[0] == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        return NULL;
    return vp_name_beside(owner_path, base);
}

static const char *
identity_of(const VirtProbeRecord *image, guint field)
{
    return vp_record_get_text(vp_record_get_record(image, VP_IMAGE_VIRT_PROBE), field);
}

/* Either may be NULL. */
static gboolean
identities_match(const char *found, const char *wanted)
{
    return found != NULL && wanted != NULL && g_ascii_strcasecmp(found, wanted) == 0;
}

/* Whether the name of the parent is the image's, and not what a search has found. */
static gboolean
is_named(const VirtProbeRecord *owner)
{
    return vp_record_has(vp_image_find_reference(owner, VP_ROLE_PARENT), VP_REFERENCE_NAME_OFFSET);
}

void
vp_parent_judge(VirtProbeRecord *image, const VirtProbeRecord *owner, const char *role)
{
    const char *wanted = identity_of(owner, VP_PROBE_PARENT_IDENTITY);
    const char *other = identity_of(owner, VP_PROBE_OTHER_PARENT_IDENTITY);
    const char *found = identity_of(image, VP_PROBE_IDENTITY);

    if (strcmp(role, VP_ROLE_PARENT) == 0)
        vp_image_find(image, VP_RULE_PARENT_GUESSED,
                      is_named(owner)
                          ? "it was looked for by its file name, beside the image above it"
                          : "it was looked for by its identity, among the files beside "
                            "the image above it");
    if (wanted != NULL && !identities_match(found, wanted) && !identities_match(found, other))
        vp_image_find(image, VP_RULE_PARENT_MISMATCH,
                      "the image above it stands on %s, this one is %s", wanted,
                      found != NULL ? found : "none of that kind");
}

/* Whether the file has that identity by its header. */
static gboolean
file_is(VpOpener *opener, const char *path, const VpFormat *format, const char *wanted)
{
    g_autoptr(VpSource) source = opener->open(opener, path, FALSE, NULL);
    g_autoptr(VirtProbeRecord) image = NULL;
    const char *found;

    if (source == NULL)
        return FALSE;
    image = vp_image_new(path, VIRT_PROBE_DESCRIBE_DEFAULT);
    vp_image_describe(image, source, path, format, VP_FORMAT_DECLARED, VIRT_PROBE_DESCRIBE_DEFAULT);
    found = identity_of(image, VP_PROBE_IDENTITY);
    return identities_match(found, wanted);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static gboolean
name_is_of(const char *name, const VpFormat *format)
{
    return vp_format_set_meets(vp_registry_named(name), vp_registry_bit(format));
}

/* The name of the file beside path that has the identity; NULL: none is known. (transfer full) */
static char *
search(VpOpener *opener, const char *path, const VpFormat *format, const char *wanted)
{
    g_autoptr(GPtrArray) names = opener->list != NULL ? opener->list(opener, path) : NULL;
    guint n_tried = 0;

    if (names == NULL)
        return NULL;
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len && n_tried < PARENTS_TRIED_MAX; i++) {
        g_autofree char *beside = NULL;

        if (!name_is_of(names->pdata[i], format))
            continue;
        n_tried++;
        beside = vp_name_beside(path, names->pdata[i]);
        if (beside != NULL && file_is(opener, beside, format, wanted))
            return g_strdup(names->pdata[i]);
    }
    return NULL;
}

static void
add_reference(VirtProbeRecord *image, const char *name)
{
    VirtProbeRecord *reference =
        vp_record_append(vp_record_get_record(image, VP_IMAGE_VIRT_PROBE), VP_PROBE_REFERENCES);
    VirtProbeRecord *location;

    vp_record_set_constant(reference, VP_REFERENCE_ROLE, VP_ROLE_PARENT);
    vp_record_set_bool(reference, VP_REFERENCE_USED, TRUE);
    location = vp_record_set_record(reference, VP_REFERENCE_LOCATION, VP_RECORD_LOCATION);
    vp_location_fill_path(location, name);
}

const char *
vp_parent_unfound(const VirtProbeRecord *image)
{
    const char *wanted = identity_of(image, VP_PROBE_PARENT_IDENTITY);

    return vp_record_has(image, VP_IMAGE_FORMAT)
                   && vp_image_find_reference(image, VP_ROLE_BACKING) == NULL
                   && vp_image_find_reference(image, VP_ROLE_PARENT) == NULL
               ? wanted
               : NULL;
}

void
vp_parent_search(VirtProbeRecord *image, VpOpener *opener, const char *path)
{
    const char *wanted = vp_parent_unfound(image);
    const char *name = vp_record_get_text(image, VP_IMAGE_FORMAT);
    g_autofree char *found = NULL;

    if (wanted == NULL)
        return;
    found = search(opener, path, vp_registry_find(name), wanted);
    if (found != NULL)
        add_reference(image, found);
    else
        vp_image_find(
            image, VP_RULE_PARENT_UNNAMED,
            "it stands on the image %s, does not say where that is, and no file beside it "
            "is known to be that",
            wanted);
}
