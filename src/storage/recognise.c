/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recognise.c: which format an image is, from its bytes: head first, then the end, then the content. */
#include "storage/recognise.h"

#include "storage/content.h"
#include "storage/registry-index.h"
#include "util/text.h"

#include <string.h>

/* Nobody can say of so few bytes that no second format matches. */
#define DECISIVE_SIZE 512

static void
match_head(VpProbe *probe, VpMatches *out_head)
{
    VpReader reader;

    out_head->count = 0;
    if (vp_probe_read(probe, 0, (gsize) MIN(vp_probe_head_size(probe), probe->size), "head",
                      &reader)
        || probe->has_no_end)
        vp_registry_match_head(reader.data, reader.size, out_head);
}

/* What could not be read may be anything: then nothing is said of the format. */
static gboolean
reading_failed(const VpProbe *probe)
{
    const VpWindows *windows = probe->windows;

    return vp_windows_errno(windows) != 0 || windows->is_waiting || windows->is_unreachable;
}

/* A brief description spends no read on what the name does not promise: a format behind the head is looked for unless the
 * name has the extension of other ones. */
static VpFormatSet
looked_for(const VpProbe *probe, VpFormatSet formats)
{
    return (probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) == 0 || vp_format_set_is_empty(probe->named)
               ? formats
               : vp_format_set_and(formats, probe->named);
}

/* Guest data may end with a signature by chance or intent, so all that the format can check must be right. */
static gboolean
tail_is_sound(VpProbe *probe, const VpFormat *format, guint64 place)
{
    gboolean was_quiet = probe->is_quiet;
    gboolean is_sound;

    probe->format = format;
    probe->header_start = place;
    probe->is_quiet = TRUE;
    vp_header_read(probe);
    is_sound = probe->header.parts[0].is_sound
               && (format->verify_tail == NULL || format->verify_tail(probe));
    probe->is_quiet = was_quiet;
    if (is_sound)
        return TRUE;
    probe->format = NULL;
    probe->header_start = 0;
    return FALSE;
}

/* A signature at the end counts only when the format itself agrees with what stands there. */
static gboolean
match_tail(VpProbe *probe, const VpFormat *format)
{
    for (const VpMagic *magic = format->magics; magic != NULL && magic->len > 0; magic++) {
        VpReader reader;

        if (!magic->is_from_end || probe->has_no_end || probe->size < magic->offset)
            continue;
        if (!vp_probe_read(probe, probe->size - magic->offset, magic->offset, "end", &reader))
            return FALSE;
        if (!vp_magic_matches(magic, reader.data))
            continue;
        if (tail_is_sound(probe, format, probe->size - magic->offset))
            return TRUE;
    }
    return FALSE;
}

/* The next of the formats that has its signature at the end; it and those before it leave the set. */
static gboolean
match_next_tail(VpProbe *probe, VpFormatSet *rest)
{
    if (probe->has_no_end)
        return FALSE;
    /* All signatures at the end, those of content too, are of one read. */
    if ((probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) == 0)
        vp_probe_prefetch(probe, probe->size - MIN(VP_END_SIZE, probe->size), VP_END_SIZE);
    while (!vp_format_set_is_empty(*rest)) {
        if (match_tail(probe, vp_registry_nth(vp_format_set_take(rest))))
            return TRUE;
    }
    return FALSE;
}

static gboolean
match_any_tail(VpProbe *probe)
{
    VpFormatSet rest = looked_for(probe, vp_registry_with_tail());

    return match_next_tail(probe, &rest);
}

static void
report_ambiguous(VpProbe *probe, const VpMatches *head)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < head->count; i++) {
        const char *name = head->formats[i]->name;

        g_string_append_printf(names, "%s%s", i == 0 ? "" : " and ", name);
        vp_record_append_text(probe->extra, VP_PROBE_CANDIDATES, name, strlen(name));
    }
    vp_probe_find(probe, VP_RULE_POLYGLOT, 0, 0, "the head matches %s", names->str);
}

/* A stream has brought too little of it. Weak signatures give way to all others. */
static gboolean
head_may_change(const VpProbe *probe, const VpMatches *head)
{
    guint64 arrived = probe->windows->source->arrived;

    return probe->windows->source->has_no_end && head->count == 1
           && arrived < (vp_format_is_weak(head->formats[0]) ? VP_HEAD_SIZE : DECISIVE_SIZE);
}

/* Nothing says what it is. The end might. */
static void
take_for_raw(VpProbe *probe)
{
    probe->format = vp_registry_fallback();
    probe->is_presumed = probe->has_no_end;
}

void
vp_recognise(VpProbe *probe, VpMatches *out_head)
{
    match_head(probe, out_head);
    if (out_head->count > 1) {
        report_ambiguous(probe, out_head);
        return;
    }
    probe->is_presumed = head_may_change(probe, out_head);
    if (out_head->count == 1)
        probe->format = out_head->formats[0];
    else if (!reading_failed(probe) && !match_any_tail(probe) && !reading_failed(probe))
        take_for_raw(probe);
}

/* Content formats have their signature anywhere. */
static gboolean
match_content(VpProbe *probe, const VpFormat *format)
{
    VpFormatSet bit = vp_registry_bit(format);
    VpContents contents;

    vp_content_find(probe, bit, &contents);
    if (!vp_format_set_is_equal(contents.formats, bit))
        return FALSE;
    probe->header_start = vp_content_header_start(probe, &contents, vp_format_set_first(bit));
    return TRUE;
}

/* Who says the format. */
static const char *
format_source(const VpProbe *probe)
{
    const char *source = vp_record_get_text(probe->extra, VP_PROBE_FORMAT_SOURCE);

    return source != NULL ? source : VP_FORMAT_DECLARED;
}

const VpFormat *
vp_recognise_other_tail(VpProbe *probe, VpFormatSet *rest, guint64 *out_place)
{
    const VpProbe before = *probe;
    const VpFormat *other = NULL;

    *rest = vp_format_set_without(*rest, vp_registry_bit(before.format));
    if (match_next_tail(probe, rest)) {
        other = probe->format;
        *out_place = probe->header_start;
    }
    probe->format = before.format;
    probe->header_start = before.header_start;
    probe->header = before.header;
    return other;
}

/* What has its signature at the end may be taken for raw: then the disk is longer than it should be, or compressed. */
static void
find_other_tails(VpProbe *probe)
{
    VpFormatSet rest = (probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) == 0 ? vp_registry_with_tail()
                                                                       : vp_format_set_empty();
    const VpFormat *other;
    guint64 place;

    while ((other = vp_recognise_other_tail(probe, &rest, &place)) != NULL)
        vp_probe_find(probe, VP_RULE_DECLARED_MISMATCH, 0, 0,
                      "%s as %s, but the end also looks like %s", format_source(probe),
                      probe->format->name, other->name);
}

static gboolean
has_tail(const VpFormat *format)
{
    return vp_format_set_meets(vp_format_set_or(vp_registry_with_tail(), vp_registry_at_end()),
                               vp_registry_bit(format));
}

void
vp_recognise_declared(VpProbe *probe, const VpFormat *format, VpMatches *out_head)
{
    match_head(probe, out_head);
    probe->format = format;
    if (format->layer == VP_LAYER_FALLBACK) {
        if (out_head->count == 0 && !reading_failed(probe))
            find_other_tails(probe);
        return;
    }
    for (guint i = 0; i < out_head->count; i++) {
        if (out_head->formats[i] == format)
            return;
    }
    if (format->layer != VP_LAYER_CONTAINER ? match_content(probe, format)
                                            : match_tail(probe, format))
        return;
    probe->format = format;
    probe->is_presumed = probe->has_no_end && (reading_failed(probe) || has_tail(format));
    if (reading_failed(probe) || probe->is_presumed)
        return;
    vp_probe_find(probe, VP_RULE_BAD_MAGIC, 0, 0, "the image is not in %s format%s", format->name,
                  strcmp(format_source(probe), VP_FORMAT_RECORDED) == 0
                      ? ", which is recorded in the image above"
                      : "");
}

/* Whether one of the formats is the image's own, or was found in it. */
static gboolean
is_any_found(const VpProbe *probe, VpFormatSet formats)
{
    if (vp_format_set_meets(formats, probe->contents))
        return TRUE;
    while (!vp_format_set_is_empty(formats)) {
        if (vp_registry_nth(vp_format_set_take(&formats)) == probe->format)
            return TRUE;
    }
    return FALSE;
}

void
vp_recognise_extension(VpProbe *probe)
{
    if (vp_format_set_is_empty(probe->named) || is_any_found(probe, probe->named))
        return;
    vp_probe_find(probe, VP_RULE_EXT_NAME, 0, 0, "the file name says %s, the bytes say %s",
                  vp_registry_nth(vp_format_set_first(probe->named))->name, probe->format->name);
}

/* TRUE when QEMU would recognise the image as that format, which matches its head by the signature. */
static gboolean
is_probed_by_qemu(VpProbe *probe, const VpFormat *format, const VpMagic *magic)
{
    guint64 version;
    gboolean is_cut;
    VpReader reader;

    if (!vp_probe_read(probe, 0, (gsize) MIN(vp_probe_head_size(probe), probe->size), "head",
                       &reader)
        && !probe->has_no_end)
        return FALSE;
    if (format->is_probed_by_qemu != NULL)
        return format->is_probed_by_qemu(reader.data, reader.size);
    if (magic->is_unknown_to_qemu)
        return FALSE;
    version = 0;
    if (format->version.mode != VP_VERSION_NONE)
        version = vp_format_head_version(format, reader.data, reader.size, &is_cut);
    return vp_format_is_probed_by_qemu(format, version);
}

/* A declared format is authoritative; whoever looks at the head may see another one. */
static void
find_other_heads(VpProbe *probe, const VpMatches *head)
{
    for (guint i = 0; i < head->count; i++) {
        if (head->formats[i] != probe->format)
            vp_probe_find(probe, VP_RULE_DECLARED_MISMATCH, 0, 0,
                          "%s as %s, but the bytes also look like %s", format_source(probe),
                          probe->format->name, head->formats[i]->name);
    }
}

/* The format that QEMU takes from the file's name; it does not look at an empty file. */
static const VpFormat *
format_named_for_qemu(const VpProbe *probe)
{
    return !vp_format_set_is_empty(probe->named) && probe->size > 0
               ? vp_registry_qemu_named(probe->name, probe->named)
               : NULL;
}

const char *
vp_recognise_qemu_name(VpProbe *probe, const VpMatches *head)
{
    const VpFormat *named = format_named_for_qemu(probe);

    if (head->count > 1)
        return NULL;
    if (head->count == 1 && is_probed_by_qemu(probe, head->formats[0], head->magics[0])
        && (named == NULL || head->formats[0]->qemu_probe != VP_QEMU_UNLESS_NAMED))
        return head->formats[0]->name;
    return named != NULL ? named->name : vp_registry_fallback()->name;
}

void
vp_recognise_qemu(VpProbe *probe, const VpMatches *head, gboolean is_declared)
{
    const char *name = vp_recognise_qemu_name(probe, head);

    if (is_declared)
        find_other_heads(probe, head);
    if (name == NULL || name == probe->format->name || strcmp(name, probe->format->name) == 0)
        return;
    vp_record_set_constant(probe->extra, VP_PROBE_QEMU_FORMAT, name);
    if (!is_declared)
        vp_probe_find(probe, VP_RULE_QEMU_DIFFERS, 0, 0,
                      "QEMU takes the image for %s unless told %s", name, probe->format->name);
}
