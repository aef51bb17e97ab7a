/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool.h: definitions of pools from the inside: what their XML holds, their backends, where they are stored. */
#pragma once

#include "storage/export/xml-writer.h"
#include "virtprobe/error.h"
#include "virtprobe/pool-sums.h"

/* Of the elements of mount options. */
#define VP_POOL_MOUNT_OPTIONS_NAMESPACE "http://libvirt.org/schemas/storagepool/fs/1.0"

/* Longest XML that is read, and how deeply its elements may lie in each other. */
#define VP_POOL_XML_MAX (1024 * 1024)
#define VP_POOL_XML_DEPTH_MAX 32

/* The file is called like the pool, with a suffix, and with a longer one while it is written. */
#define VP_POOL_NAME_MAX 240

/* What the XML of a type of pools needs, and what has to be true of its directory. */
typedef struct {
    const char *name;
    gboolean needs_device;
    gboolean needs_host_and_dir;
    gboolean is_mount_point;
    const char *
        formats; /* names between blanks; the first is taken when none is written. NULL: no format */
} VpPoolBackend;

/* NULL when no type has that name. */
const VpPoolBackend *vp_pool_backend_find(const char *name);

/* Whether a directory can be used now as that of a pool. It may wait for ever; virt_probe_pool_check() does not. */
gboolean vp_pool_target_check(const char *target, const VpPoolBackend *backend, GError **error);

/* The same of a directory that is open; target: what it is called in messages. */
gboolean vp_pool_check_directory(const char *target, const VpPoolBackend *backend, int directory,
                                 GError **error);

/* Sets an error: the directory cannot be used, because of that errno. */
void vp_pool_set_unusable(const char *target, int saved_errno, GError **error);

gboolean vp_pool_backend_has_format(const VpPoolBackend *backend, const char *format);

typedef struct {
    char *name;
    char *port; /* may be NULL */
} VpPoolHost;

struct _VirtProbePool {
    gint ref_count;
    const VpPoolBackend *backend;
    char *name;
    char *uuid;
    char *target;
    /* The rest is kept for libvirt and means nothing to us. Each may be NULL. */
    char *cow;
    char *device;
    char *dir;
    char *format;
    char *protocol;
    char *vendor;
    char *product;
    char *mode;
    char *owner;
    char *group;
    char *label;
    GPtrArray *hosts;   /* of VpPoolHost */
    GPtrArray *options; /* of strings */
    /* How it came to be. */
    gboolean has_random_uuid; /* none was written */
    gboolean is_from_store;   /* it was defined when it was read */
};

/* Without anything in it. (transfer full) */
VirtProbePool *vp_pool_new_empty(void);

/* Whether everything that is needed is there, and nothing is wrong; makes a UUID when there is none. */
gboolean vp_pool_complete(VirtProbePool *pool, GError **error);

/* Whether a pool may be called so: its file has the name too. */
gboolean vp_pool_name_check(const char *name, GError **error);

/* Reads XML into an empty pool. is_strict: what would be ignored is an error. */
gboolean vp_pool_read(VirtProbePool *pool, const char *xml, gsize length, gboolean is_strict,
                      GError **error);

/* What a file that a user names holds of XML: at most one byte more than is read, so that one that is too long is seen to be.
 * A FIFO, and standard input by one of its names, is waited for. (transfer full) */
char *vp_pool_file_read(const char *path, gsize *out_len, GError **error);

/* The definition in a regular file; nothing else is opened, or waited for. (transfer full) */
VirtProbePool *vp_pool_file_load(const char *path, GError **error);

/* 32 hexadecimal digits, with hyphens and blanks between pairs of them or without, as a UUID is written; NULL when it is
 * none. (transfer full) */
char *vp_uuid_normalise(const char *text);

/* A path without repeated slashes and without one at its end, as libvirt keeps it. (transfer full) */
char *vp_path_normalise(const char *path);

/* Sets the sums of the filesystem that holds the pool, and leaves those of volumes. FALSE: the directory cannot be used
 * now. */
gboolean vp_pool_get_space(const VirtProbePool *pool, VirtProbePoolSums *sums, GError **error);

/* A time as JSON and XML have it, like those of volumes: seconds since 1970 UTC, a point, nanoseconds. (transfer full) */
char *vp_pool_time_text(gint64 nanoseconds);

/* Whether the pool is defined now, by its name and UUID; and whether it has the same directory, too. */
gboolean vp_pool_is_stored(const VirtProbePool *pool);
gboolean vp_pool_is_current(const VirtProbePool *pool);

/* Whether it is certain that the pool is not defined: its file is not there, or is another pool's. */
gboolean vp_pool_is_gone(const VirtProbePool *pool);

/* Whether two definitions are of the same pool. One that is written without a UUID gets another one each time that it is
 * read; then the name has to do. */
gboolean vp_pool_is_same(const VirtProbePool *pool, const VirtProbePool *other);

/* Where the definitions are. (transfer full) */
char *vp_pool_store_folder(void);
