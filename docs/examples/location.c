/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* location.c: an example: what a name means by which an image names another one. Nothing is opened.
 *
 *     cc -o location location.c $(pkg-config --cflags --libs virtprobe-1.0)
 *     ./location 'nbd://server/export' */
#include <virtprobe/virtprobe.h>

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) location = NULL;
    g_autofree char *json = NULL;

    if (argc != 2) {
        g_printerr("usage: location NAME\n");
        return 64;
    }
    location = virt_probe_location_parse(argv[1], &error);
    if (location == NULL) {
        g_printerr("%s\n", error->message);
        return 1;
    }
    json = virt_probe_record_to_json(location);
    g_print("%s\n", json);
    return 0;
}
