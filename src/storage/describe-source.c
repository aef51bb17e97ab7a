/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* describe-source.c: from a source of bytes to the record of an image. */
#include "storage/describe-source.h"

#include "storage/audit/audit.h"

#include "storage/probe-run.h"
#include "util/error.h"
#include "util/numbers.h"
#include "util/source-stream.h"
#include "util/times.h"

#define SECTOR 512

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
    guint64 size = source->file_size != 0 ? source->file_size : source->size;
    guint64 sectors = vp_divide_up(size, SECTOR);

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
    /* Half a second before 1970 is second -1 and 500000000 behind it. */
    gboolean is_before = facts->mtime_sec < 0 && facts->mtime_nsec > 0;
    gint64 seconds = facts->mtime_sec + is_before;
    char text[48];

    g_snprintf(text, sizeof text, "%s%" G_GINT64_FORMAT ".%09u",
               is_before && seconds == 0 ? "-" : "", seconds,
               is_before ? VP_NANOSECONDS - facts->mtime_nsec : facts->mtime_nsec);
    vp_record_set_string(extra, VP_PROBE_MTIME, text);
}

static void
fill_source(VpProbe *probe, const VpSource *source)
{
    VirtProbeRecord *child;

    if (!source->has_no_end)
        vp_record_set_uint(probe->extra, VP_PROBE_FILE_SIZE,
                           source->file_size != 0 ? source->file_size : source->size);
    vp_record_set_empty_list(probe->image, VP_IMAGE_CHILDREN);
    if (!vp_source_has_facts(source))
        return;
    vp_record_set_uint(probe->image, VP_IMAGE_ACTUAL_SIZE, source->facts.allocated_size);
    fill_mtime(probe->extra, &source->facts);
    if (source->facts.knows_writer)
        vp_record_set_bool(probe->extra, VP_PROBE_IN_USE, source->facts.has_writer);
    if (probe->name == NULL)
        return;
    child = vp_record_append(probe->image, VP_IMAGE_CHILDREN);
    vp_record_set_constant(child, VP_CHILD_NAME, "file");
    fill_node(vp_record_set_record(child, VP_CHILD_INFO, VP_RECORD_IMAGE), source,
              source->path != NULL ? source->path : probe->name);
}

static void
fill_state(VpProbe *probe)
{
    VirtProbeRecord *error;

    vp_record_set_constant(probe->extra, VP_PROBE_STATE,
                           probe->broken_rule == NULL ? VP_STATE_OK : VP_STATE_PARTIAL);
    if (probe->broken_rule == NULL)
        return;
    error = vp_record_set_record(probe->extra, VP_PROBE_ERROR, VP_RECORD_ERROR);
    vp_record_set_constant(error, VP_ERROR_CODE, probe->broken_rule->error_name);
    vp_record_set_constant(error, VP_ERROR_MESSAGE, probe->broken_message);
}

/* Of whoever read a stream for us. */
static void
find_read_error(VpProbe *probe, const VpSource *source)
{
    int read_error =
        source->kind == VP_SOURCE_STREAM ? ((const VpStreamSource *) source)->read_error : 0;

    if (read_error != 0)
        vp_probe_find(probe, VP_RULE_IO_ERROR, source->arrived, 0,
                      "the stream cannot be read behind its first %" G_GUINT64_FORMAT " bytes: %s",
                      source->arrived, vp_error_meaning(read_error));
}

/* What a stream did not bring, or had brought. A read that was no more than a look has told nobody. */
static void
find_missing_bytes(VpProbe *probe)
{
    const VpWindows *windows = probe->windows;

    if (windows->is_unreachable && probe->n_findings[VP_RULE_UNREACHABLE_IN_STREAM] == 0)
        vp_probe_find(probe, VP_RULE_UNREACHABLE_IN_STREAM, windows->unreachable_at, 0,
                      "bytes at %" G_GUINT64_FORMAT " had gone by and were not kept",
                      windows->unreachable_at);
    if (windows->source->has_no_end)
        vp_probe_find(probe, VP_RULE_STREAM_INCOMPLETE, 0, 0,
                      "only the first %" G_GUINT64_FORMAT " bytes of the stream are known",
                      windows->source->arrived);
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
        && vp_source_has_facts(source))
        fill_file_specific(probe->image, source);
    if (source->class->has_changed != NULL && source->class->has_changed(source))
        vp_probe_find(probe, VP_RULE_CHANGED, 0, 0, "the file changed while it was read");
    find_missing_bytes(probe);
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

/* A brief description does not look for contents, nor at the end of many files. */
static gboolean
is_enough_for_audit(VirtProbeDescribeFlags flags)
{
    return (flags & VIRT_PROBE_DESCRIBE_AUDIT) != 0 && (flags & VIRT_PROBE_DESCRIBE_BRIEF) == 0;
}

VirtProbeRecord *
vp_image_new(const char *name, VirtProbeDescribeFlags flags)
{
    VirtProbeRecord *image =
        (flags & VIRT_PROBE_DESCRIBE_BRIEF) != 0
            ? vp_tree_new_brief(VP_RECORD_IMAGE)
            : vp_tree_new(VP_RECORD_IMAGE, (flags & VIRT_PROBE_DESCRIBE_FULL) != 0);

    vp_image_begin(image, name);
    return image;
}

VirtProbeRecord *
vp_image_begin(VirtProbeRecord *image, const char *name)
{
    VirtProbeRecord *extra;

    if (name != NULL)
        vp_record_set_string(image, VP_IMAGE_FILENAME, name);
    extra = vp_record_set_record(image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE);
    vp_record_set_uint(extra, VP_PROBE_SCHEMA, 1);
    return extra;
}

void
vp_image_set_error(VirtProbeRecord *image, const char *state, const GError *error)
{
    VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    VirtProbeRecord *record = vp_record_set_record(extra, VP_PROBE_ERROR, VP_RECORD_ERROR);

    vp_record_set_constant(extra, VP_PROBE_STATE, state);
    vp_record_set_constant(record, VP_ERROR_CODE, vp_error_name(error));
    vp_record_set_string(record, VP_ERROR_MESSAGE, error->message);
    if (!vp_record_has(extra, VP_PROBE_FINDINGS))
        vp_record_set_empty_list(extra, VP_PROBE_FINDINGS);
}

void
vp_image_describe_by(VirtProbeRecord *image, VpSource *source, const char *name,
                     const VpFormat *format, const char *format_source,
                     VirtProbeDescribeFlags flags,
                     void (*run)(VpProbe *probe, const VpFormat *format))
{
    VirtProbeRecord *extra = vp_image_begin(image, name);
    VpWindows windows = { .source = source };
    VpProbe probe = {
        .windows = &windows,
        .size = source->size,
        .flags = flags,
        .name = name,
        .image = image,
        .extra = extra,
        .findings = extra,
        .has_no_end = source->has_no_end,
    };

    if (extra == NULL)
        return;
    vp_record_set_constant(extra, VP_PROBE_FORMAT_SOURCE, format_source);
    fill_source(&probe, source);
    find_read_error(&probe, source);
    run(&probe, format);
    if ((flags & VIRT_PROBE_DESCRIBE_AUDIT) != 0)
        vp_audit_examine(&probe);
    image->tree->is_examined = is_enough_for_audit(flags);
    probe_finish(&probe);
    vp_windows_clear(&windows);
}

void
vp_image_describe(VirtProbeRecord *image, VpSource *source, const char *name,
                  const VpFormat *declared, const char *format_source, VirtProbeDescribeFlags flags)
{
    vp_image_describe_by(image, source, name, declared, format_source, flags, vp_probe_run);
}
