/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-files.h: files in memory behind an opener, so that chains are followed without a filesystem. */
#pragma once

#include "storage/opener.h"

/* What happens when a file is opened. */
typedef enum {
    VIRTUAL_FILE_OPENS,
    VIRTUAL_FILE_IS_OUTSIDE,   /* the policy refuses it */
    VIRTUAL_FILE_IS_DIRECTORY, /* it is of a kind that is not read */
    VIRTUAL_FILE_IS_FORBIDDEN, /* the system refuses it */
    VIRTUAL_FILE_FAILS,        /* it opens, and every read fails */
} VirtualFileMode;

/* Initialised by virtual_files_init(); parent is the opener to give away. */
typedef struct {
    VpOpener parent;
    GPtrArray *files;
    GBytes *any; /* the content of every name that was not added; NULL: there is no such file */
    GPtrArray *opened;  /* names as they were asked for, in order; whether they exist or not */
    guint64 next_inode; /* 0: no file has an identity */
    guint n_open;       /* sources that nobody closed yet */
    guint n_open_max;
} VirtualFiles;

void virtual_files_init(VirtualFiles *files);
void virtual_files_clear(VirtualFiles *files);

/* Each call makes a file of its own; the bytes are copied. A name that is there already is replaced. */
void virtual_files_add(VirtualFiles *files, const char *name, gconstpointer data, gsize len);

/* A second name of a file. */
void virtual_files_add_link(VirtualFiles *files, const char *name, const char *other);

void virtual_files_set_mode(VirtualFiles *files, const char *name, VirtualFileMode mode);

/* From now on there is a file under every name that was not added, a new one each time that it is opened. */
void virtual_files_add_any(VirtualFiles *files, gconstpointer data, gsize len);

/* The same with the bytes of a file. */
void virtual_files_use_as_any(VirtualFiles *files, const char *name);

gboolean virtual_files_were_opened(const VirtualFiles *files, const char *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VirtualFiles, virtual_files_clear)
