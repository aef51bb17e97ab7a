/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit.c: an example: may this image be given to a program that trusts it?
 *
 *     cc -o audit audit.c $(pkg-config --cflags --libs virtprobe-1.0)
 *     ./audit disk.qcow2 [upload|pool|report]
 *
 * Status 0: yes, 2: no, 1: the file could not be looked at, 64: a wrong command line. */
#include <virtprobe/virtprobe.h>

#include <string.h>

/* FALSE: no profile is called so. */
static gboolean
find_profile(const char *name, VirtProbeProfile *out_profile)
{
    for (VirtProbeProfile profile = VIRT_PROBE_PROFILE_UPLOAD; profile <= VIRT_PROBE_PROFILE_REPORT;
         profile++) {
        if (strcmp(virt_probe_profile_get_name(profile), name) == 0) {
            *out_profile = profile;
            return TRUE;
        }
    }
    return FALSE;
}

static void
print_judgement(const VirtProbeRecord *audit)
{
    guint count = virt_probe_record_get_length(audit, "findings");

    g_print("%s\n", virt_probe_record_get_text(audit, "verdict"));
    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *finding = virt_probe_record_get_item(audit, "findings", i);
        /* Names from the image may stand in it, and must not drive a terminal. */
        g_autofree char *message =
            virt_probe_text_escape(virt_probe_record_get_text(finding, "message"));

        g_print("%s: %s: %s\n", virt_probe_record_get_text(finding, "severity"),
                virt_probe_record_get_text(finding, "rule"), message);
    }
}

int
main(int argc, char **argv)
{
    /* All zero is the profile for images of strangers, whose findings of severity "deny" deny them. */
    VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) audit = NULL;

    if (argc < 2 || argc > 3 || (argc == 3 && !find_profile(argv[2], &settings.profile))) {
        g_printerr("usage: %s IMAGE [upload|pool|report]\n", argv[0]);
        return 64;
    }
    /* What is no file by name is described with VIRT_PROBE_DESCRIBE_AUDIT and judged by virt_probe_audit_new(). */
    audit = virt_probe_audit_file(argv[1], NULL, &settings, &error);
    if (audit == NULL) {
        g_printerr("%s: %s\n", argv[1], error->message);
        return 1;
    }
    print_judgement(audit);
    if (virt_probe_record_get_record(audit, "error") != NULL)
        return 1;
    return virt_probe_audit_is_denied(audit) ? 2 : 0;
}
