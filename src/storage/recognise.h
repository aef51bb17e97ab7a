/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recognise.h: which format an image is, from its bytes. */
#pragma once

#include "storage/registry.h"

/* Finds the format of the image and sets probe->format and probe->header_start; NULL and a finding when two
 * match. out_head gets the containers that match at the head. */
void vp_recognise(VpProbe *probe, VpMatches *out_head);

/* The same when the format is declared: finds where its header begins, and says when the bytes are not it. */
void vp_recognise_declared(VpProbe *probe, const VpFormat *format, VpMatches *out_head);

/* A container whose signature, all that it can check included, stands at the end of an image of another format; NULL: none is
 * left. *rest: formats that are looked for, at first vp_registry_with_tail(); those that were leave it. *out_place: where. */
const VpFormat *vp_recognise_other_tail(VpProbe *probe, VpFormatSet *rest, guint64 *out_place);

/* Says when the file's name belongs to other formats only, which misleads people and programs that trust names. */
void vp_recognise_extension(VpProbe *probe);

/* Says when QEMU, or anybody who looks at the head, would take the image for something else than probe->format. */
void vp_recognise_qemu(VpProbe *probe, const VpMatches *head, gboolean is_declared);

/* The format for which QEMU would take the image; NULL when the order decides in which it asks. */
const char *vp_recognise_qemu_name(VpProbe *probe, const VpMatches *head);
