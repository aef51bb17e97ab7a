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

/* The file errors that scripts tell apart; the first of a name is what the name means. */
static const struct {
    GFileError code;
    const char *name;
} file_errors[] = {
    { G_FILE_ERROR_NOENT, "not-found" },         { G_FILE_ERROR_NOTDIR, "not-found" },
    { G_FILE_ERROR_ACCES, "permission-denied" }, { G_FILE_ERROR_PERM, "permission-denied" },
    { G_FILE_ERROR_LOOP, "symlink-loop" },       { G_FILE_ERROR_IO, "io" },
};

const char *
vp_error_name(const GError *error)
{
    if (error->domain == VIRT_PROBE_ERROR)
        return vp_error_code_name((VirtProbeError) error->code);
    for (guint i = 0; i < G_N_ELEMENTS(file_errors); i++) {
        if (error->domain == G_FILE_ERROR && error->code == (gint) file_errors[i].code)
            return file_errors[i].name;
    }
    return "io";
}

void
vp_error_set_named(GError **error, const char *name, const char *message)
{
    for (guint i = 0; i < G_N_ELEMENTS(code_names); i++) {
        if (g_strcmp0(code_names[i], name) == 0) {
            g_set_error_literal(error, VIRT_PROBE_ERROR, (gint) i, message);
            return;
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(file_errors); i++) {
        if (g_strcmp0(file_errors[i].name, name) == 0) {
            g_set_error_literal(error, G_FILE_ERROR, (gint) file_errors[i].code, message);
            return;
        }
    }
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, message);
}

const char *
vp_error_meaning(int saved_errno)
{
    const char *meaning = strerrordesc_np(saved_errno);

    return meaning != NULL ? meaning : "unknown error";
}

void
vp_error_set_errno(GError **error, int saved_errno, const char *action)
{
    g_set_error(error, G_FILE_ERROR, (gint) g_file_error_from_errno(saved_errno), "%s: %s", action,
                vp_error_meaning(saved_errno));
}
