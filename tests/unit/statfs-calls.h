/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* statfs-calls.h: statfs() that says what a test wants. It stands in the test program, and so takes the place of that of
 * the C library. */
#pragma once

#include <glib.h>

/* From now on every path is on a filesystem with this number; 0: on the one that it is on. */
void statfs_pretend(guint32 type);
