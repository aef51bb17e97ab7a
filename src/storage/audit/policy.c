/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* policy.c: what the facts of an image mean for whoever takes it: size, format, and where its names lead. */
#include "storage/audit/audit.h"
#include "storage/registry.h"
#include "util/numbers.h"

#include <string.h>

/* A disk so much larger than its file, and so large, fills its host when it is written or converted. */
#define THIN_SIZE (G_GUINT64_CONSTANT(1) << 40)
#define THIN_RATIO 10000

static gboolean
has_reference(const VirtProbeRecord *image, const char *role)
{
    return vp_image_nth_reference(image, role, 0) != NULL;
}

/* Who goes back to a snapshot has its disk. */
static void
judge_snapshots(VpAudit *audit, const VirtProbeRecord *extra, guint64 maximum)
{
    const VpValue *list = vp_record_get(extra, VP_PROBE_SNAPSHOTS);

    for (guint i = 0; list != NULL && i < list->list->count; i++) {
        guint64 size = vp_record_get_number(list->list->items[i], VP_SNAPSHOT_DETAIL_DISK_SIZE);

        if (size <= maximum)
            continue;
        vp_audit_find(audit, VP_RULE_OVERSIZED, 0, 0,
                      "the disk of snapshot %u has %" G_GUINT64_FORMAT
                      " bytes, at most %" G_GUINT64_FORMAT " are taken",
                      i + 1, size, maximum);
        return;
    }
}

static void
judge_size(VpAudit *audit, const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    guint64 maximum = audit->settings->virtual_size_max != 0 ? audit->settings->virtual_size_max
                                                             : VIRT_PROBE_AUDIT_VIRTUAL_SIZE_MAX;
    guint64 size = vp_record_get_number(image, VP_IMAGE_VIRTUAL_SIZE);
    guint64 file_size = vp_record_get_number(extra, VP_PROBE_FILE_SIZE);
    guint64 bound;

    if (size > maximum)
        vp_audit_find(audit, VP_RULE_OVERSIZED, 0, 0,
                      "the disk has %" G_GUINT64_FORMAT " bytes, at most %" G_GUINT64_FORMAT
                      " are taken",
                      size, maximum);
    judge_snapshots(audit, extra, maximum);
    /* The data is in other files. */
    if (has_reference(image, VP_ROLE_EXTENT) || has_reference(image, VP_ROLE_DATA_FILE))
        return;
    if (size > THIN_SIZE && vp_checked_mul(file_size, THIN_RATIO, &bound) && size > bound)
        vp_audit_find(audit, VP_RULE_THIN_RATIO, 0, 0,
                      "the disk has %" G_GUINT64_FORMAT " bytes, its file %" G_GUINT64_FORMAT, size,
                      file_size);
}

static void
judge_format(VpAudit *audit, const VirtProbeRecord *image)
{
    const char *name = vp_record_get_text(image, VP_IMAGE_FORMAT);
    const VpFormat *format = name != NULL ? vp_registry_find(name) : NULL;

    if (format != NULL && (format->flags & VP_FORMAT_LEGACY) != 0)
        vp_audit_find(audit, VP_RULE_BANNED_FORMAT, 0, 0, "images in %s format are not taken",
                      name);
}

/* Whether a relative path climbs above where it starts. */
static gboolean
climbs_out(const char *path)
{
    gint depth = 0;

    for (const char *pos = path; *pos != '\0';) {
        gsize len = strcspn(pos, "/");

        if (len == 2 && strncmp(pos, "..", 2) == 0)
            depth--;
        else if (len > 0 && !(len == 1 && pos[0] == '.'))
            depth++;
        if (depth < 0)
            return TRUE;
        pos += len;
        pos += strspn(pos, "/");
    }
    return FALSE;
}

/* Whether an absolute path lies beneath the root, which may be NULL. */
static gboolean
is_beneath(const char *path, const char *root)
{
    gsize len = root != NULL ? strlen(root) : 0;

    while (len > 0 && root[len - 1] == '/')
        len--;
    return root != NULL && strncmp(path, root, len) == 0 && path[len] == '/'
           && !climbs_out(path + len + 1);
}

static gboolean
leads_outside(const VpAudit *audit, const VirtProbeRecord *image, const char *path)
{
    const char *filename = vp_record_get_text(image, VP_IMAGE_FILENAME);
    g_autofree char *directory = NULL;

    if (path[0] != '/')
        return climbs_out(path);
    if (audit->settings->root == NULL && filename != NULL && filename[0] == '/')
        directory = g_path_get_dirname(filename);
    return !is_beneath(path, audit->settings->root != NULL ? audit->settings->root : directory);
}

static void
judge_name(VpAudit *audit, const VirtProbeRecord *image, const VirtProbeRecord *reference)
{
    const VirtProbeRecord *location = vp_record_get_record(reference, VP_REFERENCE_LOCATION);
    const char *path = vp_record_get_text(location, VP_LOCATION_PATH);
    const char *role = vp_record_get_text(reference, VP_REFERENCE_ROLE);

    /* Of the path of a parent only the last component counts. */
    if (path == NULL || strcmp(role, VP_ROLE_PARENT) == 0 || !leads_outside(audit, image, path))
        return;
    vp_audit_find(audit, VP_RULE_PATH_OUTSIDE,
                  vp_record_get_number(reference, VP_REFERENCE_NAME_OFFSET),
                  vp_record_get_number(reference, VP_REFERENCE_NAME_LENGTH),
                  "the name of the %s leads out of the directory",
                  strcmp(role, VP_ROLE_BACKING) == 0 ? "backing file" : role);
}

void
vp_audit_judge(VpAudit *audit, const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    const VpValue *list = vp_record_get(extra, VP_PROBE_REFERENCES);

    judge_format(audit, image);
    judge_size(audit, image);
    for (guint i = 0; list != NULL && i < list->list->count; i++)
        judge_name(audit, image, list->list->items[i]);
}
