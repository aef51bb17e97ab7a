/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-file.c: the definition of a pool in a file: one of ours, or one that a user names. */
#include "storage/pool/pool.h"
#include "util/error.h"
#include "util/source-pipe.h"
#include "util/source.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
refuse(GError **error)
{
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                        "is no regular file, so not the XML of a pool");
    return FALSE;
}

/* Standard input by one of its names, such as a terminal's. */
static gboolean
is_standard_input(const struct stat *info)
{
    struct stat input;

    return fstat(STDIN_FILENO, &input) == 0 && S_ISCHR(input.st_mode)
           && input.st_dev == info->st_dev && input.st_ino == info->st_ino;
}

/* What a file is, as far as that can be asked; opening it says why it cannot. */
static mode_t
type_of(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return S_IFREG;
    return S_ISCHR(info.st_mode) && is_standard_input(&info) ? S_IFIFO : info.st_mode & S_IFMT;
}

/* Images may be block devices, definitions are files. */
static char *
regular_read(const char *path, gsize *out_len, GError **error)
{
    g_autoptr(VpSource) source = vp_source_file_open(path, error);
    g_autofree char *text = NULL;
    gssize got;

    if (source == NULL)
        return NULL;
    text = g_malloc(VP_POOL_XML_MAX + 1);
    got = source->class->read_at(source, text, VP_POOL_XML_MAX + 1, 0);
    if (got < 0) {
        vp_error_set_errno(error, errno, "cannot read");
        return NULL;
    }
    *out_len = (gsize) got;
    return g_steal_pointer(&text);
}

char *
vp_pool_file_read(const char *path, gsize *out_len, GError **error)
{
    switch (type_of(path)) {
    case S_IFREG:
        return regular_read(path, out_len, error);
    case S_IFIFO:
        return vp_fifo_read(path, VP_POOL_XML_MAX + 1, out_len, error);
    default:
        refuse(error);
        return NULL;
    }
}

VirtProbePool *
vp_pool_file_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize len;

    if (type_of(path) != S_IFREG) {
        refuse(error);
        return NULL;
    }
    text = regular_read(path, &len, error);
    return text != NULL ? virt_probe_pool_new_from_xml(text, len, error) : NULL;
}

VirtProbePool *
virt_probe_pool_new_from_file(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize len;

    g_return_val_if_fail(path != NULL, NULL);

    text = vp_pool_file_read(path, &len, error);
    return text != NULL ? virt_probe_pool_new_from_xml(text, len, error) : NULL;
}
