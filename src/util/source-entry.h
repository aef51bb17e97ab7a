/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-entry.h: entries of a directory: listing them, asking what they are, and opening those that are files.
 *
 * Each function is one system call, or as few as can be, and leaves the reason of a failure in errno. Any of them may
 * wait for ever when the filesystem does. */
#pragma once

#include <glib.h>

/* What stat says of an entry. */
typedef struct {
    guint64 device;
    guint64 inode;
    guint64 size;      /* bytes; of a block device only when it was opened */
    guint64 allocated; /* bytes */
    gint64 mtime;      /* nanoseconds since 1970 UTC */
    gint64 ctime;
    guint32 mode;
    guint32 owner;
    guint32 group;
} VpEntryInfo;

/* What a listing says of an entry; filesystems need not know. */
typedef enum {
    VP_ENTRY_UNKNOWN,
    VP_ENTRY_FILE, /* or block device */
    VP_ENTRY_DIRECTORY,
    VP_ENTRY_LINK,
    VP_ENTRY_OTHER, /* a FIFO, a socket, a character device */
} VpEntryKind;

typedef struct {
    const char *name;
    VpEntryKind kind;
} VpEntry;

/* Bytes of a listing that are read at once, and how many entries they can hold: each takes at least 24. */
#define VP_ENTRY_LIST_SIZE 32768
#define VP_ENTRY_LIST_MAX (VP_ENTRY_LIST_SIZE / 24)

/* Opens a directory to list it and to open what is in it; -1 on failure. parent -1: name is a path, and the last part
 * may be a symbolic link; else an entry of that directory, and none. */
int vp_entry_open_directory(int parent, const char *name);

/* Reads the next entries into buffer, of VP_ENTRY_LIST_SIZE bytes and aligned for any type, where their names stay; without "." and "..".
 * entries has room for VP_ENTRY_LIST_MAX. *out_count may be 0 before the end. Returns 1; 0 at the end; -1 on failure. */
int vp_entry_list(int directory, gpointer buffer, VpEntry *entries, guint *out_count);

/* Asks what an entry is. follows: of a symbolic link, what it leads to. */
gboolean vp_entry_stat(int directory, const char *name, gboolean follows, VpEntryInfo *out_info);

/* The same of a descriptor. The size of a block device is found out too. */
gboolean vp_entry_stat_open(int fd, VpEntryInfo *out_info);

/* Opens an entry for reading without waiting for it; -1 on failure, with ELOOP when it is a symbolic link. For entries that
 * a listing or stat called files: opening others may have effects. */
int vp_entry_open(int directory, const char *name);

/* Opens what a symbolic link leads to in the same way. Wherever it leads meanwhile, nothing but a regular file or block
 * device is opened: -1 with EPERM. */
int vp_entry_open_link(int directory, const char *name);

/* As pread, for virt_probe_describe_reader(): user_data is a pointer to the descriptor. */
gssize vp_entry_read(gpointer buffer, gsize len, guint64 offset, gpointer user_data);

void vp_entry_close(int fd);
