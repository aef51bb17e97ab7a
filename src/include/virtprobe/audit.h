/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit.h: judging an image before a program that trusts it gets to see it. */
#pragma once

#include <virtprobe/describe.h>
#include <virtprobe/rule.h>
#include <virtprobe/target.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VIRT_PROBE_AUDIT_VIRTUAL_SIZE_MAX:
 *
 * Size of a disk, in bytes, above which an audit finds it oversized, unless the caller says another one: 64 TiB.
 *
 * Since: 0.1
 */
#define VIRT_PROBE_AUDIT_VIRTUAL_SIZE_MAX (G_GUINT64_CONSTANT(1) << 46)

/**
 * VirtProbeAuditSettings:
 * @profile: whose image it is
 * @fail_on: the severity from which on a finding denies the image: %VIRT_PROBE_SEVERITY_DENY or
 *   %VIRT_PROBE_SEVERITY_WARNING; the lowest value, %VIRT_PROBE_SEVERITY_INFO, means %VIRT_PROBE_SEVERITY_DENY
 * @allowed: (nullable) (array zero-terminated=1): ids of rules whose findings do not count, ended by %NULL; they are listed as information
 * @targets: (nullable) (array zero-terminated=1): systems that must accept the image, ended by %NULL
 * @root: (nullable): an absolute path: absolute names in the image may lead to what lies beneath; %NULL: beneath the
 *   directory of the image, when that was named by an absolute path
 * @confine: (nullable) (skip): is called when a file is open and before anything of it is read, as by
 *   virt_probe_describe_file_confined()
 * @confine_data: (skip): for @confine
 * @virtual_size_max: size of the disk in bytes from which on it is oversized; 0: %VIRT_PROBE_AUDIT_VIRTUAL_SIZE_MAX
 *
 * How to judge an image. All zero is the profile for uploads. Texts must live as long as the call.
 *
 * Since: 0.1
 */
typedef struct {
    VirtProbeProfile profile;
    VirtProbeSeverity fail_on;
    const char *const *allowed;
    const VirtProbeTarget *const *targets;
    const char *root;
    VirtProbeConfineFunc confine;
    gpointer confine_data;
    guint64 virtual_size_max;
} VirtProbeAuditSettings;

/**
 * virt_probe_audit_file:
 * @path: (type filename): name of a file
 * @format: (nullable): its format, as virt_probe_format_find() knows it; %NULL to have it recognised
 * @settings: how to judge it
 * @error: return location for an error
 *
 * Describes the file with %VIRT_PROBE_DESCRIBE_AUDIT and judges it, and what kind of file it is as well. Nothing that it
 * names is opened, resolved or asked about. A FIFO, a socket or another file without bytes of its own is not opened, and
 * denied.
 *
 * Returns: (transfer full): the judgement, a record; see docs/fields.md. %NULL when the file could not be looked at:
 *   %G_FILE_ERROR, or %VIRT_PROBE_ERROR_UNSUPPORTED when no format is called @format
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_audit_file(const char *path, const char *format,
                                       const VirtProbeAuditSettings *settings, GError **error);

/**
 * virt_probe_audit_new:
 * @image: a description of an image, made with %VIRT_PROBE_DESCRIBE_AUDIT and without %VIRT_PROBE_DESCRIBE_BRIEF
 * @settings: how to judge it
 *
 * Judges an image that was described already, from whatever source. One that was described in another way is denied by the
 * finding "not-examined", whatever is allowed, and reported in %VIRT_PROBE_PROFILE_REPORT: what an audit asks was not looked
 * for.
 *
 * Returns: (transfer full): the judgement, a record; see docs/fields.md
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_audit_new(const VirtProbeRecord *image,
                                      const VirtProbeAuditSettings *settings);

/**
 * virt_probe_audit_new_unreadable:
 * @name: (type filename): name of a file
 * @error: why it could not be looked at
 *
 * Returns: (transfer full): a judgement that there is none: its verdict is "error"
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_audit_new_unreadable(const char *name, const GError *error);

/**
 * virt_probe_audit_add:
 * @audit: a judgement that nobody else has got yet
 * @settings: how it was made
 * @rule: a rule
 * @message: one phrase that says what was found
 *
 * Adds what the caller has found out about the image itself, such as that it is not accepted where it is meant for. The
 * verdict follows.
 *
 * Since: 0.1
 */
void virt_probe_audit_add(VirtProbeRecord *audit, const VirtProbeAuditSettings *settings,
                          const VirtProbeRule *rule, const char *message);

/**
 * virt_probe_audit_add_descriptor:
 * @audit: a judgement that nobody else has got yet
 * @settings: how it was made
 * @fd: the descriptor that the image was read from
 *
 * Adds what kind of file the descriptor is: a block device, or a file that the kernel makes up. virt_probe_audit_file() does
 * that by itself. The verdict follows.
 *
 * Since: 0.1
 */
void virt_probe_audit_add_descriptor(VirtProbeRecord *audit, const VirtProbeAuditSettings *settings,
                                     int fd);

/**
 * virt_probe_audit_is_denied:
 * @audit: a judgement
 *
 * Returns: %TRUE when the image should not be taken
 *
 * Since: 0.1
 */
gboolean virt_probe_audit_is_denied(const VirtProbeRecord *audit);

#pragma GCC visibility pop
G_END_DECLS
