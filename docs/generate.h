/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate.h: parts of the documentation generator that have files of their own. */
#pragma once

#include "virtprobe/rule.h"

/* Prints the JSON Schema of a kind of object that the verbs of pools and volumes print. FALSE: there is no such kind. */
gboolean generate_pool_schema(const char *name);

/* Prints the keys of these objects. */
void generate_pool_fields(void);

/* Prints the part of virt-probe-formats(7) that is made from the registry. */
void generate_manual(void);

/* Prints the part of virt-probe-rules(7) that is made from the table of rules. */
void generate_rules_manual(void);

/* Prints a line that says who can find something. */
void generate_finders(VirtProbeFinders finders);

/* Prints the RELAX NG schema of `--full` XML. */
void generate_rng(void);

/* Prints the keys of rules in target files. */
void generate_target_keys(void);

/* Prints a table of the targets in these files. FALSE: one is bad. */
gboolean generate_targets(char **paths, int count);
