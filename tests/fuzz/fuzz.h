/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz.h: what the fuzz targets share: how one is entered, a source to read from, and what must hold of answers. */
#pragma once

#include "storage/probe-run.h"

#include <stddef.h>
#include <stdint.h>

/* Each target defines the first; libFuzzer or replay.c calls both. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A source that has to be read like a file. Behind its data, up to its size, it is zero like a sparse file. */
typedef struct {
    VpSource base; /* must stay first */
    const guint8 *data;
    gsize len;     /* of data */
    guint reads;   /* calls so far */
    guint fail_at; /* the call that fails with EIO, counted from 1; 0: none does */
} FuzzSource;

void fuzz_source_init(FuzzSource *source, const guint8 *data, gsize len, guint64 size);

/* Describes the bytes of a source like the public calls do, without the facts that only some kinds of source
 * have; and checks that reads and memory stay within their budgets. (transfer full) */
VirtProbeRecord *fuzz_describe(VpSource *source, const VpFormat *declared,
                               VirtProbeDescribeFlags flags);

/* Describes bytes in memory through the public call and checks the answer, its cost and its exports. */
void fuzz_check_memory(const guint8 *data, gsize size, const char *format,
                       VirtProbeDescribeFlags flags);

/* A source in memory and one that has to be read must give the same answer. */
void fuzz_check_same_facts(const guint8 *data, gsize size, const VpFormat *declared,
                           VirtProbeDescribeFlags flags);

/* Exports an image and checks: JSON is JSON and not too long, text has nothing that drives a terminal. */
void fuzz_check_outputs(const VirtProbeRecord *image);

/* Exports any record and checks that the JSON is JSON, unless it would be very long. */
void fuzz_check_json(const VirtProbeRecord *record);
