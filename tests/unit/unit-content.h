/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unit-content.h: the smallest healthy images of what may lie in a raw payload. */
#pragma once

#include "unit-images.h"

/* One for each format of content that has no image elsewhere; ended by a NULL format. */
extern const HealthyImage content_images[];

/* Writes the checksums that fit a GPT of four entries in the third sector, at both ends of ten sectors. */
void gpt_seal(GByteArray *disk);
