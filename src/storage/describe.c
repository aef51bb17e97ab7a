/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* describe.c: the public calls that describe an image. */
#include "storage/describe-source.h"
#include "storage/descriptor.h"
#include "storage/registry.h"
#include "util/error.h"
#include "util/text.h"

#include <string.h>

#include "virtprobe/version.h"

const char *
virt_probe_get_version(void)
{
    return VIRT_PROBE_VERSION;
}

gboolean
vp_find_declared(const char *name, VirtProbeDescribeFlags flags, const VpFormat **out_format,
                 GError **error)
{
    const VpFormat *format = NULL;

    if (name == NULL && (flags & VIRT_PROBE_DESCRIBE_RECOGNISE) == 0) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "no format is declared, and recognising it was not asked for");
        return FALSE;
    }
    if (name != NULL) {
        format = vp_registry_find(name);
        if (format == NULL) {
            g_autofree char *shown = vp_text_escape(name, strlen(name));

            g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED,
                        "unknown format name '%s'", shown);
            return FALSE;
        }
    }
    *out_format = format;
    return TRUE;
}

static const char *
format_source(const VpFormat *declared)
{
    return declared != NULL ? VP_FORMAT_DECLARED : VP_FORMAT_RECOGNISED;
}

static VirtProbeRecord *
describe_source(VpSource *source, const char *name, const VpFormat *declared,
                VirtProbeDescribeFlags flags)
{
    VirtProbeRecord *image = vp_image_new(name, flags);

    vp_image_describe(image, source, name, declared, format_source(declared), flags);
    return image;
}

/* A directory is no image, but may hold a disk that consists of several. NULL: it does not. *out_path must live as long
 * as the source. */
static VpSource *
directory_open(const char *path, const VpFormat *declared, char **out_path)
{
    if (declared != NULL && declared != vp_registry_find("parallels"))
        return NULL;
    return vp_descriptor_open(path, out_path);
}

void
virt_probe_image_set_confinement(VirtProbeRecord *image, const VirtProbeConfinement *confinement)
{
    VirtProbeRecord *record;

    g_return_if_fail(image != NULL && image->type == vp_record_type(VP_RECORD_IMAGE));
    g_return_if_fail(confinement != NULL);

    record = vp_record_set_record(vp_record_get_record(image, VP_IMAGE_VIRT_PROBE),
                                  VP_PROBE_SANDBOX, VP_RECORD_SANDBOX);
    vp_record_set_bool(record, VP_SANDBOX_SECCOMP, confinement->seccomp);
    vp_record_set_uint(record, VP_SANDBOX_LANDLOCK, confinement->landlock);
}

/* confine: may be NULL. FALSE: the image shall not be read. */
static gboolean
image_confine(VirtProbeRecord *image, VirtProbeConfineFunc confine, gpointer user_data,
              GError **error)
{
    VirtProbeConfinement confinement = { .seccomp = FALSE };

    if (confine == NULL)
        return TRUE;
    if (!confine(&confinement, user_data, error))
        return FALSE;
    virt_probe_image_set_confinement(image, &confinement);
    return TRUE;
}

static VirtProbeRecord *
describe_file(const char *path, const char *format, VirtProbeDescribeFlags flags,
              VirtProbeConfineFunc confine, gpointer user_data, GError **error)
{
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autofree char *descriptor = NULL;
    g_autoptr(VpSource) source = NULL;
    g_autoptr(GError) problem = NULL;
    gboolean is_directory = FALSE;
    const VpFormat *declared;

    if (!vp_find_declared(format, flags, &declared, error))
        return NULL;
    source = vp_source_file_open(path, &problem);
    if (g_error_matches(problem, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED)) {
        source = directory_open(path, declared, &descriptor);
        is_directory = source != NULL;
    }
    if (source == NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    image = vp_image_new(path, flags);
    if (!image_confine(image, confine, user_data, error))
        return NULL;
    if (is_directory)
        vp_image_describe_by(image, source, path, vp_registry_find("parallels"),
                             format_source(declared), flags, vp_descriptor_run);
    else
        vp_image_describe(image, source, path, declared, format_source(declared), flags);
    return g_steal_pointer(&image);
}

VirtProbeRecord *
virt_probe_describe_file(const char *path, const char *format, VirtProbeDescribeFlags flags,
                         GError **error)
{
    g_return_val_if_fail(path != NULL, NULL);

    return describe_file(path, format, flags, NULL, NULL, error);
}

VirtProbeRecord *
virt_probe_describe_file_confined(const char *path, const char *format,
                                  VirtProbeDescribeFlags flags, VirtProbeConfineFunc confine,
                                  gpointer user_data, GError **error)
{
    g_return_val_if_fail(path != NULL && confine != NULL, NULL);

    return describe_file(path, format, flags, confine, user_data, error);
}

VirtProbeRecord *
virt_probe_describe_fd(int fd, const char *name, const char *format, VirtProbeDescribeFlags flags,
                       GError **error)
{
    g_autoptr(VpSource) source = NULL;
    const VpFormat *declared;

    g_return_val_if_fail(fd >= 0, NULL);

    if (!vp_find_declared(format, flags, &declared, error))
        return NULL;
    source = vp_source_file_new_from_fd(fd, error);
    return source != NULL ? describe_source(source, name, declared, flags) : NULL;
}

VirtProbeRecord *
virt_probe_describe_memory(const void *data, gsize size, const char *name, const char *format,
                           VirtProbeDescribeFlags flags, GError **error)
{
    VpSource source;
    const VpFormat *declared;

    g_return_val_if_fail(data != NULL || size == 0, NULL);

    if (!vp_find_declared(format, flags, &declared, error))
        return NULL;
    vp_source_memory_init(&source, data, size);
    return describe_source(&source, name, declared, flags);
}

VirtProbeRecord *
virt_probe_describe_reader(guint64 size, VirtProbeReadFunc read_at, gpointer user_data,
                           const char *name, const char *format, VirtProbeDescribeFlags flags,
                           GError **error)
{
    VpCallbackSource source;
    const VpFormat *declared;

    g_return_val_if_fail(read_at != NULL, NULL);

    if (!vp_find_declared(format, flags, &declared, error))
        return NULL;
    vp_source_callback_init(&source, size, read_at, user_data);
    return describe_source(&source.parent, name, declared, flags);
}

VirtProbeRecord *
virt_probe_image_new_unreadable(const char *name, const GError *error)
{
    VirtProbeRecord *image;

    g_return_val_if_fail(name != NULL && error != NULL, NULL);

    image = vp_image_new(name, VIRT_PROBE_DESCRIBE_DEFAULT);
    vp_image_set_error(image, VP_STATE_UNREADABLE, error);
    return image;
}

gboolean
virt_probe_image_verify(const VirtProbeRecord *image, GError **error)
{
    const VirtProbeRecord *extra;
    const VirtProbeRecord *record;

    g_return_val_if_fail(image != NULL && image->type == vp_record_type(VP_RECORD_IMAGE), FALSE);

    extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    record = vp_record_get_record(extra, VP_PROBE_ERROR);
    if (record == NULL)
        return TRUE;
    vp_error_set_named(error, virt_probe_record_get_text(record, "code"),
                       virt_probe_record_get_text(record, "message"));
    return FALSE;
}
