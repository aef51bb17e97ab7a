/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* program-place.h: what lies beside the program as it is built, before it is installed. */
#pragma once

#include <glib.h>

/* The path of what has that place, seen from the directory of the program; NULL when nothing is
 * there, or the program is not in a build folder. (transfer full) */
char *program_place_find(const char *place);
