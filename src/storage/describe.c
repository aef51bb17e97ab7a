/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* describe.c: the public calls that describe an image: from a source of bytes to a sealed record. */
#include "storage/probe-run.h"
#include "storage/registry.h"
#include "util/error.h"
#include "util/numbers.h"
#include "util/text.h"

#include <string.h>

#include "virtprobe/version.h"

#define SECTOR 512

const char *
virt_probe_get_version(void)
{
    return VIRT_PROBE_VERSION;
}

/* FALSE when no format has the name, or none was declared and guessing was not asked for. */
static gboolean
find_declared(const char *name, VirtProbeDescribeFlags flags, const VpFormat **out_format,
              GError **error)
{
    const VpFormat *format = NULL;

    if (name == NULL && (flags & VIRT_PROBE_DESCRIBE_RECOGNISE) == 0) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "no format is declared, and recognising it was not asked for");
        return FALSE;
    }
    if (name != NULL) {
        format = vp_registry_find(name);
        if (format == NULL) {
            g_autofree char *shown = vp_text_escape(name, strlen(name));

            g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED,
                        "unknown format name '%s'", shown);
            return FALSE;
        }
    }
    *out_format = format;
    return TRUE;
}

static const char *
node_name(const VpSource *source)
{
    return source->kind == VP_SOURCE_BLOCK_DEVICE ? "host_device" : "file";
}

/* What QEMU says of every file. A raw image is nothing but its file, so it says the same. */
static void
fill_file_specific(VirtProbeRecord *image, const VpSource *source)
{
    VirtProbeRecord *specific =
        vp_record_set_record(image, VP_IMAGE_FORMAT_SPECIFIC, VP_RECORD_SPECIFIC);
    VirtProbeRecord *data = vp_record_set_record(specific, VP_SPECIFIC_DATA, VP_RECORD_FILE);

    vp_record_set_constant(specific, VP_SPECIFIC_TYPE, "file");
    if (source->facts.extent_size_hint != 0)
        vp_record_set_uint(data, VP_FILE_EXTENT_SIZE_HINT, source->facts.extent_size_hint);
}

/* The node of the operating system below an image, as QEMU 8.0 and later print it. */
static void
fill_node(VirtProbeRecord *node, const VpSource *source, const char *name)
{
    guint64 sectors = vp_divide_up(source->size, SECTOR);

    vp_record_set_string(node, VP_IMAGE_FILENAME, name);
    vp_record_set_constant(node, VP_IMAGE_FORMAT, node_name(source));
    vp_record_set_uint(node, VP_IMAGE_VIRTUAL_SIZE, sectors * SECTOR);
    vp_record_set_uint(node, VP_IMAGE_ACTUAL_SIZE, source->facts.allocated_size);
    vp_record_set_bool(node, VP_IMAGE_DIRTY_FLAG, FALSE);
    fill_file_specific(node, source);
    vp_record_set_empty_list(node, VP_IMAGE_CHILDREN);
}

static void
fill_mtime(VirtProbeRecord *extra, const VpSourceFacts *facts)
{
    char text[48];

    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT ".%09u", facts->mtime_sec, facts->mtime_nsec);
    vp_record_set_string(extra, VP_PROBE_MTIME, text);
}

static void
fill_source(VpProbe *probe, const VpSource *source)
{
    VirtProbeRecord *child;

    vp_record_set_uint(probe->extra, VP_PROBE_FILE_SIZE, source->size);
    vp_record_set_empty_list(probe->image, VP_IMAGE_CHILDREN);
    if (source->kind == VP_SOURCE_MEMORY)
        return;
    vp_record_set_uint(probe->image, VP_IMAGE_ACTUAL_SIZE, source->facts.allocated_size);
    fill_mtime(probe->extra, &source->facts);
    if (source->facts.knows_writer)
        vp_record_set_bool(probe->extra, VP_PROBE_IN_USE, source->facts.has_writer);
    if (probe->name == NULL)
        return;
    child = vp_record_append(probe->image, VP_IMAGE_CHILDREN);
    vp_record_set_constant(child, VP_CHILD_NAME, "file");
    fill_node(vp_record_set_record(child, VP_CHILD_INFO, VP_RECORD_IMAGE), source, probe->name);
}

static void
fill_state(VpProbe *probe)
{
    VirtProbeRecord *error;

    vp_record_set_constant(probe->extra, VP_PROBE_STATE,
                           probe->broken_rule == NULL ? "ok" : "partial");
    if (probe->broken_rule == NULL)
        return;
    error = vp_record_set_record(probe->extra, VP_PROBE_ERROR, VP_RECORD_ERROR);
    vp_record_set_constant(error, VP_ERROR_CODE, probe->broken_rule->error_name);
    vp_record_set_constant(error, VP_ERROR_MESSAGE, probe->broken_message);
}

/* What can only be said when everything was read. */
static void
probe_finish(VpProbe *probe)
{
    VpSource *source = probe->windows->source;
    VpTree *tree = probe->image->tree;
    VirtProbeRecord *io;

    vp_tree_open_reserve(probe->image);

    if (probe->format != NULL && probe->format->layer == VP_LAYER_FALLBACK
        && source->kind != VP_SOURCE_MEMORY)
        fill_file_specific(probe->image, source);
    if (source->class->has_changed != NULL && source->class->has_changed(source))
        vp_probe_find(probe, VP_RULE_CHANGED, 0, 0, "the file changed while it was read");
    if (tree->has_huge_number)
        vp_probe_find(probe, VP_RULE_NUMBER_TOO_LARGE, 0, 0,
                      "numbers above 2^63-1 are left out, the header dump has them");
    if (tree->is_out_of_memory)
        vp_probe_find(probe, VP_RULE_LIMIT, 0, 0, "the description needs more than %u bytes",
                      VP_TREE_MEMORY_MAX);
    if (!vp_record_has(probe->extra, VP_PROBE_FINDINGS))
        vp_record_set_empty_list(probe->extra, VP_PROBE_FINDINGS);
    fill_state(probe);
    io = vp_record_set_record(probe->extra, VP_PROBE_IO, VP_RECORD_IO);
    vp_record_set_uint(io, VP_IO_READS, probe->windows->reads);
    vp_record_set_uint(io, VP_IO_BYTES, probe->windows->bytes);
}

static VirtProbeRecord *
image_new(const char *name, VirtProbeDescribeFlags flags, VirtProbeRecord **out_extra)
{
    VirtProbeRecord *image = vp_tree_new(VP_RECORD_IMAGE, (flags & VIRT_PROBE_DESCRIBE_FULL) != 0);

    if (name != NULL)
        vp_record_set_string(image, VP_IMAGE_FILENAME, name);
    *out_extra = vp_record_set_record(image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE);
    vp_record_set_uint(*out_extra, VP_PROBE_SCHEMA, 1);
    return image;
}

static VirtProbeRecord *
describe_source(VpSource *source, const char *name, const VpFormat *declared,
                VirtProbeDescribeFlags flags)
{
    VpWindows windows;
    VirtProbeRecord *extra;
    VirtProbeRecord *image = image_new(name, flags, &extra);
    VpProbe probe;

    vp_windows_init(&windows, source);
    probe = (VpProbe) {
        .windows = &windows,
        .size = source->size,
        .flags = flags,
        .name = name,
        .image = image,
        .extra = extra,
        .findings = extra,
    };
    fill_source(&probe, source);
    vp_probe_run(&probe, declared);
    probe_finish(&probe);
    vp_windows_clear(&windows);
    return image;
}

VirtProbeRecord *
virt_probe_describe_file(const char *path, const char *format, VirtProbeDescribeFlags flags,
                         GError **error)
{
    g_autoptr(VpSource) source = NULL;
    const VpFormat *declared;

    g_return_val_if_fail(path != NULL, NULL);

    if (!find_declared(format, flags, &declared, error))
        return NULL;
    source = vp_source_file_open(path, error);
    return source != NULL ? describe_source(source, path, declared, flags) : NULL;
}

VirtProbeRecord *
virt_probe_describe_fd(int fd, const char *name, const char *format, VirtProbeDescribeFlags flags,
                       GError **error)
{
    g_autoptr(VpSource) source = NULL;
    const VpFormat *declared;

    g_return_val_if_fail(fd >= 0, NULL);

    if (!find_declared(format, flags, &declared, error))
        return NULL;
    source = vp_source_file_new_from_fd(fd, error);
    return source != NULL ? describe_source(source, name, declared, flags) : NULL;
}

VirtProbeRecord *
virt_probe_describe_memory(const void *data, gsize size, const char *name, const char *format,
                           VirtProbeDescribeFlags flags, GError **error)
{
    VpSource source;
    const VpFormat *declared;

    g_return_val_if_fail(data != NULL || size == 0, NULL);

    if (!find_declared(format, flags, &declared, error))
        return NULL;
    vp_source_memory_init(&source, data, size);
    return describe_source(&source, name, declared, flags);
}

VirtProbeRecord *
virt_probe_image_new_unreadable(const char *name, const GError *error)
{
    VirtProbeRecord *extra;
    VirtProbeRecord *image;
    VirtProbeRecord *record;

    g_return_val_if_fail(name != NULL && error != NULL, NULL);

    image = image_new(name, VIRT_PROBE_DESCRIBE_DEFAULT, &extra);
    vp_record_set_constant(extra, VP_PROBE_STATE, "unreadable");
    record = vp_record_set_record(extra, VP_PROBE_ERROR, VP_RECORD_ERROR);
    vp_record_set_constant(record, VP_ERROR_CODE, vp_error_name(error));
    vp_record_set_string(record, VP_ERROR_MESSAGE, error->message);
    vp_record_set_empty_list(extra, VP_PROBE_FINDINGS);
    return image;
}

gboolean
virt_probe_image_verify(const VirtProbeRecord *image, GError **error)
{
    const VirtProbeRecord *extra;
    const VirtProbeRecord *record;

    g_return_val_if_fail(image != NULL && image->type == vp_record_type(VP_RECORD_IMAGE), FALSE);

    extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    record = vp_record_get_record(extra, VP_PROBE_ERROR);
    if (record == NULL)
        return TRUE;
    vp_error_set_named(error, virt_probe_record_get_text(record, "code"),
                       virt_probe_record_get_text(record, "message"));
    return FALSE;
}
