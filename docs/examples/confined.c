/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* confined.c: an example: a process that gives up what it can before it reads an image of a stranger. `virt-probe info
 * --sandbox` gives up more: it does so in a process of its own, by seccomp and Landlock.
 *
 *     cc -o confined confined.c $(pkg-config --cflags --libs virtprobe-1.0)
 *     ./confined disk.qcow2 */
#include <virtprobe/virtprobe.h>

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* From here on the process leaves no dump of what it reads, and nothing that it might start has more privileges. */
static gboolean
confine(VirtProbeConfinement *out_confinement, gpointer user_data, GError **error)
{
    const struct rlimit nothing = { 0, 0 };

    (void) user_data;
    if (setrlimit(RLIMIT_CORE, &nothing) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        *out_confinement = (VirtProbeConfinement) { .seccomp = FALSE, .landlock = 0 };
        return TRUE;
    }
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "cannot be confined: %s",
                g_strerror(errno));
    return FALSE;
}

int
main(int argc, char **argv)
{
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;

    if (argc != 2) {
        g_printerr("usage: confined IMAGE\n");
        return 64;
    }
    image = virt_probe_describe_file_confined(argv[1], NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, confine,
                                              NULL, &error);
    if (image == NULL) {
        g_printerr("%s: %s\n", argv[1], error->message);
        return 1;
    }
    json = virt_probe_record_to_json(image);
    g_print("%s\n", json);
    return 0;
}
