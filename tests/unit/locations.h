/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* locations.h: what the tests of names share: a record LOCATION in one line, and tables of names in files. */
#pragma once

#include "storage/location.h"

/* The record of a name, also when it holds an error. (transfer full) */
VirtProbeRecord *location_of(const char *name);

/* All that a record LOCATION says but its text; the head of tests/names/backing-strings.txt has the form.
 * (transfer full) */
char *location_summary(const VirtProbeRecord *location);

/* The rows of a file of tests/names: lines that are neither empty nor begin with #, each cut at its tabs into a GStrv.
 * (transfer full) */
GPtrArray *names_load(const char *file);

/* Compares the summary of the name in the row's first column with its second. */
void check_name_row(const char *const *row);

/* Nothing crashes, and what is masked is noted in the record. */
void check_hostile_name(const char *name);
