/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* references.h: files by path and by inode, so that one is found however it is named. */
#pragma once

#include "virtprobe/volume.h"

/* What a path names now. */
typedef struct {
    char *path; /* absolute, without "." and ".." */
    guint64 device;
    guint64 inode;
    int saved_errno; /* 0: it exists; else why it cannot be asked */
} VpFileKey;

/* The paths of volumes are absolute; a relative one of the caller counts from the current directory. Symbolic links are
 * followed. */
void vp_file_key_init(VpFileKey *key, const char *path);
void vp_file_key_clear(VpFileKey *key);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VpFileKey, vp_file_key_clear)

/* The file is surely not there. */
gboolean vp_file_key_is_missing(const VpFileKey *key);

/* A set of files. */
typedef struct VpReferences VpReferences;

VpReferences *vp_references_new(void);
void vp_references_free(VpReferences *references);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpReferences, vp_references_free)

void vp_references_add(VpReferences *references, const VpFileKey *key);
gboolean vp_references_have(const VpReferences *references, const VpFileKey *key);

/* The path of a volume's backing or data file, when it is one of this machine; else NULL. (transfer full) */
char *vp_volume_backing_path(const VirtProbeVolume *volume);
char *vp_volume_data_path(const VirtProbeVolume *volume);
