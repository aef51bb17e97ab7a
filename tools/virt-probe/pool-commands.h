/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-commands.h: the verbs that need the pool library, which is loaded when one of them is used.
 *
 * A verb has two halves. Its Command, with name, options and help, stands in pool-commands.c, in the program, so that
 * help, manual and completion need no module; its run is pool_command_run(). The numbers of its options stand here. Its
 * function is in a file cmd-VERB.c of the module virt-probe-pools.so, and one line in pools/module.c puts it into the
 * table that the module exports. To add a verb: these three, the Command in the table of main.c, and the file's name in
 * meson.build. */
#pragma once

#include "command.h"

/* What the module exports, under POOL_MODULE_SYMBOL: ended by a name that is NULL. */
typedef struct {
    const char *name;
    int (*run)(const Invocation *invocation);
} PoolVerb;

#define POOL_MODULE "virt-probe-pools.so"
#define POOL_MODULE_SYMBOL "virt_probe_pool_verbs"

/* Loads the module and runs the verb there. */
int pool_command_run(const Invocation *invocation);

enum {
    SCAN_OPTION_RECURSIVE,
    SCAN_OPTION_JOBS,
    SCAN_OPTION_TIMEOUT,
    SCAN_OPTION_COLUMNS,
    SCAN_OPTION_BYTES,
    SCAN_OPTION_OUTPUT,
    SCAN_OPTION_SANDBOX,
    SCAN_OPTION_COUNT,
};

int scan_run(const Invocation *invocation);
