/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checks.c: what must hold of every answer, whatever the bytes were. */
#include "fuzz.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The budgets of a describe, written down a second time: a constant that grows in the library must be noticed. */
#define READS_MAX 64
#define BYTES_MAX (4 * 1024 * 1024)
#define HEAP_MAX (8 * 1024 * 1024)
#define OUTPUT_MAX (256 * 1024)
/* A parsed document takes so much memory under a sanitizer that larger ones would look like a leak. */
#define PARSED_MAX (1024 * 1024)

#define NAME "directory/disk.qcow2"

/* GLib stops a program with a signal that libFuzzer does not catch, and then no input would be kept. */
static void
abort_at_trap(G_GNUC_UNUSED int number)
{
    abort();
}

int
LLVMFuzzerInitialize(G_GNUC_UNUSED int *argc, G_GNUC_UNUSED char ***argv)
{
    /* A call that breaks a precondition of ours is a bug; without this it would only be logged. */
    signal(SIGTRAP, abort_at_trap);
    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
    return 0;
}

static gssize
fuzz_source_read_at(VpSource *base, void *buffer, gsize len, guint64 offset)
{
    FuzzSource *source = (FuzzSource *) base;
    guint64 available = offset < base->size ? base->size - offset : 0;
    gsize filled = 0;

    source->reads++;
    if (source->reads == source->fail_at) {
        errno = EIO;
        return -1;
    }
    len = (gsize) MIN(len, available);
    if (offset < source->len) {
        filled = (gsize) MIN(len, source->len - offset);
        memcpy(buffer, source->data + offset, filled);
    }
    memset((guint8 *) buffer + filled, 0, len - filled);
    return (gssize) len;
}

static void
fuzz_source_close(G_GNUC_UNUSED VpSource *base)
{
}

void
fuzz_source_init(FuzzSource *source, const guint8 *data, gsize len, guint64 size)
{
    static const VpSourceClass source_class = { .read_at = fuzz_source_read_at,
                                                .close = fuzz_source_close };

    *source = (FuzzSource) {
        .base = { .class = &source_class, .kind = VP_SOURCE_FILE, .size = size },
        .data = data,
        .len = len,
    };
}

static void
check_budget(const VpWindows *windows, const VirtProbeRecord *image)
{
    g_assert_cmpuint(windows->reads, <=, READS_MAX);
    g_assert_cmpuint(windows->bytes, <=, BYTES_MAX);
    g_assert_cmpuint(windows->memory + vp_arena_used(image->tree->arena), <=, HEAP_MAX);
}

VirtProbeRecord *
fuzz_describe(VpSource *source, const VpFormat *declared, VirtProbeDescribeFlags flags)
{
    VirtProbeRecord *image = vp_tree_new(VP_RECORD_IMAGE, (flags & VIRT_PROBE_DESCRIBE_FULL) != 0);
    VirtProbeRecord *extra = vp_record_set_record(image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE);
    VirtProbeRecord *io = vp_record_set_record(extra, VP_PROBE_IO, VP_RECORD_IO);
    VpWindows windows;
    VpProbe probe = {
        .windows = &windows,
        .size = source->size,
        .flags = flags,
        .name = NAME,
        .image = image,
        .extra = extra,
        .findings = extra,
    };

    vp_windows_init(&windows, source);
    vp_probe_run(&probe, declared);
    vp_record_set_uint(io, VP_IO_READS, windows.reads);
    vp_record_set_uint(io, VP_IO_BYTES, windows.bytes);
    check_budget(&windows, image);
    vp_windows_clear(&windows);
    return image;
}

static void
check_io(VirtProbeRecord *image)
{
    VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");
    VirtProbeRecord *io = virt_probe_record_get_record(extra, "io");
    guint64 reads = G_MAXUINT64;
    guint64 bytes = G_MAXUINT64;

    g_assert_true(virt_probe_record_get_uint64(io, "reads", &reads));
    g_assert_true(virt_probe_record_get_uint64(io, "bytes", &bytes));
    g_assert_cmpuint(reads, <=, READS_MAX);
    g_assert_cmpuint(bytes, <=, BYTES_MAX);
}

/* The state, and what a caller is told who asks whether the answer is whole, must not contradict each other. */
static void
check_state(VirtProbeRecord *image)
{
    VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");
    const char *state = virt_probe_record_get_text(extra, "state");
    g_autoptr(GError) error = NULL;

    if (virt_probe_image_verify(image, &error)) {
        g_assert_no_error(error);
        g_assert_cmpstr(state, ==, "ok");
    } else {
        g_assert_nonnull(error);
        g_assert_cmpstr(state, ==, "partial");
    }
}

void
fuzz_check_memory(const guint8 *data, gsize size, const char *format, VirtProbeDescribeFlags flags)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_memory(data, size, NAME, format, flags, &error);

    g_assert_no_error(error);
    g_assert_nonnull(image);
    check_io(image);
    check_state(image);
    fuzz_check_outputs(image);
}

void
fuzz_check_same_facts(const guint8 *data, gsize size, const VpFormat *declared,
                      VirtProbeDescribeFlags flags)
{
    VpSource memory;
    FuzzSource stream;
    g_autoptr(VirtProbeRecord) from_memory = NULL;
    g_autoptr(VirtProbeRecord) from_stream = NULL;
    g_autofree char *memory_json = NULL;
    g_autofree char *stream_json = NULL;

    vp_source_memory_init(&memory, data, size);
    fuzz_source_init(&stream, data, size, size);
    from_memory = fuzz_describe(&memory, declared, flags);
    from_stream = fuzz_describe(&stream.base, declared, flags);
    memory_json = virt_probe_record_to_json(from_memory);
    stream_json = virt_probe_record_to_json(from_stream);
    g_assert_cmpstr(memory_json, ==, stream_json);
}

static void
check_json(const char *json)
{
    json_error_t error;
    gsize len = strlen(json);
    json_t *root;

    if (len > PARSED_MAX)
        return;
    /* "\u0000" is JSON like any other, and QEMU prints it for the bytes c0 80; jansson has to be asked. */
    root = json_loadb(json, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

    if (root == NULL)
        g_error("not JSON: %s at byte %d", error.text, error.position);
    g_assert_true(json_is_object(root));
    json_decref(root);
}

/* Not by our own idea of clean text, which the text was made with. */
static void
check_text(const char *text)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (const char *pos = text; *pos != '\0'; pos = g_utf8_next_char(pos)) {
        gunichar letter = g_utf8_get_char(pos);

        g_assert_true(letter == '\n' || !g_unichar_iscntrl(letter));
        g_assert_false(letter >= 0x202a && letter <= 0x202e);
        g_assert_false(letter >= 0x2066 && letter <= 0x2069);
    }
}

void
fuzz_check_json(const VirtProbeRecord *record)
{
    g_autofree char *json = NULL;

    /* The summary of a chain of hostile names would take longer than it is worth. */
    if (record->tree->output_size > PARSED_MAX)
        return;
    json = virt_probe_record_to_json(record);
    check_json(json);
}

void
fuzz_check_outputs(const VirtProbeRecord *image)
{
    g_autofree char *json = virt_probe_record_to_json(image);
    g_autofree char *text = virt_probe_image_to_text(image);

    if (!image->tree->is_full_wanted)
        g_assert_cmpuint(strlen(json), <=, OUTPUT_MAX);
    check_json(json);
    check_text(text);
}
