/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* detect.h: which format an image has, and nothing else of it. */
#pragma once

#include <virtprobe/format.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VIRT_PROBE_DETECTION_CONTENTS_MAX:
 *
 * Kinds of content that a detection can hold; the first ones in the order of virt_probe_format_get_nth() are kept.
 *
 * Since: 0.1
 */
#define VIRT_PROBE_DETECTION_CONTENTS_MAX 16

/**
 * VirtProbeEvidence:
 * @VIRT_PROBE_EVIDENCE_NONE: nothing says what the image is, so it is raw
 * @VIRT_PROBE_EVIDENCE_WEAK: a signature that any text may begin with, and a version that one would expect
 * @VIRT_PROBE_EVIDENCE_STRONG: a signature at the head
 * @VIRT_PROBE_EVIDENCE_END: a signature at the end, whose checksum fits; QEMU does not look there
 * @VIRT_PROBE_EVIDENCE_AMBIGUOUS: the signatures of several formats stand at the head
 *
 * What a detection rests on. A guest that owns a raw disk can write any of it.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_EVIDENCE_NONE,
    VIRT_PROBE_EVIDENCE_WEAK,
    VIRT_PROBE_EVIDENCE_STRONG,
    VIRT_PROBE_EVIDENCE_END,
    VIRT_PROBE_EVIDENCE_AMBIGUOUS,
} VirtProbeEvidence;

/**
 * VirtProbeDetection:
 * @format: (nullable): the format; %NULL when it is ambiguous
 * @evidence: what that rests on
 * @qemu_format: (nullable): the format for which QEMU would take the image without being told; %NULL when it is ambiguous
 * @n_contents: how many kinds of content were found in a raw image
 *
 * What was detected. Everything in it is a constant of the library, so it needs no care and is copied by assignment.
 *
 * Since: 0.1
 */
typedef struct {
    const VirtProbeFormat *format;
    VirtProbeEvidence evidence;
    const char *qemu_format;
    guint n_contents;
    /*< private >*/
    const VirtProbeFormat *contents[VIRT_PROBE_DETECTION_CONTENTS_MAX];
    gpointer reserved[4];
} VirtProbeDetection;

#define VIRT_PROBE_TYPE_DETECTION (virt_probe_detection_get_type())
GType virt_probe_detection_get_type(void);

/**
 * virt_probe_detect_memory:
 * @data: (array length=length) (element-type guint8): the first bytes of the image, or all
 * @length: how many they are; 4096 show all image formats and most content, 69632 all
 * @size: how many bytes the image has; when they are more than @length, its end is not looked at
 * @out_detection: (out caller-allocates): what was detected
 *
 * Recognises the format of an image, and in a raw one its content, without describing it: nothing is checked but
 * signatures, and what they need to count. It allocates next to nothing.
 *
 * Since: 0.1
 */
void virt_probe_detect_memory(const void *data, gsize length, guint64 size,
                              VirtProbeDetection *out_detection);

/**
 * virt_probe_detect_file:
 * @path: (type filename): name of a regular file or block device
 * @out_detection: (out caller-allocates): what was detected, set only on success
 * @error: return location for an error
 *
 * As virt_probe_detect_memory(), for a file, with one read for an image and three for a raw disk.
 *
 * Returns: %TRUE, also when the format is ambiguous; %FALSE: %G_FILE_ERROR when it cannot be opened or read,
 *   %VIRT_PROBE_ERROR_REFUSED when it is neither a regular file nor a block device
 *
 * Since: 0.1
 */
gboolean virt_probe_detect_file(const char *path, VirtProbeDetection *out_detection,
                                GError **error);

/**
 * virt_probe_detect_fd:
 * @fd: a descriptor open for reading; it stays open, and its position does not matter
 * @out_detection: (out caller-allocates): what was detected, set only on success
 * @error: return location for an error
 *
 * As virt_probe_detect_file(), for a file that is open already.
 *
 * Returns: %TRUE, also when the format is ambiguous; else %FALSE
 *
 * Since: 0.1
 */
gboolean virt_probe_detect_fd(int fd, VirtProbeDetection *out_detection, GError **error);

/**
 * virt_probe_detection_get_content:
 * @detection: what was detected
 * @index: which kind of content, from 0
 *
 * Returns: (transfer none) (nullable): what it is, or %NULL when there are not so many
 *
 * Since: 0.1
 */
const VirtProbeFormat *virt_probe_detection_get_content(const VirtProbeDetection *detection,
                                                        guint index);

#pragma GCC visibility pop
G_END_DECLS
