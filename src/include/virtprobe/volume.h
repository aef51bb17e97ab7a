/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume.h: a volume: one entry of a directory, what it is and how it stands, in little memory. */
#pragma once

#include <virtprobe/record.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeVolume:
 *
 * What is known of one entry of a directory. Opaque, counted, and never changed once it is made, so threads can share
 * it. Its fields are read by key; docs/fields.md lists them. It needs at most 400 bytes besides its texts, which is
 * why it holds less than a #VirtProbeRecord: virt_probe_describe_file() says everything.
 *
 * Since: 0.1
 */
typedef struct _VirtProbeVolume VirtProbeVolume;

#define VIRT_PROBE_TYPE_VOLUME (virt_probe_volume_get_type())
GType virt_probe_volume_get_type(void);

/**
 * virt_probe_volume_ref:
 * @volume: a volume
 *
 * Returns: (transfer full): @volume
 *
 * Since: 0.1
 */
VirtProbeVolume *virt_probe_volume_ref(VirtProbeVolume *volume);

/**
 * virt_probe_volume_unref:
 * @volume: (transfer full) (nullable): a volume
 *
 * Gives up a reference.
 *
 * Since: 0.1
 */
void virt_probe_volume_unref(VirtProbeVolume *volume);

/**
 * virt_probe_volume_get_text:
 * @volume: a volume
 * @key: key of a field that holds text
 *
 * Returns: (transfer none) (nullable) (type filename): the text: bytes that need not be UTF-8; %NULL when it is absent or no text
 *
 * Since: 0.1
 */
const char *virt_probe_volume_get_text(const VirtProbeVolume *volume, const char *key);

/**
 * virt_probe_volume_get_uint64:
 * @volume: a volume
 * @key: key of a field that holds a number
 * @out_value: (out): where to put it
 *
 * Returns: %FALSE when the number is absent or the field is none
 *
 * Since: 0.1
 */
gboolean virt_probe_volume_get_uint64(const VirtProbeVolume *volume, const char *key,
                                      guint64 *out_value);

/**
 * virt_probe_volume_get_boolean:
 * @volume: a volume
 * @key: key of a field that holds yes or no
 *
 * Returns: %TRUE when the field is there and says yes
 *
 * Since: 0.1
 */
gboolean virt_probe_volume_get_boolean(const VirtProbeVolume *volume, const char *key);

/**
 * VirtProbeVolumeFieldType:
 * @VIRT_PROBE_VOLUME_TEXT: text, any bytes
 * @VIRT_PROBE_VOLUME_NAME: the same; credentials must be masked where it is shown, see virt_probe_name_mask()
 * @VIRT_PROBE_VOLUME_NUMBER: a number
 * @VIRT_PROBE_VOLUME_SIZE: a number of bytes
 * @VIRT_PROBE_VOLUME_TIME: a number: nanoseconds since 1970 UTC; before that it is to be taken as signed
 * @VIRT_PROBE_VOLUME_MODE: a number: permission bits
 * @VIRT_PROBE_VOLUME_BOOLEAN: yes or no
 * @VIRT_PROBE_VOLUME_LIST: text: ids separated by commas; JSON has an array of them
 *
 * What a field of a volume holds.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_VOLUME_TEXT,
    VIRT_PROBE_VOLUME_NAME,
    VIRT_PROBE_VOLUME_NUMBER,
    VIRT_PROBE_VOLUME_SIZE,
    VIRT_PROBE_VOLUME_TIME,
    VIRT_PROBE_VOLUME_MODE,
    VIRT_PROBE_VOLUME_BOOLEAN,
    VIRT_PROBE_VOLUME_LIST,
} VirtProbeVolumeFieldType;

/**
 * VirtProbeVolumeField:
 * @key: its key
 * @title: title of its column in a table
 * @doc: one phrase that explains it
 * @type: what it holds
 * @is_right: whether a table sets it to the right
 *
 * A field that volumes have.
 *
 * Since: 0.1
 */
typedef struct {
    const char *key;
    const char *title;
    const char *doc;
    VirtProbeVolumeFieldType type;
    gboolean is_right;
} VirtProbeVolumeField;

/**
 * virt_probe_volume_field_get_nth:
 * @index: which one, from 0
 *
 * Returns: (transfer none) (nullable): the field; %NULL behind the last one
 *
 * Since: 0.1
 */
const VirtProbeVolumeField *virt_probe_volume_field_get_nth(guint index);

/**
 * virt_probe_volume_to_json:
 * @volume: a volume
 *
 * Returns: (transfer full): a JSON object on one line, without the line's end
 *
 * Since: 0.1
 */
char *virt_probe_volume_to_json(const VirtProbeVolume *volume);

/**
 * virt_probe_volume_append_json: (skip)
 * @volume: a volume
 * @out: where the JSON goes
 *
 * Appends what virt_probe_volume_to_json() gives, for who writes many: no memory is taken and given back for each.
 *
 * Since: 0.1
 */
void virt_probe_volume_append_json(const VirtProbeVolume *volume, GString *out);

/**
 * VirtProbeVolumeFunc:
 * @volume: (transfer none): a volume
 * @user_data: data of the caller
 *
 * Is called for each volume; never by two threads at once.
 *
 * Returns: %TRUE to go on, %FALSE to stop
 *
 * Since: 0.1
 */
typedef gboolean (*VirtProbeVolumeFunc)(VirtProbeVolume *volume, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbeVolume, virt_probe_volume_unref)

#pragma GCC visibility pop
G_END_DECLS
