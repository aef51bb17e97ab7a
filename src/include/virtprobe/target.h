/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target.h: systems that take images, and whether they would accept one. */
#pragma once

#include <virtprobe/record.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeTarget:
 *
 * A system that takes images under conditions, read from a file: docs/targets.md. It is sealed, so threads can share it.
 *
 * Since: 0.1
 */
typedef struct _VirtProbeTarget VirtProbeTarget;

#define VIRT_PROBE_TYPE_TARGET (virt_probe_target_get_type())
GType virt_probe_target_get_type(void);

/**
 * virt_probe_target_load:
 * @path: (type filename): a target file, as docs/targets.md describes it
 * @error: return location for an error
 *
 * Reads a target. A group, key or value that is not known is an error, so that a typing error never makes a rule void.
 *
 * Returns: (transfer full): the target, or %NULL: %G_FILE_ERROR or %VIRT_PROBE_ERROR_REFUSED when the file cannot be read,
 *   %VIRT_PROBE_ERROR_LIMIT when it has more than 65536 bytes, %VIRT_PROBE_ERROR_INVALID when it is no target; the message
 *   begins with @path and names group and key
 *
 * Since: 0.1
 */
VirtProbeTarget *virt_probe_target_load(const char *path, GError **error);

/**
 * virt_probe_target_ref:
 * @target: a target
 *
 * Returns: (transfer full): @target, counted once more
 *
 * Since: 0.1
 */
VirtProbeTarget *virt_probe_target_ref(VirtProbeTarget *target);

/**
 * virt_probe_target_unref:
 * @target: (nullable) (transfer full): a target
 *
 * Gives up one reference; with the last one the target is freed.
 *
 * Since: 0.1
 */
void virt_probe_target_unref(VirtProbeTarget *target);

/**
 * virt_probe_target_get_name:
 * @target: a target
 *
 * Returns: (transfer none) (type filename): the name of its file without folder and ".target"; escape it before a person
 *   sees it
 *
 * Since: 0.1
 */
const char *virt_probe_target_get_name(const VirtProbeTarget *target);

/**
 * virt_probe_target_get_aliases:
 * @target: a target
 *
 * Returns: (transfer none) (array zero-terminated=1): other names of it, ended by %NULL
 *
 * Since: 0.1
 */
const char *const *virt_probe_target_get_aliases(const VirtProbeTarget *target);

/**
 * virt_probe_target_get_title:
 * @target: a target
 *
 * Returns: (transfer none): what it is, with the version that its rules hold for; escape it before a person sees it
 *
 * Since: 0.1
 */
const char *virt_probe_target_get_title(const VirtProbeTarget *target);

/**
 * virt_probe_target_get_sources:
 * @target: a target
 *
 * Returns: (transfer none) (array zero-terminated=1): the documents or source files that its rules come from, at least
 *   one, ended by %NULL; escape them before a person sees them
 *
 * Since: 0.1
 */
const char *const *virt_probe_target_get_sources(const VirtProbeTarget *target);

/**
 * virt_probe_target_get_date:
 * @target: a target
 *
 * Returns: (transfer none): when the rules were compared with the sources: year, month and day as YYYY-MM-DD
 *
 * Since: 0.1
 */
const char *virt_probe_target_get_date(const VirtProbeTarget *target);

/**
 * virt_probe_target_get_formats:
 * @target: a target
 *
 * Returns: (transfer none) (array zero-terminated=1): the formats that it takes, ended by %NULL: "qcow2" for any image of
 *   a format, "vpc/fixed" for one kind of it
 *
 * Since: 0.1
 */
const char *const *virt_probe_target_get_formats(const VirtProbeTarget *target);

/**
 * virt_probe_target_to_json:
 * @target: a target
 *
 * Returns: (transfer full): what it says of itself as JSON: name, aliases, title, sources, date and formats
 *
 * Since: 0.1
 */
char *virt_probe_target_to_json(const VirtProbeTarget *target);

/**
 * virt_probe_target_judge:
 * @target: a target
 * @image: an image's record, made without %VIRT_PROBE_DESCRIBE_BRIEF, and with %VIRT_PROBE_DESCRIBE_AUDIT where the target may
 *   refuse what only an audit looks for in the bytes
 *
 * Says why the target would not accept the image, from its description alone: nothing is opened, and the answer is the same
 * wherever the bytes came from. A damaged image is not accepted, nor one of which a fact that a rule needs is not known.
 *
 * Returns: (transfer full) (array zero-terminated=1): a sentence for each reason, which begins with the name of the target
 *   and is fit to be shown, ended by %NULL; none: the target would accept the image. To be freed with g_strfreev()
 *
 * Since: 0.1
 */
char **virt_probe_target_judge(const VirtProbeTarget *target, const VirtProbeRecord *image);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbeTarget, virt_probe_target_unref)

#pragma GCC visibility pop
G_END_DECLS
