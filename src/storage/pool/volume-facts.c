/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-facts.c: filling the facts of a volume from what stat and a description say. */
#include "storage/pool/volume-facts.h"

#include <string.h>
#include <sys/stat.h>

void
vp_volume_facts_set_info(VpVolumeFacts *facts, const VpEntryInfo *info)
{
    facts->device = info->device;
    facts->inode = info->inode;
    facts->mode = info->mode & 07777;
    facts->owner = info->owner;
    facts->group = info->group;
    facts->mtime = (guint64) info->mtime;
    facts->ctime = (guint64) info->ctime;
    if (S_ISREG(info->mode)) {
        facts->type = "file";
        facts->allocation = info->allocated;
        facts->physical = info->size;
    } else if (S_ISBLK(info->mode)) {
        facts->type = "block";
        facts->allocation = info->size;
        facts->physical = info->size;
    } else if (S_ISDIR(info->mode)) {
        /* As libvirt: a directory holds no bytes of a guest. */
        facts->type = "dir";
        facts->format = "dir";
        facts->capacity = 0;
        facts->allocation = 0;
    }
}

void
vp_volume_facts_set_error(VpVolumeFacts *facts, const char *code, const char *message)
{
    facts->state = "unreadable";
    facts->error_code = code;
    facts->error_message = message;
}

/* What the name of the backing file means; NULL when it is not understood. */
static const VirtProbeRecord *
backing_location(const VirtProbeRecord *extra)
{
    guint count = virt_probe_record_get_length(extra, "references");

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *reference = virt_probe_record_get_item(extra, "references", i);

        if (g_strcmp0(virt_probe_record_get_text(reference, "role"), "backing") == 0)
            return virt_probe_record_get_record(reference, "location");
    }
    return NULL;
}

/* A plain path counts from the overlay's directory. One that a URI or json: name holds is as it is. */
static void
set_backing_path(VpVolumeFacts *facts, const VirtProbeRecord *image, const VirtProbeRecord *extra)
{
    const VirtProbeRecord *location = backing_location(extra);
    const char *kind = location != NULL ? virt_probe_record_get_text(location, "kind") : NULL;
    const char *path = location != NULL ? virt_probe_record_get_text(location, "path") : NULL;

    if (path == NULL || (g_strcmp0(kind, "file") != 0 && g_strcmp0(kind, "block-device") != 0))
        return;
    if (strcmp(path, facts->backing) == 0)
        path = virt_probe_record_get_text(image, "full-backing-filename");
    facts->backing_path = path;
}

static void
set_backing(VpVolumeFacts *facts, const VirtProbeRecord *image, const VirtProbeRecord *extra)
{
    facts->backing = virt_probe_record_get_text(image, "backing-filename");
    if (facts->backing == NULL)
        return;
    facts->backing_format = virt_probe_record_get_text(image, "backing-filename-format");
    set_backing_path(facts, image, extra);
}

/* Only some formats have these. */
static void
set_specific(VpVolumeFacts *facts, const VirtProbeRecord *image)
{
    const VirtProbeRecord *specific = virt_probe_record_get_record(image, "format-specific");
    const VirtProbeRecord *data =
        specific != NULL ? virt_probe_record_get_record(specific, "data") : NULL;
    gboolean is_corrupt = FALSE;

    if (data == NULL)
        return;
    virt_probe_record_get_boolean(data, "corrupt", &is_corrupt);
    facts->is_corrupt = is_corrupt != FALSE;
    facts->data_file = virt_probe_record_get_text(data, "data-file");
}

/* TRUE when the list has the rule already. */
static gboolean
list_has(const GString *rules, const char *rule)
{
    gsize len = strlen(rule);

    for (const char *pos = rules->str; pos[0] != '\0';) {
        gsize item = strcspn(pos, ",");

        if (item == len && strncmp(pos, rule, len) == 0)
            return TRUE;
        pos += item + (pos[item] != '\0');
    }
    return FALSE;
}

static void
set_rules(VpVolumeFacts *facts, const VirtProbeRecord *extra, GString *rules)
{
    guint count = virt_probe_record_get_length(extra, "findings");

    g_string_truncate(rules, 0);
    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *finding = virt_probe_record_get_item(extra, "findings", i);
        const char *rule;

        if (strcmp(virt_probe_record_get_text(finding, "severity"), "info") == 0)
            continue;
        rule = virt_probe_record_get_text(finding, "rule");
        if (list_has(rules, rule))
            continue;
        if (rules->len > 0)
            g_string_append_c(rules, ',');
        g_string_append(rules, rule);
    }
    facts->rules = rules->len > 0 ? rules->str : NULL;
}

static void
set_state(VpVolumeFacts *facts, const VirtProbeRecord *extra)
{
    const VirtProbeRecord *error = virt_probe_record_get_record(extra, "error");

    facts->state = virt_probe_record_get_text(extra, "state");
    if (error == NULL)
        return;
    facts->error_code = virt_probe_record_get_text(error, "code");
    facts->error_message = virt_probe_record_get_text(error, "message");
    /* A disk that gives no byte at all leaves nothing to describe. */
    if (facts->format == NULL && g_strcmp0(facts->error_code, "io") == 0)
        facts->state = "unreadable";
}

void
vp_volume_facts_set_image(VpVolumeFacts *facts, const VirtProbeRecord *image, GString *rules)
{
    const VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");
    gboolean is_set = FALSE;

    facts->format = virt_probe_record_get_text(image, "format");
    /* libvirt does not round to sectors. */
    virt_probe_record_get_uint64(image, "virtual-size", &facts->capacity);
    virt_probe_record_get_uint64(extra, "exact-virtual-size", &facts->capacity);
    virt_probe_record_get_uint64(extra, "snapshot-count", &facts->snapshots);
    virt_probe_record_get_boolean(image, "encrypted", &is_set);
    facts->is_encrypted = is_set != FALSE;
    is_set = FALSE;
    virt_probe_record_get_boolean(image, "dirty-flag", &is_set);
    facts->is_dirty = is_set != FALSE;
    set_backing(facts, image, extra);
    set_specific(facts, image);
    set_rules(facts, extra, rules);
    set_state(facts, extra);
}
