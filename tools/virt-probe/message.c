/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* message.c: messages to people, and text that is fit to be shown to them. */
#include "command.h"

#include <virtprobe/virtprobe.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static char *
program_name(void)
{
    g_autofree char *name = g_path_get_basename(g_get_prgname());

    return shown_name(name);
}

G_GNUC_PRINTF(1, 0)
static void
message_print_va(const char *format, va_list args)
{
    g_autofree char *program = program_name();
    g_autofree char *message = g_strdup_vprintf(format, args);

    fflush(stdout);
    fprintf(stderr, "%s: %s\n", program, message);
}

void
message_print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    message_print_va(format, args);
    va_end(args);
}

int
usage_error(const Command *command, const char *format, ...)
{
    g_autofree char *program = program_name();
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    fflush(stdout);
    if (command != NULL)
        fprintf(stderr, _("%s: %s; see '%s %s --help'\n"), program, message, program,
                command->name);
    else
        fprintf(stderr, _("%s: %s; see '%s --help'\n"), program, message, program);
    return STATUS_USAGE;
}

char *
shown_name(const char *name)
{
    return virt_probe_text_escape(name);
}

gboolean
output_finish(void)
{
    int failed = fflush(stdout);

    if (failed == 0 && !ferror(stdout))
        return TRUE;
    message_print(_("cannot write the output: %s"), g_strerror(errno));
    return FALSE;
}

void
messages_add(GPtrArray *messages, const char *name, const char *error)
{
    g_autofree char *masked = virt_probe_name_mask(name);
    g_autofree char *shown = shown_name(masked);

    g_ptr_array_add(messages, g_strdup_printf("%s: %s", shown, error));
}

void
messages_flush(GPtrArray *messages)
{
    for (guint i = 0; i < messages->len; i++)
        message_print("%s", (const char *) g_ptr_array_index(messages, i));
    g_ptr_array_set_size(messages, 0);
}

int
argument_missing(const Command *command, guint number)
{
    static const char *const ends[] = { "…", "|" };
    g_auto(GStrv) words = g_strsplit(command->arguments, " ", -1);
    g_autofree char *word = g_strdup(number < g_strv_length(words) ? words[number] : words[0]);

    /* As in "[POOL]" and "IMAGE…|-". */
    g_strdelimit(word, "[]", ' ');
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        char *end = strstr(word, ends[i]);

        if (end != NULL)
            *end = '\0';
    }
    return usage_error(command, _("%s is missing"), g_strstrip(word));
}
