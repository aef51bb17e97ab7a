/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* table.c: what every table shows alike, whoever draws it. */
#include "table.h"

#include "command.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>

char *
table_name(const char *name)
{
    g_autofree char *shown = shown_name(name);
    GString *out = g_string_new(NULL);

    for (const char *pos = shown; *pos != '\0'; pos++) {
        gboolean is_odd = *pos == ' ' && (pos == shown || pos[-1] == ' ' || pos[1] == '\0');

        g_string_append_printf(out, is_odd ? "\\x20" : "%c", *pos);
    }
    return g_string_free(out, FALSE);
}

/* Not g_get_charset(): that believes the variable CHARSET. */
gboolean
text_is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

char *
table_text(const char *text)
{
    GString *out;

    if (text_is_utf8() || g_str_is_ascii(text))
        return g_strdup(text);
    out = g_string_new(NULL);
    for (const char *pos = text; *pos != '\0'; pos++)
        g_string_append_printf(out, (guchar) *pos < 0x80 ? "%c" : "\\x%02x", (guchar) *pos);
    return g_string_free(out, FALSE);
}

char *
table_title(const char *title)
{
    return text_is_utf8() ? g_strdup(title) : g_str_to_ascii(title, NULL);
}

void
text_printf(const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *shown = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    shown = table_title(text);
    fputs(shown, stdout);
}

guint
text_width(const char *text)
{
    guint width = 0;

    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar character = g_utf8_get_char(text);

        if (!g_unichar_iszerowidth(character))
            width += g_unichar_iswide(character) ? 2 : 1;
    }
    return width;
}
