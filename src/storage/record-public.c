/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record-public.c: reading the metadata tree, key by key: the public side of records. */
#include "storage/record.h"

#include <string.h>

VirtProbeRecord *
virt_probe_record_ref(VirtProbeRecord *record)
{
    g_return_val_if_fail(record != NULL, NULL);

    g_atomic_int_inc(&record->tree->ref_count);
    return record;
}

void
virt_probe_record_unref(VirtProbeRecord *record)
{
    /* The tree lies in its own arena, so the arena goes last and takes everything with it. */
    if (record != NULL && g_atomic_int_dec_and_test(&record->tree->ref_count))
        vp_arena_free(record->tree->arena);
}

const char *
virt_probe_record_get_kind(const VirtProbeRecord *record)
{
    g_return_val_if_fail(record != NULL, NULL);

    return record->type->name;
}

static gboolean
type_is_number(VpFieldType type)
{
    return type == VP_TYPE_UINT || type == VP_TYPE_INT || type == VP_TYPE_MASK;
}

/* The value under a key, NULL when it is not there. */
static const VpValue *
record_find(const VirtProbeRecord *record, const char *key, VpFieldType *out_type)
{
    /* Most records have few of their fields. */
    for (guint64 rest = record->present; rest != 0; rest &= rest - 1) {
        const guint i = (guint) __builtin_ctzll(rest);
        const VpField *field = &record->type->fields[i];

        if (field->key[0] == key[0] && strcmp(field->key, key) == 0) {
            *out_type = field->type;
            return &record->values[i];
        }
    }
    return NULL;
}

gboolean
virt_probe_record_get_uint64(const VirtProbeRecord *record, const char *key, guint64 *out_value)
{
    VpFieldType type;
    const VpValue *value;

    g_return_val_if_fail(record != NULL && key != NULL, FALSE);

    value = record_find(record, key, &type);
    if (value == NULL || !type_is_number(type))
        return FALSE;
    if (out_value != NULL)
        *out_value = value->number;
    return TRUE;
}

gboolean
virt_probe_record_get_boolean(const VirtProbeRecord *record, const char *key, gboolean *out_value)
{
    VpFieldType type;
    const VpValue *value;

    g_return_val_if_fail(record != NULL && key != NULL, FALSE);

    value = record_find(record, key, &type);
    if (value == NULL || type != VP_TYPE_BOOL)
        return FALSE;
    if (out_value != NULL)
        *out_value = value->number != 0;
    return TRUE;
}

const char *
virt_probe_record_get_text(const VirtProbeRecord *record, const char *key)
{
    VpFieldType type;
    const VpValue *value;

    g_return_val_if_fail(record != NULL && key != NULL, NULL);

    value = record_find(record, key, &type);
    return value != NULL && (type == VP_TYPE_TEXT || type == VP_TYPE_NAME) ? value->bytes : NULL;
}

VirtProbeRecord *
virt_probe_record_get_record(const VirtProbeRecord *record, const char *key)
{
    VpFieldType type;
    const VpValue *value;

    g_return_val_if_fail(record != NULL && key != NULL, NULL);

    value = record_find(record, key, &type);
    return value != NULL && type == VP_TYPE_RECORD ? value->record : NULL;
}

const char *
virt_probe_record_get_bytes(const VirtProbeRecord *record, const char *key, gsize *out_len)
{
    VpFieldType type;
    const VpValue *value;

    g_return_val_if_fail(record != NULL && key != NULL && out_len != NULL, NULL);

    *out_len = 0;
    value = record_find(record, key, &type);
    if (value == NULL || (type != VP_TYPE_TEXT && type != VP_TYPE_NAME))
        return NULL;
    *out_len = value->len;
    return value->bytes;
}

const char *
virt_probe_record_get_nth_key(const VirtProbeRecord *record, guint index)
{
    g_return_val_if_fail(record != NULL, NULL);

    for (guint i = 0; i < record->type->n_fields; i++) {
        if (vp_record_has(record, i) && index-- == 0)
            return record->type->fields[i].key;
    }
    return NULL;
}

VirtProbeFieldType
virt_probe_record_get_field_type(const VirtProbeRecord *record, const char *key)
{
    static const VirtProbeFieldType types[] = {
        [VP_TYPE_BOOL] = VIRT_PROBE_FIELD_BOOLEAN, [VP_TYPE_UINT] = VIRT_PROBE_FIELD_NUMBER,
        [VP_TYPE_INT] = VIRT_PROBE_FIELD_SIGNED,   [VP_TYPE_MASK] = VIRT_PROBE_FIELD_MASK,
        [VP_TYPE_TEXT] = VIRT_PROBE_FIELD_TEXT,    [VP_TYPE_NAME] = VIRT_PROBE_FIELD_NAME,
        [VP_TYPE_TEXTS] = VIRT_PROBE_FIELD_TEXTS,  [VP_TYPE_RECORD] = VIRT_PROBE_FIELD_RECORD,
        [VP_TYPE_LIST] = VIRT_PROBE_FIELD_LIST,
    };
    VpFieldType type;

    g_return_val_if_fail(record != NULL && key != NULL, VIRT_PROBE_FIELD_NONE);

    return record_find(record, key, &type) != NULL ? types[type] : VIRT_PROBE_FIELD_NONE;
}

static const VpList *
record_find_list(const VirtProbeRecord *record, const char *key, VpFieldType *out_type)
{
    const VpValue *value = record_find(record, key, out_type);

    if (value == NULL || (*out_type != VP_TYPE_LIST && *out_type != VP_TYPE_TEXTS))
        return NULL;
    return value->list;
}

guint
virt_probe_record_get_length(const VirtProbeRecord *record, const char *key)
{
    VpFieldType type;
    const VpList *list;

    g_return_val_if_fail(record != NULL && key != NULL, 0);

    list = record_find_list(record, key, &type);
    return list != NULL ? list->count : 0;
}

VirtProbeRecord *
virt_probe_record_get_item(const VirtProbeRecord *record, const char *key, guint index)
{
    VpFieldType type;
    const VpList *list;

    g_return_val_if_fail(record != NULL && key != NULL, NULL);

    list = record_find_list(record, key, &type);
    if (list == NULL || type != VP_TYPE_LIST || index >= list->count)
        return NULL;
    return list->items[index];
}

const char *
virt_probe_record_get_text_item(const VirtProbeRecord *record, const char *key, guint index)
{
    VpFieldType type;
    const VpList *list;

    g_return_val_if_fail(record != NULL && key != NULL, NULL);

    list = record_find_list(record, key, &type);
    if (list == NULL || type != VP_TYPE_TEXTS || index >= list->count)
        return NULL;
    return ((const VpText *) list->items[index])->bytes;
}
