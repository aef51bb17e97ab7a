/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* error.h: the error domain of the library. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VIRT_PROBE_ERROR:
 *
 * Error domain of the library. Trouble with a file itself (it is missing, it cannot be read) is reported in
 * %G_FILE_ERROR instead. Messages are one phrase without full stop, are not translated and do not name the
 * file; text that comes from an image is escaped in them.
 *
 * Since: 0.1
 */
#define VIRT_PROBE_ERROR (virt_probe_error_quark())

/**
 * VirtProbeError:
 * @VIRT_PROBE_ERROR_TRUNCATED: a structure of the image ends past the end of the file
 * @VIRT_PROBE_ERROR_INVALID: the bytes break a rule of their format, or are not of the declared format
 * @VIRT_PROBE_ERROR_UNSUPPORTED: a format, version or feature that nobody here knows
 * @VIRT_PROBE_ERROR_AMBIGUOUS: two image formats match equally well
 * @VIRT_PROBE_ERROR_LIMIT: the work asked for is above a limit of ours
 * @VIRT_PROBE_ERROR_LOOP: a backing chain comes back to itself
 * @VIRT_PROBE_ERROR_REFUSED: not done because it would not be safe, such as opening a FIFO
 * @VIRT_PROBE_ERROR_CONFLICT: somebody else changed or holds what was asked for
 * @VIRT_PROBE_ERROR_CANCELLED: the caller asked to stop, or ended a stream before its end
 *
 * Codes of %VIRT_PROBE_ERROR. Their nicknames ("truncated", "invalid" …) are what JSON shows.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_ERROR_TRUNCATED,
    VIRT_PROBE_ERROR_INVALID,
    VIRT_PROBE_ERROR_UNSUPPORTED,
    VIRT_PROBE_ERROR_AMBIGUOUS,
    VIRT_PROBE_ERROR_LIMIT,
    VIRT_PROBE_ERROR_LOOP,
    VIRT_PROBE_ERROR_REFUSED,
    VIRT_PROBE_ERROR_CONFLICT,
    VIRT_PROBE_ERROR_CANCELLED,
} VirtProbeError;

/**
 * virt_probe_error_quark:
 *
 * Returns: the quark of %VIRT_PROBE_ERROR
 *
 * Since: 0.1
 */
GQuark virt_probe_error_quark(void);

#pragma GCC visibility pop
G_END_DECLS
