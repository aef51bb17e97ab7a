/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record.h: reading the metadata tree, key by key. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeRecord:
 *
 * An object of the metadata tree: the image itself, a snapshot, a finding … It is sealed, so threads can share
 * it, and holds keys with values; docs/fields.md lists them all. A record keeps the whole tree that it belongs
 * to alive, so it is counted together with it.
 *
 * Since: 0.1
 */
typedef struct _VirtProbeRecord VirtProbeRecord;

#define VIRT_PROBE_TYPE_RECORD (virt_probe_record_get_type())
GType virt_probe_record_get_type(void);

/**
 * virt_probe_record_ref:
 * @record: a record
 *
 * Returns: (transfer full): @record, counted once more
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_record_ref(VirtProbeRecord *record);

/**
 * virt_probe_record_unref:
 * @record: (nullable) (transfer full): a record
 *
 * Gives up one reference; with the last one the tree is freed.
 *
 * Since: 0.1
 */
void virt_probe_record_unref(VirtProbeRecord *record);

/**
 * virt_probe_record_get_kind:
 * @record: a record
 *
 * Returns: (transfer none): which record of docs/fields.md it is: "image", "snapshot", "finding" …
 *
 * Since: 0.1
 */
const char *virt_probe_record_get_kind(const VirtProbeRecord *record);

/**
 * virt_probe_record_get_uint64:
 * @record: a record
 * @key: a key of docs/fields.md whose type is a number or a mask
 * @out_value: (out) (optional): the value, in the unit that docs/fields.md says
 *
 * Returns: %TRUE when the key is there; else @out_value is left alone
 *
 * Since: 0.1
 */
gboolean virt_probe_record_get_uint64(const VirtProbeRecord *record, const char *key,
                                      guint64 *out_value);

/**
 * virt_probe_record_get_boolean:
 * @record: a record
 * @key: a key whose type is boolean
 * @out_value: (out) (optional): the value
 *
 * Returns: %TRUE when the key is there; else @out_value is left alone
 *
 * Since: 0.1
 */
gboolean virt_probe_record_get_boolean(const VirtProbeRecord *record, const char *key,
                                       gboolean *out_value);

/**
 * virt_probe_record_get_text:
 * @record: a record
 * @key: a key whose type is text
 *
 * Gives text as it stands in the image: it may be no UTF-8 and may hold control characters. Escape it before
 * a person sees it, or take it from JSON.
 *
 * Returns: (transfer none) (nullable) (type filename): the text up to its first NUL, or %NULL when the key is not there
 *
 * Since: 0.1
 */
const char *virt_probe_record_get_text(const VirtProbeRecord *record, const char *key);

/**
 * virt_probe_record_get_record:
 * @record: a record
 * @key: a key whose value is a record
 *
 * Returns: (transfer none) (nullable): the record, or %NULL when the key is not there
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_record_get_record(const VirtProbeRecord *record, const char *key);

/**
 * virt_probe_record_get_length:
 * @record: a record
 * @key: a key whose value is a list
 *
 * Returns: how many items the list has, 0 when the key is not there
 *
 * Since: 0.1
 */
guint virt_probe_record_get_length(const VirtProbeRecord *record, const char *key);

/**
 * virt_probe_record_get_item:
 * @record: a record
 * @key: a key whose value is a list of records
 * @index: which item, from 0
 *
 * Returns: (transfer none) (nullable): the item, or %NULL when there is none
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_record_get_item(const VirtProbeRecord *record, const char *key,
                                            guint index);

/**
 * virt_probe_record_get_text_item:
 * @record: a record
 * @key: a key whose value is a list of texts
 * @index: which item, from 0
 *
 * Returns: (transfer none) (nullable) (type filename): the text up to its first NUL, or %NULL when there is none
 *
 * Since: 0.1
 */
const char *virt_probe_record_get_text_item(const VirtProbeRecord *record, const char *key,
                                            guint index);

/**
 * VirtProbeFieldType:
 * @VIRT_PROBE_FIELD_NONE: the key is not there
 * @VIRT_PROBE_FIELD_BOOLEAN: virt_probe_record_get_boolean()
 * @VIRT_PROBE_FIELD_NUMBER: virt_probe_record_get_uint64()
 * @VIRT_PROBE_FIELD_SIGNED: the same, to be taken for a gint64
 * @VIRT_PROBE_FIELD_MASK: the same, a set of bits
 * @VIRT_PROBE_FIELD_TEXT: virt_probe_record_get_text()
 * @VIRT_PROBE_FIELD_NAME: the same, a name that may hold credentials: virt_probe_name_mask()
 * @VIRT_PROBE_FIELD_TEXTS: virt_probe_record_get_text_item()
 * @VIRT_PROBE_FIELD_RECORD: virt_probe_record_get_record()
 * @VIRT_PROBE_FIELD_LIST: virt_probe_record_get_item()
 *
 * What a key holds, and how it is read.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_FIELD_NONE,
    VIRT_PROBE_FIELD_BOOLEAN,
    VIRT_PROBE_FIELD_NUMBER,
    VIRT_PROBE_FIELD_SIGNED,
    VIRT_PROBE_FIELD_MASK,
    VIRT_PROBE_FIELD_TEXT,
    VIRT_PROBE_FIELD_NAME,
    VIRT_PROBE_FIELD_TEXTS,
    VIRT_PROBE_FIELD_RECORD,
    VIRT_PROBE_FIELD_LIST,
} VirtProbeFieldType;

/**
 * virt_probe_record_get_nth_key:
 * @record: a record
 * @index: which key of those that are there, from 0
 *
 * Walks over a record whose keys one does not know. Their order is that of docs/fields.md.
 *
 * Returns: (transfer none) (nullable): the key, or %NULL when there are not so many
 *
 * Since: 0.1
 */
const char *virt_probe_record_get_nth_key(const VirtProbeRecord *record, guint index);

/**
 * virt_probe_record_get_field_type:
 * @record: a record
 * @key: a key
 *
 * Returns: what the key holds; %VIRT_PROBE_FIELD_NONE when it is not there
 *
 * Since: 0.1
 */
VirtProbeFieldType virt_probe_record_get_field_type(const VirtProbeRecord *record, const char *key);

/**
 * virt_probe_record_get_bytes:
 * @record: a record
 * @key: a key whose type is text or name
 * @out_len: (out): how many bytes they are
 *
 * As virt_probe_record_get_text(), with what stands behind a NUL.
 *
 * Returns: (transfer none) (nullable) (array length=out_len) (element-type guint8): the bytes as they stand in the image,
 *   or %NULL when the key is not there
 *
 * Since: 0.1
 */
const char *virt_probe_record_get_bytes(const VirtProbeRecord *record, const char *key,
                                        gsize *out_len);

/**
 * virt_probe_record_to_json:
 * @record: a record; mostly that of an image or a chain
 *
 * Writes the record with everything in it. For an image these are the keys and types of
 * `qemu-img info --output=json`, and what we know beyond it under the key "virt-probe". docs/schema has the JSON
 * Schemas. Credentials in names of files are masked.
 *
 * Returns: (transfer full): a JSON object, UTF-8 without newline at its end; to be freed with g_free()
 *
 * Since: 0.1
 */
char *virt_probe_record_to_json(const VirtProbeRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbeRecord, virt_probe_record_unref)

#pragma GCC visibility pop
G_END_DECLS
