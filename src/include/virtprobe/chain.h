/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain.h: an image and everything that it stands on. */
#pragma once

#include <virtprobe/describe.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeFollow:
 * @VIRT_PROBE_FOLLOW_NONE: open nothing that an image names
 * @VIRT_PROBE_FOLLOW_SAME_DIRECTORY: open files that are named as files in the directory of the image at the top. A
 *   symbolic link there may lead to a file below that directory, never out of it
 * @VIRT_PROBE_FOLLOW_BENEATH: open files beneath a given directory, the image at the top included. Neither ".."
 *   nor a symbolic link leads out of it
 * @VIRT_PROBE_FOLLOW_ANY: open every file that an image names. Whoever wrote the image chooses which
 *
 * Which of the files that an image names may be opened. Only regular files and block devices ever are; servers
 * are never spoken to.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_FOLLOW_NONE,
    VIRT_PROBE_FOLLOW_SAME_DIRECTORY,
    VIRT_PROBE_FOLLOW_BENEATH,
    VIRT_PROBE_FOLLOW_ANY,
} VirtProbeFollow;

/**
 * VirtProbeMemberFunc:
 * @image: (transfer none): the record of a member, as virt_probe_describe_file() makes it
 * @user_data: what virt_probe_chain_open() was given
 *
 * Is called for each image of a backing chain, from the top down, as soon as it is described.
 *
 * Returns: %TRUE to go on, %FALSE to stop
 *
 * Since: 0.1
 */
typedef gboolean (*VirtProbeMemberFunc)(VirtProbeRecord *image, gpointer user_data);

/**
 * virt_probe_chain_open:
 * @path: (type filename): name of the image at the top; relative names in it count from its directory, as it is
 *   written here
 * @format: (nullable): format of the image at the top, as for virt_probe_describe_file()
 * @flags: how to describe the members, and whether formats that are not recorded are recognised
 * @follow: which files may be opened
 * @directory: (type filename) (nullable): for %VIRT_PROBE_FOLLOW_BENEATH the directory; else %NULL
 * @func: (nullable) (scope call): is called for each image of the chain; may be %NULL
 * @user_data: for @func
 * @error: return location for an error
 *
 * Follows the backing files of an image down to the one that stands on nothing, at most 200 images. Each is
 * described with the limits of virt_probe_describe_file(), and memory does not grow with the depth but for a few
 * hundred bytes a member. The format of a backing file is the one that its overlay records; when none is
 * recorded, the chain ends there unless @flags ask for a guess. A member that is missing, cannot be read, comes
 * round again or may not be opened ends the chain and is listed with the reason; servers are listed and not
 * spoken to. External data files are opened beside their owner and stand in its record.
 *
 * @directory goes with %VIRT_PROBE_FOLLOW_BENEATH and with nothing else: the other way is a mistake of the program, which
 * gets %NULL without an error.
 *
 * Returns: (transfer full): the record "chain", which sums up all members; %NULL when @format is not known
 *   (%VIRT_PROBE_ERROR_UNSUPPORTED), @directory cannot be opened (%G_FILE_ERROR), or @func stopped
 *   (%VIRT_PROBE_ERROR_CANCELLED)
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_chain_open(const char *path, const char *format,
                                       VirtProbeDescribeFlags flags, VirtProbeFollow follow,
                                       const char *directory, VirtProbeMemberFunc func,
                                       gpointer user_data, GError **error);

/**
 * virt_probe_chain_new_unreadable:
 * @path: (type filename): name of the image at the top
 * @error: why its chain could not be followed
 *
 * Makes the record of a chain of which nothing is known, so that a list of chains can show it beside the others.
 *
 * Returns: (transfer full): the record, with state "unreadable" and one member
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_chain_new_unreadable(const char *path, const GError *error);

/**
 * virt_probe_chain_verify:
 * @chain: the record of a chain
 * @error: return location for an error
 *
 * Says whether the chain is whole: every member was opened and nothing in it is damaged. Servers,
 * directories and other things that are never opened do not count against it.
 *
 * Returns: %TRUE when it is; else %FALSE and the first reason, behind the name of the member that it is about
 *
 * Since: 0.1
 */
gboolean virt_probe_chain_verify(const VirtProbeRecord *chain, GError **error);

#pragma GCC visibility pop
G_END_DECLS
