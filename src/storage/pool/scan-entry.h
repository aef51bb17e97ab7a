/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-entry.h: from an entry of a directory to a volume, by the thread that may have to wait for it. */
#pragma once

#include "storage/pool/known.h"
#include "storage/pool/volume-facts.h"

/* Directories in directories that are entered; a path of Linux can hold 2048. */
#define VP_SCAN_DEPTH_MAX 200

/* A directory of a scan. Counted, because a thread that waits for one of its entries for ever keeps it. */
typedef struct VpScanDirectory VpScanDirectory;
struct VpScanDirectory {
    gint ref_count;
    VpScanDirectory *parent; /* NULL: the one that the scan is of */
    int fd;                  /* -1: not open */
    guint depth;
    guint64 serial; /* from 1; no two of a process have the same */
    char *name;     /* volumes in it have this, a slash and their own name; of the outermost: "" */
    char *path;     /* the same, seen from where the scan was started */
    const char *entry; /* its name in its parent: the end of name */
    VpEntryInfo info;  /* once it is open */
    gint64 opened;     /* when that was, nanoseconds since 1970 UTC */
};

/* name: in parent; without parent it is the path of the outermost. (transfer full) */
VpScanDirectory *vp_scan_directory_new(VpScanDirectory *parent, const char *name);
VpScanDirectory *vp_scan_directory_ref(VpScanDirectory *directory);
/* out_fds: gets the descriptors of directories that nobody needs any more, because closing them may last; NULL: they are closed. */
void vp_scan_directory_unref(VpScanDirectory *directory, GArray *out_fds);

/* FALSE with errno when it cannot be opened. */
gboolean vp_scan_directory_open(VpScanDirectory *directory);

/* Waits some milliseconds where a directory has just changed, so that a change while it is listed gets another time. FALSE with
 * errno. */
gboolean vp_scan_directory_settle(VpScanDirectory *directory);

/* When names in an open directory had changed before it was opened, nanoseconds since 1970 UTC; 0: so shortly before that a change after
 * that may have the same time. */
gint64 vp_scan_directory_changed(const VpScanDirectory *directory);

/* Room that a thread uses again and again. */
typedef struct {
    guint64 serial; /* of the directory whose names both begin with; 0: none yet */
    gsize name_len;
    gsize path_len;
    GString *name;
    GString *path;
    GString *rules;
    VpVolumeFacts facts;    /* of the last entry */
    VirtProbeRecord *image; /* what their texts belong to; NULL: nothing */
    GError *error;          /* the same */
    int saved_errno;        /* why the entry cannot be opened; 0: it can, or that was not tried */
} VpScanScratch;

void vp_scan_scratch_init(VpScanScratch *scratch);
void vp_scan_scratch_clear(VpScanScratch *scratch);

/* The name of an entry as volumes have it; valid until the next call with the scratch. */
const char *vp_scan_name(VpScanScratch *scratch, const VpScanDirectory *directory,
                         const char *entry);

/* What an entry was before. A thread that waits for ever goes on with its own copy, and with nothing of the caller's. */
typedef struct {
    VpFileIdentity identity;
    gboolean is_same; /* is set when the entry still is what it was; then it has no new volume */
} VpScanKnown;

/* Describes an entry whose name was just made by vp_scan_name(). known: NULL: nothing is, or it shall be read whatever it
 * was. NULL: it is the same, or has vanished. The facts are the scratch's and stay until its next use. */
const VpVolumeFacts *vp_scan_entry(VpScanScratch *scratch, const VpScanDirectory *directory,
                                   const VpEntry *entry, VpScanKnown *known);

/* The facts of an entry that cannot be described; the same, and code and message are borrowed. */
const VpVolumeFacts *vp_scan_unreadable(VpScanScratch *scratch, const char *code,
                                        const char *message);

/* The facts of a directory in the outermost that was entered; saved_errno: why it could not be, 0: it could. NULL: it is
 * the same. (transfer full) */
const VpVolumeFacts *vp_scan_directory_facts(VpScanScratch *scratch,
                                             const VpScanDirectory *directory, int saved_errno,
                                             VpScanKnown *known);
