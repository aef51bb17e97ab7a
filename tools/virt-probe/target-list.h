/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-list.h: the systems that images are judged for: those that are named, and those that are known. */
#pragma once

#include "command.h"

/* The targets of a list of names separated by commas, which may be NULL: an array that ends with NULL. FALSE: one of them is not
 * known, or its file is bad, which was said. */
gboolean targets_parse(const Invocation *invocation, const char *names, GPtrArray **out_targets);

/* Prints all targets, with source and date of their rules. FALSE: a file is bad, which was said. */
gboolean targets_print(gboolean is_json);
