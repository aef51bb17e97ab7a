/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record.h: building and walking the metadata tree. */
#pragma once

#include "storage/fields.h"
#include "util/arena.h"
#include "virtprobe/record.h"

#include <string.h>

/* JSON text that the lists of one image may take together, unless all was asked for (design budget: 256 KiB
 * for the whole document). */
#define VP_OUTPUT_LISTS_MAX (180 * 1024)

/* Memory that the tree of one image may take. With the windows it stays below the heap budget of 8 MiB. */
#define VP_TREE_MEMORY_MAX (2560 * 1024)
/* … of which this much is kept for what is said at the end, and lists leave as much again for findings. */
#define VP_TREE_MEMORY_RESERVE (64 * 1024)

typedef struct {
    guint count;
    guint room;
    void **items; /* VirtProbeRecord or VpText */
} VpList;

typedef struct {
    const char *bytes; /* NUL behind len bytes */
    gsize len;
} VpText;

typedef struct {
    union {
        guint64 number;
        const char *bytes;
        VirtProbeRecord *record;
        VpList *list;
    };
    gsize len; /* of bytes */
} VpValue;

/* What all records of one image share. */
typedef struct {
    gint ref_count;
    VpArena *arena;
    VirtProbeRecord *root;
    gboolean is_full_wanted; /* no limit on output */
    gboolean is_brief;       /* fields that lists do not show are not kept */
    gboolean
        is_examined; /* described for an audit, and so that nothing is missing that one needs */
    gboolean is_out_of_memory;
    gboolean has_huge_number; /* something above 2^63-1 was left out */
    gsize output_size;        /* about how much JSON the tree makes */
} VpTree;

struct _VirtProbeRecord {
    VpTree *tree;
    const VpRecordType *type;
    guint64 present;  /* by field: bit set when it has a value */
    guint64 unwanted; /* by field: what is set is not kept */
    VpValue values[]; /* only those are filled that are present */
};

/* A new tree with an empty root record. (transfer full) to be given up by virt_probe_record_unref(root). */
VirtProbeRecord *vp_tree_new(VpRecordKind kind, gboolean is_full_wanted);

/* The same for a description that only a list shows. */
VirtProbeRecord *vp_tree_new_brief(VpRecordKind kind);

/* Everything was read: what is said now may use the reserve. */
void vp_tree_open_reserve(VirtProbeRecord *root);

/* Take a value over from a record of another tree, when it has one there. */
void vp_record_copy_text(VirtProbeRecord *to, guint to_field, const VirtProbeRecord *from,
                         guint from_field);
void vp_record_copy_number(VirtProbeRecord *to, guint to_field, const VirtProbeRecord *from,
                           guint from_field);

/* FALSE when a value of the field would not be kept, so that it need not be made. */
static inline gboolean
vp_record_wants(const VirtProbeRecord *record, guint field)
{
    return record != NULL && (record->unwanted >> field & 1) == 0;
}

/* The same as the setters below, for a record that wants the field. */
void vp_record_put_bool(VirtProbeRecord *record, guint field, gboolean value);
void vp_record_put_uint(VirtProbeRecord *record, guint field, guint64 value);
void vp_record_put_mask(VirtProbeRecord *record, guint field, guint64 value);
void vp_record_put_text(VirtProbeRecord *record, guint field, const void *bytes, gsize len);
void vp_record_put_constant(VirtProbeRecord *record, guint field, const char *text, gsize len);
VirtProbeRecord *vp_record_put_record(VirtProbeRecord *record, guint field,
                                      const VpRecordType *type);
void vp_record_put_empty_list(VirtProbeRecord *record, guint field);

/* Every setter accepts a NULL record and does nothing then: a caller that is not interested in a part, or has
 * run out of memory, need not ask. Text is copied. Inline, because a brief description keeps few of the fields. */
static inline void
vp_record_set_bool(VirtProbeRecord *record, guint field, gboolean value)
{
    if (vp_record_wants(record, field))
        vp_record_put_bool(record, field, value);
}

static inline void
vp_record_set_uint(VirtProbeRecord *record, guint field, guint64 value)
{
    if (vp_record_wants(record, field))
        vp_record_put_uint(record, field, value);
}

static inline void
vp_record_set_mask(VirtProbeRecord *record, guint field, guint64 value)
{
    if (vp_record_wants(record, field))
        vp_record_put_mask(record, field, value);
}

static inline void
vp_record_set_text(VirtProbeRecord *record, guint field, const void *bytes, gsize len)
{
    if (vp_record_wants(record, field))
        vp_record_put_text(record, field, bytes, len);
}

static inline void
vp_record_set_string(VirtProbeRecord *record, guint field, const char *text)
{
    if (vp_record_wants(record, field))
        vp_record_put_text(record, field, text, strlen(text));
}

/* The text is not copied: a constant of ours. */
static inline void
vp_record_set_constant(VirtProbeRecord *record, guint field, const char *text)
{
    if (vp_record_wants(record, field))
        vp_record_put_constant(record, field, text, strlen(text));
}

/* Puts an empty record there, or gives the one that is there already. NULL when memory is spent. */
static inline VirtProbeRecord *
vp_record_set_typed(VirtProbeRecord *record, guint field, const VpRecordType *type)
{
    return vp_record_wants(record, field) ? vp_record_put_record(record, field, type) : NULL;
}

static inline VirtProbeRecord *
vp_record_set_record(VirtProbeRecord *record, guint field, VpRecordKind kind)
{
    return vp_record_set_typed(record, field, vp_record_type(kind));
}

/* Takes a value away again. */
void vp_record_unset(VirtProbeRecord *record, guint field);

/* Makes an empty list, so that it is shown although nothing is in it. */
static inline void
vp_record_set_empty_list(VirtProbeRecord *record, guint field)
{
    if (vp_record_wants(record, field))
        vp_record_put_empty_list(record, field);
}

/* Appends to a list. NULL when memory is spent. */
VirtProbeRecord *vp_record_append(VirtProbeRecord *record, guint field);
void vp_record_append_text(VirtProbeRecord *record, guint field, const void *bytes, gsize len);

/* Takes the last record of a list away again. */
void vp_record_remove_last(VirtProbeRecord *record, guint field);

/* FALSE when the lists of this image have grown long enough, as text or in memory; then count, and do not list. */
gboolean vp_record_has_room(const VirtProbeRecord *record);

/* Memory of the tree, for what must live as long as it. NULL when it is spent. */
void *vp_record_alloc(VirtProbeRecord *record, gsize size);

static inline gboolean
vp_record_has(const VirtProbeRecord *record, guint field)
{
    return record != NULL && (record->present >> field & 1) != 0;
}

static inline const VpValue *
vp_record_get(const VirtProbeRecord *record, guint field)
{
    return vp_record_has(record, field) ? &record->values[field] : NULL;
}

/* The text that a field holds, up to its first NUL; NULL when there is none. */
static inline const char *
vp_record_get_text(const VirtProbeRecord *record, guint field)
{
    return vp_record_has(record, field) ? record->values[field].bytes : NULL;
}

/* The number that a field holds; 0 when there is none. */
static inline guint64
vp_record_get_number(const VirtProbeRecord *record, guint field)
{
    return vp_record_has(record, field) ? record->values[field].number : 0;
}

/* The record that a field holds; NULL when there is none. */
static inline VirtProbeRecord *
vp_record_get_record(const VirtProbeRecord *record, guint field)
{
    return vp_record_has(record, field) ? record->values[field].record : NULL;
}
