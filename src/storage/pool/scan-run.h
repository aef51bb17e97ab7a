/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-run.h: a scan as the library itself asks for it: of a pool, with what is known of its files. */
#pragma once

#include "storage/pool/known.h"
#include "virtprobe/pool.h"
#include "virtprobe/scan.h"

/* What is asked beside the settings that every caller has. Both are looked at only while the scan lasts. */
typedef struct {
    VirtProbePool *pool;  /* its directory must be one that can be used; NULL: any will do */
    const VpKnown *known; /* what is known, instead of the settings' function; NULL: ask that */
    gboolean (*same)(
        guint number,
        gpointer user_data);  /* is called for a known file that is as it was; FALSE stops */
    VirtProbeLinesFunc lines; /* gets lines of JSON in place of volumes; NULL: volumes are wanted */
    gint64 *out_changed; /* gets when names in the directory had last changed before it was listed,
                                 nanoseconds since 1970 UTC; 0: it may have changed again in the same moment of the
                                 filesystem's clock; NULL: is not wanted */
} VpScanOrder;

/* As virt_probe_scan(); func may be NULL where order has another one. What is asked of the pool's directory is asked of the very directory that is listed, and within
 * the timeout. */
gboolean vp_scan_run(const char *directory, const VirtProbeScanSettings *settings,
                     const VpScanOrder *order, VirtProbeVolumeFunc func, gpointer user_data,
                     GError **error);
