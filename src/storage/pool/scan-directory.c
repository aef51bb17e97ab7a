/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-directory.c: the directories of a scan. */
#include "storage/pool/scan-entry.h"

#include "util/times.h"

#include <string.h>

/* How far apart, in nanoseconds, two times of a filesystem may be that look the same: it goes by the kernel's ticks, or by two
 * seconds, as FAT does. */
#define FINE_STEP (12 * 1000 * 1000)
#define COARSE_STEP (G_GINT64_CONSTANT(2) * VP_NANOSECONDS)

/* A path of which the last part is another entry. (transfer full) */
static char *
joined(const char *directory, const char *entry)
{
    gboolean has_slash = directory[0] == '\0' || g_str_has_suffix(directory, "/");

    return g_strdup_printf("%s%s%s", directory, has_slash ? "" : "/", entry);
}

VpScanDirectory *
vp_scan_directory_new(VpScanDirectory *parent, const char *name)
{
    static gsize last_serial;
    VpScanDirectory *directory = g_new0(VpScanDirectory, 1);

    directory->serial = (guint64) g_atomic_pointer_add(&last_serial, 1) + 1;
    directory->ref_count = 1;
    directory->fd = -1;
    if (parent == NULL) {
        directory->name = g_strdup("");
        directory->path = g_strdup(name);
        directory->entry = directory->path;
        return directory;
    }
    directory->parent = vp_scan_directory_ref(parent);
    directory->depth = parent->depth + 1;
    directory->name = joined(parent->name, name);
    directory->path = joined(parent->path, name);
    directory->entry = directory->name + strlen(directory->name) - strlen(name);
    return directory;
}

VpScanDirectory *
vp_scan_directory_ref(VpScanDirectory *directory)
{
    g_atomic_int_inc(&directory->ref_count);
    return directory;
}

void
vp_scan_directory_unref(VpScanDirectory *directory, GArray *out_fds)
{
    while (directory != NULL && g_atomic_int_dec_and_test(&directory->ref_count)) {
        VpScanDirectory *parent = directory->parent;

        if (out_fds == NULL)
            vp_entry_close(directory->fd);
        else if (directory->fd >= 0)
            g_array_append_val(out_fds, directory->fd);
        g_free(directory->name);
        g_free(directory->path);
        g_free(directory);
        directory = parent;
    }
}

gboolean
vp_scan_directory_open(VpScanDirectory *directory)
{
    directory->opened = g_get_real_time() * 1000;
    directory->fd = vp_entry_open_directory(directory->parent != NULL ? directory->parent->fd : -1,
                                            directory->entry);
    return directory->fd >= 0 && vp_entry_stat_open(directory->fd, &directory->info);
}

static gint64
time_of(const VpScanDirectory *directory)
{
    return vp_time_of_directory(directory->info.mtime, directory->info.ctime);
}

/* A time to come is no recent one. */
static gboolean
is_recent(const VpScanDirectory *directory, gint64 step)
{
    gint64 changed = time_of(directory);

    return changed > directory->opened - step && changed <= directory->opened;
}

gboolean
vp_scan_directory_settle(VpScanDirectory *directory)
{
    if (!is_recent(directory, FINE_STEP))
        return TRUE;
    g_usleep((gulong) ((time_of(directory) + FINE_STEP - directory->opened) / 1000 + 1));
    directory->opened = g_get_real_time() * 1000;
    return vp_entry_stat_open(directory->fd, &directory->info);
}

gint64
vp_scan_directory_changed(const VpScanDirectory *directory)
{
    gint64 changed = time_of(directory);

    return is_recent(directory, changed % VP_NANOSECONDS == 0 ? COARSE_STEP : FINE_STEP) ? 0
                                                                                         : changed;
}
