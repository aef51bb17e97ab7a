/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry-index.h: what is asked of the whole table for each image, looked up instead of searched. */
#pragma once

#include "storage/content.h"
#include "storage/registry.h"

/* One way to recognise a container by its head. */
typedef struct {
    const VpFormat *format;
    guint number;         /* of the format */
    guint64 of_format;    /* all ways to recognise that one */
    const VpMagic *magic; /* NULL: it begins as a text does */
    const char *text;
} VpLead;

/* The ways that a head with this beginning may take, as a set of numbers in the order of the table: in all others it begins
 * otherwise. */
guint64 vp_registry_leads(const guint8 *head, gsize size);
const VpLead *vp_registry_lead(guint number);

/* Adds the content formats in wanted that have a signature in the bytes, which begin at start. */
void vp_registry_match_contents(const guint8 *bytes, guint64 start, gsize size, VpFormatSet wanted,
                                VpContents *contents);

/* Content formats that have a signature behind the first VP_HEAD_SIZE bytes, and that have one at the end. */
VpFormatSet vp_registry_behind_head(void);
VpFormatSet vp_registry_at_end(void);

/* Containers that have a signature at the end. */
VpFormatSet vp_registry_with_tail(void);

/* Content formats that are special cases of others, and what one of them is a special case of. */
VpFormatSet vp_registry_refining(void);
VpFormatSet vp_registry_refined_by(guint number);

/* Content formats that hide others, and those that one of them hides. */
VpFormatSet vp_registry_hiding(void);
VpFormatSet vp_registry_hidden_by(guint number);
