/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-work.h: what the threads of a scan share.
 *
 * Workers list directories and describe entries, and the thread that called virt_probe_scan() hands out what they found.
 * A worker may wait for ever in a system call. Then the caller's thread gives it up: it takes over what the worker has
 * found, makes the volume of the entry itself, and starts another worker. The one that was given up notices when its
 * call returns after all; until then it touches nothing but what it holds counted references of. */
#pragma once

#include "storage/pool/scan-entry.h"
#include "storage/pool/scan-run.h"

/* Volumes that a worker keeps before it hands them on. */
#define VP_SCAN_RESULTS_MAX 32
/* Volumes that wait to be handed out; workers wait when there are more. */
#define VP_SCAN_DONE_MAX 1024
/* So many are worth waking the caller for; fewer are handed out when it looks by itself. */
#define VP_SCAN_DONE_WORTH 512
/* Threads that are given up. When there are so many nothing answers any more, and the rest is not tried. */
#define VP_SCAN_GIVEN_UP_MAX 64

/* Some entries of a directory. Counted. */
typedef struct {
    gint ref_count;
    VpScanDirectory *directory;
    guint count;
    gint next; /* the first entry that nobody has taken */
    VpEntry entries[VP_ENTRY_LIST_MAX];
    guint64 buffer[VP_ENTRY_LIST_SIZE / sizeof(guint64)]; /* their names */
} VpScanList;

/* What a worker found. */
typedef struct {
    VirtProbeVolume *volume; /* counted; NULL: the known file of that number is as it was */
    guint number;
} VpScanResult;

/* What it found, as lines of JSON. */
typedef struct {
    GString *text; /* NULL: volumes are wanted */
    guint not_ok;
} VpScanLines;

/* Counted: the caller and every worker hold a reference. */
typedef struct {
    gint ref_count;
    VirtProbeScanSettings settings;
    VirtProbePool *pool; /* counted; NULL: any directory will do */
    const VpKnown
        *known;   /* the caller's, as what settings points to: not for a worker that waits */
    GMutex mutex; /* of all that follows */
    GCond work;   /* there is something to do, or nothing will ever be; for workers */
    GCond done;   /* there are volumes, or a worker has ended; for the caller */
    GQueue lists; /* of VpScanList with entries to describe */
    GPtrArray *directories; /* of VpScanDirectory to list, the next one last */
    GArray *closing;        /* descriptors of directories that are to be closed */
    gboolean is_listing;    /* one worker lists; two would gain nothing */
    guint n_busy;           /* workers that have something to do */
    guint n_alive;          /* workers that have neither ended nor been given up */
    gboolean is_caller_waiting;
    gboolean is_stopping;
    gboolean has_given_up; /* entries are not tried any more */
    VpScanResult results[VP_SCAN_DONE_MAX + VP_SCAN_RESULTS_MAX];
    guint n_results;
    VpScanLines lines; /* then results only count */
    gint64 changed;    /* when the outermost directory was, before it was listed; 0: not known */
    int saved_errno; /* why the outermost directory cannot be read, or nothing any more; 0: it can */
    GError *failure; /* why it cannot be used, in words; NULL: as saved_errno says */
} VpScan;

/* What a worker is at: a number that grows with each call that it begins, shifted by one, and whether it is in one that
 * may never return. */
#define VP_SCAN_IS_WAITING 1
/* The caller has given the worker up. */
#define VP_SCAN_IS_GIVEN_UP G_MAXSIZE

/* Counted: the caller and the thread hold a reference. */
typedef struct {
    gint ref_count;
    VpScan *scan;
    gsize
        state; /* atomic. While it says waiting, what follows is the caller's if it gives the worker up */
    VpScanList *list; /* the entry that is described; NULL: a directory is listed */
    guint index;
    VpScanDirectory *directory; /* NULL, too: one is closed */
    int closing_fd;             /* the thread's alone; -1: none */
    VpScanResult results[VP_SCAN_RESULTS_MAX];
    guint n_results;
    VpScanLines lines;     /* then results only count */
    VpScanScratch scratch; /* the thread's alone */
    GThread *thread;       /* the caller's alone, as is what follows */
    gsize seen_state;
    guint n_seen;
} VpScanWorker;

/* settings and order may be NULL. (transfer full) */
VpScan *vp_scan_new(const char *directory, const VirtProbeScanSettings *settings,
                    const VpScanOrder *order);
VpScan *vp_scan_ref(VpScan *scan);
void vp_scan_unref(VpScan *scan);

/* Whose directories are closed by workers. With the mutex; NULL is nothing. */
void vp_scan_release_list(VpScan *scan, VpScanList *list);
void vp_scan_release_directory(VpScan *scan, VpScanDirectory *directory);

/* Adds the line of a volume. */
void vp_scan_lines_add(VpScanLines *lines, const VpVolumeFacts *facts);

/* Adds a directory to those to be listed. With the mutex. (transfer full) */
void vp_scan_push_directory(VpScan *scan, VpScanDirectory *directory);
/* It was listed or cannot be. With the mutex. */
void vp_scan_drop_directory(VpScan *scan, VpScanDirectory *directory);

/* Starts a worker; NULL when the system gives no thread. */
VpScanWorker *vp_scan_worker_start(VpScan *scan);
void vp_scan_worker_unref(VpScanWorker *worker);

/* The body of a worker. */
void vp_scan_worker_run(VpScanWorker *worker);
