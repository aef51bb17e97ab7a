/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* content.c: what lies in a raw payload: finding it by its signatures, and listing it. */
#include "storage/content.h"

#include "storage/registry-index.h"

/* Signatures behind the head: from there to 64 KiB and a sector of 4 KiB, where btrfs has its one. They are read together,
 * which costs less than several reads, and GPT, ISO 9660 and UDF have what they need in it too. */
#define AREA_START VP_HEAD_SIZE
#define AREA_END (68 * 1024)

/* A list of many files looks no further than for what has a name of its own: ISO 9660. */
#define BRIEF_AREA_START 32768
#define BRIEF_AREA_END (BRIEF_AREA_START + 4096)

static gboolean
is_brief(const VpProbe *probe)
{
    return (probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) != 0;
}

static void
match_window(VpProbe *probe, guint64 start, guint64 end, VpFormatSet wanted, VpContents *contents)
{
    VpReader reader;
    guint64 len = MIN(end, probe->size) - MIN(start, probe->size);

    /* Of a stream that goes on there may be a part. */
    if (len > 0 && (vp_probe_peek(probe, start, (gsize) len, &reader) || probe->has_no_end))
        vp_registry_match_contents(reader.data, start, reader.size, wanted, contents);
}

/* A brief description spends no read on what the name does not promise. */
static void
match_area(VpProbe *probe, VpFormatSet wanted, VpContents *contents)
{
    VpFormatSet behind = vp_format_set_and(wanted, vp_registry_behind_head());

    if (is_brief(probe) && !vp_format_set_is_empty(probe->named))
        behind = vp_format_set_and(behind, probe->named);
    if (vp_format_set_is_empty(behind))
        return;
    if (is_brief(probe))
        match_window(probe, BRIEF_AREA_START, BRIEF_AREA_END, behind, contents);
    else
        match_window(probe, AREA_START, AREA_END, behind, contents);
}

static void
match_end(VpProbe *probe, VpFormatSet wanted, VpContents *contents)
{
    VpFormatSet rest = vp_format_set_without(wanted, contents->formats);

    if (!vp_format_set_is_empty(rest))
        vp_probe_prefetch(probe, probe->size - MIN(VP_END_SIZE, probe->size), VP_END_SIZE);
    while (!vp_format_set_is_empty(rest)) {
        guint number = vp_format_set_take(&rest);
        const VpMagic *magics = vp_registry_nth(number)->magics;

        for (const VpMagic *magic = magics; magic->len > 0; magic++) {
            VpReader reader;

            if (!magic->is_from_end || magic->offset > probe->size
                || !vp_probe_peek(probe, probe->size - magic->offset, magic->len, &reader)
                || !vp_magic_matches(magic, reader.data))
                continue;
            contents->formats = vp_format_set_or(contents->formats, vp_format_set_one(number));
            contents->from_end = vp_format_set_or(contents->from_end, vp_format_set_one(number));
            contents->magics[number] = (guint8) (magic - magics);
            break;
        }
    }
}

/* A special case takes the place of what it is a case of, and counts for nothing without that. */
static void
refine(VpContents *contents)
{
    VpFormatSet found = contents->formats;
    VpFormatSet rest = vp_format_set_and(found, vp_registry_refining());

    while (!vp_format_set_is_empty(rest)) {
        guint number = vp_format_set_take(&rest);
        VpFormatSet base = vp_registry_refined_by(number);

        contents->formats = vp_format_set_without(
            contents->formats, vp_format_set_meets(found, base) ? base : vp_format_set_one(number));
    }
}

static void
verify(VpProbe *probe, VpContents *contents)
{
    VpFormatSet rest = contents->formats;

    while (!vp_format_set_is_empty(rest)) {
        guint number = vp_format_set_take(&rest);
        const VpFormat *format = vp_registry_nth(number);

        if (format->verify_content != NULL && !format->verify_content(probe))
            contents->formats = vp_format_set_without(contents->formats, vp_format_set_one(number));
    }
}

/* How it looks to others is no second content. */
static void
hide(VpContents *contents)
{
    VpFormatSet rest = vp_format_set_and(contents->formats, vp_registry_hiding());

    while (!vp_format_set_is_empty(rest)) {
        VpFormatSet hidden = vp_registry_hidden_by(vp_format_set_take(&rest));

        contents->formats = vp_format_set_without(contents->formats, hidden);
    }
}

/* Beside what is wanted: what it may be a special case of, and what may hide it. */
static VpFormatSet
with_related(VpFormatSet wanted)
{
    VpFormatSet refining = vp_format_set_and(wanted, vp_registry_refining());
    VpFormatSet hiding = vp_format_set_without(vp_registry_hiding(), wanted);
    VpFormatSet related = wanted;

    while (!vp_format_set_is_empty(refining))
        related = vp_format_set_or(related, vp_registry_refined_by(vp_format_set_take(&refining)));
    while (!vp_format_set_is_empty(hiding)) {
        guint number = vp_format_set_take(&hiding);

        if (vp_format_set_meets(vp_registry_hidden_by(number), wanted))
            related = vp_format_set_or(related, vp_format_set_one(number));
    }
    return related;
}

void
vp_content_find(VpProbe *probe, VpFormatSet wanted, VpContents *out_contents)
{
    out_contents->formats = vp_format_set_empty();
    out_contents->from_end = vp_format_set_empty();
    wanted = with_related(wanted);
    match_window(probe, 0, vp_probe_head_size(probe), wanted, out_contents);
    match_area(probe, wanted, out_contents);
    if (!is_brief(probe) && !probe->has_no_end)
        match_end(probe, vp_format_set_and(wanted, vp_registry_at_end()), out_contents);
    if (vp_format_set_is_empty(out_contents->formats))
        return;
    refine(out_contents);
    verify(probe, out_contents);
    hide(out_contents);
}

/* With a header in front the payload is not raw. */
static gboolean
may_hold_content(const VpProbe *probe)
{
    return (probe->format->flags & VP_FORMAT_RAW_PAYLOAD) != 0
           && (probe->format->n_fields == 0 || probe->header_start != 0);
}

void
vp_content_find_all(VpProbe *probe, VpContents *out_contents)
{
    out_contents->formats = vp_format_set_empty();
    if (may_hold_content(probe))
        vp_content_find(probe, vp_format_set_all(), out_contents);
}

const VpMagic *
vp_content_magic(const VpContents *contents, guint number)
{
    return &vp_registry_nth(number)->magics[contents->magics[number]];
}

guint64
vp_content_offset(const VpProbe *probe, const VpContents *contents, guint number)
{
    const VpMagic *magic = vp_content_magic(contents, number);

    return magic->is_from_end ? probe->size - magic->offset : magic->offset;
}

guint64
vp_content_header_start(const VpProbe *probe, const VpContents *contents, guint number)
{
    const VpMagic *magic = vp_content_magic(contents, number);

    return magic->is_from_end ? probe->size - magic->offset : magic->header_start;
}

static void
list_content(VpProbe *probe, const VpContents *contents, guint number)
{
    const VpFormat *format = vp_registry_nth(number);
    VirtProbeRecord *content = vp_record_append(probe->extra, VP_PROBE_CONTENT);
    guint64 offset = vp_content_offset(probe, contents, number);

    if (format->layer == VP_LAYER_WRAPPER)
        vp_probe_find(probe, VP_RULE_ARCHIVE, offset, vp_content_magic(contents, number)->len,
                      "the file is no disk: %s, and nothing is unpacked", format->title);
    /* A record that found no memory is said to be missing at the end. */
    if (content == NULL)
        return;
    vp_record_set_constant(content, VP_CONTENT_FORMAT, format->name);
    vp_record_set_constant(content, VP_CONTENT_LAYER, virt_probe_format_get_layer(format));
    vp_record_set_uint(content, VP_CONTENT_OFFSET, offset);
    vp_describe_content(probe, format, vp_content_header_start(probe, contents, number), content);
}

/* Not inline: most images hold none, and a VpContents is large. */
G_GNUC_NO_INLINE
static void
list_contents(VpProbe *probe)
{
    VpContents contents;
    VpFormatSet rest;

    vp_content_find(probe, vp_format_set_all(), &contents);
    probe->contents = contents.formats;
    rest = contents.formats;
    while (!vp_format_set_is_empty(rest))
        list_content(probe, &contents, vp_format_set_take(&rest));
}

void
vp_recognise_content(VpProbe *probe)
{
    if (may_hold_content(probe))
        list_contents(probe);
    if (probe->format->layer == VP_LAYER_FALLBACK && probe->size > 0
        && vp_format_set_is_empty(probe->contents) && !probe->has_no_end
        && !vp_record_has(probe->extra, VP_PROBE_QEMU_FORMAT)
        && vp_windows_errno(probe->windows) == 0)
        vp_probe_find(probe, VP_RULE_NO_SIGNATURE, 0, 0, "nothing in the file says what it is");
}
