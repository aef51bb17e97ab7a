/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* help.c: what is made from the tables of options: help, and option lists of the manual. */
#include "command.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

/* Column where the explanation of an option begins. */
#define HELP_COLUMN 26

void
help_print(void)
{
    text_printf("%s", _("Usage: virt-probe COMMAND [OPTION…] [ARGUMENT…]\n"
                        "       virt-probe IMAGE…          the same as virt-probe info IMAGE…\n"
                        "\n"
                        "Says what disk images are. Reading never locks or changes an image, and\n"
                        "nothing that an image names is opened unless its chain is asked for.\n"
                        "\n"
                        "Commands:\n"));
    for (guint i = 0; commands[i] != NULL; i++)
        text_printf("  %-14s %s\n", commands[i]->name, _(commands[i]->summary));
    text_printf("%s", _("\nOptions:\n"
                        "  --help     this text; virt-probe COMMAND --help says more\n"
                        "  --version  the version\n"
                        "\nExamples:\n"));
    text_printf("  virt-probe disk.qcow2\n");
    for (guint i = 0; commands[i] != NULL; i++)
        text_printf("  %s\n", commands[i]->example);
    text_printf("%s", _("\nExit status: 0 done, 1 an image could not be described or is damaged,\n"
                        "2 denied by an audit, 64 wrong command line. See virt-probe(1).\n"));
}

/* "-f, --format=FMT" */
static char *
option_label(const Option *option)
{
    GString *label = g_string_new(NULL);

    if (option->letter != 0)
        g_string_append_printf(label, "-%c, ", option->letter);
    g_string_append_printf(label, "--%s", option->name);
    if (option->kind == VALUE_OPTIONAL_CHOICE)
        g_string_append_printf(label, "[=%s]", option->value_name);
    else if (option->kind != VALUE_NONE)
        g_string_append_printf(label, "=%s", option->value_name);
    return g_string_free(label, FALSE);
}

void
help_print_command(const Command *command)
{
    text_printf(_("Usage: virt-probe %s%s%s%s\n\n"), command->name,
                command->n_options > 0 ? _(" [OPTION…]") : "",
                command->arguments[0] != '\0' ? " " : "", command->arguments);
    text_printf("%s\n\n%s\n", _(command->summary), _("Options:"));
    for (guint i = 0; i < command->n_options; i++) {
        g_autofree char *label = option_label(&command->options[i]);

        if (command->options[i].help == NULL)
            continue;
        if (strlen(label) >= HELP_COLUMN - 2)
            text_printf("  %s\n%*s%s\n", label, HELP_COLUMN, "", _(command->options[i].help));
        else
            text_printf("  %-*s%s\n", HELP_COLUMN - 2, label, _(command->options[i].help));
    }
    text_printf("  %-*s%s\n", HELP_COLUMN - 2, "--help", _("this text"));
    text_printf(_("\nExample:\n  %s\n"), command->example);
}

/* reStructuredText; the manual includes it. */
void
manual_print_options(void)
{
    for (guint i = 0; commands[i] != NULL; i++) {
        const Command *command = commands[i];
        /* In the manual's source a bar would begin something else. */
        g_auto(GStrv) words = g_strsplit(command->arguments, "|", -1);
        g_autofree char *arguments = g_strjoinv("\\|", words);
        g_autofree char *title =
            g_strdup_printf("%s%s%s%s", command->name, command->n_options > 0 ? " [OPTION…]" : "",
                            arguments[0] != '\0' ? " " : "", arguments);
        g_autofree char *rule = g_strnfill((gsize) g_utf8_strlen(title, -1), '-');
        g_autofree char *sentence = g_strdup(command->summary);

        sentence[0] = g_ascii_toupper(sentence[0]);
        printf("%s\n%s\n\n%s.\n\n", title, rule, sentence);
        for (guint j = 0; j < command->n_options; j++) {
            g_autofree char *label = option_label(&command->options[j]);

            if (command->options[j].help != NULL)
                printf("``%s``\n    %s\n\n", label, command->options[j].help);
        }
        printf("Example::\n\n    %s\n\n", command->example);
    }
}
