/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* number-option.h: options whose value is a number. */
#pragma once

#include "command.h"

#define JOBS_MAX 256
#define SECONDS_MAX 86400

/* A whole number from 1 to maximum; unchanged without the option. FALSE: it is none, which was said. */
gboolean number_option(const Invocation *invocation, guint option, guint maximum,
                       guint *out_number);
