/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* error.h: making errors of the library's domain and of files, with messages that no locale changes. */
#pragma once

#include "virtprobe/error.h"

/* The name of a code as JSON shows it: "truncated". */
const char *vp_error_code_name(VirtProbeError code);

/* The same for any error that the library can return; G_FILE_ERROR codes have names like "noent". */
const char *vp_error_name(const GError *error);

/* Sets the error whose name vp_error_name() gave. */
void vp_error_set_named(GError **error, const char *name, const char *message);

/* What errno means, in English whatever the locale. */
const char *vp_error_meaning(int saved_errno);

/* Sets a G_FILE_ERROR: what was tried, then what errno means, in English whatever the locale. */
void vp_error_set_errno(GError **error, int saved_errno, const char *action);
