/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* known.h: by what the files of a pool are recognised as the ones that were read before. */
#pragma once

#include "storage/pool/volume.h"

/* A file that has the same identity is not read again. */
typedef struct {
    guint64 device;
    guint64 inode;
    guint64 size;
    guint64 mtime; /* nanoseconds since 1970 UTC */
    guint64 ctime;
    guint64
        seen; /* of what is looked at again each time, as what could not be read, or a block device: a hash of all that
                      was found; 0: the other numbers vouch for it */
    guint32 is_ok; /* its state is ok */
    guint32 is_directory;
} VpFileIdentity;

/* By what the file of a volume is recognised. */
VpFileIdentity vp_known_identity_of(const VpVolumeFacts *facts);

/* The identities of all files of a pool, found by name. */
typedef struct VpKnown VpKnown;

/* bytes: what vp_known_writer_end() made; anything else gives an empty table, so that all is read again.
 * (transfer full) */
VpKnown *vp_known_new(GBytes *bytes);
void vp_known_free(VpKnown *known);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpKnown, vp_known_free)

guint vp_known_length(const VpKnown *known);

/* Number of the file with that name; -1: there is none. */
gint vp_known_find(const VpKnown *known, const char *name);
/* How many places were looked at for it: few, whatever the names are. */
guint vp_known_count_probes(const VpKnown *known, const char *name);

const char *vp_known_name(const VpKnown *known, guint index);
const VpFileIdentity *vp_known_identity(const VpKnown *known, guint index);

/* Writing the identities, in any order. */
GByteArray *vp_known_writer_begin(void);
void vp_known_writer_add(GByteArray *writer, const char *name, const VpFileIdentity *identity);
GBytes *vp_known_writer_end(GByteArray *writer);
/* How many were written. */
guint64 vp_known_count(GBytes *bytes);
