/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* references.h: files by path and by inode, so that one is found however it is named. */
#pragma once

#include "virtprobe/volume.h"

/* What a path names now. */
typedef struct {
    char
        *path; /* absolute, without ".", and without ".." where what that leads to could be asked */
    guint64 device;
    guint64 inode;
    guint64 allocated; /* bytes on the filesystem */
    gint64 changed;    /* its content or its inode, nanoseconds since 1970 UTC */
    gboolean is_file;  /* or block device: it can be an image */
    int saved_errno; /* 0: it exists; else why it cannot be asked; ETIMEDOUT: it does not answer */
} VpFileKey;

/* Asks what paths name, each once, without waiting for ever. The paths of volumes are absolute; a relative one of the caller
 * counts from the current directory. Symbolic links are followed. (transfer full) (array): one for each path, to be freed
 * by vp_file_keys_free(). */
VpFileKey *vp_file_keys_ask(GPtrArray *paths);
void vp_file_keys_free(VpFileKey *keys, guint count);

/* The file is surely not there. */
gboolean vp_file_key_is_missing(const VpFileKey *key);

/* It does not answer, so it is known by its path only. */
gboolean vp_file_key_is_late(const VpFileKey *key);

/* It cannot be asked, for that or another reason, so it may be a file that is known by another path. */
gboolean vp_file_key_is_unknown(const VpFileKey *key);

/* Files, each with the numbers of those that the caller connects with it. */
typedef struct VpReferences VpReferences;

VpReferences *vp_references_new(void);
void vp_references_free(VpReferences *references);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpReferences, vp_references_free)

void vp_references_add(VpReferences *references, const VpFileKey *key, guint number);
gboolean vp_references_have(const VpReferences *references, const VpFileKey *key);

/* Calls func for each number of a file, for some of them twice, and forgets them: a file of many names costs no more than its
 * numbers. */
typedef void (*VpReferencesFunc)(guint number, gpointer user_data);
void vp_references_take(VpReferences *references, const VpFileKey *key, VpReferencesFunc func,
                        gpointer user_data);
