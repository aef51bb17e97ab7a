/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target.c: says whether a system would accept an image: target FILE.target IMAGE. */
#include <stdio.h>
#include <virtprobe/virtprobe.h>

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeTarget) target = NULL;
    g_autoptr(VirtProbeRecord) image = NULL;
    g_auto(GStrv) sentences = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: target FILE.target IMAGE\n");
        return 64;
    }
    target = virt_probe_target_load(argv[1], &error);
    if (target != NULL)
        image = virt_probe_describe_file(argv[2], NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    if (image == NULL) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    sentences = virt_probe_target_judge(target, image);
    for (guint i = 0; sentences[i] != NULL; i++)
        printf("%s\n", sentences[i]);
    return sentences[0] != NULL ? 2 : 0;
}
