/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domains.c: where libvirt keeps its virtual machines. */
#include "storage/pool/domains.h"

#include "util/error.h"
#include "util/source.h"

#include <string.h>

/* Directories that are listed in all, so that one full of directories costs no more. */
#define FOLDERS_MAX 100000

typedef struct {
    VpDomainFunc func;
    gpointer user_data;
    guint n_folders;
    gboolean is_complete;
} Reading;

static void
file_read(Reading *reading, const char *path)
{
    g_autoptr(VpSource) source = vp_source_file_open(path, NULL);
    g_autofree char *xml = NULL;
    gssize got;

    if (source == NULL || source->size > VP_DOMAIN_XML_MAX) {
        reading->is_complete = FALSE;
        return;
    }
    xml = g_malloc(source->size + 1);
    got = source->class->read_at(source, xml, source->size, 0);
    if (got < 0 || !vp_domain_read(xml, (gsize) got, reading->func, reading->user_data))
        reading->is_complete = FALSE;
}

/* depth: how many levels of directories below this one are looked into. FALSE: there is no such directory. */
static gboolean
folder_read(Reading *reading, const char *path, guint depth)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &error);
    const char *name;

    if (folder == NULL || ++reading->n_folders > FOLDERS_MAX) {
        if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            reading->is_complete = FALSE;
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

gboolean
vp_domains_read(VpDomainFunc func, gpointer user_data)
{
    Reading reading = { .func = func, .user_data = user_data, .is_complete = TRUE };
    const char *chosen = g_getenv("VIRT_PROBE_DOMAIN_DIR");
    g_autofree char *of_user = NULL;
    g_autofree char *running = NULL;
    gboolean has_any;

    if (chosen != NULL && chosen[0] != '\0')
        return user_read(&reading, chosen) && reading.is_complete;
    of_user = g_build_filename(g_get_user_config_dir(), "libvirt", "qemu", NULL);
    running = g_build_filename(g_get_user_runtime_dir(), "libvirt", "qemu", "run", NULL);
    has_any = folder_read(&reading, "/etc/libvirt/qemu", 0);
    has_any |= user_read(&reading, of_user);
    /* Machines without a definition are only here, while they run. */
    folder_read(&reading, "/run/libvirt/qemu", 0);
    folder_read(&reading, running, 0);
    folder_read(&reading, "/var/lib/libvirt/qemu/snapshot", 1);
    return has_any && reading.is_complete;
}
