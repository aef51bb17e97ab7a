/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-list.h: arrays of JSON documents on stdout, laid out as QEMU does, while they come. */
#pragma once

#include <glib.h>

typedef struct JsonList JsonList;
struct JsonList {
    JsonList *outer; /* the array that this one is an item of; NULL: none */
    guint level;
    gboolean has_items;
    gboolean is_member; /* of an object that goes on behind it */
};

void json_list_begin(JsonList *list, JsonList *outer);
void json_list_end(JsonList *list);

/* Begins an object whose first member is an array; the caller ends the object. */
void json_list_begin_member(JsonList *list, const char *key);

/* Prints a document; list NULL: by itself. */
void json_list_print(JsonList *list, const char *json);
