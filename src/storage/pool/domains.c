/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domains.c: where libvirt keeps its virtual machines. */
#include "storage/pool/domains.h"

#include "util/error.h"
#include "util/source.h"
#include "util/text.h"

#include <virtprobe/relations.h>

#include <errno.h>
#include <string.h>

/* Directories that are listed in all, so that one full of directories costs no more. */
#define FOLDERS_MAX 100000

typedef struct {
    VpDomainFunc func;
    gpointer user_data;
    guint n_folders;
    GError *error; /* the first one; NULL: all could be read */
} Reading;

/* Takes over the error. */
static void
keep_first(Reading *reading, const char *path, GError *error)
{
    g_autofree char *shown = vp_text_escape(path, strlen(path));

    g_prefix_error(&error, "%s: ", shown);
    if (reading->error == NULL)
        reading->error = error;
    else
        g_error_free(error);
}

static gboolean
file_take(Reading *reading, const char *path, GError **error)
{
    g_autoptr(VpSource) source = vp_source_file_open(path, error);
    g_autofree char *xml = NULL;
    gssize got;

    if (source == NULL)
        return FALSE;
    if (source->size > VP_DOMAIN_XML_MAX) {
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                    "has %" G_GUINT64_FORMAT " bytes, at most %d are read", source->size,
                    VP_DOMAIN_XML_MAX);
        return FALSE;
    }
    xml = g_malloc(source->size + 1);
    got = source->class->read_at(source, xml, source->size, 0);
    if (got < 0) {
        vp_error_set_errno(error, errno, "cannot read");
        return FALSE;
    }
    if (vp_domain_read(xml, (gsize) got, reading->func, reading->user_data))
        return TRUE;
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                        "is no XML, or passes QEMU arguments that are not understood");
    return FALSE;
}

static void
file_read(Reading *reading, const char *path)
{
    GError *error = NULL;

    if (!file_take(reading, path, &error))
        keep_first(reading, path, error);
}

/* depth: how many levels of directories below this one are looked into. FALSE: there is no such directory. */
static gboolean
folder_read(Reading *reading, const char *path, guint depth)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &error);
    const char *name;

    if (folder != NULL && ++reading->n_folders > FOLDERS_MAX) {
        g_set_error(&error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                    "is more than the %d directories that are read", FOLDERS_MAX);
    }
    if (error != NULL) {
        if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            keep_first(reading, path, g_steal_pointer(&error));
        return FALSE;
    }
    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *entry = g_build_filename(path, name, NULL);

        if (g_str_has_suffix(name, ".xml"))
            file_read(reading, entry);
        else if (depth > 0 && g_file_test(entry, G_FILE_TEST_IS_DIR))
            folder_read(reading, entry, depth - 1);
    }
    return TRUE;
}

/* Definitions and, below them, snapshots. */
static gboolean
user_read(Reading *reading, const char *path)
{
    g_autofree char *snapshots = g_build_filename(path, "snapshot", NULL);

    folder_read(reading, snapshots, 1);
    return folder_read(reading, path, 0);
}

/* FALSE: there is no directory with definitions. */
static gboolean
all_read(Reading *reading)
{
    const char *chosen = g_getenv("VIRT_PROBE_DOMAIN_DIR");
    g_autofree char *of_user = NULL;
    g_autofree char *running = NULL;
    gboolean has_any;

    if (chosen != NULL && chosen[0] != '\0')
        return user_read(reading, chosen);
    of_user = g_build_filename(g_get_user_config_dir(), "libvirt", "qemu", NULL);
    running = g_build_filename(g_get_user_runtime_dir(), "libvirt", "qemu", "run", NULL);
    has_any = folder_read(reading, "/etc/libvirt/qemu", 0);
    has_any |= user_read(reading, of_user);
    /* Machines without a definition are only here, while they run. */
    folder_read(reading, "/run/libvirt/qemu", 0);
    folder_read(reading, running, 0);
    folder_read(reading, "/var/lib/libvirt/qemu/snapshot", 1);
    return has_any;
}

gboolean
vp_domains_read(VpDomainFunc func, gpointer user_data, GError **error)
{
    Reading reading = { .func = func, .user_data = user_data };
    gboolean has_any = all_read(&reading);

    if (reading.error != NULL) {
        g_propagate_error(error, reading.error);
        return FALSE;
    }
    if (!has_any)
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                            "there is no directory with definitions of virtual machines");
    return has_any;
}

static void
ignore_name(G_GNUC_UNUSED const char *pool, G_GNUC_UNUSED const char *name,
            G_GNUC_UNUSED gpointer user_data)
{
}

gboolean
virt_probe_domains_check(GError **error)
{
    return vp_domains_read(ignore_name, NULL, error);
}
