/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-commands.c: the tables of the verbs that need the pool library, and loading the module that has their functions. */
#include "pool-commands.h"

#include "program-place.h"

#include <dlfcn.h>
#include <string.h>

/* Beside the program as it is built, or where it is installed; else its bare name, which LD_LIBRARY_PATH resolves. A run
 * path of the program would cost each start of it dozens of searches for the libraries that it has itself. */
static char *
module_path(void)
{
    g_autofree char *built = program_place_find(POOL_MODULE);
    g_autofree char *installed = g_build_filename(MODULEDIR, POOL_MODULE, NULL);

    if (built != NULL)
        return g_steal_pointer(&built);
    return g_file_test(installed, G_FILE_TEST_EXISTS) ? g_steal_pointer(&installed)
                                                      : g_strdup(POOL_MODULE);
}

int
pool_command_run(const Invocation *invocation)
{
    g_autofree char *path = module_path();
    /* It stays until the process ends, because threads that wait for a dead server may still be in it. */
    void *module = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    const PoolVerb *verb = module != NULL ? dlsym(module, POOL_MODULE_SYMBOL) : NULL;

    for (; verb != NULL && verb->name != NULL; verb++) {
        if (strcmp(verb->name, invocation->command->name) == 0)
            return verb->run(invocation);
    }
    if (module == NULL)
        message_print(_("%s needs a module: %s"), invocation->command->name, dlerror());
    else
        message_print(_("the module %s does not fit this program"), POOL_MODULE);
    return STATUS_FAILED;
}

static const Option scan_options[] = {
    [SCAN_OPTION_RECURSIVE] = { 'r', "recursive", VALUE_NONE, NULL, NULL,
                                N_("also what is in the directories below"), NULL },
    [SCAN_OPTION_JOBS] = { 0, "jobs", VALUE_TEXT, "N", NULL,
                           N_("read N files at once, not as many as there are processors"), NULL },
    [SCAN_OPTION_TIMEOUT] = { 0, "timeout", VALUE_TEXT, "SECONDS", NULL,
                              N_("how long a file may take to answer, 10 if not given"), NULL },
    [SCAN_OPTION_COLUMNS] = { 'o', "columns", VALUE_COLUMNS, "COLUMNS", NULL,
                              N_("columns of the table, separated by commas; +COLUMNS adds them, "
                                 "help lists all"),
                              NULL },
    [SCAN_OPTION_BYTES] = { 'b', "bytes", VALUE_NONE, NULL, NULL,
                            N_("sizes in bytes, not in units for people"), NULL },
    [SCAN_OPTION_OUTPUT] = { 0, "output", VALUE_CHOICE, "table|json|lines", "table|json|lines",
                             N_("a table, a JSON array, or a JSON object a line as they come"),
                             NULL },
    [SCAN_OPTION_SANDBOX] = { 0, "sandbox", VALUE_NONE, NULL, NULL,
                              N_("read in a process that can do nothing but read beneath DIR"),
                              NULL },
};

G_STATIC_ASSERT(G_N_ELEMENTS(scan_options) == SCAN_OPTION_COUNT);

const Command command_scan = {
    .name = "scan",
    .arguments = "DIR…",
    .summary = N_("list directories of images, and what each of them is"),
    .example = "virt-probe scan /var/lib/libvirt/images",
    COMMAND_OPTIONS(scan_options),
    .argument_kind = VALUE_DIRECTORY,
    .n_arguments_min = 0, /* -o help needs none */
    .n_arguments_max = G_MAXUINT,
    .run = pool_command_run,
};
