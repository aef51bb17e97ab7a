/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record.c: building the metadata tree. */
#include "storage/record.h"

#include "util/text.h"

#include <string.h>

/* JSON around one value: indentation, quotes, colon, comma, newline. */
#define OUTPUT_PER_VALUE 30
/* JSON around the exact bytes of a text. */
#define INEXACT_OUTPUT 150

#define BIT(field) (G_GUINT64_CONSTANT(1) << (field))

/* Fields that are kept in a brief description, by record; 0: all. Snapshots and bitmaps are, because findings about their
 * names come from keeping them. */
static const guint64 brief_fields[VP_RECORD_COUNT] = {
    [VP_RECORD_IMAGE] = BIT(VP_IMAGE_FORMAT) | BIT(VP_IMAGE_VIRTUAL_SIZE) | BIT(VP_IMAGE_DIRTY_FLAG)
                        | BIT(VP_IMAGE_ENCRYPTED) | BIT(VP_IMAGE_BACKING_FILENAME)
                        | BIT(VP_IMAGE_FULL_BACKING_FILENAME)
                        | BIT(VP_IMAGE_BACKING_FILENAME_FORMAT) | BIT(VP_IMAGE_SNAPSHOTS)
                        | BIT(VP_IMAGE_FORMAT_SPECIFIC) | BIT(VP_IMAGE_VIRT_PROBE),
    [VP_RECORD_PROBE] = BIT(VP_PROBE_STATE) | BIT(VP_PROBE_ERROR) | BIT(VP_PROBE_QEMU_FORMAT)
                        | BIT(VP_PROBE_REFERENCES) | BIT(VP_PROBE_SNAPSHOT_COUNT)
                        | BIT(VP_PROBE_EXACT_VIRTUAL_SIZE) | BIT(VP_PROBE_CONTENT)
                        | BIT(VP_PROBE_FINDINGS) | BIT(VP_PROBE_BITMAPS) | BIT(VP_PROBE_DESCRIPTOR),
    [VP_RECORD_QCOW2] = BIT(VP_QCOW2_DATA_FILE) | BIT(VP_QCOW2_CORRUPT) | BIT(VP_QCOW2_BITMAPS),
};

static guint64
unwanted_fields(const VpTree *tree, const VpRecordType *type)
{
    gsize kind = (gsize) (type - vp_record_type((VpRecordKind) 0));

    /* Records of details have types of their own, outside of the table. */
    if (!tree->is_brief || kind >= VP_RECORD_COUNT || brief_fields[kind] == 0)
        return 0;
    return ~brief_fields[kind];
}

static VirtProbeRecord *
record_new(VpTree *tree, const VpRecordType *type)
{
    VirtProbeRecord *record =
        vp_arena_take(tree->arena, sizeof *record + type->n_fields * sizeof record->values[0]);

    if (record == NULL) {
        tree->is_out_of_memory = TRUE;
        return NULL;
    }
    tree->output_size += OUTPUT_PER_VALUE;
    record->tree = tree;
    record->type = type;
    record->present = 0;
    record->unwanted = unwanted_fields(tree, type);
    return record;
}

static VirtProbeRecord *
tree_new(VpRecordKind kind, gboolean is_full_wanted, gboolean is_brief)
{
    VpArena *arena = vp_arena_new(VP_TREE_MEMORY_MAX - VP_TREE_MEMORY_RESERVE);
    VpTree *tree = vp_arena_take(arena, sizeof *tree);

    *tree = (VpTree) {
        .ref_count = 1,
        .arena = arena,
        .is_full_wanted = is_full_wanted,
        .is_brief = is_brief,
    };
    tree->root = record_new(tree, vp_record_type(kind));
    return tree->root;
}

VirtProbeRecord *
vp_tree_new(VpRecordKind kind, gboolean is_full_wanted)
{
    return tree_new(kind, is_full_wanted, FALSE);
}

VirtProbeRecord *
vp_tree_new_brief(VpRecordKind kind)
{
    return tree_new(kind, FALSE, TRUE);
}

void
vp_tree_open_reserve(VirtProbeRecord *root)
{
    vp_arena_set_limit(root->tree->arena, VP_TREE_MEMORY_MAX);
}

void *
vp_record_alloc(VirtProbeRecord *record, gsize size)
{
    void *memory;

    if (record == NULL)
        return NULL;
    memory = vp_arena_alloc(record->tree->arena, size);
    if (memory == NULL)
        record->tree->is_out_of_memory = TRUE;
    return memory;
}

static const char *
record_copy(VirtProbeRecord *record, const void *bytes, gsize len)
{
    char *copy = vp_arena_copy(record->tree->arena, bytes, len);

    if (copy == NULL)
        record->tree->is_out_of_memory = TRUE;
    return copy;
}

/* The place of a value, marked as present and counted; the caller fills it. */
static VpValue *
record_place(VirtProbeRecord *record, guint field, gsize output_size)
{
    record->present |= G_GUINT64_CONSTANT(1) << field;
    record->tree->output_size +=
        OUTPUT_PER_VALUE + record->type->fields[field].key_len + output_size;
    return &record->values[field];
}

void
vp_record_put_bool(VirtProbeRecord *record, guint field, gboolean value)
{
    record_place(record, field, 5)->number = value != FALSE;
}

void
vp_record_put_uint(VirtProbeRecord *record, guint field, guint64 value)
{
    /* JSON readers of the field's users hold 63 bits. */
    if (value > G_MAXINT64)
        record->tree->has_huge_number = TRUE;
    else
        record_place(record, field, 10)->number = value;
}

void
vp_record_put_mask(VirtProbeRecord *record, guint field, guint64 value)
{
    record_place(record, field, 20)->number = value;
}

/* JSON text of the bytes at most: each that is not plain ASCII may take six characters. */
static gsize
text_output_size(const char *text, gsize len)
{
    const guint8 *bytes = (const guint8 *) text;
    gsize size = len;

    for (gsize i = vp_text_plain_prefix(text, len); i < len; i++) {
        if ((guint8) (bytes[i] - 0x20) >= 0x5f || bytes[i] == '"' || bytes[i] == '\\')
            size += 5;
    }
    /* What JSON cannot hold is printed once more in hexadecimal, with a pointer to it. */
    if (size > len && !vp_text_is_lossless(text, len))
        size += 2 * len + INEXACT_OUTPUT;
    return size;
}

void
vp_record_put_text(VirtProbeRecord *record, guint field, const void *bytes, gsize len)
{
    const char *copy = record_copy(record, bytes, len);
    VpValue *value;

    if (copy == NULL)
        return;
    /* What is replaced is not printed. */
    if (vp_record_has(record, field))
        record->tree->output_size -=
            OUTPUT_PER_VALUE + record->type->fields[field].key_len
            + text_output_size(record->values[field].bytes, record->values[field].len);
    value = record_place(record, field, text_output_size(copy, len));
    value->bytes = copy;
    value->len = len;
}

void
vp_record_copy_text(VirtProbeRecord *to, guint to_field, const VirtProbeRecord *from,
                    guint from_field)
{
    const VpValue *value = vp_record_get(from, from_field);

    if (value != NULL)
        vp_record_set_text(to, to_field, value->bytes, value->len);
}

void
vp_record_copy_number(VirtProbeRecord *to, guint to_field, const VirtProbeRecord *from,
                      guint from_field)
{
    const VpValue *value = vp_record_get(from, from_field);

    if (value != NULL)
        vp_record_set_uint(to, to_field, value->number);
}

void
vp_record_unset(VirtProbeRecord *record, guint field)
{
    if (record != NULL)
        record->present &= ~(G_GUINT64_CONSTANT(1) << field);
}

void
vp_record_put_constant(VirtProbeRecord *record, guint field, const char *text, gsize len)
{
    VpValue *value = record_place(record, field, 10);

    value->bytes = text;
    value->len = len;
}

VirtProbeRecord *
vp_record_put_record(VirtProbeRecord *record, guint field, const VpRecordType *type)
{
    VirtProbeRecord *child;

    if (vp_record_has(record, field))
        return record->values[field].record;
    child = record_new(record->tree, type);
    if (child != NULL)
        record_place(record, field, 0)->record = child;
    return child;
}

static VpList *
record_list(VirtProbeRecord *record, guint field)
{
    VpList *list;

    if (vp_record_has(record, field))
        return record->values[field].list;
    list = vp_arena_take(record->tree->arena, sizeof *list);
    if (list == NULL) {
        record->tree->is_out_of_memory = TRUE;
        return NULL;
    }
    *list = (VpList) { .count = 0 };
    record_place(record, field, 0)->list = list;
    return list;
}

void
vp_record_put_empty_list(VirtProbeRecord *record, guint field)
{
    record_list(record, field);
}

static gboolean
list_append(VirtProbeRecord *record, VpList *list, void *item)
{
    if (list->count == list->room) {
        guint room = list->room == 0 ? 4 : list->room * 2;
        void **items = vp_record_alloc(record, room * sizeof *items);

        if (items == NULL)
            return FALSE;
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = item;
    return TRUE;
}

VirtProbeRecord *
vp_record_append(VirtProbeRecord *record, guint field)
{
    VirtProbeRecord *item;
    VpList *list = vp_record_wants(record, field) ? record_list(record, field) : NULL;

    if (list == NULL)
        return NULL;
    item = record_new(record->tree, vp_record_type(record->type->fields[field].child));
    return item != NULL && list_append(record, list, item) ? item : NULL;
}

void
vp_record_remove_last(VirtProbeRecord *record, guint field)
{
    VpList *list = record_list(record, field);

    if (list != NULL && list->count > 0)
        list->count--;
}

void
vp_record_append_text(VirtProbeRecord *record, guint field, const void *bytes, gsize len)
{
    VpList *list = vp_record_wants(record, field) ? record_list(record, field) : NULL;
    VpText *text = list != NULL ? vp_record_alloc(record, sizeof *text) : NULL;

    if (text == NULL)
        return;
    text->bytes = record_copy(record, bytes, len);
    text->len = len;
    if (text->bytes != NULL && list_append(record, list, text))
        record->tree->output_size += OUTPUT_PER_VALUE + text_output_size(text->bytes, len);
}

gboolean
vp_record_has_room(const VirtProbeRecord *record)
{
    if (record == NULL || record->tree->is_out_of_memory
        || vp_arena_used(record->tree->arena) > VP_TREE_MEMORY_MAX - 2 * VP_TREE_MEMORY_RESERVE)
        return FALSE;
    return record->tree->is_full_wanted || record->tree->output_size < VP_OUTPUT_LISTS_MAX;
}
