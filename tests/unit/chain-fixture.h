/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-fixture.h: making small chains of virtual files, following them, and comparing what came out. */
#pragma once

#include "qcow2-image.h"
#include "storage/chain.h"
#include "virtual-files.h"

/* An overlay of qcow2; what is absent is not in the image. */
typedef struct {
    const char *backing;
    const char *format; /* of the backing file */
    const char *data_file;
    guint64 size; /* 0: OVERLAY_SIZE */
} Overlay;

#define OVERLAY_SIZE 32768

/* The bytes of an overlay. Names may be as long as the format allows. */
Qcow2Image *overlay_new(const Overlay *overlay);

void add_overlay(VirtualFiles *files, const char *name, const Overlay *overlay);

/* A raw disk of zeros. */
void add_raw(VirtualFiles *files, const char *name, gsize size);

/* "top" stands on "1", that on "2" …: so many overlays, and at the end a raw disk. */
void add_chain(VirtualFiles *files, guint overlays);

/* Follows the chain from the qcow2 image "top"; it must work. (transfer full) */
VirtProbeRecord *follow(VirtualFiles *files, VirtProbeDescribeFlags flags);
VirtProbeRecord *follow_with(VirtualFiles *files, VirtProbeDescribeFlags flags,
                             VirtProbeMemberFunc func, gpointer user_data);

/* The summary in one line, members separated by blanks: "top=ok base<0=ok!backing-smaller". Behind "<" is the owner,
 * ":" when it is a data file, behind "=" the state, behind "(" the code of the error, behind each "!" a rule.
 * (transfer full) */
char *members_of(const VirtProbeRecord *chain);
void assert_members(const VirtProbeRecord *chain, const char *expected);

/* The state of the chain, and that virt_probe_chain_verify() says the same. */
void assert_chain_state(const VirtProbeRecord *chain, const char *state);

/* A member of the summary. (transfer none) */
VirtProbeRecord *member_of(const VirtProbeRecord *chain, guint index);
