/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate.h: parts of the documentation generator that have files of their own. */
#pragma once

/* Prints the RELAX NG schema of `--full` XML. */
void generate_rng(void);
