/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-facts.c: filling the facts of a volume from what stat and a description say. */
#include "storage/pool/volume-facts.h"

#include "virtprobe/format.h"
#include "virtprobe/summary.h"

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

void
vp_volume_facts_set_image(VpVolumeFacts *facts, const VirtProbeRecord *image, GString *rules)
{
    VirtProbeSummary summary;

    virt_probe_image_get_summary(image, &summary);
    facts->format = summary.format;
    facts->capacity = summary.capacity;
    facts->backing = summary.backing;
    facts->backing_path = summary.backing_path;
    facts->backing_format = summary.backing_format;
    facts->data_file = summary.data_file;
    facts->snapshots = summary.snapshots;
    facts->is_encrypted = summary.is_encrypted != FALSE;
    facts->is_dirty = summary.is_dirty != FALSE;
    facts->is_corrupt = summary.is_corrupt != FALSE;
    facts->state = summary.state;
    facts->error_code = summary.error_code;
    facts->error_message = summary.error_message;
    facts->rules = NULL;
    if (summary.findings > 0)
        set_rules(facts, virt_probe_record_get_record(image, "virt-probe"), rules);
}

/* Names of formats with such abilities. (transfer full) */
static char **
composed_formats(void)
{
    GStrvBuilder *names = g_strv_builder_new();
    const VirtProbeFormat *format;
    char **list;

    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        g_autofree const char **abilities = virt_probe_format_get_abilities(format);

        if (g_strv_contains(abilities, "extents") || g_strv_contains(abilities, "parent"))
            g_strv_builder_add(names, virt_probe_format_get_name(format));
    }
    list = g_strv_builder_end(names);
    g_strv_builder_unref(names);
    return list;
}

gboolean
vp_volume_is_composed(const VpVolumeFacts *facts)
{
    static gsize formats = 0;

    if (g_once_init_enter(&formats))
        g_once_init_leave(&formats, (gsize) composed_formats());
    return facts->format != NULL && g_strv_contains((const char *const *) formats, facts->format);
}

gboolean
vp_state_hides_names(const char *state, const char *error_code)
{
    /* Of what is damaged no more can be read by anybody. */
    static const char *const codes[] = { "io", "limit", "unsupported", NULL };

    if (g_strcmp0(state, "unreadable") == 0)
        return g_strcmp0(error_code, "refused") != 0;
    return g_strcmp0(state, "ok") != 0 && error_code != NULL && g_strv_contains(codes, error_code);
}

gboolean
vp_volume_may_refer(const VpVolumeFacts *facts)
{
    return facts->backing != NULL || facts->data_file != NULL || vp_volume_is_composed(facts)
           || vp_state_hides_names(facts->state, facts->error_code);
}
