/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* program-place.c: where the program is, by what the kernel says of it. */
#include "program-place.h"

/* Of a build folder. */
#define BUILT_DIRECTORY "/tools/virt-probe"

char *
program_place_find(const char *place)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *directory = program != NULL ? g_path_get_dirname(program) : NULL;
    g_autofree char *path = NULL;

    /* From where it is installed the same place would be somebody else's. */
    if (directory == NULL || !g_str_has_suffix(directory, BUILT_DIRECTORY))
        return NULL;
    path = g_build_filename(directory, place, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}
