/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hooks.h: hook programs from the inside: which there are, running one, and what it gets to read. */
#pragma once

#include "virtprobe/hooks.h"

typedef void (*VpHookMessageFunc)(const char *text, gpointer user_data);

/* The paths of the programs in hooks/storage.d, in the order of their names; empty when there are none. message: NULL, or
 * hears of those that may not be run. (transfer full) */
GPtrArray *vp_hooks_find(const char *config_directory, VpHookMessageFunc message,
                         gpointer user_data);

/* One run of a program. */
typedef struct {
    const char *path;
    const char *const *arguments;   /* what follows the program's name; NULL at the end */
    const char *const *environment; /* NULL at the end */
    const char *input;
    guint timeout_ms;
    VpHookMessageFunc line; /* one line of its output, made safe to show; may be NULL */
    gboolean (*may_go_on)(gpointer user_data); /* may be NULL */
    gpointer user_data;
} VpHookCall;

typedef enum {
    VP_HOOK_SUCCEEDED,
    VP_HOOK_FAILED,
    VP_HOOK_TIMED_OUT,
    VP_HOOK_STOPPED,
} VpHookResult;

/* Bytes of a program's output that are passed on, and of one line of it. */
#define VP_HOOK_OUTPUT_MAX (64 * 1024)
#define VP_HOOK_LINE_MAX 1024

/* Runs a program and waits for it. When it does not succeed the error says why. */
VpHookResult vp_hook_run(const VpHookCall *call, GError **error);

/* The volume as libvirt's XML; of one that is gone or cannot be described only name and path. (transfer full) */
char *vp_hook_volume_xml(const VirtProbePool *pool, VirtProbeChange change,
                         const VirtProbeVolume *volume);
