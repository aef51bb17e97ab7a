/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain.h: following the names in images. */
#pragma once

#include "storage/format.h"
#include "storage/opener.h"

/* Images of a chain that are opened; libvirt's limit, and far above what anybody uses. */
#define VP_CHAIN_IMAGES_MAX 200
/* Extents of one image that are opened; 512 GiB in parts of 2 GiB. */
#define VP_CHAIN_EXTENTS_MAX 256
/* Bytes that the descriptions of all members may take when they are printed. */
#define VP_CHAIN_OUTPUT_MAX (32u * 1024 * 1024)

/* As virt_probe_chain_open(), with files from opener. declared: format of the top; NULL: recognise it. */
VirtProbeRecord *vp_chain_open(VpOpener *opener, const char *path, const VpFormat *declared,
                               VirtProbeDescribeFlags flags, VirtProbeMemberFunc func,
                               gpointer user_data, GError **error);
