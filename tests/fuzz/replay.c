/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* replay.c: main() of a fuzz target without a fuzzer: runs every file named, and every file of folders named. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

/* The name comes first: when the target aborts, the last name is the culprit. */
static void
replay_file(const char *path, guint *count)
{
    g_autofree char *contents = NULL;
    g_autofree guint8 *exact = NULL;
    g_autoptr(GError) error = NULL;
    gsize len;

    printf("%s\n", path);
    if (!g_file_get_contents(path, &contents, &len, &error))
        g_error("%s", error->message);
    /* Without GLib's NUL behind it, so that a sanitizer sees a read past the end. */
    exact = g_memdup2(contents, len);
    LLVMFuzzerTestOneInput(exact, len);
    (*count)++;
}

static void
replay_folder(const char *path, guint *count)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &error);
    const char *name;

    if (folder == NULL)
        g_error("%s", error->message);
    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        if (g_file_test(file, G_FILE_TEST_IS_REGULAR))
            replay_file(file, count);
    }
}

int
main(int argc, char **argv)
{
    guint count = 0;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        if (g_file_test(argv[i], G_FILE_TEST_IS_DIR))
            replay_folder(argv[i], &count);
        else
            replay_file(argv[i], &count);
    }
    printf("%u inputs replayed\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
