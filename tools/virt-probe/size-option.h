/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* size-option.h: options whose value is a size. */
#pragma once

#include "command.h"

/* A number of bytes above 0, with one of the suffixes of qemu-img (k, M, G, T, P, E: times 1024 each) or none; unchanged
 * without the option. FALSE: it is none, which was said. */
gboolean size_option(const Invocation *invocation, guint option, guint64 *out_size);
