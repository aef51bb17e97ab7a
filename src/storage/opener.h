/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* opener.h: opening the files that images name: the one place that decides which of them may be opened. */
#pragma once

#include "util/source.h"
#include "virtprobe/chain.h"

/* Entries of a directory that are looked at. */
#define VP_OPENER_NAMES_MAX 16384

typedef struct VpOpener VpOpener;

/* Whoever follows names gets this and nothing else to open them with, so tests can put a filesystem of their own
 * behind it. */
struct VpOpener {
    /* Opens what path names. is_top: the caller named it, not an image. (transfer full) */
    VpSource *(*open)(VpOpener *opener, const char *path, gboolean is_top, GError **error);
    /* Names of the entries in the directory of the file that path names, at most VP_OPENER_NAMES_MAX. NULL: no
     * file may be looked for. (transfer full) */
    GPtrArray *(*list)(VpOpener *opener, const char *path);
    gboolean is_outside; /* the last file was not opened because of the policy */
};

/* How a path may begin that leads to the directory, and where that is within the directory. */
typedef struct {
    char *prefix; /* absolute, ends with a slash */
    char *inside; /* relative; "" or ends with a slash */
} VpOpenerPrefix;

typedef struct {
    VpOpener parent;
    VirtProbeFollow follow;
    int directory;              /* to open beneath; -1: none */
    VpOpenerPrefix prefixes[3]; /* those with a prefix count */
    gboolean may_use_openat2;   /* FALSE: as on old kernels */
} VpFileOpener;

/* Opens real files by a policy. top: the image at the top; directory: for VIRT_PROBE_FOLLOW_BENEATH. To be given
 * up by vp_file_opener_clear(), on failure too. */
gboolean vp_file_opener_init(VpFileOpener *opener, VirtProbeFollow follow, const char *top,
                             const char *directory, GError **error);
void vp_file_opener_clear(VpFileOpener *opener);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VpFileOpener, vp_file_opener_clear)
