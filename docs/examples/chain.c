/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain.c: an example: everything that an image stands on, opened only beneath its pool's directory.
 *
 *     cc -o chain chain.c $(pkg-config --cflags --libs virtprobe-1.0)
 *     ./chain POOL IMAGE [FORMAT] */
#include <virtprobe/virtprobe.h>

/* Called for each image while the chain is followed; the record is gone afterwards unless it is referenced. */
static gboolean
print_member(VirtProbeRecord *image, gpointer user_data)
{
    const char *format = virt_probe_record_get_text(image, "format");
    g_autofree char *name = virt_probe_name_mask(virt_probe_record_get_text(image, "filename"));
    guint *count = user_data;

    *count += 1;
    g_print("%u %s: %s\n", *count, name, format != NULL ? format : "not opened");
    return TRUE;
}

int
main(int argc, char **argv)
{
    const char *format = argc > 3 ? argv[3] : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) chain = NULL;
    guint count = 0;

    if (argc < 3) {
        g_printerr("usage: chain POOL IMAGE [FORMAT]\n");
        return 64;
    }
    chain = virt_probe_chain_open(argv[2], format,
                                  format == NULL ? VIRT_PROBE_DESCRIBE_RECOGNISE
                                                 : VIRT_PROBE_DESCRIBE_DEFAULT,
                                  VIRT_PROBE_FOLLOW_BENEATH, argv[1], print_member, &count, &error);
    if (chain == NULL || !virt_probe_chain_verify(chain, &error)) {
        g_printerr("%s: %s\n", argv[2], error->message);
        return 1;
    }
    return 0;
}
