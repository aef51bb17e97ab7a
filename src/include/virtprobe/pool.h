/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool.h: storage pools: directories with a name, whose volumes are kept described. */
#pragma once

#include <virtprobe/scan.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbePool:
 *
 * The definition of a pool, as its XML holds it: name, UUID, type, target. Opaque, counted, never changed.
 *
 * Since: 0.1
 */
typedef struct _VirtProbePool VirtProbePool;

#define VIRT_PROBE_TYPE_POOL (virt_probe_pool_get_type())
GType virt_probe_pool_get_type(void);

/**
 * virt_probe_pool_ref:
 * @pool: a pool
 *
 * Returns: (transfer full): @pool
 *
 * Since: 0.1
 */
VirtProbePool *virt_probe_pool_ref(VirtProbePool *pool);

/**
 * virt_probe_pool_unref:
 * @pool: (transfer full) (nullable): a pool
 *
 * Since: 0.1
 */
void virt_probe_pool_unref(VirtProbePool *pool);

/**
 * VirtProbePoolSource:
 * @host: (nullable): server, for netfs
 * @path: (nullable): directory on the server, for netfs
 * @device: (nullable): device that is mounted, for fs
 * @format: (nullable): filesystem of the source; %NULL: not said
 * @protocol_version: (nullable): version of NFS, for netfs; %NULL: not said
 *
 * Where the files of a pool come from. We mount nothing: this is for libvirt, which needs it to read the definition.
 *
 * Since: 0.1
 */
typedef struct {
    const char *host;
    const char *path;
    const char *device;
    const char *format;
    const char *protocol_version;
} VirtProbePoolSource;

/**
 * virt_probe_pool_new:
 * @name: its name
 * @type: its type: dir, fs or netfs
 * @target: (type filename): absolute path of its directory
 * @source: (nullable): what is mounted there; %NULL for type dir
 * @error: return location for an error
 *
 * Makes a definition with a new UUID. Nothing is stored.
 *
 * Returns: (transfer full): the pool; %NULL when a name, type or path is not valid
 *
 * Since: 0.1
 */
VirtProbePool *virt_probe_pool_new(const char *name, const char *type, const char *target,
                                   const VirtProbePoolSource *source, GError **error);

/**
 * virt_probe_pool_new_from_xml:
 * @xml: libvirt's pool XML, also that of its configuration files
 * @length: its length, in bytes; at most 1 MiB
 * @error: return location for an error
 *
 * Reads a definition; no entities, no DTD, no network. Unknown elements are ignored, as libvirt does. A UUID is made
 * when there is none.
 *
 * Returns: (transfer full): the pool; %NULL on error
 *
 * Since: 0.1
 */
VirtProbePool *virt_probe_pool_new_from_xml(const char *xml, gsize length, GError **error);

/**
 * virt_probe_pool_new_from_file:
 * @path: (type filename): a file with libvirt's pool XML
 * @error: return location for an error
 *
 * Reads a definition as virt_probe_pool_new_from_xml() does. A FIFO is waited for and read to its end, and so is a character
 * device that is standard input; other files that are not regular are refused (%VIRT_PROBE_ERROR_REFUSED).
 *
 * Returns: (transfer full): the pool; %NULL on error
 *
 * Since: 0.1
 */
VirtProbePool *virt_probe_pool_new_from_file(const char *path, GError **error);

/**
 * virt_probe_pool_new_from_valid_xml:
 * @xml: libvirt's pool XML
 * @length: its length, in bytes; at most 1 MiB
 * @error: return location for an error
 *
 * Reads a definition as virt_probe_pool_new_from_xml() does, and refuses what that ignores: elements, attributes and
 * texts that are not known, elements that come twice, and sources that the type of the pool has no use for.
 *
 * Returns: (transfer full): the pool; %NULL on error
 *
 * Since: 0.1
 */
VirtProbePool *virt_probe_pool_new_from_valid_xml(const char *xml, gsize length, GError **error);

/**
 * virt_probe_pool_new_from_valid_file:
 * @path: (type filename): a file with libvirt's pool XML
 * @error: return location for an error
 *
 * Reads a definition as virt_probe_pool_new_from_file() does, and as strictly as virt_probe_pool_new_from_valid_xml().
 *
 * Returns: (transfer full): the pool; %NULL on error
 *
 * Since: 0.1
 */
VirtProbePool *virt_probe_pool_new_from_valid_file(const char *path, GError **error);

/**
 * virt_probe_pool_get_name:
 * @pool: a pool
 *
 * Returns: (transfer none): its name
 *
 * Since: 0.1
 */
const char *virt_probe_pool_get_name(const VirtProbePool *pool);

/**
 * virt_probe_pool_get_uuid:
 * @pool: a pool
 *
 * Returns: (transfer none): its UUID, 36 characters
 *
 * Since: 0.1
 */
const char *virt_probe_pool_get_uuid(const VirtProbePool *pool);

/**
 * virt_probe_pool_get_kind:
 * @pool: a pool
 *
 * Returns: (transfer none): its type: dir, fs or netfs
 *
 * Since: 0.1
 */
const char *virt_probe_pool_get_kind(const VirtProbePool *pool);

/**
 * virt_probe_pool_get_target:
 * @pool: a pool
 *
 * Returns: (transfer none) (type filename): absolute path of its directory
 *
 * Since: 0.1
 */
const char *virt_probe_pool_get_target(const VirtProbePool *pool);

/**
 * virt_probe_pool_to_xml:
 * @pool: a pool
 *
 * Returns: (transfer full): libvirt's pool XML: element for element what it prints of a running pool, or of an
 *   inactive one when the directory cannot be used now
 *
 * Since: 0.1
 */
char *virt_probe_pool_to_xml(const VirtProbePool *pool);

/**
 * virt_probe_pool_to_definition_xml:
 * @pool: a pool
 *
 * Returns: (transfer full): the XML that is stored: libvirt's of an inactive pool
 *
 * Since: 0.1
 */
char *virt_probe_pool_to_definition_xml(const VirtProbePool *pool);

/**
 * virt_probe_pool_to_full_xml:
 * @pool: a pool
 *
 * Returns: (transfer full): a document of our own, with that of virt_probe_pool_to_xml() in it, and beside it all that is
 *   known: state, sums of the last refresh and when it was; its schema is docs/schema/virt-probe.rng
 *
 * Since: 0.1
 */
char *virt_probe_pool_to_full_xml(const VirtProbePool *pool);

/**
 * virt_probe_pool_to_json:
 * @pool: a pool
 *
 * Returns: (transfer full): a JSON object with the definition, the state and the sums
 *
 * Since: 0.1
 */
char *virt_probe_pool_to_json(const VirtProbePool *pool);

/**
 * virt_probe_pool_check:
 * @pool: a pool
 * @error: return location for an error
 *
 * Looks whether the pool's directory can be used now: it is one, and for types fs and netfs it is a mount point. One that
 * does not answer within 10 seconds cannot; nor is it asked again as long as the first question hangs.
 *
 * Returns: %TRUE when it can be used
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_check(const VirtProbePool *pool, GError **error);

/**
 * virt_probe_pool_list:
 * @error: return location for an error
 *
 * Returns: (transfer container) (element-type VirtProbePool): the pools of the configuration directory, by name, which
 *   the array gives up with itself; those whose file cannot be read are left out, and the first reason is in @error
 *   although the list is there
 *
 * Since: 0.1
 */
GPtrArray *virt_probe_pool_list(GError **error);

/**
 * virt_probe_pool_find:
 * @name: name or UUID of a pool
 * @error: return location for an error
 *
 * Returns: (transfer full): the pool; %NULL when there is none (%G_FILE_ERROR_NOENT), or when its own file cannot be read:
 *   then with the error of that file
 *
 * Since: 0.1
 */
VirtProbePool *virt_probe_pool_find(const char *name, GError **error);

/**
 * virt_probe_pool_define:
 * @pool: a pool
 * @error: return location for an error
 *
 * Stores a definition in the configuration directory, at once or not at all. One with the same name and UUID is
 * replaced; as for libvirt, another UUID under a name that is taken, or a UUID that another name has, is refused, and so
 * is a second pool of type dir for the same directory, by whatever path.
 *
 * Returns: %TRUE when it is stored
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_define(const VirtProbePool *pool, GError **error);

/**
 * virt_probe_pool_undefine:
 * @pool: a pool
 * @error: return location for an error
 *
 * Removes the definition and what the catalogue holds of it. No volume is touched. A catalogue that is damaged or absent holds
 * nothing; when what it holds cannot be removed, the definition stays.
 *
 * Returns: %TRUE when it is gone; %FALSE with %VIRT_PROBE_ERROR_CONFLICT when the name belongs to another UUID now
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_undefine(const VirtProbePool *pool, GError **error);

/**
 * VirtProbeChange:
 * @VIRT_PROBE_CHANGE_ADDED: the volume is new
 * @VIRT_PROBE_CHANGE_CHANGED: it is not what it was
 * @VIRT_PROBE_CHANGE_REMOVED: it is gone
 *
 * What a refresh noticed of a volume.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_CHANGE_ADDED,
    VIRT_PROBE_CHANGE_CHANGED,
    VIRT_PROBE_CHANGE_REMOVED,
} VirtProbeChange;

/**
 * virt_probe_change_get_name:
 * @change: a change
 *
 * Returns: (transfer none): its name, as JSON and hooks have it: added, changed or removed
 *
 * Since: 0.1
 */
const char *virt_probe_change_get_name(VirtProbeChange change);

/**
 * VirtProbeRefreshEvents:
 * @begin: (nullable): before anything is read; %FALSE with an error forbids the refresh
 * @volume: (nullable): for each volume that changed, once the new list is in force
 * @end: (nullable): at the end of each refresh that @begin did not forbid; @error: why the refresh failed, %NULL when it
 *   did not
 * @progress: (nullable): from time to time while entries are read: how many were; %FALSE stops
 * @user_data: for all of them
 *
 * What a caller of virt_probe_pool_refresh() wants to hear. No lock is held while they are called.
 *
 * Since: 0.1
 */
typedef struct {
    gboolean (*begin)(VirtProbePool *pool, gpointer user_data, GError **error);
    void (*volume)(VirtProbePool *pool, VirtProbeChange change, VirtProbeVolume *volume,
                   gpointer user_data);
    void (*end)(VirtProbePool *pool, const GError *error, gpointer user_data);
    gboolean (*progress)(guint64 done, gpointer user_data);
    gpointer user_data;
} VirtProbeRefreshEvents;

/**
 * VirtProbeRefreshCounts:
 * @volumes: volumes in the pool now
 * @read: how many of them were read
 * @not_ok: how many have another state than ok
 * @added: new ones
 * @changed: those that are not what they were
 * @removed: those that are gone
 *
 * What a refresh did.
 *
 * Since: 0.1
 */
typedef struct {
    guint64 volumes;
    guint64 read;
    guint64 not_ok;
    guint64 added;
    guint64 changed;
    guint64 removed;
} VirtProbeRefreshCounts;

/**
 * virt_probe_pool_refresh:
 * @pool: a pool
 * @settings: (nullable): how to scan; its known is not looked at, since the catalogue is asked
 * @events: (nullable): what to tell whom
 * @out_counts: (out) (optional): what was done
 * @error: return location for an error
 *
 * Brings the catalogue up to date with the pool's directory. The new list replaces the old one at once, or not at all.
 * Where no state directory can be used the refresh fails; scans work without. The timeout of @settings is that of the
 * directory too. A pool that was read from its definition and is not defined any more is refused with %G_FILE_ERROR_NOENT,
 * and so is one that is defined with another directory now.
 *
 * Returns: %FALSE when the directory cannot be used, the begin event forbade it, it was cancelled, or the catalogue
 *   cannot be written
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_refresh(VirtProbePool *pool, const VirtProbeScanSettings *settings,
                                 const VirtProbeRefreshEvents *events,
                                 VirtProbeRefreshCounts *out_counts, GError **error);

/**
 * virt_probe_pool_foreach_volume:
 * @pool: a pool
 * @func: (scope call): is called for each volume, by name
 * @user_data: for @func
 * @error: return location for an error
 *
 * Gives the volumes of the last refresh, from the catalogue; none when there was no refresh.
 *
 * Returns: %FALSE when the catalogue cannot be read; also when @func stopped (%VIRT_PROBE_ERROR_CANCELLED)
 *
 * Since: 0.1
 */
gboolean virt_probe_pool_foreach_volume(const VirtProbePool *pool, VirtProbeVolumeFunc func,
                                        gpointer user_data, GError **error);

/**
 * virt_probe_pool_find_volume:
 * @pool: (nullable): a pool; %NULL: all of them
 * @name: (type filename): name of a volume, or its path, which is also its key
 * @out_pool: (out) (optional) (transfer full): the pool that has it
 * @error: return location for an error
 *
 * Finds a volume and describes it as it is now. A volume that the catalogue does not have yet is found in the
 * directory.
 *
 * Returns: (transfer full): the volume; %NULL when there is none
 *
 * Since: 0.1
 */
VirtProbeVolume *virt_probe_pool_find_volume(VirtProbePool *pool, const char *name,
                                             VirtProbePool **out_pool, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbePool, virt_probe_pool_unref)

#pragma GCC visibility pop
G_END_DECLS
