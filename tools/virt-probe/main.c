/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main.c: the table of verbs, and finding out which one is meant. */
#include "command.h"
#include "pool-verbs.h"
#include "table.h"

#include <virtprobe/virtprobe.h>

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const Command *const commands[] = {
    &command_info,           &command_chain,       &command_audit,
#ifdef ENABLE_POOLS
    &command_scan,           &command_pool_define, &command_pool_define_as,
    &command_pool_undefine,  &command_pool_list,   &command_pool_info,
    &command_pool_uuid,      &command_pool_name,   &command_pool_dumpxml,
    &command_pool_refresh,   &command_pool_watch,  &command_vol_list,
    &command_vol_info,       &command_vol_dumpxml, &command_vol_path,
    &command_vol_key,        &command_vol_name,    &command_vol_pool,
    &command_vol_dependents, &command_vol_orphans,
#endif
    &command_explain,        &command_formats,     NULL,
};

const Command *
command_find(const char *name)
{
    for (guint i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

/* Only what is used: the other categories would cost time at every start and change numbers. */
static void
locale_init(void)
{
    setlocale(LC_MESSAGES, "");
    setlocale(LC_CTYPE, "");
#ifdef ENABLE_NLS
    {
        const char *directory = g_getenv("VIRT_PROBE_LOCALEDIR");

        bindtextdomain(GETTEXT_PACKAGE, directory != NULL ? directory : LOCALEDIR);
        bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
        textdomain(GETTEXT_PACKAGE);
    }
#endif
}

/* Also made by tables; not shown to people. FALSE: the word is none of these. */
static gboolean
run_internal(const char *word)
{
    if (strcmp(word, "__completion") == 0)
        completion_print();
    else if (strcmp(word, "__manual") == 0)
        manual_print_options();
    else
        return FALSE;
    return TRUE;
}

static gboolean
run_global_option(const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        help_print();
    else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        printf("virt-probe %s\n", virt_probe_get_version());
    else
        return run_internal(word);
    return TRUE;
}

/* `help` is --help, and `help VERB` is VERB --help. */
static int
run_help(int argc, char **argv)
{
    const Command *command = argc > 2 ? command_find(argv[2]) : NULL;
    g_autofree char *word = argc > 2 ? shown_name(argv[argc - 1]) : NULL;

    if (argc > 3)
        return usage_error(NULL, _("'%s' is one argument too many"), word);
#ifdef ENABLE_POOLS
    if (argc > 2 && command == NULL && pool_verb_elsewhere(argv[2]) != NULL) {
        text_printf("%s: %s\n", argv[2], _(pool_verb_elsewhere(argv[2])));
        return STATUS_OK;
    }
#endif
    if (argc > 2 && command == NULL)
        return usage_error(NULL, _("there is no command '%s'"), word);
    if (command != NULL)
        help_print_command(command);
    else
        help_print();
    return STATUS_OK;
}

/* A word that is no verb is an image when it can be one: `virt-probe FILE` is `virt-probe info FILE`. */
static gboolean
word_is_image(const char *word)
{
    struct stat info;

    return word[0] == '-' || strpbrk(word, "/.:") != NULL || lstat(word, &info) == 0;
}

/* A verb behind an option would be taken for an image. NULL: there is none. */
static const char *
find_misplaced_verb(char **argv)
{
    struct stat info;

    for (guint i = 1; argv[i] != NULL && strcmp(argv[i], "--") != 0; i++) {
        if (argv[i][0] != '-' && argv[i - 1][0] == '-')
            return command_find(argv[i]) != NULL && lstat(argv[i], &info) != 0 ? argv[i] : NULL;
    }
    return NULL;
}

static int
run(int argc, char **argv)
{
    const Command *command;

    if (argc < 2) {
        help_print();
        return STATUS_USAGE;
    }
    if (strcmp(argv[1], "help") == 0)
        return run_help(argc, argv);
    if (run_global_option(argv[1]))
        return STATUS_OK;
    command = command_find(argv[1]);
    if (command != NULL)
        return command_run(command, argc - 1, argv + 1);
    if (argv[1][0] == '-' && find_misplaced_verb(argv) != NULL)
        return usage_error(NULL, _("the command '%s' must stand before its options"),
                           find_misplaced_verb(argv));
#ifdef ENABLE_POOLS
    if (pool_verb_elsewhere(argv[1]) != NULL) {
        message_print("%s: %s", argv[1], _(pool_verb_elsewhere(argv[1])));
        return STATUS_FAILED;
    }
#endif
    if (word_is_image(argv[1]))
        return command_run(&command_info, argc, argv);

    {
        g_autofree char *word = shown_name(argv[1]);

        return usage_error(NULL, _("'%s' is neither a command nor a file"), word);
    }
}

int
main(int argc, char **argv)
{
    int status;

    /* A limit on files is an error like a full disk. */
    signal(SIGXFSZ, SIG_IGN);
    /* A parent that ignores it leaves it so, and then nobody can tell how a hook has ended. */
    signal(SIGCHLD, SIG_DFL);
    g_set_prgname(argc > 0 ? argv[0] : "virt-probe");
    locale_init();
    status = run(argc, argv);
    return output_finish() ? status : MAX(status, STATUS_FAILED);
}
