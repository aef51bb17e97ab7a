/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* header-part.c: the one reader of header fields: finds the parts of a header and reads the rows that lie in each. */
#include "storage/format.h"
#include "util/numbers.h"

#include <string.h>

/* A place where a part may be, looked at. */
typedef struct {
    guint64 place;
    VpReader reader; /* over what there is of its bytes, from the first one that matters */
    guint32 start;   /* that one, counted as the offsets of fields are */
    guint32 len;     /* of all that matter */
    VpWindowState state;
    gboolean has_magic;
    gboolean has_checksum; /* and it is right */
    guint64 sequence;
} Candidate;

/* The rows of a part, which stand together. */
static void
rows_of_part(const VpFormat *format, guint part, guint *out_first, guint *out_end)
{
    guint first = 0;
    guint end;

    if (format->parts == NULL) {
        *out_first = 0;
        *out_end = format->n_fields;
        return;
    }
    while (first < format->n_fields && format->fields[first].part != part)
        first++;
    for (end = first; end < format->n_fields && format->fields[end].part == part; end++)
        ;
    *out_first = first;
    *out_end = end;
}

/* The bytes that matter; all rows lie between the first and the last, a test sees to it. */
static void
part_extent(const VpFormat *format, const VpPart *part, guint first, guint end, guint32 *out_start,
            guint32 *out_end)
{
    const VpHeaderField *last = &format->fields[end - 1];

    *out_start = first < end ? format->fields[first].offset : 0;
    *out_end = first < end ? last->offset + last->width : 0;
    if (part == NULL || (part->magic == NULL && part->checksum == VP_CHECKSUM_NONE))
        return;
    *out_start = 0;
    *out_end = MAX(*out_end, MAX(part->checksum_len, part->magic_len));
}

static guint64
row_number(const VpReader *reader, guint32 start, const VpHeaderField *row, VpByteOrder order)
{
    VpReader at = *reader;

    vp_reader_seek(&at, row->offset - start);
    return vp_reader_uint(&at, row->width, order);
}

/* Bytes at its end that the file need not have and has not. */
static guint32
part_lacks(const VpProbe *probe, const VpPart *part, guint64 place, guint32 extent_end)
{
    guint64 there = probe->size - MIN(place, probe->size);

    if (part == NULL || part->may_lack == 0 || there >= extent_end
        || there + part->may_lack < extent_end)
        return 0;
    return extent_end - (guint32) there;
}

/* Reads it without a word. */
static void
candidate_look(VpProbe *probe, const VpPart *part, guint first, guint end, Candidate *candidate)
{
    const VpFormat *format = probe->format;
    VpReader *reader = &candidate->reader;
    guint32 extent_end;

    part_extent(format, part, first, end, &candidate->start, &extent_end);
    extent_end -= part_lacks(probe, part, candidate->place, extent_end);
    candidate->len = extent_end - candidate->start;
    candidate->state = vp_windows_get(
        probe->windows, probe->start + candidate->place + candidate->start, candidate->len, reader);
    reader->base = candidate->place + candidate->start;
    /* What lies beyond the image is not ours, although it may be in the file. */
    reader->size = MIN(reader->size, (gsize) (probe->size - MIN(reader->base, probe->size)));
    if (part == NULL)
        return;
    candidate->has_magic = part->magic == NULL
                           || (reader->size >= part->magic_len
                               && memcmp(reader->data, part->magic, part->magic_len) == 0);
    if (part->checksum != VP_CHECKSUM_NONE && reader->size + part->may_lack >= part->checksum_len) {
        const VpHeaderField stored = { .offset = part->checksum_place, .width = 4 };

        candidate->has_checksum =
            row_number(reader, 0, &stored, format->order)
            == vp_checksum(part->checksum, reader->data, MIN(part->checksum_len, reader->size),
                           part->checksum_place);
    } else {
        candidate->has_checksum = part->checksum == VP_CHECKSUM_NONE;
    }
    if (part->sequence != 0)
        candidate->sequence =
            row_number(reader, candidate->start, &format->fields[part->sequence], format->order);
}

static gboolean
candidate_is_sound(const Candidate *candidate)
{
    return candidate->state == VP_WINDOW_OK && candidate->has_magic && candidate->has_checksum;
}

/* FALSE: the place cannot be told. */
static gboolean
place_find(VpProbe *probe, guint number, const VpPlace *place, guint64 *out_place)
{
    guint64 unit = place->unit != 0 ? place->unit : 1;
    guint64 value;

    switch (place->kind) {
    case VP_PLACE_AT:
        *out_place = place->offset;
        return TRUE;
    case VP_PLACE_FROM_END:
        *out_place = probe->size - MIN(probe->size, place->offset);
        return probe->size >= place->offset;
    case VP_PLACE_FIELD:
        return vp_probe_has(probe, place->field)
               && vp_checked_mul(vp_probe_value(probe, place->field), unit, &value)
               && vp_checked_add(value, place->offset, out_place);
    case VP_PLACE_FOUND:
        return probe->format->find_part(probe, number, out_place);
    default:
        return FALSE;
    }
}

static const char *
part_name(const VpProbe *probe, const VpPart *part)
{
    return part != NULL ? part->name : probe->format->name;
}

static void
report_cut(VpProbe *probe, const VpPart *part, const VpReader *reader)
{
    guint64 end = reader->base + reader->size;

    /* Content that is cut is no damage of the raw disk that it lies in. */
    vp_probe_find(probe,
                  probe->is_nested && probe->format->layer != VP_LAYER_CONTAINER
                      ? VP_RULE_HEADER_INCONSISTENT
                      : VP_RULE_TRUNCATED,
                  MIN(end, probe->size), 0, "%s%s is cut, %s has %" G_GUINT64_FORMAT " bytes",
                  part_name(probe, part), part != NULL ? "" : " header",
                  probe->is_nested ? "its place" : "the file", probe->size);
}

/* What is wrong with a part that is there. FALSE: it is no such part. */
static gboolean
part_judge(VpProbe *probe, const VpPart *part, const Candidate *candidate)
{
    if (part == NULL || candidate->state != VP_WINDOW_OK)
        return TRUE;
    if (!candidate->has_magic) {
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, candidate->place, part->magic_len,
                      "no %s at %" G_GUINT64_FORMAT, part->name, candidate->place);
        return FALSE;
    }
    if (!candidate->has_checksum)
        vp_probe_find(probe, part->checksum_rule, candidate->place + part->checksum_place, 4,
                      "checksum of the %s does not fit its bytes", part->name);
    return TRUE;
}

/* A row that is not where another field says it would be. */
static inline gboolean
row_is_given(const VpHeader *header, const VpHeaderField *row)
{
    guint64 value = header->values[row->given];

    return value >= row->given_minimum && (row->given_maximum == 0 || value <= row->given_maximum);
}

/* Reads the rows of a part up to the first that does not fit. Every row of every image comes here, so the reader is not moved
 * for each. */
static void
rows_take(VpProbe *probe, guint first, guint end, guint32 start, VpReader *reader)
{
    const VpHeaderField *row = &probe->format->fields[first];
    const VpByteOrder order = probe->format->order;
    const guint8 *data = reader->data;
    const gsize size = reader->size;
    VpHeader *header = &probe->header;

    for (guint i = first; i < end; i++, row++) {
        const gsize place = row->offset - start;

        if (!row_is_given(header, row))
            continue;
        if (G_UNLIKELY(place > size || row->width > size - place)) {
            reader->pos = MIN(place, size);
            vp_reader_fail(reader);
            return;
        }
        if (row->kind == VP_KIND_UINT)
            header->values[i] = vp_bytes_to_uint(data + place, row->width, order);
        header->present |= G_GUINT64_CONSTANT(1) << i;
        header->checked |= (guint64) (row->checks != 0) << i;
    }
}

static void
rows_read(VpProbe *probe, const VpPart *part, guint first, guint end, Candidate *candidate)
{
    VpReader *reader = &candidate->reader;

    rows_take(probe, first, end, candidate->start, reader);
    if (!vp_reader_failed(reader) && (part == NULL || candidate->state == VP_WINDOW_OK))
        return;
    if (candidate->state != VP_WINDOW_OK && candidate->state != VP_WINDOW_PAST_END)
        vp_probe_read(probe, reader->base, candidate->len, part_name(probe, part), reader);
    else
        report_cut(probe, part, reader);
}

/* Nobody can tell which of two copies is the newer one when they differ and their sequences do not. */
static void
check_same(VpProbe *probe, const VpPart *part, const Candidate *first, const Candidate *second)
{
    if (part->is_same_when_equal && first->sequence == second->sequence
        && (first->reader.size != second->reader.size
            || memcmp(first->reader.data, second->reader.data, first->reader.size) != 0))
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, second->place, 0,
                      "the copies of the %s differ, and both have the sequence %" G_GUINT64_FORMAT,
                      part->name, first->sequence);
}

/* Which of two copies counts. */
static gboolean
second_is_better(VpProbe *probe, const VpPart *part, const Candidate *first,
                 const Candidate *second)
{
    gboolean is_sound = candidate_is_sound(first);

    if (is_sound && candidate_is_sound(second)) {
        check_same(probe, part, first, second);
        return second->sequence > first->sequence;
    }
    if (!is_sound && !candidate_is_sound(second))
        return FALSE;
    vp_probe_find(probe, !is_sound && part->copy_rule != 0 ? part->copy_rule : VP_RULE_COPY_DAMAGED,
                  is_sound ? second->place : first->place, 0,
                  "the %s at %" G_GUINT64_FORMAT " is damaged, that at %" G_GUINT64_FORMAT
                  " is used",
                  part->name, is_sound ? second->place : first->place,
                  is_sound ? first->place : second->place);
    return !is_sound;
}

/* Both copies are looked at where there are two that may differ. FALSE: the part has no place. */
static gboolean
part_find(VpProbe *probe, guint number, guint first, guint end, Candidate *candidate,
          gboolean *out_is_second)
{
    const VpPart *part = &probe->format->parts[number];
    Candidate second = { .place = 0 };

    *out_is_second = FALSE;
    if (!place_find(probe, number, &part->place, &candidate->place))
        return FALSE;
    candidate_look(probe, part, first, end, candidate);
    if (part->sequence == 0 && candidate_is_sound(candidate))
        return TRUE;
    if (!place_find(probe, number, &part->copy, &second.place))
        return TRUE;
    candidate_look(probe, part, first, end, &second);
    *out_is_second = second_is_better(probe, part, candidate, &second);
    if (*out_is_second)
        *candidate = second;
    return TRUE;
}

static gboolean
part_is_given(const VpProbe *probe, const VpPart *part)
{
    guint64 value = vp_probe_value(probe, part->given);

    if (part->is_only_with_head && probe->header_start > 0)
        return FALSE;
    return value >= part->given_minimum
           && (part->given_maximum == 0 || value <= part->given_maximum);
}

/* part: NULL for a header of one piece. */
static void
part_read(VpProbe *probe, guint number, const VpPart *part)
{
    VpHeaderPart *found = &probe->header.parts[number];
    Candidate candidate = { .place = probe->header_start };
    guint first;
    guint end;

    rows_of_part(probe->format, number, &first, &end);
    if (number == 0)
        candidate_look(probe, part, first, end, &candidate);
    else if (!part_is_given(probe, part)
             || !part_find(probe, number, first, end, &candidate, &found->is_second))
        return;
    found->place = candidate.place;
    found->bytes = candidate.reader.data;
    found->bytes_start = candidate.start;
    found->is_sound = part == NULL || candidate_is_sound(&candidate);
    /* Of a part that is judged as a whole its beginning alone says nothing. */
    if (part != NULL && candidate.state == VP_WINDOW_NOT_YET)
        vp_probe_read(probe, candidate.reader.base, candidate.len, part->name, &candidate.reader);
    else if (part_judge(probe, part, &candidate))
        rows_read(probe, part, first, end, &candidate);
}

void
vp_header_read(VpProbe *probe)
{
    VpHeader *header = &probe->header;
    const VpPart *parts = probe->format->parts;

    memset(header->values, 0, probe->format->n_fields * sizeof header->values[0]);
    header->present = header->checked = header->valid = 0;
    header->cluster_size = 0;
    header->parts[0] = (VpHeaderPart) { .place = probe->header_start };
    if (probe->format->n_fields == 0)
        return;
    part_read(probe, 0, parts);
    for (guint i = 1; parts != NULL && parts[i].name != NULL; i++) {
        header->parts[i] = (VpHeaderPart) { .place = 0 };
        part_read(probe, i, &parts[i]);
    }
}

guint64
vp_header_field_place(const VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];

    return probe->header.parts[row->part].place + row->offset;
}

const guint8 *
vp_header_bytes(const VpProbe *probe, guint field)
{
    const VpHeaderField *row = &probe->format->fields[field];
    const VpHeaderPart *part = &probe->header.parts[row->part];

    return part->bytes + (row->offset - part->bytes_start);
}
