/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench-scan.c: what the system calls of a scan cost by themselves, and with the library around them.
 *
 *     bench-scan bare DIR JOBS      reads the directory, then openat, fstat, pread of 4 KiB and close of each entry
 *     bench-scan stat DIR JOBS      reads the directory, then statx of each entry
 *     bench-scan scan DIR JOBS      virt_probe_scan(), its volumes thrown away
 *     bench-scan again DIR JOBS     the same twice, the second time with what is known; prints the second's ms
 *     bench-scan memory DIR JOBS    bytes of heap a volume
 *
 * The whole process is what bench-scan.py measures, as it does with the program. */
#define _GNU_SOURCE /* statx */
#include "virtprobe/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 64
#define WINDOW 4096

typedef struct {
    int directory;
    char **names;
    guint count;
    guint next;
    gboolean is_stat;
} Bare;

static void
names_read(Bare *bare, const char *path)
{
    DIR *listing = opendir(path);
    const struct dirent *entry;
    guint room = 0;

    if (listing == NULL)
        g_error("%s: %s", path, g_strerror(errno));
    bare->directory = dirfd(listing);
    while ((entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (bare->count == room) {
            room = room == 0 ? 1024 : room * 2;
            bare->names = realloc(bare->names, room * sizeof *bare->names);
        }
        bare->names[bare->count++] = strdup(entry->d_name);
    }
}

static void
entry_read(const Bare *bare, const char *name)
{
    char window[WINDOW];
    struct stat info;
    int fd = openat(bare->directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &info) != 0 || pread(fd, window, sizeof window, 0) < 0)
        g_error("%s: %s", name, g_strerror(errno));
    close(fd);
}

static void
entry_stat(const Bare *bare, const char *name)
{
    struct statx info;

    if (statx(bare->directory, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) != 0)
        g_error("%s: %s", name, g_strerror(errno));
}

static void *
bare_thread(void *data)
{
    Bare *bare = data;
    guint index;

    while ((index = __atomic_fetch_add(&bare->next, 1, __ATOMIC_RELAXED)) < bare->count) {
        if (bare->is_stat)
            entry_stat(bare, bare->names[index]);
        else
            entry_read(bare, bare->names[index]);
    }
    return NULL;
}

static void
run_bare(const char *path, guint jobs, gboolean is_stat)
{
    pthread_t threads[JOBS_MAX];
    Bare bare = { .is_stat = is_stat };

    names_read(&bare, path);
    for (guint i = 1; i < jobs; i++)
        pthread_create(&threads[i], NULL, bare_thread, &bare);
    bare_thread(&bare);
    for (guint i = 1; i < jobs; i++)
        pthread_join(threads[i], NULL);
}

static gboolean
drop(VirtProbeVolume *volume, gpointer user_data)
{
    (void) volume;
    (void) user_data;
    return TRUE;
}

static gboolean
keep(VirtProbeVolume *volume, gpointer user_data)
{
    g_hash_table_insert(user_data, (gpointer) virt_probe_volume_get_text(volume, "name"),
                        virt_probe_volume_ref(volume));
    return TRUE;
}

static VirtProbeVolume *
find_known(const char *name, gpointer user_data)
{
    return g_hash_table_lookup(user_data, name);
}

/* Numbers of a wrong answer would be worth nothing. */
static void
run_scan(const char *path, const VirtProbeScanSettings *settings, VirtProbeVolumeFunc func,
         gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    if (!virt_probe_scan(path, settings, func, user_data, &error))
        g_error("%s: %s", path, error->message);
}

static void
run_again(const char *path, guint jobs)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
                                                        (GDestroyNotify) virt_probe_volume_unref);
    VirtProbeScanSettings settings = { .jobs = jobs };
    gint64 start;

    run_scan(path, &settings, keep, known);
    settings.known = find_known;
    settings.known_data = known;
    start = g_get_monotonic_time();
    run_scan(path, &settings, drop, NULL);
    printf("%.3f\n", (double) (g_get_monotonic_time() - start) / 1000);
}

static gboolean
keep_in_array(VirtProbeVolume *volume, gpointer user_data)
{
    g_ptr_array_add(user_data, virt_probe_volume_ref(volume));
    return TRUE;
}

static void
run_memory(const char *path, guint jobs)
{
    const VirtProbeScanSettings settings = { .jobs = jobs };
    g_autoptr(GPtrArray) volumes =
        g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_volume_unref);
    gsize total = 0;

    run_scan(path, &settings, keep_in_array, volumes);
    for (guint i = 0; i < volumes->len; i++)
        total += malloc_usable_size(g_ptr_array_index(volumes, i)) + sizeof(gsize);
    printf("%.1f\n", (double) total / volumes->len);
}

int
main(int argc, char **argv)
{
    const char *what = argc == 4 ? argv[1] : "";
    guint jobs = argc == 4 ? (guint) CLAMP(atoi(argv[3]), 1, JOBS_MAX) : 1;
    const VirtProbeScanSettings settings = { .jobs = jobs };

    if (strcmp(what, "bare") == 0 || strcmp(what, "stat") == 0)
        run_bare(argv[2], jobs, strcmp(what, "stat") == 0);
    else if (strcmp(what, "scan") == 0)
        run_scan(argv[2], &settings, drop, NULL);
    else if (strcmp(what, "again") == 0)
        run_again(argv[2], jobs);
    else if (strcmp(what, "memory") == 0)
        run_memory(argv[2], jobs);
    else
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
