/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hooks.h: programs of the administrator that are run when a pool is refreshed. */
#pragma once

#include <virtprobe/pool.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeHookSettings:
 * @timeout_ms: how long one program may run, in milliseconds; then it and its children are killed; 0: 10,000
 * @message: (nullable): gets one line of text, without its end, for each line that a program writes, and for each
 *   program that fails, takes too long or may not be run; %NULL: nobody hears of that
 * @may_go_on: (nullable): is asked before each program and ten times a second while one runs; %FALSE kills it, and no
 *   further one is run
 * @user_data: for both
 *
 * How hook programs are run; all zero is possible.
 *
 * Since: 0.1
 */
typedef struct {
    guint timeout_ms;
    void (*message)(const char *text, gpointer user_data);
    gboolean (*may_go_on)(gpointer user_data);
    gpointer user_data;
} VirtProbeHookSettings;

/**
 * VirtProbeHooks:
 *
 * The hook programs of the configuration directory, as events of a refresh. Opaque and counted; one thread uses it at a
 * time.
 *
 * Since: 0.1
 */
typedef struct _VirtProbeHooks VirtProbeHooks;

#define VIRT_PROBE_TYPE_HOOKS (virt_probe_hooks_get_type())
GType virt_probe_hooks_get_type(void);

/**
 * virt_probe_hooks_ref:
 * @hooks: hooks
 *
 * Returns: (transfer full): @hooks
 *
 * Since: 0.1
 */
VirtProbeHooks *virt_probe_hooks_ref(VirtProbeHooks *hooks);

/**
 * virt_probe_hooks_unref:
 * @hooks: (transfer full) (nullable): hooks
 *
 * Since: 0.1
 */
void virt_probe_hooks_unref(VirtProbeHooks *hooks);

/**
 * virt_probe_hooks_new:
 * @settings: (nullable): how to run the programs; it is copied
 * @next: (nullable): events of the caller, which hear the same; it is copied
 *
 * Makes events of the programs in hooks/storage.d of the configuration directory. The directory is read anew when a
 * refresh begins. docs/hooks.md says how the programs are called.
 *
 * When a refresh begins, @next is asked first; else the programs come first. Where @next lets a refresh begin and a program
 * forbids it, @next hears the end with the reason. No lock is held while a program runs, so it may use the catalogue
 * itself.
 *
 * SIGCHLD must not be ignored by the process (a parent may have left it so), and nobody else may wait for its children:
 * else no exit status can be told, and every program counts as one that failed.
 *
 * Returns: (transfer full): the hooks
 *
 * Since: 0.1
 */
VirtProbeHooks *virt_probe_hooks_new(const VirtProbeHookSettings *settings,
                                     const VirtProbeRefreshEvents *next);

/**
 * virt_probe_hooks_get_events:
 * @hooks: hooks
 *
 * Returns: (transfer none): events for virt_probe_pool_refresh(), which live as long as @hooks
 *
 * Since: 0.1
 */
const VirtProbeRefreshEvents *virt_probe_hooks_get_events(VirtProbeHooks *hooks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtProbeHooks, virt_probe_hooks_unref)

#pragma GCC visibility pop
G_END_DECLS
