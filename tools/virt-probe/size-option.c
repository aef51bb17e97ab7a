/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* size-option.c: options whose value is a size. */
#include "size-option.h"

#include <string.h>

/* Each is 1024 times the one before. */
static const char suffixes[] = "bkmgtpe";

/* FALSE: the text is no size. */
static gboolean
size_parse(const char *text, guint64 *out_size)
{
    gsize digits = strspn(text, "0123456789");
    const char *suffix = "b";
    g_autofree char *number = g_strndup(text, digits);
    guint64 value;
    guint shift;

    if (text[digits] != '\0')
        suffix = strchr(suffixes, g_ascii_tolower(text[digits]));
    if (suffix == NULL || (text[digits] != '\0' && text[digits + 1] != '\0')
        || !g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT64, &value, NULL))
        return FALSE;
    shift = suffix[0] == 'b' ? 0 : (guint) (strchr(suffixes, suffix[0]) - suffixes) * 10;
    if (value > (guint64) G_MAXINT64 >> shift)
        return FALSE;
    *out_size = value << shift;
    return TRUE;
}

gboolean
size_option(const Invocation *invocation, guint option, guint64 *out_size)
{
    const char *text = invocation->values[option];
    g_autofree char *shown = NULL;

    if (text == NULL || size_parse(text, out_size))
        return TRUE;
    shown = shown_name(text);
    usage_error(invocation->command, _("--%s is '%s', must be a size such as 10G"),
                invocation->command->options[option].name, shown);
    return FALSE;
}
