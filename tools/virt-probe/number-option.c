/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* number-option.c: options whose value is a number. */
#include "number-option.h"

gboolean
number_option(const Invocation *invocation, guint option, guint maximum, guint *out_number)
{
    const char *text = invocation->values[option];
    guint64 number;

    if (text == NULL)
        return TRUE;
    if (!g_ascii_string_to_unsigned(text, 10, 1, maximum, &number, NULL)) {
        g_autofree char *shown = shown_name(text);

        usage_error(invocation->command, _("--%s is '%s', must be a number from 1 to %u"),
                    invocation->command->options[option].name, shown, maximum);
        return FALSE;
    }
    *out_number = (guint) number;
    return TRUE;
}
