/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source.h: where bytes come from: a size, an identity and a way to read at a place.
 *
 * A source keeps no position, so threads can share it. The facts of the bytes never depend on the kind of
 * source; what only a file can say (allocated size, times, a writer's lock) is in VpSourceFacts. */
#pragma once

#include <glib.h>

typedef struct VpSource VpSource;

typedef enum {
    VP_SOURCE_FILE,
    VP_SOURCE_BLOCK_DEVICE,
    VP_SOURCE_MEMORY,
    VP_SOURCE_CALLBACK,
    VP_SOURCE_STREAM,
} VpSourceKind;

/* The size of a stream that goes on: the largest that any file can have, so that nothing lies behind it. */
#define VP_SOURCE_ENDLESS ((guint64) G_MAXINT64)
/* Places so near to that are counted from an end that nobody knows yet. */
#define VP_SOURCE_END_ZONE (1024 * 1024)

/* What fstat and the lock table say. Only file sources fill it. */
typedef struct {
    guint64 device;
    guint64 inode;
    guint64 allocated_size; /* bytes */
    gint64 mtime_sec;
    gint64 ctime_sec;
    guint32 mtime_nsec;
    guint32 ctime_nsec;
    guint64
        extent_size_hint; /* bytes that the filesystem was asked to allocate at once; 0: not asked */
    gboolean knows_writer; /* the question below could be asked */
    gboolean has_writer;   /* somebody holds QEMU's write or resize lock */
} VpSourceFacts;

typedef struct {
    /* As pread: bytes read, 0 at the end, -1 with errno. Never short except at the end. */
    gssize (*read_at)(VpSource *source, void *buffer, gsize len, guint64 offset);
    /* TRUE when the source is no longer what it was when it was opened. May be NULL: it cannot change. */
    gboolean (*has_changed)(VpSource *source);
    /* Says that bytes will be read once others are known. May be NULL: they can be read at any time. */
    void (*announce)(VpSource *source, guint64 offset, guint64 len);
    void (*close)(VpSource *source);
} VpSourceClass;

struct VpSource {
    const VpSourceClass *class;
    VpSourceKind kind;
    guint64 size;      /* bytes; VP_SOURCE_ENDLESS for a stream that goes on */
    guint64 file_size; /* of the whole file, when the source is a part of one; 0: it is not */
    const char *
        path; /* borrowed; by which it was opened, when that is not the name it is known by; or NULL */
    const guint8 *memory; /* when all bytes are in memory already: borrowed; else NULL */
    guint64 arrived;      /* of a stream: how many bytes it has brought */
    gboolean has_no_end;  /* a stream that goes on, or was cut: nobody knows its size */
    VpSourceFacts facts;
};

/* TRUE when the facts of the source are filled. */
static inline gboolean
vp_source_has_facts(const VpSource *source)
{
    return source->kind == VP_SOURCE_FILE || source->kind == VP_SOURCE_BLOCK_DEVICE;
}

/* Opens a file or block device for reading without ever waiting for it: a FIFO, a socket, a directory or a
 * character device is refused with VIRT_PROBE_ERROR_REFUSED, other trouble is G_FILE_ERROR. (transfer full) */
VpSource *vp_source_file_open(const char *path, GError **error);

/* The same for a descriptor that is open already. It is duplicated; its position is not used. */
VpSource *vp_source_file_new_from_fd(int fd, GError **error);

/* The same for a descriptor that is given away: it is closed, on failure too. */
VpSource *vp_source_file_take(int fd, GError **error);

/* Opens a file, block device or directory in the same way, and says what it is; -1 and an error when it cannot be opened
 * or is something else. To be given up by close(). */
struct stat;
int vp_source_any_open(const char *path, struct stat *out_info, GError **error);

/* FALSE, and why, when a file of this type is not read. */
gboolean vp_source_mode_check(guint32 mode, GError **error);

/* A directory to open files beneath; -1 and an error when it cannot be opened. To be given up by
 * vp_directory_close(). */
int vp_directory_open(const char *path, GError **error);
void vp_directory_close(int directory);

/* Waits until no other process holds the directory in this way, and holds it; -1 and an error when that cannot be. To be
 * given up by vp_directory_close(). */
int vp_directory_lock(const char *path, GError **error);

/* As vp_source_file_open(), for a path relative to directory that must not lead out of it, neither by ".." nor by a
 * symbolic link: then VIRT_PROBE_ERROR_REFUSED. An absolute link counts as leading out wherever it ends.
 * *out_is_outside tells that refusal from others. may_use_openat2: FALSE does without that system call; then no link
 * is followed at all. */
VpSource *vp_source_file_open_beneath(int directory, const char *path, gboolean may_use_openat2,
                                      gboolean *out_is_outside, GError **error);

/* size bytes at offset of another source, or less when that ends before. Takes over whole. (transfer full) */
VpSource *vp_source_slice_new(VpSource *whole, guint64 offset, guint64 size);

/* Bytes in memory, borrowed: they must outlive the source and must not change. (transfer full) */
VpSource *vp_source_memory_new(const void *data, gsize size);

/* A memory source in storage of the caller: needs no vp_source_free(). */
void vp_source_memory_init(VpSource *source, const void *data, gsize size);

/* Reads as pread does; less than was asked for only at the end, or when there is no more for other reasons. */
typedef gssize (*VpSourceReadFunc)(gpointer buffer, gsize len, guint64 offset, gpointer user_data);

/* Bytes that the caller reads itself, in storage of the caller: needs no vp_source_free(). Of the file behind them
 * nothing is known but the size. */
typedef struct {
    VpSource parent;
    VpSourceReadFunc read;
    gpointer user_data;
} VpCallbackSource;

void vp_source_callback_init(VpCallbackSource *source, guint64 size, VpSourceReadFunc read,
                             gpointer user_data);

void vp_source_free(VpSource *source);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpSource, vp_source_free)
