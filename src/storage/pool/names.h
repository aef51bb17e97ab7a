/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.h: the files of this machine that the names in images lead to. */
#pragma once

#include "virtprobe/volume.h"

/* Adds the paths to which a name leads, the most likely first: absolute ones as they are, relative ones from the directory of
 * the image that holds the name. A json: name may lead to several, and blkdebug: and blkverify: have others within. paths: of strings that are freed. FALSE: it
 * also leads to what is not understood; a server is understood. */
gboolean vp_name_take_paths(const char *name, const char *image, GPtrArray *paths);

/* The same for the name of a data file, which QEMU takes for a path whatever it looks like. */
gboolean vp_data_name_take_paths(const char *name, const char *image, GPtrArray *paths);

/* The same for what a volume stands on, and for where it has its data. */
gboolean vp_volume_take_bases(const VirtProbeVolume *volume, GPtrArray *paths);
gboolean vp_volume_take_data_files(const VirtProbeVolume *volume, GPtrArray *paths);
