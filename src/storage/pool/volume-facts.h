/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-facts.h: filling the facts of a volume from what stat and a description say. */
#pragma once

#include "storage/pool/volume.h"
#include "util/source-entry.h"

/* What stat says. */
void vp_volume_facts_set_info(VpVolumeFacts *facts, const VpEntryInfo *info);

/* What a description of its bytes says. Texts are borrowed from image, and rules from a text of the caller. */
void vp_volume_facts_set_image(VpVolumeFacts *facts, const VirtProbeRecord *image, GString *rules);

/* Why it could not be described; borrowed. */
void vp_volume_facts_set_error(VpVolumeFacts *facts, const char *code, const char *message);
