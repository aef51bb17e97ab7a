/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-files.c: files in memory behind an opener, so that chains are followed without a filesystem. */
#include "virtual-files.h"

#include "virtprobe/error.h"

#include <errno.h>
#include <string.h>

#define DEVICE 7

typedef struct {
    char *name;
    GBytes *bytes;
    guint64 inode;
    VirtualFileMode mode;
} VirtualFile;

typedef struct {
    VpSource parent;
    VirtualFiles *files;
    GBytes *bytes;
    gboolean does_fail;
} VirtualSource;

static void
virtual_file_free(gpointer data)
{
    VirtualFile *file = data;

    g_free(file->name);
    g_bytes_unref(file->bytes);
    g_free(file);
}

static gssize
virtual_source_read_at(VpSource *parent, void *buffer, gsize len, guint64 offset)
{
    VirtualSource *source = (VirtualSource *) parent;
    guint64 available = offset < parent->size ? parent->size - offset : 0;

    if (source->does_fail) {
        errno = EIO;
        return -1;
    }
    len = (gsize) MIN(len, available);
    if (len > 0)
        memcpy(buffer, (const guint8 *) g_bytes_get_data(source->bytes, NULL) + offset, len);
    return (gssize) len;
}

static void
virtual_source_close(VpSource *parent)
{
    VirtualSource *source = (VirtualSource *) parent;

    source->files->n_open--;
    g_bytes_unref(source->bytes);
    g_free(source);
}

static const VpSourceClass source_class = {
    .read_at = virtual_source_read_at,
    .close = virtual_source_close,
};

static VpSource *
virtual_source_new(VirtualFiles *files, GBytes *bytes, guint64 inode, gboolean does_fail)
{
    VirtualSource *source = g_new0(VirtualSource, 1);

    source->parent.class = &source_class;
    source->parent.kind = VP_SOURCE_FILE;
    source->parent.size = g_bytes_get_size(bytes);
    source->parent.facts.device = DEVICE;
    source->parent.facts.inode = inode;
    source->files = files;
    source->bytes = g_bytes_ref(bytes);
    source->does_fail = does_fail;
    files->n_open++;
    files->n_open_max = MAX(files->n_open_max, files->n_open);
    return &source->parent;
}

/* 0 stays 0: then nothing tells files apart. */
static guint64
next_inode(VirtualFiles *files)
{
    return files->next_inode == 0 ? 0 : files->next_inode++;
}

static VirtualFile *
find_file(const VirtualFiles *files, const char *name)
{
    for (guint i = 0; i < files->files->len; i++) {
        VirtualFile *file = g_ptr_array_index(files->files, i);

        if (strcmp(file->name, name) == 0)
            return file;
    }
    return NULL;
}

static VpSource *
open_file(VirtualFiles *files, const VirtualFile *file, GError **error)
{
    switch (file->mode) {
    case VIRTUAL_FILE_IS_OUTSIDE:
        files->parent.is_outside = TRUE;
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "lies outside");
        return NULL;
    case VIRTUAL_FILE_IS_DIRECTORY:
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "is a directory");
        return NULL;
    case VIRTUAL_FILE_IS_FORBIDDEN:
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_ACCES, "may not be read");
        return NULL;
    case VIRTUAL_FILE_OPENS:
    case VIRTUAL_FILE_FAILS:
        break;
    }
    return virtual_source_new(files, file->bytes, file->inode, file->mode == VIRTUAL_FILE_FAILS);
}

static VpSource *
virtual_files_open(VpOpener *opener, const char *path, G_GNUC_UNUSED gboolean is_top,
                   GError **error)
{
    VirtualFiles *files = (VirtualFiles *) opener;
    const VirtualFile *file = find_file(files, path);

    opener->is_outside = FALSE;
    g_ptr_array_add(files->opened, g_strdup(path));
    if (file != NULL)
        return open_file(files, file, error);
    if (files->any != NULL)
        return virtual_source_new(files, files->any, next_inode(files), FALSE);
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "is missing");
    return NULL;
}

static GPtrArray *
virtual_files_list(VpOpener *opener, const char *path)
{
    VirtualFiles *files = (VirtualFiles *) opener;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *place = g_path_get_dirname(path);

    for (guint i = 0; i < files->files->len; i++) {
        const VirtualFile *file = g_ptr_array_index(files->files, i);
        g_autofree char *other = g_path_get_dirname(file->name);

        if (strcmp(place, other) == 0)
            g_ptr_array_add(names, g_path_get_basename(file->name));
    }
    return names;
}

void
virtual_files_init(VirtualFiles *files)
{
    *files = (VirtualFiles) {
        .parent = { .open = virtual_files_open, .list = virtual_files_list },
        .files = g_ptr_array_new_with_free_func(virtual_file_free),
        .opened = g_ptr_array_new_with_free_func(g_free),
        .next_inode = 1,
    };
}

void
virtual_files_clear(VirtualFiles *files)
{
    g_assert_cmpuint(files->n_open, ==, 0);
    g_ptr_array_unref(files->files);
    g_ptr_array_unref(files->opened);
    g_bytes_unref(files->any);
}

static void
add_file(VirtualFiles *files, const char *name, GBytes *bytes, guint64 inode)
{
    VirtualFile *file = find_file(files, name);

    if (file == NULL) {
        file = g_new0(VirtualFile, 1);
        file->name = g_strdup(name);
        g_ptr_array_add(files->files, file);
    }
    g_bytes_unref(file->bytes);
    file->bytes = bytes;
    file->inode = inode;
}

void
virtual_files_add(VirtualFiles *files, const char *name, gconstpointer data, gsize len)
{
    add_file(files, name, g_bytes_new(data, len), next_inode(files));
}

void
virtual_files_add_link(VirtualFiles *files, const char *name, const char *other)
{
    const VirtualFile *file = find_file(files, other);

    g_assert_nonnull(file);
    add_file(files, name, g_bytes_ref(file->bytes), file->inode);
}

void
virtual_files_set_mode(VirtualFiles *files, const char *name, VirtualFileMode mode)
{
    VirtualFile *file = find_file(files, name);

    g_assert_nonnull(file);
    file->mode = mode;
}

void
virtual_files_add_any(VirtualFiles *files, gconstpointer data, gsize len)
{
    g_bytes_unref(files->any);
    files->any = g_bytes_new(data, len);
}

void
virtual_files_use_as_any(VirtualFiles *files, const char *name)
{
    const VirtualFile *file = find_file(files, name);

    g_assert_nonnull(file);
    g_bytes_unref(files->any);
    files->any = g_bytes_ref(file->bytes);
}

gboolean
virtual_files_were_opened(const VirtualFiles *files, const char *name)
{
    for (guint i = 0; i < files->opened->len; i++) {
        if (strcmp(g_ptr_array_index(files->opened, i), name) == 0)
            return TRUE;
    }
    return FALSE;
}
