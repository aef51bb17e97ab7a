/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-load.h: reading JSON strictly, for images that hold some. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* Bounds on nesting and on the number of values are the caller's. error: may be NULL. (transfer full) */
json_t *vp_json_load_plain(const char *text, gsize len, json_error_t *error);
