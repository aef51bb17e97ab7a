/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* error.c: making errors of the library's domain and of files, with messages that no locale changes. */
#define _GNU_SOURCE /* strerrordesc_np */
#include "util/error.h"

#include <string.h>

/* The argument is a name with hyphens, not a subtraction. */
/* clang-format off */
G_DEFINE_QUARK(virt-probe-error-quark, virt_probe_error)
/* clang-format on */

static const char *const code_names[] = {
    [VIRT_PROBE_ERROR_TRUNCATED] = "truncated",
    [VIRT_PROBE_ERROR_INVALID] = "invalid",
    [VIRT_PROBE_ERROR_UNSUPPORTED] = "unsupported",
    [VIRT_PROBE_ERROR_AMBIGUOUS] = "ambiguous",
    [VIRT_PROBE_ERROR_LIMIT] = "limit",
    [VIRT_PROBE_ERROR_LOOP] = "loop",
    [VIRT_PROBE_ERROR_REFUSED] = "refused",
    [VIRT_PROBE_ERROR_CONFLICT] = "conflict",
    [VIRT_PROBE_ERROR_CANCELLED] = "cancelled",
};

G_STATIC_ASSERT(G_N_ELEMENTS(code_names) == VIRT_PROBE_ERROR_CANCELLED + 1);

const char *
vp_error_code_name(VirtProbeError code)
{
    return code_names[code];
}

VirtProbeError
vp_error_code_from_name(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(code_names); i++) {
        if (g_strcmp0(code_names[i], name) == 0)
            return (VirtProbeError) i;
    }
    return VIRT_PROBE_ERROR_INVALID;
}

/* The file errors that scripts tell apart; the rest is "io". */
static const char *
file_error_name(int code)
{
    switch (code) {
    case G_FILE_ERROR_NOENT:
    case G_FILE_ERROR_NOTDIR:
        return "not-found";
    case G_FILE_ERROR_ACCES:
    case G_FILE_ERROR_PERM:
        return "permission-denied";
    case G_FILE_ERROR_LOOP:
        return "symlink-loop";
    default:
        return "io";
    }
}

const char *
vp_error_name(const GError *error)
{
    if (error->domain == VIRT_PROBE_ERROR)
        return vp_error_code_name((VirtProbeError) error->code);
    return error->domain == G_FILE_ERROR ? file_error_name(error->code) : "io";
}

void
vp_error_set_errno(GError **error, int saved_errno, const char *action)
{
    const char *meaning = strerrordesc_np(saved_errno);

    g_set_error(error, G_FILE_ERROR, (gint) g_file_error_from_errno(saved_errno), "%s: %s", action,
                meaning != NULL ? meaning : "unknown error");
}
