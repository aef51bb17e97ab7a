/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume.h: making volumes, and their fields for those who print or store them. */
#pragma once

#include "util/json-line.h"
#include "virtprobe/volume.h"

/* A number or time that is not known. */
#define VP_VOLUME_UNKNOWN G_MAXUINT64

typedef enum {
    VP_VOLUME_TEXT,
    VP_VOLUME_NAME,
    VP_VOLUME_LIST,
    VP_VOLUME_UINT,
    VP_VOLUME_SIZE,
    VP_VOLUME_TIME,
    VP_VOLUME_MODE,
    VP_VOLUME_BOOL,
} VpVolumeFieldType;

typedef struct {
    const char *key;
    VpJsonKey json_key;
    const char *title;
    const char *doc;
    VpVolumeFieldType type;
    gboolean is_right;
    gsize offset; /* in VpVolumeFacts */
} VpVolumeField;

/* The facts of a volume. Texts are NULL when they are absent. */
typedef struct {
    const char *name;
    const char *path;
    const char *type;
    const char *format;
    const char *backing;
    const char *backing_path;
    const char *backing_format;
    const char *data_file;
    const char *state;
    const char *error_code;
    const char *error_message;
    const char *rules;
    guint64 capacity;
    guint64 allocation;
    guint64 physical;
    guint64 snapshots;
    guint64 device;
    guint64 inode;
    guint64 mode;
    guint64 owner;
    guint64 group;
    guint64 mtime;
    guint64 ctime;
    guint8 is_encrypted;
    guint8 is_dirty;
    guint8 is_corrupt;
} VpVolumeFacts;

struct _VirtProbeVolume {
    gint ref_count;
    VpVolumeFacts facts; /* texts lie behind the structure, in the same allocation */
};

enum {
    VP_VOLUME_FIELD_COUNT = 26
};
extern const VpVolumeField vp_volume_fields[VP_VOLUME_FIELD_COUNT];

/* Whether a field of that type holds text. */
static inline gboolean
vp_volume_type_is_text(VpVolumeFieldType type)
{
    return type == VP_VOLUME_TEXT || type == VP_VOLUME_NAME || type == VP_VOLUME_LIST;
}

/* The value of a field of facts, by its type. */
static inline const char *
vp_volume_text(const VpVolumeFacts *facts, const VpVolumeField *field)
{
    return G_STRUCT_MEMBER(const char *, facts, field->offset);
}

static inline guint64
vp_volume_number(const VpVolumeFacts *facts, const VpVolumeField *field)
{
    return G_STRUCT_MEMBER(guint64, facts, field->offset);
}

static inline gboolean
vp_volume_is(const VpVolumeFacts *facts, const VpVolumeField *field)
{
    return G_STRUCT_MEMBER(guint8, facts, field->offset) != 0;
}

/* Whether the image may have data in files, or stand on a file, that only opening it tells: extents, parents by identity. */
gboolean vp_volume_is_composed(const VpVolumeFacts *facts);

/* Whether so little could be read of an image that it may name other files, by its state and the code of its error. What is
 * neither file nor device is no image. */
gboolean vp_state_hides_names(const char *state, const char *error_code);

/* Whether the volume may need another file. */
gboolean vp_volume_may_refer(const VpVolumeFacts *facts);

/* Facts of which nothing is known. */
void vp_volume_facts_init(VpVolumeFacts *facts);

/* Makes a volume with copies of all texts, in one allocation. (transfer full) */
VirtProbeVolume *vp_volume_new(const VpVolumeFacts *facts);

/* Appends what virt_probe_volume_append_json() does of a volume. */
void vp_volume_facts_append_json(const VpVolumeFacts *facts, GString *out);

/* NULL when no field has the key. */
const VpVolumeField *vp_volume_field_find(const char *key);
