/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox-none.c: in the place of the other files of sandbox.h, where the program is built without: nothing is confined. */
#include "command.h"
#include "sandbox.h"

const char *
sandbox_missing(G_GNUC_UNUSED SandboxKind kind)
{
    return N_("there is no sandbox here: the program was built without");
}

gboolean
sandbox_enter(G_GNUC_UNUSED SandboxKind kind, G_GNUC_UNUSED char *const *directories,
              VirtProbeConfinement *out_confinement, G_GNUC_UNUSED GError **error)
{
    *out_confinement = (VirtProbeConfinement) { .seccomp = FALSE };
    return TRUE;
}
