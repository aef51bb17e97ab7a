/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-list.h: arrays of JSON documents on stdout, laid out as QEMU does, while they come. */
#pragma once

#include <glib.h>

typedef struct JsonList JsonList;
struct JsonList {
    JsonList *outer; /* the array that this one is an item of; NULL: none */
    guint level;
    gboolean has_items;
};

void json_list_begin(JsonList *list, JsonList *outer);
void json_list_end(JsonList *list);

/* Prints a document; list NULL: by itself. */
void json_list_print(JsonList *list, const char *json);
