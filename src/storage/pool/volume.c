/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume.c: volumes: what is known of an entry of a directory, in one piece of memory. */
#include "storage/pool/volume.h"

#include <string.h>

const VpVolumeField vp_volume_fields[] = {
#define VOLUME_FIELD(member, key, type, title, is_right, doc)                                      \
    { key,                                                                                         \
      VP_JSON_KEY(key),                                                                            \
      title,                                                                                       \
      doc,                                                                                         \
      VP_VOLUME_##type,                                                                            \
      is_right,                                                                                    \
      G_STRUCT_OFFSET(VpVolumeFacts, member) },
#include "storage/pool/volume.def"
#undef VOLUME_FIELD
};

G_STATIC_ASSERT(G_N_ELEMENTS(vp_volume_fields) == VP_VOLUME_FIELD_COUNT);

/* Where the texts are. */
#define OFFSET_OF_TEXT(member) G_STRUCT_OFFSET(VpVolumeFacts, member),
#define OFFSET_OF_NAME(member) OFFSET_OF_TEXT(member)
#define OFFSET_OF_LIST(member) OFFSET_OF_TEXT(member)
#define OFFSET_OF_UINT(member)
#define OFFSET_OF_SIZE(member)
#define OFFSET_OF_TIME(member)
#define OFFSET_OF_MODE(member)
#define OFFSET_OF_BOOL(member)
static const guint16 text_offsets[] = {
#define VOLUME_FIELD(member, key, type, title, is_right, doc) OFFSET_OF_##type(member)
#include "storage/pool/volume.def"
#undef VOLUME_FIELD
};

void
vp_volume_facts_init(VpVolumeFacts *facts)
{
    *facts = (VpVolumeFacts) {
        .capacity = VP_VOLUME_UNKNOWN,
        .allocation = VP_VOLUME_UNKNOWN,
        .physical = VP_VOLUME_UNKNOWN,
        .snapshots = VP_VOLUME_UNKNOWN,
        .device = VP_VOLUME_UNKNOWN,
        .inode = VP_VOLUME_UNKNOWN,
        .mode = VP_VOLUME_UNKNOWN,
        .owner = VP_VOLUME_UNKNOWN,
        .group = VP_VOLUME_UNKNOWN,
        .mtime = VP_VOLUME_UNKNOWN,
        .ctime = VP_VOLUME_UNKNOWN,
    };
}

VirtProbeVolume *
vp_volume_new(const VpVolumeFacts *facts)
{
    gsize sizes[G_N_ELEMENTS(text_offsets)];
    gsize room = sizeof(VirtProbeVolume);
    VirtProbeVolume *volume;
    char *place;

    for (guint i = 0; i < G_N_ELEMENTS(text_offsets); i++) {
        const char *text = G_STRUCT_MEMBER(const char *, facts, text_offsets[i]);

        sizes[i] = text != NULL ? strlen(text) + 1 : 0;
        room += sizes[i];
    }
    volume = g_malloc(room);
    volume->ref_count = 1;
    volume->facts = *facts;
    place = (char *) (volume + 1);
    for (guint i = 0; i < G_N_ELEMENTS(text_offsets); i++) {
        const char **text = &G_STRUCT_MEMBER(const char *, &volume->facts, text_offsets[i]);

        if (*text == NULL)
            continue;
        *text = memcpy(place, *text, sizes[i]);
        place += sizes[i];
    }
    return volume;
}

VirtProbeVolume *
virt_probe_volume_ref(VirtProbeVolume *volume)
{
    g_return_val_if_fail(volume != NULL, NULL);

    g_atomic_int_inc(&volume->ref_count);
    return volume;
}

void
virt_probe_volume_unref(VirtProbeVolume *volume)
{
    if (volume != NULL && g_atomic_int_dec_and_test(&volume->ref_count))
        g_free(volume);
}

const VpVolumeField *
vp_volume_field_find(const char *key)
{
    for (guint i = 0; i < G_N_ELEMENTS(vp_volume_fields); i++) {
        if (vp_volume_fields[i].key[0] == key[0] && strcmp(vp_volume_fields[i].key, key) == 0)
            return &vp_volume_fields[i];
    }
    return NULL;
}

const char *
virt_probe_volume_get_text(const VirtProbeVolume *volume, const char *key)
{
    const VpVolumeField *field;

    g_return_val_if_fail(volume != NULL && key != NULL, NULL);

    field = vp_volume_field_find(key);
    if (field == NULL || !vp_volume_type_is_text(field->type))
        return NULL;
    return vp_volume_text(&volume->facts, field);
}

gboolean
virt_probe_volume_get_uint64(const VirtProbeVolume *volume, const char *key, guint64 *out_value)
{
    const VpVolumeField *field;
    guint64 value;

    g_return_val_if_fail(volume != NULL && key != NULL, FALSE);

    field = vp_volume_field_find(key);
    if (field == NULL || vp_volume_type_is_text(field->type) || field->type == VP_VOLUME_BOOL)
        return FALSE;
    value = vp_volume_number(&volume->facts, field);
    if (value == VP_VOLUME_UNKNOWN)
        return FALSE;
    if (out_value != NULL)
        *out_value = value;
    return TRUE;
}

gboolean
virt_probe_volume_get_boolean(const VirtProbeVolume *volume, const char *key)
{
    const VpVolumeField *field;

    g_return_val_if_fail(volume != NULL && key != NULL, FALSE);

    field = vp_volume_field_find(key);
    return field != NULL && field->type == VP_VOLUME_BOOL && vp_volume_is(&volume->facts, field);
}
