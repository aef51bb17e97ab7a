/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* relations.h: which volumes stand on which, and which nobody seems to need. */
#pragma once

#include <virtprobe/pool.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeDependent:
 * @pool: (nullable): the pool of the volume; %NULL when it is not defined any more
 * @volume: the volume
 * @is_data_file: %TRUE when the file is its external data file; else it is its backing file
 * @depth: 1 when the volume names the file itself, 2 when it names such a volume, and so on
 *
 * A volume that cannot be without another file.
 *
 * Since: 0.1
 */
typedef struct {
    VirtProbePool *pool;
    VirtProbeVolume *volume;
    gboolean is_data_file;
    guint depth;
} VirtProbeDependent;

#define VIRT_PROBE_TYPE_DEPENDENT (virt_probe_dependent_get_type())
GType virt_probe_dependent_get_type(void);

/**
 * virt_probe_dependent_copy:
 * @dependent: a volume that stands on a file
 *
 * Returns: (transfer full): a copy with references of its own
 *
 * Since: 0.1
 */
VirtProbeDependent *virt_probe_dependent_copy(const VirtProbeDependent *dependent);

/**
 * virt_probe_dependent_free:
 * @dependent: (transfer full) (nullable): a copy
 *
 * Since: 0.1
 */
void virt_probe_dependent_free(VirtProbeDependent *dependent);

/**
 * VirtProbeDependentFunc:
 * @dependent: (transfer none): a volume that stands on the file
 * @user_data: data of the caller
 *
 * Returns: %TRUE to go on, %FALSE to stop
 *
 * Since: 0.1
 */
typedef gboolean (*VirtProbeDependentFunc)(const VirtProbeDependent *dependent, gpointer user_data);

/**
 * virt_probe_volume_foreach_dependent:
 * @path: (type filename): a file; it need not be a volume, nor exist
 * @func: (scope call): is called for each volume that stands on it, those nearest to it first
 * @user_data: for @func
 * @error: return location for an error
 *
 * Finds the volumes of all pools that would be broken without a file, as the last refresh of each pool saw them. However
 * they name it: files that exist are the same when device and inode are; else when their paths are, after "." and what ".."
 * leads to are taken away.
 *
 * Files that do not answer within 10 seconds are known by their paths only.
 *
 * Returns: %FALSE when there is no catalogue or it cannot be read; when @func stopped (%VIRT_PROBE_ERROR_CANCELLED); and
 *   when files did not answer (%G_FILE_ERROR_IO): then @func was called for all that could be found, and others may be missing
 *
 * Since: 0.1
 */
gboolean virt_probe_volume_foreach_dependent(const char *path, VirtProbeDependentFunc func,
                                             gpointer user_data, GError **error);

/**
 * virt_probe_volume_foreach_dependent_full:
 * @path: (type filename): a file; it need not be a volume, nor exist
 * @func: (scope call): is called for each volume that stands on it, those nearest to it first
 * @user_data: for @func
 * @out_n_unseen: (out) (optional): number of volumes that may stand on the file, too, because they could not be read, or
 *   because they name what they stand on in a way that is not understood
 * @out_first_unseen: (out) (optional) (nullable) (transfer full) (type filename): path of one of them; %NULL when there is
 *   none; to be freed with g_free()
 * @error: return location for an error
 *
 * Does what virt_probe_volume_foreach_dependent() does, and says whether others may be missing.
 *
 * Returns: the same
 *
 * Since: 0.1
 */
gboolean virt_probe_volume_foreach_dependent_full(const char *path, VirtProbeDependentFunc func,
                                                  gpointer user_data, guint *out_n_unseen,
                                                  char **out_first_unseen, GError **error);

/**
 * VirtProbeOrphanReason:
 * @VIRT_PROBE_ORPHAN_BACKING_MISSING: its backing file is gone
 * @VIRT_PROBE_ORPHAN_UNREFERENCED: no other volume and no virtual machine names it
 *
 * Why a volume seems to be of no use.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_ORPHAN_BACKING_MISSING,
    VIRT_PROBE_ORPHAN_UNREFERENCED,
} VirtProbeOrphanReason;

/**
 * VirtProbeConfidence:
 * @VIRT_PROBE_CONFIDENCE_LOW: more than one doubt, or it is in use or named
 * @VIRT_PROBE_CONFIDENCE_MEDIUM: one doubt
 * @VIRT_PROBE_CONFIDENCE_HIGH: no doubt of #VirtProbeDoubts; it is not proven that nobody needs the file
 *
 * How sure it is that a volume is of no use.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_CONFIDENCE_LOW,
    VIRT_PROBE_CONFIDENCE_MEDIUM,
    VIRT_PROBE_CONFIDENCE_HIGH,
} VirtProbeConfidence;

/**
 * VirtProbeDoubts:
 * @VIRT_PROBE_DOUBT_NONE: none
 * @VIRT_PROBE_DOUBT_DOMAINS: the definitions of libvirt's virtual machines could not all be read
 * @VIRT_PROBE_DOUBT_LOCK: it cannot be asked whether a writer holds QEMU's lock
 * @VIRT_PROBE_DOUBT_YOUNG: the file changed within the last 7 days
 * @VIRT_PROBE_DOUBT_POOLS: not every pool was refreshed yet, or can be used now
 * @VIRT_PROBE_DOUBT_IN_USE: a writer holds QEMU's lock
 * @VIRT_PROBE_DOUBT_NO_ANSWER: the file, or one that something names, does not answer within 10 seconds
 * @VIRT_PROBE_DOUBT_NOT_FRESH: the directory of a pool has changed since its last refresh, so there may be volumes that nobody
 *   knows of
 * @VIRT_PROBE_DOUBT_NAMED: a virtual machine or another volume names the file
 * @VIRT_PROBE_DOUBT_UNREADABLE: a volume, or another image that something names, could not be read, so that it may need any file; or
 *   there are more than 10,000 images outside of all pools, or 100,000 files that images name, and not all were looked at
 * @VIRT_PROBE_DOUBT_UNKNOWN_NAME: an image names what it needs in a way that is not understood
 *
 * What speaks against a volume being of no use.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_DOUBT_NONE = 0,
    VIRT_PROBE_DOUBT_DOMAINS = 1 << 0,
    VIRT_PROBE_DOUBT_LOCK = 1 << 1,
    VIRT_PROBE_DOUBT_YOUNG = 1 << 2,
    VIRT_PROBE_DOUBT_POOLS = 1 << 3,
    VIRT_PROBE_DOUBT_IN_USE = 1 << 4,
    VIRT_PROBE_DOUBT_NO_ANSWER = 1 << 5,
    VIRT_PROBE_DOUBT_NOT_FRESH = 1 << 6,
    VIRT_PROBE_DOUBT_NAMED = 1 << 7,
    VIRT_PROBE_DOUBT_UNREADABLE = 1 << 8,
    VIRT_PROBE_DOUBT_UNKNOWN_NAME = 1 << 9,
} VirtProbeDoubts;

/**
 * VirtProbeOrphan:
 * @pool: (nullable): its pool; %NULL when it is not defined any more
 * @volume: the volume
 * @reason: why it seems to be of no use
 * @confidence: how sure that is
 * @doubts: why it is not surer
 * @size: bytes that it takes on its filesystem now
 * @changed: when its content or its inode last changed, nanoseconds since 1970 UTC
 *
 * A volume that seems to be of no use.
 *
 * Since: 0.1
 */
typedef struct {
    VirtProbePool *pool;
    VirtProbeVolume *volume;
    VirtProbeOrphanReason reason;
    VirtProbeConfidence confidence;
    VirtProbeDoubts doubts;
    guint64 size;
    gint64 changed;
} VirtProbeOrphan;

#define VIRT_PROBE_TYPE_ORPHAN (virt_probe_orphan_get_type())
GType virt_probe_orphan_get_type(void);

/**
 * virt_probe_orphan_copy:
 * @orphan: a volume that seems to be of no use
 *
 * Returns: (transfer full): a copy with references of its own
 *
 * Since: 0.1
 */
VirtProbeOrphan *virt_probe_orphan_copy(const VirtProbeOrphan *orphan);

/**
 * virt_probe_orphan_free:
 * @orphan: (transfer full) (nullable): a copy
 *
 * Since: 0.1
 */
void virt_probe_orphan_free(VirtProbeOrphan *orphan);

/**
 * VirtProbeOrphanFunc:
 * @orphan: (transfer none): a volume that seems to be of no use
 * @user_data: data of the caller
 *
 * Returns: %TRUE to go on, %FALSE to stop
 *
 * Since: 0.1
 */
typedef gboolean (*VirtProbeOrphanFunc)(const VirtProbeOrphan *orphan, gpointer user_data);

/**
 * virt_probe_pool_foreach_orphan:
 * @pool: (nullable): a pool; %NULL: all of them
 * @func: (scope call): is called for each volume that seems to be of no use, by pool and name
 * @user_data: for @func
 * @error: return location for an error
 *
 * Lists overlays whose backing file is gone, and images that no volume of any pool, no image that such a volume stands on
 * and no virtual machine of libvirt names, and no QEMU writes. It asks the catalogue, so pools should be refreshed
 * before; sizes and times are those of now. Nothing is ever changed or deleted.
 *
 * Definitions are the XML files of libvirt for the system and for the user, of running machines and of snapshots too;
 * VIRT_PROBE_DOMAIN_DIR in the environment names another directory, with snapshots in "snapshot" in it.
 *
 * Returns: %FALSE when there is no catalogue or it cannot be read; also when @func stopped
 *   (%VIRT_PROBE_ERROR_CANCELLED)
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_foreach_orphan(VirtProbePool *pool, VirtProbeOrphanFunc func,
                                        gpointer user_data, GError **error);

/**
 * virt_probe_domains_check:
 * @error: return location for an error
 *
 * Reads the definitions of libvirt's virtual machines as virt_probe_pool_foreach_orphan() does, to say why it doubts them
 * (%VIRT_PROBE_DOUBT_DOMAINS).
 *
 * Returns: %FALSE when there are none, or one of them or their directories cannot be read or understood: @error has the path
 *   of the first and the reason
 *
 * Since: 0.1
 */
gboolean virt_probe_domains_check(GError **error);

/**
 * virt_probe_orphan_reason_get_name:
 * @reason: a reason
 *
 * Returns: (transfer none): "backing-missing" or "unreferenced"
 *
 * Since: 0.1
 */
const char *virt_probe_orphan_reason_get_name(VirtProbeOrphanReason reason);

/**
 * virt_probe_confidence_get_name:
 * @confidence: a confidence
 *
 * Returns: (transfer none): "low", "medium" or "high"
 *
 * Since: 0.1
 */
const char *virt_probe_confidence_get_name(VirtProbeConfidence confidence);

/**
 * virt_probe_doubt_get_name:
 * @doubt: one of them
 *
 * Returns: (transfer none) (nullable): "domains-unread", "lock-unknown", "young", "pools-unread", "in-use",
 *   "no-answer", "not-fresh", "named", "unreadable" or "name-unknown"; %NULL when it is not exactly one
 *
 * Since: 0.1
 */
const char *virt_probe_doubt_get_name(VirtProbeDoubts doubt);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbeDependent, virt_probe_dependent_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbeOrphan, virt_probe_orphan_free)

#pragma GCC visibility pop
G_END_DECLS
