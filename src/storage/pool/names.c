/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.c: the files of this machine that the names in images lead to. */
#include "storage/pool/names.h"

#include "virtprobe/location.h"

#include <string.h>

#define BLKDEBUG "blkdebug:"
#define BLKVERIFY "blkverify:"

/* A relative path in a json: name counts from the directory in which QEMU is started. Nobody knows that, so the likely
 * file is taken for meant. */
static void
take_path(const char *path, const char *image, GPtrArray *paths)
{
    g_autofree char *folder = NULL;

    if (g_path_is_absolute(path)) {
        g_ptr_array_add(paths, g_strdup(path));
        return;
    }
    folder = g_path_get_dirname(image);
    g_ptr_array_add(paths, g_build_filename(folder, path, NULL));
}

/* An image that begins somewhere in a file has a header that nobody here looks at. */
static gboolean
hides_image(const VirtProbeRecord *location)
{
    return virt_probe_record_get_record(location, "slice") != NULL
           && g_strcmp0(virt_probe_record_get_text(location, "format"), "raw") != 0;
}

/* The nodes that a json: name puts in place of others are within each other no deeper than its JSON. */
static gboolean
take_location(const VirtProbeRecord *location, const char *image, GPtrArray *paths)
{
    static const char *const inner[] = { "backing", "data-file" };
    const char *kind = virt_probe_record_get_text(location, "kind");
    const char *path = virt_probe_record_get_text(location, "path");
    gboolean is_understood = kind != NULL && !hides_image(location);

    if (path != NULL && (g_strcmp0(kind, "file") == 0 || g_strcmp0(kind, "block-device") == 0))
        take_path(path, image, paths);
    for (guint i = 0; i < G_N_ELEMENTS(inner); i++) {
        const VirtProbeRecord *other = virt_probe_record_get_record(location, inner[i]);

        if (other != NULL && !take_location(other, image, paths))
            is_understood = FALSE;
    }
    return is_understood;
}

/* QEMU's drivers for tests show another image: blkdebug:CONFIGURATION:IMAGE, blkverify:RAW:IMAGE. What stands before the second
 * colon is a path. NULL: it is no such name; what is left without a second colon is no image. */
static const char *
skip_test_driver(const char *name, const char *image, GPtrArray *paths)
{
    gboolean is_verify = g_str_has_prefix(name, BLKVERIFY);
    const char *first;
    const char *colon;

    if (!is_verify && !g_str_has_prefix(name, BLKDEBUG))
        return NULL;
    first = strchr(name, ':') + 1;
    colon = strchr(first, ':');
    if (colon != NULL && is_verify && colon > first) {
        g_autofree char *raw = g_strndup(first, (gsize) (colon - first));

        take_path(raw, image, paths);
    }
    return colon != NULL ? colon + 1 : "";
}

gboolean
vp_name_take_paths(const char *name, const char *image, GPtrArray *paths)
{
    g_autoptr(VirtProbeRecord) location = NULL;
    const char *rest;

    while ((rest = skip_test_driver(name, image, paths)) != NULL)
        name = rest;
    location = name[0] != '\0' ? virt_probe_location_parse(name, NULL) : NULL;
    return location != NULL && take_location(location, image, paths);
}

gboolean
vp_data_name_take_paths(const char *name, const char *image, GPtrArray *paths)
{
    take_path(name, image, paths);
    return name[0] == '/' || vp_name_take_paths(name, image, paths);
}

gboolean
vp_volume_take_bases(const VirtProbeVolume *volume, GPtrArray *paths)
{
    const char *image = virt_probe_volume_get_text(volume, "path");
    const char *name = virt_probe_volume_get_text(volume, "backing");
    const char *path = virt_probe_volume_get_text(volume, "backing-path");

    /* Only such a name leads to more than the path. */
    if (path != NULL && (name == NULL || !g_str_has_prefix(name, "json:"))) {
        take_path(path, image, paths);
        return TRUE;
    }
    return name == NULL || vp_name_take_paths(name, image, paths);
}

gboolean
vp_volume_take_data_files(const VirtProbeVolume *volume, GPtrArray *paths)
{
    const char *name = virt_probe_volume_get_text(volume, "data-file");

    return name == NULL
           || vp_data_name_take_paths(name, virt_probe_volume_get_text(volume, "path"), paths);
}
