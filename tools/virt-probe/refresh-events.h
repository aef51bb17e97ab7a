/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* refresh-events.h: what the verbs that refresh pools share: hooks, and messages of them. */
#pragma once

#include "pool-arguments.h"

#include <virtprobe/hooks.h>

/* Hooks whose output and trouble are lines on stderr. may_go_on: asked before each program; may be NULL. next: heard
 * besides the programs; may be NULL. (transfer full) */
VirtProbeHooks *hooks_open(gboolean (*may_go_on)(gpointer user_data),
                           const VirtProbeRefreshEvents *next);

/* "pool":"…","uuid":"…", for an object that begins with them. (transfer full) */
char *pool_members(const VirtProbePool *pool);

/* An object with what a refresh did, or why it failed. (transfer full) */
char *refresh_json(const VirtProbePool *pool, const VirtProbeRefreshCounts *counts,
                   const GError *error);
