/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-parent.c: images that know the one that they stand on by its identity, and have names only as hints. */
#include "storage/chain-parent.h"

#include "storage/location.h"
#include "storage/probe.h"

#include <string.h>

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

void
vp_parent_judge(VirtProbeRecord *image, const VirtProbeRecord *owner, const char *role)
{
    const char *wanted = identity_of(owner, VP_PROBE_PARENT_IDENTITY);
    const char *found = identity_of(image, VP_PROBE_IDENTITY);

    if (strcmp(role, VP_ROLE_PARENT) == 0)
        vp_image_find(image, VP_RULE_PARENT_GUESSED,
                      "it was looked for by its file name, beside the image above it");
    if (wanted != NULL && (found == NULL || g_ascii_strcasecmp(wanted, found) != 0))
        vp_image_find(image, VP_RULE_PARENT_MISMATCH,
                      "the image above it stands on %s, this one is %s", wanted,
                      found != NULL ? found : "none of that kind");
}

void
vp_parent_find_unnamed(VirtProbeRecord *image)
{
    const char *wanted = identity_of(image, VP_PROBE_PARENT_IDENTITY);

    if (wanted != NULL && vp_image_find_reference(image, VP_ROLE_BACKING) == NULL
        && vp_image_find_reference(image, VP_ROLE_PARENT) == NULL)
        vp_image_find(image, VP_RULE_PARENT_UNNAMED,
                      "it stands on the image %s and does not say where that is", wanted);
}
