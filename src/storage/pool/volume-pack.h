/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-pack.h: the facts of a volume as bytes that the catalogue keeps. */
#pragma once

#include "storage/pool/volume.h"

/* Puts all facts but name and path into out, which loses what it held, with a checksum over them, the name and the number of its pool. They stay on this machine and are read by the version that wrote them. */
void vp_volume_pack(const VpVolumeFacts *facts, guint64 pool, GByteArray *out);

/* Fills all facts but the path; texts are borrowed from the bytes. FALSE: these are no such bytes, or not of that pool and name. */
gboolean vp_volume_unpack(const guint8 *bytes, gsize len, guint64 pool, const char *name,
                          VpVolumeFacts *facts);
