/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-list.c: arrays of JSON documents on stdout, laid out as QEMU does, while they come. */
#include "json-list.h"

#include <stdio.h>
#include <string.h>

#define INDENT 4

static void
begin_item(JsonList *list)
{
    if (list == NULL)
        return;
    printf("%s\n%*s", list->has_items ? "," : "", (int) (list->level * INDENT), "");
    list->has_items = TRUE;
}

void
json_list_begin(JsonList *list, JsonList *outer)
{
    begin_item(outer);
    *list = (JsonList) { .outer = outer, .level = outer != NULL ? outer->level + 1 : 1 };
    putchar('[');
}

void
json_list_begin_member(JsonList *list, const char *key)
{
    *list = (JsonList) { .level = 2, .is_member = TRUE };
    printf("{\n%*s\"%s\": [", INDENT, "", key);
}

void
json_list_end(JsonList *list)
{
    printf("\n%*s]", (int) ((list->level - 1) * INDENT), "");
    if (list->outer == NULL && !list->is_member)
        putchar('\n');
}

void
json_list_print(JsonList *list, const char *json)
{
    const int indent = list != NULL ? (int) (list->level * INDENT) : 0;
    const char *line = json;
    const char *end = json + strlen(json);

    begin_item(list);
    while (line < end) {
        const char *next = memchr(line, '\n', (gsize) (end - line));
        gsize len = (gsize) ((next != NULL ? next + 1 : end) - line);

        if (line > json)
            printf("%*s", indent, "");
        fwrite(line, 1, len, stdout);
        line += len;
    }
    if (list == NULL)
        putchar('\n');
}
