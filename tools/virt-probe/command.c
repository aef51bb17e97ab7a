/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command.c: parsing the options of a verb by its table, and running it. */
#include "command.h"

#include <virtprobe/virtprobe.h>

#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

/* getopt_long gives this for an option without a letter, plus its number in the table. */
#define LONG_ONLY 256
#define HELP_OPTION 128

gboolean
option_has_value(const Option *option)
{
    return option->kind != VALUE_NONE && option->kind != VALUE_OPTIONAL_CHOICE;
}

static int
option_argument(const Option *option)
{
    if (option->kind == VALUE_OPTIONAL_CHOICE)
        return optional_argument;
    return option_has_value(option) ? required_argument : no_argument;
}

/* The tables that getopt_long wants, made from ours. */
static struct option *
long_options(const Command *command, GString *letters)
{
    struct option *table = g_new0(struct option, command->n_options + 2);
    guint i;

    g_string_assign(letters, ":");
    for (i = 0; i < command->n_options; i++) {
        const Option *option = &command->options[i];

        table[i] =
            (struct option) { option->name, option_argument(option), NULL, LONG_ONLY + (int) i };
        if (option->letter != 0)
            g_string_append_printf(letters, "%c%s", option->letter,
                                   option_has_value(option) ? ":" : "");
    }
    table[i] = (struct option) { "help", no_argument, NULL, HELP_OPTION };
    g_string_append_c(letters, 'h');
    return table;
}

/* getopt_long takes any unambiguous beginning of a name; a script that relied on one would break with the next
 * option. NULL: every long option is written out. */
static const char *
find_shortened(const Command *command, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        gsize len = strcspn(argv[i], "=");
        gboolean is_known = !g_str_has_prefix(argv[i], "--") || strcmp(argv[i], "--help") == 0;

        for (guint j = 0; j < command->n_options && !is_known; j++) {
            const Option *option = &command->options[j];

            is_known =
                strlen(option->name) == len - 2 && strncmp(argv[i] + 2, option->name, len - 2) == 0;
            /* The next word is its value, whatever it looks like. */
            if (is_known && option_has_value(option) && argv[i][len] == '\0')
                i++;
        }
        if (!is_known)
            return argv[i];
    }
    return NULL;
}

static const Option *
option_find(const Command *command, int found)
{
    if (found >= LONG_ONLY)
        return &command->options[found - LONG_ONLY];
    for (guint i = 0; i < command->n_options; i++) {
        if (command->options[i].letter == found)
            return &command->options[i];
    }
    return NULL;
}

static gboolean
choice_is_known(const Option *option, const char *value)
{
    g_auto(GStrv) choices = g_strsplit(option->choices, "|", -1);

    return g_strv_contains((const char *const *) choices, value);
}

/* Whether a value names something, which nothing does not. */
static gboolean
names_something(const Option *option)
{
    return option->kind == VALUE_FILE || option->kind == VALUE_DIRECTORY
           || option->kind == VALUE_POOL || option->kind == VALUE_VOLUME;
}

/* FALSE, which was said: the value is none that the option can have. */
static gboolean
value_check(const Command *command, const Option *option, const char *value)
{
    g_autofree char *shown = value != NULL ? shown_name(value) : NULL;

    /* As a script passes it whose variable is not set. */
    if (names_something(option) && value[0] == '\0') {
        usage_error(command, _("--%s is empty"), option->name);
        return FALSE;
    }
    if ((option->kind == VALUE_CHOICE || option->kind == VALUE_OPTIONAL_CHOICE) && value != NULL
        && !choice_is_known(option, value)) {
        usage_error(command,
                    strchr(option->choices, '|') != NULL ? _("--%s is '%s', must be one of %s")
                                                         : _("--%s is '%s', must be %s"),
                    option->name, shown, option->choices);
        return FALSE;
    }
    if (option->kind == VALUE_FORMAT && virt_probe_format_find(value) == NULL) {
        usage_error(command, _("unknown format '%s', 'formats' lists them all"), shown);
        return FALSE;
    }
    return TRUE;
}

/* FALSE: *out_status says how it ends. */
static gboolean
option_take(const Command *command, const Option *option, const char *value, int *out_status)
{
    if (option->refusal != NULL) {
        *out_status = usage_error(command, "%s", _(option->refusal));
        return FALSE;
    }
    *out_status = STATUS_USAGE;
    return value_check(command, option, value);
}

/* A name that begins with a dash looks like an option. */
static int
unknown_word(const Command *command, const char *name)
{
    g_autofree char *word = shown_name(name);
    struct stat info;

    if (command->arguments[0] != '\0'
        && (strpbrk(name, "./") != NULL || lstat(name, &info) == 0 || strncmp(name, "--", 2) != 0))
        return usage_error(command, _("unknown option %s; a name needs -- before it"), word);
    return usage_error(command, _("unknown option %s"), word);
}

/* The word with an unknown letter: getopt_long may be in the midst of it. */
static const char *
lettered_word(int argc, char **argv)
{
    return optind < argc && argv[optind][0] == '-' && strchr(argv[optind], optopt) != NULL
               ? argv[optind]
               : argv[optind - 1];
}

static int
unknown_option(const Command *command, int found, int argc, char **argv)
{
    const char *lettered = optopt > 0 ? lettered_word(argc, argv) : NULL;
    g_autofree char *word = shown_name(argv[optind - 1]);

    if (found == ':')
        return usage_error(command, _("option %s needs a value"), word);
    if (optopt >= LONG_ONLY)
        return usage_error(command, _("option --%s takes no value"),
                           command->options[optopt - LONG_ONLY].name);
    if (optopt > 0 && optopt < HELP_OPTION && strlen(lettered) == 2)
        return usage_error(command, _("unknown option -%c"), optopt);
    return unknown_word(command, optopt > 0 ? lettered : argv[optind - 1]);
}

/* The last one counts, unless they add up; of two names nobody can tell which was meant. FALSE, which was said: of two. */
static gboolean
value_set(const Command *command, const Option *option, const char **value, const char *argument)
{
    g_autofree char *joined = NULL;

    if (names_something(option) && *value != NULL && strcmp(*value, argument) != 0) {
        usage_error(command, _("--%s is given twice"), option->name);
        return FALSE;
    }
    if ((option->kind == VALUE_RULES || option->kind == VALUE_TARGETS) && *value != NULL) {
        joined = g_strdup_printf("%s,%s", *value, argument);
        *value = g_intern_string(joined);
        return TRUE;
    }
    *value = argument != NULL ? argument : "";
    return TRUE;
}

/* Fills values by the options given. FALSE: *out_status says how it ends. */
static gboolean
options_parse(const Command *command, int argc, char **argv, const char **values, int *out_status)
{
    g_autoptr(GString) letters = g_string_new(NULL);
    g_autofree struct option *table = long_options(command, letters);
    int found;

    opterr = 0;
    while ((found = getopt_long(argc, argv, letters->str, table, NULL)) != -1) {
        const Option *option;

        if (found == HELP_OPTION || found == 'h') {
            help_print_command(command);
            *out_status = STATUS_OK;
            return FALSE;
        }
        option = found == '?' || found == ':' ? NULL : option_find(command, found);
        if (option == NULL) {
            *out_status = unknown_option(command, found, argc, argv);
            return FALSE;
        }
        if (!option_take(command, option, optarg, out_status)
            || !value_set(command, option, &values[option - command->options], optarg))
            return FALSE;
    }
    return TRUE;
}

int
command_run(const Command *command, int argc, char **argv)
{
    g_autofree const char **values = g_new0(const char *, command->n_options + 1);
    Invocation invocation = { .command = command, .values = values };
    const char *shortened;
    int status;

    shortened = find_shortened(command, argc, argv);
    if (shortened != NULL)
        return unknown_word(command, shortened);
    if (!options_parse(command, argc, argv, values, &status))
        return status;
    invocation.arguments = argv + optind;
    invocation.n_arguments = (guint) (argc - optind);
    if (invocation.n_arguments < command->n_arguments_min)
        return argument_missing(command, invocation.n_arguments);
    if (invocation.n_arguments > command->n_arguments_max) {
        g_autofree char *word = shown_name(invocation.arguments[command->n_arguments_max]);

        return usage_error(command, _("'%s' is one argument too many"), word);
    }
    return command->run(&invocation);
}
