/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-options.h: what the verbs that follow chains share: their options, and what is said of broken members. */
#pragma once

#include "command.h"

#include <virtprobe/virtprobe.h>

/* Rows of a table of options. They stand in the order of the enum below, beginning at first. */
#define CHAIN_OPTIONS(first)                                                                       \
    [(first) + CHAIN_OPTION_PROBE] = { 0,                                                          \
                                       "probe-backing",                                            \
                                       VALUE_OPTIONAL_CHOICE,                                      \
                                       "any|safe",                                                 \
                                       "any|safe",                                                 \
                                       N_("recognise backing files whose format is not recorded"), \
                                       NULL },                                                     \
               [(first) + CHAIN_OPTION_FOLLOW] = { 0,                                              \
                                                   "follow",                                       \
                                                   VALUE_CHOICE,                                   \
                                                   "any|same-directory|none",                      \
                                                   "any|same-directory|none",                      \
                                                   N_("which files that an image names are "       \
                                                      "opened; without it any"),                   \
                                                   NULL },                                         \
               [(first) + CHAIN_OPTION_ROOT] = {                                                   \
                   0,     "root", VALUE_DIRECTORY,                                                 \
                   "DIR", NULL,   N_("open files beneath DIR only, whatever links say"),           \
                   NULL                                                                            \
               }

enum {
    CHAIN_OPTION_PROBE,
    CHAIN_OPTION_FOLLOW,
    CHAIN_OPTION_ROOT,
    CHAIN_OPTION_COUNT,
};

typedef struct {
    const char *format;
    VirtProbeDescribeFlags flags;
    VirtProbeFollow follow;
    const char *root;
} ChainSettings;

/* Reads the options that begin at first. FALSE: they contradict each other, which was said. */
gboolean chain_settings_init(ChainSettings *settings, const Command *command,
                             const Invocation *invocation, guint first);

/* The first option of these that was given; NULL: none. */
const char *chain_option_given(const Invocation *invocation, guint first);

/* Follows the chain of an image. When that fails as a whole the image is shown to func as unreadable, and is the only
 * member. (transfer full) */
VirtProbeRecord *chain_settings_open(const ChainSettings *settings, const char *name,
                                     VirtProbeMemberFunc func, gpointer user_data);

/* Adds a line for each member that was not or not wholly described. FALSE: there is one. */
gboolean chain_check(const VirtProbeRecord *chain, GPtrArray *messages);
