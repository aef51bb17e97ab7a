/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* summary.h: what lists of many images show of each. */
#pragma once

#include <virtprobe/record.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VIRT_PROBE_SUMMARY_UNKNOWN:
 *
 * A number of a summary that is not known.
 *
 * Since: 0.1
 */
#define VIRT_PROBE_SUMMARY_UNKNOWN G_MAXUINT64

/**
 * VirtProbeSummary: (skip)
 * @format: its format's name, as QEMU calls it; %NULL when it is not known
 * @capacity: size of the disk that a guest sees, in bytes, not rounded to sectors; %VIRT_PROBE_SUMMARY_UNKNOWN
 * @snapshots: number of its internal snapshots; %VIRT_PROBE_SUMMARY_UNKNOWN
 * @backing: name of the backing file, as the image holds it; %NULL when there is none
 * @backing_path: the same as a path, seen from where the image was named; %NULL for what is no file of this machine
 * @backing_format: the backing file's format, as the image records it; %NULL when it does not
 * @data_file: name of the external data file; %NULL when there is none
 * @state: ok, partial or unreadable
 * @error_code: why the state is not ok: a code, see docs/fields.md; %NULL when it is ok
 * @error_message: the same in words
 * @is_encrypted: %TRUE when the guest data is encrypted
 * @is_dirty: %TRUE when it was not closed cleanly
 * @is_corrupt: %TRUE when QEMU has found its metadata damaged
 * @findings: how many findings are listed
 *
 * Facts of an image. Texts belong to the description that they are taken from.
 *
 * Since: 0.1
 */
typedef struct {
    const char *format;
    guint64 capacity;
    guint64 snapshots;
    const char *backing;
    const char *backing_path;
    const char *backing_format;
    const char *data_file;
    const char *state;
    const char *error_code;
    const char *error_message;
    gboolean is_encrypted;
    gboolean is_dirty;
    gboolean is_corrupt;
    guint findings;
} VirtProbeSummary;

/**
 * virt_probe_image_get_summary: (skip)
 * @image: a description of an image, brief or not
 * @out_summary: (out caller-allocates): its facts; every member is set
 *
 * Gives all at once what virt_probe_record_get_text() and its kind give key by key.
 *
 * Since: 0.1
 */
void virt_probe_image_get_summary(const VirtProbeRecord *image, VirtProbeSummary *out_summary);

#pragma GCC visibility pop
G_END_DECLS
