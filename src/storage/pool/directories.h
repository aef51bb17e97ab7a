/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* directories.h: where definitions and the catalogue are. */
#pragma once

#include <glib.h>

/* VIRT_PROBE_CONFIG_DIR; else for root /etc/virt-probe; else virt-probe in the user's configuration directory. (transfer
 * full) */
char *vp_config_directory(void);

/* VIRT_PROBE_STATE_DIR; else for root /var/lib/virt-probe; else virt-probe in the user's state directory. (transfer
 * full) */
char *vp_state_directory(void);

/* FALSE with VIRT_PROBE_ERROR_REFUSED when others than its user and root own the directory or may write it, so that what is in
 * it may be anybody's; for root also when that is so of a directory above. One that does not exist is fine. what: the
 * beginning of the message. */
gboolean vp_directory_check_owner(const char *directory, const char *what, GError **error);

/* The state directory, or a folder in it (NULL: itself), where links on the way lead; may_make: made if need be, for its owner
 * only. NULL with VIRT_PROBE_ERROR_REFUSED when vp_directory_check_owner() refuses one of them, with G_FILE_ERROR_NOENT when
 * there is none. (transfer full) */
char *vp_state_directory_find(const char *folder, gboolean may_make, GError **error);

/* FALSE with VIRT_PROBE_ERROR_REFUSED when it is on a network filesystem, or one that may be one: a catalogue there is damaged
 * sooner or later. */
gboolean vp_state_directory_check_place(const char *directory, GError **error);

/* The name of the network filesystem that holds a directory, or of one that may be one; NULL: none, or it cannot be
 * told. */
const char *vp_network_filesystem(const char *path);
