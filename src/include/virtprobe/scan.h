/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan.h: all entries of directories, described at the speed of the system calls. */
#pragma once

#include <virtprobe/volume.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeScanFlags:
 * @VIRT_PROBE_SCAN_DEFAULT: the entries of one directory
 * @VIRT_PROBE_SCAN_RECURSIVE: also those of the directories in it; symbolic links to directories are not entered
 * @VIRT_PROBE_SCAN_FORCE: read every file, also those that @known has as they are
 *
 * How to scan.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_SCAN_DEFAULT = 0,
    VIRT_PROBE_SCAN_RECURSIVE = 1 << 0,
    VIRT_PROBE_SCAN_FORCE = 1 << 1,
} VirtProbeScanFlags;

/**
 * VirtProbeKnownFunc:
 * @name: (type filename): name of an entry, as the field "name" has it
 * @user_data: data of the caller
 *
 * Is asked for what was known of an entry before; by several threads at once.
 *
 * The scan takes a reference of its own to what it gets, and that may last longer than the scan: a thread whose system call
 * never returns is left behind with it. Such a thread uses nothing else of the caller's, and does not call this function.
 *
 * Returns: (transfer none) (nullable): the volume, which must live as long as the scan; %NULL when it is new
 *
 * Since: 0.1
 */
typedef VirtProbeVolume *(*VirtProbeKnownFunc)(const char *name, gpointer user_data);

/**
 * VirtProbeScanSettings:
 * @flags: how to scan
 * @jobs: threads; 0: as many as there are processors
 * @timeout_ms: how long opening and reading one entry may take, in milliseconds; 0: 10,000
 * @known: (nullable): what was known before: an entry with the same device, inode, size, mtime and ctime is not read
 *   again, and @func gets the known volume itself
 * @known_data: for @known
 *
 * Settings of a scan; all zero is a good choice.
 *
 * Since: 0.1
 */
typedef struct {
    VirtProbeScanFlags flags;
    guint jobs;
    guint timeout_ms;
    VirtProbeKnownFunc known;
    gpointer known_data;
} VirtProbeScanSettings;

/**
 * virt_probe_scan:
 * @directory: (type filename): the directory
 * @settings: (nullable): settings; %NULL: none
 * @func: (scope call): is called for each entry, in no order
 * @user_data: for @func
 * @error: return location for an error
 *
 * Describes every entry of a directory. Whatever one of them does (a cut header, a FIFO, a dangling link, an error of
 * the disk, an open or read that never returns) is that volume's state, and the others are not touched by it. An entry
 * that vanishes before it is opened is left out. Nothing that an image names is opened, and no lock is taken.
 *
 * Returns: %FALSE when the directory cannot be read, or @func stopped (%VIRT_PROBE_ERROR_CANCELLED)
 *
 * Since: 0.1
 */
gboolean virt_probe_scan(const char *directory, const VirtProbeScanSettings *settings,
                         VirtProbeVolumeFunc func, gpointer user_data, GError **error);

/**
 * VirtProbeLinesFunc:
 * @lines: (array length=len) (element-type guint8): some lines; each is an object of virt_probe_volume_to_json() and ends
 *   with a newline
 * @len: bytes of them
 * @not_ok: how many of these entries are not ok
 * @user_data: data of the caller
 *
 * Gets volumes as text; never by two threads at once.
 *
 * Returns: %TRUE to go on, %FALSE to stop
 *
 * Since: 0.1
 */
typedef gboolean (*VirtProbeLinesFunc)(const char *lines, gsize len, guint not_ok,
                                       gpointer user_data);

/**
 * virt_probe_scan_lines: (skip)
 * @directory: (type filename): the directory
 * @settings: (nullable): settings; %NULL: none
 * @func: (scope call): is called with some lines at a time, in no order
 * @user_data: for @func
 * @error: return location for an error
 *
 * Does what virt_probe_scan() does for callers who want nothing but JSON, in less time: each line is written by the thread that
 * has described the entry.
 *
 * Returns: %FALSE when the directory cannot be read, or @func stopped (%VIRT_PROBE_ERROR_CANCELLED)
 *
 * Since: 0.1
 */
gboolean virt_probe_scan_lines(const char *directory, const VirtProbeScanSettings *settings,
                               VirtProbeLinesFunc func, gpointer user_data, GError **error);

#pragma GCC visibility pop
G_END_DECLS
