/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target.c: targets: reading their files, and what they say of themselves. */
#include "storage/target.h"

#include "util/error.h"
#include "util/json-writer.h"
#include "util/source.h"
#include "util/text.h"

#include <errno.h>
#include <string.h>

static void
rules_free(gpointer data)
{
    VpTargetRules *rules = data;

    for (guint i = 0; i < VP_TARGET_KEY_COUNT; i++)
        g_strfreev(rules->values[i].words);
    g_free(rules);
}

VirtProbeTarget *
vp_target_new(const char *name)
{
    VirtProbeTarget *target = g_new0(VirtProbeTarget, 1);

    g_atomic_ref_count_init(&target->references);
    target->name = g_strdup(name);
    target->groups = g_ptr_array_new_with_free_func(rules_free);
    return target;
}

VirtProbeTarget *
virt_probe_target_ref(VirtProbeTarget *target)
{
    g_return_val_if_fail(target != NULL, NULL);

    g_atomic_ref_count_inc(&target->references);
    return target;
}

void
virt_probe_target_unref(VirtProbeTarget *target)
{
    if (target == NULL || !g_atomic_ref_count_dec(&target->references))
        return;
    g_free(target->name);
    g_free(target->title);
    g_free(target->date);
    g_strfreev(target->sources);
    g_strfreev(target->aliases);
    g_strfreev(target->formats);
    g_ptr_array_unref(target->groups);
    g_free(target);
}

/* All bytes of the file. (transfer full) */
static char *
bytes_read(const char *path, gsize *out_length, GError **error)
{
    g_autoptr(VpSource) source = vp_source_file_open(path, error);
    g_autofree char *bytes = NULL;
    gssize length;

    if (source == NULL)
        return NULL;
    if (source->size > VP_TARGET_SIZE_MAX) {
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                    "the file has %" G_GUINT64_FORMAT " bytes, at most %d are read", source->size,
                    VP_TARGET_SIZE_MAX);
        return NULL;
    }
    bytes = g_malloc(source->size + 1);
    length = source->class->read_at(source, bytes, source->size, 0);
    if (length < 0) {
        vp_error_set_errno(error, errno, "reading it");
        return NULL;
    }
    *out_length = (gsize) length;
    return g_steal_pointer(&bytes);
}

static char *
name_of(const char *path)
{
    char *name = g_path_get_basename(path);

    if (g_str_has_suffix(name, VP_TARGET_SUFFIX) && strlen(name) > strlen(VP_TARGET_SUFFIX))
        name[strlen(name) - strlen(VP_TARGET_SUFFIX)] = '\0';
    return name;
}

VirtProbeTarget *
virt_probe_target_load(const char *path, GError **error)
{
    g_autoptr(VirtProbeTarget) target = NULL;
    g_autofree char *name = NULL;
    g_autofree char *bytes = NULL;
    gsize length = 0;

    g_return_val_if_fail(path != NULL, NULL);

    name = name_of(path);
    target = vp_target_new(name);
    bytes = bytes_read(path, &length, error);
    if (bytes == NULL || !vp_target_parse(target, bytes, length, error)) {
        g_autofree char *shown = vp_text_escape(path, strlen(path));

        g_prefix_error(error, "%s: ", shown);
        return NULL;
    }
    return g_steal_pointer(&target);
}

const char *
virt_probe_target_get_name(const VirtProbeTarget *target)
{
    g_return_val_if_fail(target != NULL, NULL);

    return target->name;
}

const char *const *
virt_probe_target_get_aliases(const VirtProbeTarget *target)
{
    g_return_val_if_fail(target != NULL, NULL);

    return (const char *const *) target->aliases;
}

const char *
virt_probe_target_get_title(const VirtProbeTarget *target)
{
    g_return_val_if_fail(target != NULL, NULL);

    return target->title;
}

const char *const *
virt_probe_target_get_sources(const VirtProbeTarget *target)
{
    g_return_val_if_fail(target != NULL, NULL);

    return (const char *const *) target->sources;
}

const char *
virt_probe_target_get_date(const VirtProbeTarget *target)
{
    g_return_val_if_fail(target != NULL, NULL);

    return target->date;
}

const char *const *
virt_probe_target_get_formats(const VirtProbeTarget *target)
{
    g_return_val_if_fail(target != NULL, NULL);

    return (const char *const *) target->formats;
}

static void
write_text(VpJsonWriter *writer, const char *key, const char *text)
{
    vp_json_key(writer, key);
    vp_json_string(writer, text, strlen(text));
}

static void
write_texts(VpJsonWriter *writer, const char *key, char *const *texts)
{
    vp_json_key(writer, key);
    vp_json_array_begin(writer);
    for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
        vp_json_string(writer, texts[i], strlen(texts[i]));
    vp_json_array_end(writer);
}

char *
virt_probe_target_to_json(const VirtProbeTarget *target)
{
    VpJsonWriter writer;
    GString *out;

    g_return_val_if_fail(target != NULL, NULL);

    out = g_string_new(NULL);
    vp_json_writer_init(&writer, out, FALSE);
    vp_json_object_begin(&writer);
    write_text(&writer, "name", target->name);
    write_texts(&writer, "aliases", target->aliases);
    write_text(&writer, "title", target->title);
    write_texts(&writer, "sources", target->sources);
    write_text(&writer, "date", target->date);
    write_texts(&writer, "formats", target->formats);
    vp_json_object_end(&writer);
    return g_string_free(out, FALSE);
}
