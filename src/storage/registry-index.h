/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry-index.h: what is asked of the whole table for each image, looked up instead of searched. */
#pragma once

#include "storage/registry.h"

/* Containers that bytes with this beginning may be: all others have a signature that begins otherwise. */
VpFormatSet vp_registry_beginning(const guint8 *head, gsize size);
