/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fields.h: the metadata field table (fields.def) as C: enums of records and fields, and their rows. */
#pragma once

#include <glib.h>

typedef enum {
    VP_TYPE_BOOL,
    VP_TYPE_UINT,
    VP_TYPE_INT,
    VP_TYPE_MASK,
    VP_TYPE_TEXT,
    VP_TYPE_NAME, /* text in which credentials are masked where it is printed */
    VP_TYPE_TEXTS,
    VP_TYPE_RECORD,
    VP_TYPE_LIST,
} VpFieldType;

typedef enum {
#define RECORD_BEGIN(R, name, doc) VP_RECORD_##R,
#define FIELD(R, F, key, type, child, unit, since, origin, doc)
#define RECORD_END(R)
#include "storage/fields.def"
#undef RECORD_BEGIN
#undef FIELD
#undef RECORD_END
    VP_RECORD_COUNT,
    VP_RECORD_NONE, /* the field holds no record */
    VP_RECORD_ANY,  /* which record it is depends on the format */
} VpRecordKind;

#define RECORD_BEGIN(R, name, doc) enum {
#define FIELD(R, F, key, type, child, unit, since, origin, doc) VP_##R##_##F,
#define RECORD_END(R)                                                                              \
    VP_##R##_FIELD_COUNT                                                                           \
    }                                                                                              \
    ;
#include "storage/fields.def"
#undef RECORD_BEGIN
#undef FIELD
#undef RECORD_END

typedef struct {
    const char *key;
    guint8 key_len;
    VpFieldType type;
    VpRecordKind child;
    const char *unit;
    const char *since;
    const char *origin;
    const char *doc;
} VpField;

typedef struct {
    const char *name;
    const char *doc;
    const VpField *fields;
    guint n_fields; /* at most 64 */
} VpRecordType;

extern const VpRecordType vp_record_types[VP_RECORD_COUNT];

static inline const VpRecordType *
vp_record_type(VpRecordKind kind)
{
    return &vp_record_types[kind];
}

/* Values of the fields "state". */
#define VP_STATE_OK "ok"
#define VP_STATE_PARTIAL "partial"
#define VP_STATE_UNREADABLE "unreadable"
#define VP_STATE_NOT_OPENED "not-opened"

/* Values of the fields "format-source": who says the format. */
#define VP_FORMAT_DECLARED "declared"
#define VP_FORMAT_RECORDED "recorded"
#define VP_FORMAT_RECOGNISED "recognised"

/* Whether an image in that state was opened and described, if only in part. */
gboolean vp_state_is_described(const char *state);
