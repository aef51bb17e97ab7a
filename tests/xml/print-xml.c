/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* print-xml.c: prints what the tests of XML compare, each document ended by a NUL: print-xml [--full] DIRECTORY NAME…
 * the volumes, print-xml --pool FILE… the pools that files define, --pool-full with all that is known of them. */
#include "virtprobe/pool.h"
#include "virtprobe/xml.h"

#include <stdio.h>
#include <string.h>

static void
print_document(const char *xml, const GError *error)
{
    if (xml != NULL)
        fputs(xml, stdout);
    else
        printf("error: %s", error->message);
    putchar('\0');
}

static void
print_volume(const char *directory, const char *name, VirtProbeXmlFlags flags)
{
    g_autofree char *path = g_strconcat(directory, "/", name, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = virt_probe_file_to_xml(path, name, NULL, flags, &error);

    print_document(xml, error);
}

static void
print_pool(const char *path, gboolean is_full)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    g_autofree char *xml = NULL;
    g_autoptr(VirtProbePool) pool = NULL;
    gsize len;

    if (g_file_get_contents(path, &text, &len, &error))
        pool = virt_probe_pool_new_from_xml(text, len, &error);
    if (pool != NULL)
        xml = is_full ? virt_probe_pool_to_full_xml(pool) : virt_probe_pool_to_xml(pool);
    print_document(xml, error);
}

int
main(int argc, char **argv)
{
    gboolean is_full = argc > 1 && strcmp(argv[1], "--full") == 0;
    int first = is_full ? 2 : 1;

    if (argc <= 2)
        return 64;
    if (g_str_has_prefix(argv[1], "--pool")) {
        for (int i = 2; i < argc; i++)
            print_pool(argv[i], strcmp(argv[1], "--pool-full") == 0);
        return 0;
    }
    for (int i = first + 1; i < argc; i++)
        print_volume(argv[first], argv[i], is_full ? VIRT_PROBE_XML_FULL : VIRT_PROBE_XML_DEFAULT);
    return 0;
}
