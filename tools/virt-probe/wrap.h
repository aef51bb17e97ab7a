/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wrap.h: prose in lines of 79 columns. */
#pragma once

#include <glib.h>

/* Prints the text to stdout, broken at blanks, each line indented. */
void wrap_print(const char *text, guint indent);
