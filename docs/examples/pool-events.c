/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-events.c: an example: a program that hears of every change of a pool, together with the administrator's hooks.
 *
 *     cc -o pool-events pool-events.c $(pkg-config --cflags --libs virtprobe-pool-1.0)
 *     ./pool-events NAME DIRECTORY */
#include <virtprobe/hooks.h>
#include <virtprobe/pool-sums.h>

/* FALSE with an error would forbid the refresh; here one of a pool that is too full. */
static gboolean
may_begin(VirtProbePool *pool, gpointer user_data, GError **error)
{
    VirtProbePoolSums sums;

    (void) user_data;
    if (!virt_probe_pool_get_sums(pool, &sums, error))
        return FALSE;
    if (sums.available_to_users > 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "there is no space left");
    return FALSE;
}

static void
print_change(VirtProbePool *pool, VirtProbeChange change, VirtProbeVolume *volume,
             gpointer user_data)
{
    static const char *const words[] = { "added", "changed", "removed" };
    g_autofree char *name = g_strescape(virt_probe_volume_get_text(volume, "name"), NULL);
    guint *count = user_data;

    (*count)++;
    g_print("%s: %s %s\n", virt_probe_pool_get_name(pool), words[change], name);
}

static void
print_end(VirtProbePool *pool, const GError *error, gpointer user_data)
{
    const guint *count = user_data;

    g_print("%s: %u changes%s%s\n", virt_probe_pool_get_name(pool), *count,
            error != NULL ? ", then: " : "", error != NULL ? error->message : "");
}

/* What a hook program prints, and what is wrong with one. */
static void
print_message(const char *text, gpointer user_data)
{
    (void) user_data;
    g_printerr("hook: %s\n", text);
}

int
main(int argc, char **argv)
{
    guint count = 0;
    const VirtProbeRefreshEvents events = {
        .begin = may_begin, .volume = print_change, .end = print_end, .user_data = &count
    };
    const VirtProbeHookSettings settings = { .message = print_message };
    g_autoptr(VirtProbeHooks) hooks = virt_probe_hooks_new(&settings, &events);
    g_autoptr(VirtProbePool) pool = NULL;
    g_autoptr(GError) error = NULL;

    if (argc != 3) {
        g_printerr("usage: pool-events NAME DIRECTORY\n");
        return 64;
    }
    pool = virt_probe_pool_new(argv[1], "dir", argv[2], NULL, &error);
    /* A refresh is for pools that are defined. */
    if (pool != NULL && virt_probe_pool_define(pool, &error)
        && virt_probe_pool_refresh(pool, NULL, virt_probe_hooks_get_events(hooks), NULL, &error)
        && virt_probe_pool_undefine(pool, &error))
        return 0;
    g_printerr("%s: %s\n", argv[1], error->message);
    return 1;
}
