/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* signatures.c: what else the bytes of an image may be taken for: other formats, nested ones, and texts that are nearly one. */
#include "storage/audit/audit.h"
#include "storage/content.h"
#include "storage/recognise.h"
#include "storage/registry-index.h"
#include "util/error.h"
#include "util/numbers.h"

#include <string.h>

/* The mark at the end of a boot sector, by which programs recognise a partition table whatever is in it. */
#define BOOT_MARK_OFFSET 510
#define BOOT_MARK "\x55\xaa"
/* Partitions whose first sector is read: as many as a description lists, and half of the reads that an image may cost. */
#define PARTITIONS_MAX 32
#define NESTED_WINDOW 512
#define NEAR_WINDOW 1024

static gboolean
kind_is_text(guint kind)
{
    return kind == VP_KIND_TEXT || kind == VP_KIND_PADDED_TEXT || kind == VP_KIND_UTF16_BE
           || kind == VP_KIND_UTF16_LE;
}

/* TRUE when the bytes are a field of the image's own header, which may have any value. No text needs such bytes. */
static gboolean
header_covers(const VpProbe *probe, guint64 offset, gsize len)
{
    for (guint i = 0; i < probe->format->n_fields; i++) {
        guint64 place = vp_header_field_place(probe, i);

        if (kind_is_text(probe->format->fields[i].kind))
            continue;

        if (vp_probe_has(probe, i) && place < offset + len
            && offset < place + probe->format->fields[i].width)
            return TRUE;
    }
    return FALSE;
}

static void
find_polyglot(VpProbe *probe, const VpFormat *other, guint64 offset, gsize len)
{
    vp_probe_find(probe, VP_RULE_POLYGLOT, offset, len, "the %s image also has a signature of %s",
                  probe->format->name, other->name);
}

/* Containers by their head, of which recognising took the stronger one. */
static void
find_other_heads(VpProbe *probe, const VpReader *head)
{
    VpFormatSet others = vp_format_set_without(vp_format_set_all(), vp_registry_bit(probe->format));
    VpMatches matches;

    vp_registry_match_head_among(head->data, head->size, others, &matches);
    for (guint i = 0; i < matches.count; i++) {
        if (!vp_formats_share_magic(matches.formats[i], probe->format))
            find_polyglot(probe, matches.formats[i], 0, head->size);
    }
}

/* Content has no place in a container, but a few bytes of data may be a short signature by chance. What is found at the end
 * of the file is not counted: there mostly the end of a guest's partition table lies. */
static void
find_content(VpProbe *probe)
{
    VpFormatSet mbr = vp_registry_bit(vp_registry_find("mbr"));
    VpContents contents;
    VpFormatSet rest;
    VpReader mark;

    vp_content_find(probe, vp_format_set_all(), &contents);
    rest = vp_format_set_without(contents.formats, vp_format_set_or(contents.from_end, mbr));
    while (!vp_format_set_is_empty(rest)) {
        guint number = vp_format_set_take(&rest);
        guint64 offset = vp_content_offset(probe, &contents, number);
        const VpMagic *magic = vp_content_magic(&contents, number);

        if (magic->evidence == VP_EVIDENCE_STRONG && !header_covers(probe, offset, magic->len))
            find_polyglot(probe, vp_registry_nth(number), offset, magic->len);
    }
    if (vp_probe_peek(probe, BOOT_MARK_OFFSET, strlen(BOOT_MARK), &mark)
        && memcmp(mark.data, BOOT_MARK, strlen(BOOT_MARK)) == 0
        && !header_covers(probe, BOOT_MARK_OFFSET, strlen(BOOT_MARK)))
        find_polyglot(probe, vp_registry_find("mbr"), BOOT_MARK_OFFSET, strlen(BOOT_MARK));
}

/* One by one: an image that was recognised by its end may have a second signature there. */
static void
find_other_tails(VpProbe *probe)
{
    VpFormatSet rest = vp_registry_with_tail();
    const VpFormat *other;
    guint64 place;

    while ((other = vp_recognise_other_tail(probe, &rest, &place)) != NULL)
        find_polyglot(probe, other, place, (gsize) (probe->size - place));
}

static const VirtProbeRecord *
nth_content(const VpProbe *probe, guint number)
{
    const VpValue *list = vp_record_get(probe->extra, VP_PROBE_CONTENT);

    return list != NULL && number < list->list->count ? list->list->items[number] : NULL;
}

static gboolean
has_content(const VpProbe *probe, const char *name)
{
    const VirtProbeRecord *content;

    for (guint i = 0; (content = nth_content(probe, i)) != NULL; i++) {
        if (strcmp(vp_record_get_text(content, VP_CONTENT_FORMAT), name) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Images of installation media are both, so that they start from a disc and from a stick. */
static void
find_hybrid(VpProbe *probe)
{
    if (has_content(probe, "iso") && has_content(probe, "gpt"))
        vp_probe_find(probe, VP_RULE_HYBRID, 0, 0,
                      "the disk is an ISO 9660 image and has a GUID partition table");
}

static void
find_nested_at(VpProbe *probe, guint64 offset)
{
    VpMatches matches;
    VpReader head;

    if (!vp_probe_peek(probe, offset, NESTED_WINDOW, &head))
        return;
    vp_registry_match_head(head.data, head.size, &matches);
    for (guint i = 0; i < matches.count; i++)
        vp_probe_find(probe, VP_RULE_NESTED, offset, NESTED_WINDOW,
                      "a partition begins as an image in %s format", matches.formats[i]->name);
}

/* Where a partition begins. FALSE: where the disk does, or behind any file. */
static gboolean
partition_start(const VirtProbeRecord *partition, guint64 sector_size, guint64 *out_offset)
{
    const VpValue *first = vp_record_get(partition, VP_PARTITION_FIRST_SECTOR);

    return first != NULL && first->number != 0
           && vp_checked_mul(first->number, sector_size, out_offset);
}

/* Looks into the partitions of a table, as long as *n_left says. Gives how many it did not look into. */
static guint64
find_nested_in(VpProbe *probe, const VirtProbeRecord *content, guint *n_left)
{
    const VpValue *list = vp_record_get(content, VP_CONTENT_PARTITIONS);
    const VpValue *sector = vp_record_get(content, VP_CONTENT_SECTOR_SIZE);
    guint64 count = vp_record_get_number(content, VP_CONTENT_PARTITION_COUNT);
    guint listed = list != NULL ? list->list->count : 0;
    guint64 n_unread = count > listed ? count - listed : 0;

    for (guint i = 0; i < listed; i++) {
        guint64 offset;

        if (!partition_start(list->list->items[i], sector != NULL ? sector->number : 512, &offset))
            continue;
        if (*n_left == 0) {
            n_unread++;
            continue;
        }
        --*n_left;
        find_nested_at(probe, offset);
    }
    return n_unread;
}

static void
find_nested(VpProbe *probe)
{
    const VirtProbeRecord *content;
    guint n_left = PARTITIONS_MAX;
    guint64 n_unread = 0;

    for (guint i = 0; (content = nth_content(probe, i)) != NULL; i++)
        n_unread += find_nested_in(probe, content, &n_left);
    if (n_unread > 0)
        vp_probe_find(probe, VP_RULE_NOT_EXAMINED, 0, 0,
                      "%" G_GUINT64_FORMAT " partitions were not looked into, only the first %u",
                      n_unread, PARTITIONS_MAX - n_left);
}

static gboolean
is_zero(const guint8 *bytes, gsize size)
{
    return size > 0 && bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* Text with a mark of its encoding in front, or of two bytes a letter: people and programs that read text see what QEMU does
 * not. (transfer full) */
static GByteArray *
text_without_encoding(const VpReader *head)
{
    GByteArray *text = g_byte_array_new();
    const guint8 *bytes = head->data;
    gsize size = MIN(head->size, NEAR_WINDOW);
    gsize first;

    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        return g_byte_array_append(text, bytes + 3, (guint) size - 3);
    if (size < 4)
        return text;
    /* UTF-16 of either order, with and without mark: the other byte of each letter is zero. */
    first = bytes[0] == 0 || (bytes[0] == 0xfe && bytes[1] == 0xff) ? 1 : 0;
    for (gsize i = (bytes[0] | bytes[1]) == 0xff ? first + 2 : first; i < size; i += 2) {
        if (bytes[i ^ 1] != 0)
            break;
        g_byte_array_append(text, bytes + i, 1);
    }
    return text;
}

static void
find_near_text(VpProbe *probe, const VpReader *head)
{
    g_autoptr(GByteArray) text = text_without_encoding(head);
    VpMatches matches;

    if (text->len == 0)
        return;
    vp_registry_match_head(text->data, text->len, &matches);
    for (guint i = 0; i < matches.count; i++)
        vp_probe_find(probe, VP_RULE_NEAR, 0, MIN(head->size, NEAR_WINDOW),
                      "in another encoding the text would be a %s image", matches.formats[i]->name);
}

static void
examine_payload(VpProbe *probe, const VpReader *head)
{
    /* Discs and some filesystems leave their beginning to others. */
    if (probe->format->layer == VP_LAYER_FALLBACK && nth_content(probe, 0) == NULL
        && is_zero(head->data, head->size))
        vp_probe_find(probe, VP_RULE_SPARSE_HEADER, 0, head->size,
                      "the first %" G_GSIZE_FORMAT " bytes are zero", head->size);
    if (probe->format->layer == VP_LAYER_FALLBACK)
        find_near_text(probe, head);
    find_hybrid(probe);
    find_nested(probe);
}

static void
examine(VpProbe *probe)
{
    VpReader head;

    if (!vp_probe_peek(probe, 0, (gsize) MIN(VP_HEAD_SIZE, probe->size), &head))
        return;
    if (vp_format_head_is_weak(probe->format, head.data, head.size))
        vp_probe_find(probe, VP_RULE_WEAK, 0, 0,
                      "any text may begin with what the %s format is recognised by",
                      probe->format->name);
    /* Of a raw disk that was said when it was recognised, unless what is in front denies it already. */
    if (probe->format->layer != VP_LAYER_FALLBACK)
        find_other_tails(probe);
    if ((probe->format->flags & VP_FORMAT_RAW_PAYLOAD) != 0) {
        examine_payload(probe, &head);
        return;
    }
    find_other_heads(probe, &head);
    find_content(probe);
    vp_audit_find_overlaps(probe);
}

/* What was not looked at may be anything. */
static void
find_unread(VpProbe *probe)
{
    if (probe->windows->is_limited)
        vp_probe_find(probe, VP_RULE_LIMIT, 0, 0,
                      "the limits of reading leave no room for what an audit looks at");
    if (vp_windows_errno(probe->windows) != 0 && probe->n_findings[VP_RULE_IO_ERROR] == 0)
        vp_probe_find(probe, VP_RULE_IO_ERROR, 0, 0, "a part of the file cannot be read: %s",
                      vp_error_meaning(vp_windows_errno(probe->windows)));
}

void
vp_audit_examine(VpProbe *probe)
{
    const VirtProbeRule *broken_rule = probe->broken_rule;
    const char *broken_message = probe->broken_message;

    /* Of an ambiguous image all is said, and an empty one has nothing to look at. */
    if (probe->format == NULL || probe->size == 0)
        return;
    probe->windows->is_limited = FALSE;
    examine(probe);
    find_unread(probe);
    probe->broken_rule = broken_rule;
    probe->broken_message = broken_message;
}
