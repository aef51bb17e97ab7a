/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-pipe.h: descriptors that bring their bytes one after the other. */
#pragma once

#include <glib.h>

/* FALSE, and why, when the descriptor is not open for reading. */
gboolean vp_descriptor_check(int fd, GError **error);

/* FALSE, and why, when it brings no stream: it is none of pipe, socket, regular file and block device. */
gboolean vp_pipe_check(int fd, GError **error);

/* Opens a FIFO, or a character device, waits for what it brings and reads that to its end, but at most room bytes. Anything else is
 * refused (VIRT_PROBE_ERROR_REFUSED). (transfer full) */
char *vp_fifo_read(const char *path, gsize room, gsize *out_len, GError **error);

/* As read(), but waits whatever the descriptor's flags say, and is not interrupted by signals. */
gssize vp_pipe_read(int fd, void *buffer, gsize len);
