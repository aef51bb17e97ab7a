/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* location.h: names by which images name other images. */
#pragma once

#include <virtprobe/record.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * virt_probe_location_parse:
 * @name: (type filename): a name as an image holds it or a user writes it: a path, a URI, an old spelling such as
 *   nbd:HOST:PORT, or json: with a description of nodes
 * @error: return location for an error
 *
 * Says what a name means to QEMU: which file, device or export is where. Nothing is opened or looked up, and a
 * relative path stays relative. The record's texts may hold what the name's writer chose to put there; its key
 * "text" has the whole name with all credentials.
 *
 * Returns: (transfer full): a record "location", or %NULL: %VIRT_PROBE_ERROR_INVALID when the name breaks a rule
 *   of its spelling, %VIRT_PROBE_ERROR_UNSUPPORTED when it names a protocol, driver or arrangement that nobody
 *   here knows, %VIRT_PROBE_ERROR_LIMIT when it is longer than 4096 bytes or nests too deeply
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_location_parse(const char *name, GError **error);

/**
 * virt_probe_name_mask:
 * @name: (type filename): a name, as for virt_probe_location_parse()
 *
 * Makes a name that can be printed: passwords, keys, cookies and the like are replaced by asterisks, also where
 * the name is not understood otherwise. Control characters are left alone.
 *
 * Returns: (transfer full) (type filename): the name without credentials, the same as @name when it has none; to
 *   be freed with g_free()
 *
 * Since: 0.1
 */
char *virt_probe_name_mask(const char *name);

#pragma GCC visibility pop
G_END_DECLS
