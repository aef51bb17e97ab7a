/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wrap.c: prose in lines of 79 columns. */
#include "wrap.h"

#include "table.h"

#include <stdio.h>

#define COLUMNS 79

void
wrap_print(const char *text, guint indent)
{
    g_autofree char *shown = table_title(text);
    g_auto(GStrv) words = g_strsplit(shown, " ", -1);
    guint column = 0;

    for (guint i = 0; words[i] != NULL; i++) {
        guint width = (guint) g_utf8_strlen(words[i], -1);

        if (column > 0 && column + 1 + width > COLUMNS) {
            printf("\n");
            column = 0;
        }
        if (column == 0)
            column = indent + width;
        else
            column += 1 + width;
        if (column == indent + width)
            printf("%*s%s", (int) indent, "", words[i]);
        else
            printf(" %s", words[i]);
    }
    printf("\n");
}
