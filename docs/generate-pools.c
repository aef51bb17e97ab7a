/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate-pools.c: JSON Schemas and lists of keys of what the verbs of pools and volumes print. */
#include "generate.h"

#include "util/json-writer.h"

#include <stdio.h>
#include <string.h>

typedef enum {
    KEY_TEXT,
    KEY_COUNT,
    KEY_DECIMAL,
    KEY_TIME,
    KEY_UUID,
    KEY_BOOL,
    KEY_TEXTS,
    KEY_OBJECT,
    KEY_OBJECTS,
} KeyType;

/* How volume.def calls them. */
#define KEY_NAME KEY_TEXT
#define KEY_LIST KEY_TEXTS
#define KEY_UINT KEY_COUNT
#define KEY_SIZE KEY_COUNT
#define KEY_MODE KEY_COUNT

typedef struct {
    const char *key;
    KeyType type;
    gboolean is_always; /* whether every such object has it */
    const char *child;  /* kind of the object, or of the list's objects */
    const char *doc;
} Key;

static const Key bytes_keys[] = {
    { "pointer", KEY_TEXT, TRUE, NULL, "JSON pointer (RFC 6901) to the string" },
    { "hex", KEY_TEXT, TRUE, NULL, "its exact bytes in hexadecimal" },
    { NULL },
};

static const Key volume_keys[] = {
#define ALWAYS(key)                                                                                \
    (strcmp(key, "name") == 0 || strcmp(key, "path") == 0 || strcmp(key, "state") == 0)
#define VOLUME_FIELD(member, key, type, title, is_right, doc) { key, KEY_##type, FALSE, NULL, doc },
#include "storage/pool/volume.def"
#undef VOLUME_FIELD
    { "bytes", KEY_OBJECTS, FALSE, "exact-bytes", "exact bytes of strings that JSON cannot hold" },
    { NULL },
};

static const Key pool_keys[] = {
    { "name", KEY_TEXT, TRUE, NULL, "name of the pool" },
    { "uuid", KEY_UUID, TRUE, NULL, "its UUID" },
    { "type", KEY_TEXT, TRUE, NULL, "dir, fs or netfs" },
    { "target", KEY_TEXT, TRUE, NULL, "absolute path of its directory" },
    { "state", KEY_TEXT, TRUE, NULL, "running, or inactive: the directory cannot be used now" },
    { "capacity", KEY_COUNT, FALSE, NULL, "bytes of the filesystem; absent when inactive" },
    { "allocation", KEY_COUNT, FALSE, NULL, "of these, how many are taken" },
    { "available", KEY_COUNT, FALSE, NULL,
      "free, as libvirt counts: what only root may use included" },
    { "available-to-users", KEY_COUNT, FALSE, NULL, "free for everybody" },
    { "reason", KEY_TEXT, FALSE, NULL, "why it is inactive" },
    { "volumes", KEY_OBJECT, FALSE, "pool-volumes", "the last refresh; absent before the first" },
    { "overcommit", KEY_DECIMAL, FALSE, NULL,
      "volumes' capacity divided by that of the filesystem; above 1 guests may need more than it "
      "has" },
    { NULL },
};

static const Key pool_volumes_keys[] = {
    { "count", KEY_COUNT, TRUE, NULL, "volumes of the pool" },
    { "capacity", KEY_COUNT, TRUE, NULL, "sum of their capacities, bytes" },
    { "allocation", KEY_COUNT, TRUE, NULL, "sum of their allocations, bytes" },
    { "not-counted", KEY_COUNT, TRUE, NULL,
      "how many volumes have another state than ok: the sum of capacities is without them" },
    { "refreshed", KEY_TIME, TRUE, NULL,
      "when a refresh last found a change: text like the times of volumes" },
    { NULL },
};

#define REFRESH_KEYS                                                                               \
    { "volumes", KEY_COUNT, FALSE, NULL, "volumes now; like the next ones absent with error" },    \
        { "read", KEY_COUNT, FALSE, NULL, "how many of them were read" },                          \
        { "not-ok", KEY_COUNT, FALSE, NULL, "how many have another state than ok" },               \
        { "added", KEY_COUNT, FALSE, NULL, "new ones" },                                           \
        { "changed", KEY_COUNT, FALSE, NULL, "those that are not what they were" },                \
        { "removed", KEY_COUNT, FALSE, NULL, "those that are gone" },                              \
    {                                                                                              \
        "error", KEY_TEXT, FALSE, NULL, "why it could not be refreshed"                            \
    }

static const Key refresh_keys[] = {
    { "pool", KEY_TEXT, TRUE, NULL, "name of the pool" },
    { "uuid", KEY_UUID, TRUE, NULL, "its UUID" },
    REFRESH_KEYS,
    { NULL },
};

static const Key event_keys[] = {
    { "event", KEY_TEXT, TRUE, NULL,
      "refreshed, failed; restarted: the pool has another directory, and what was told of its "
      "volumes is void; or of a volume: added, changed, removed" },
    { "pool", KEY_TEXT, TRUE, NULL, "name of the pool" },
    { "uuid", KEY_UUID, TRUE, NULL, "UUID of the pool" },
    { "volume", KEY_OBJECT, FALSE, "volume",
      "the volume; of one that is gone name and path, with the state removed" },
    REFRESH_KEYS,
    { NULL },
};

static const Key dependent_keys[] = {
    { "pool", KEY_TEXT, FALSE, NULL, "name of its pool; absent when that is not defined any more" },
    { "uuid", KEY_UUID, FALSE, NULL, "UUID of its pool; absent when that is not defined any more" },
    { "role", KEY_TEXT, TRUE, NULL, "what the other file is to it: backing or data-file" },
    { "depth", KEY_COUNT, TRUE, NULL, "1: it stands on the volume itself, 2: on such a one …" },
    { "volume", KEY_OBJECT, TRUE, "volume", "the volume" },
    { NULL },
};

static const Key orphan_keys[] = {
    { "pool", KEY_TEXT, FALSE, NULL, "name of its pool; absent when that is not defined any more" },
    { "uuid", KEY_UUID, FALSE, NULL, "UUID of its pool; absent when that is not defined any more" },
    { "reason", KEY_TEXT, TRUE, NULL, "backing-missing or unreferenced" },
    { "confidence", KEY_TEXT, TRUE, NULL, "high, medium or low" },
    { "doubts", KEY_TEXTS, TRUE, NULL,
      "what speaks against it: domains-unread, lock-unknown, young, pools-unread, in-use, "
      "no-answer; not-fresh: the directory of a pool has changed since its last refresh; named: "
      "a virtual machine or another volume names it; unreadable: a volume, or another image that "
      "something names, could not be read; name-unknown: an image names what it needs in a way "
      "that is not understood" },
    { "size", KEY_COUNT, TRUE, NULL, "bytes that it takes on its filesystem now" },
    { "volume", KEY_OBJECT, TRUE, "volume", "the volume" },
    { NULL },
};

/* The first three come with others; the rest have schemas of their own. */
static const struct {
    const char *name;
    const char *doc;
    const char *title; /* of the schema */
    const Key *keys;
} kinds[] = {
    { "exact-bytes", "the exact bytes of a string that JSON cannot hold", NULL, bytes_keys },
    { "pool-volumes", "the volumes of a pool, as the last refresh found them", NULL,
      pool_volumes_keys },
    { "volume", "an entry of a directory, what it is and how it stands",
      "virt-probe scan, vol-list and vol-info --output=json, one volume", volume_keys },
    { "pool", "a pool, its state and its sums",
      "virt-probe pool-list and pool-info --output=json, one pool", pool_keys },
    { "refresh", "what the refresh of a pool did, or why it failed",
      "virt-probe pool-refresh --output=json, one pool", refresh_keys },
    { "event", "what a pool that is watched tells of", "virt-probe pool-watch, one line",
      event_keys },
    { "dependent", "a volume that cannot be without another file",
      "virt-probe vol-dependents --output=json, one volume", dependent_keys },
    { "orphan", "a volume that seems to be of no use",
      "virt-probe vol-orphans --output=json, one volume", orphan_keys },
};

static guint
kind_find(const char *name)
{
    guint i = 0;

    while (i < G_N_ELEMENTS(kinds) && strcmp(kinds[i].name, name) != 0)
        i++;
    return i;
}

/* What every volume has is not written in volume.def. */
static gboolean
key_is_always(const Key *keys, const Key *key)
{
    return key->is_always || (keys == volume_keys && ALWAYS(key->key));
}

static void
write_text(VpJsonWriter *writer, const char *key, const char *text)
{
    vp_json_key(writer, key);
    vp_json_string(writer, text, strlen(text));
}

static void
write_reference(VpJsonWriter *writer, const char *kind)
{
    g_autofree char *target = g_strdup_printf("#/$defs/%s", kind);

    write_text(writer, "$ref", target);
}

static void
write_items(VpJsonWriter *writer, const char *kind)
{
    write_text(writer, "type", "array");
    vp_json_key(writer, "items");
    vp_json_object_begin(writer);
    if (kind != NULL)
        write_reference(writer, kind);
    else
        write_text(writer, "type", "string");
    vp_json_object_end(writer);
}

static void
write_key(VpJsonWriter *writer, const Key *key)
{
    vp_json_key(writer, key->key);
    vp_json_object_begin(writer);
    write_text(writer, "description", key->doc);
    if (key->type == KEY_OBJECT)
        write_reference(writer, key->child);
    else if (key->type == KEY_TEXTS || key->type == KEY_OBJECTS)
        write_items(writer, key->child);
    else if (key->type == KEY_BOOL)
        write_text(writer, "type", "boolean");
    else if (key->type == KEY_COUNT)
        write_text(writer, "type", "integer");
    else
        write_text(writer, "type", key->type == KEY_DECIMAL ? "number" : "string");
    if (key->type == KEY_COUNT || key->type == KEY_DECIMAL) {
        vp_json_key(writer, "minimum");
        vp_json_uint(writer, 0);
    }
    if (key->type == KEY_TIME)
        write_text(writer, "pattern", "^-?[0-9]+\\.[0-9]{9}$");
    if (key->type == KEY_UUID)
        write_text(writer, "pattern", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$");
    vp_json_object_end(writer);
}

static void
write_required(VpJsonWriter *writer, const Key *keys)
{
    vp_json_key(writer, "required");
    vp_json_array_begin(writer);
    for (const Key *key = keys; key->key != NULL; key++) {
        if (key_is_always(keys, key))
            vp_json_string(writer, key->key, strlen(key->key));
    }
    vp_json_array_end(writer);
}

/* A kind, then the kinds that it holds; none is held twice. */
static void
write_kind(VpJsonWriter *writer, guint kind)
{
    const Key *keys = kinds[kind].keys;

    vp_json_key(writer, kinds[kind].name);
    vp_json_object_begin(writer);
    write_text(writer, "description", kinds[kind].doc);
    write_text(writer, "type", "object");
    write_required(writer, keys);
    vp_json_key(writer, "properties");
    vp_json_object_begin(writer);
    for (const Key *key = keys; key->key != NULL; key++)
        write_key(writer, key);
    vp_json_object_end(writer);
    vp_json_object_end(writer);
    for (const Key *key = keys; key->key != NULL; key++) {
        if (key->child != NULL)
            write_kind(writer, kind_find(key->child));
    }
}

gboolean
generate_pool_schema(const char *name)
{
    g_autoptr(GString) out = g_string_new(NULL);
    guint kind = kind_find(name);
    VpJsonWriter writer;

    if (kind == G_N_ELEMENTS(kinds) || kinds[kind].title == NULL)
        return FALSE;
    vp_json_writer_init(&writer, out, FALSE);
    vp_json_object_begin(&writer);
    write_text(&writer, "$schema", "https://json-schema.org/draft/2020-12/schema");
    write_text(&writer, "title", kinds[kind].title);
    write_reference(&writer, name);
    vp_json_key(&writer, "$defs");
    vp_json_object_begin(&writer);
    write_kind(&writer, kind);
    vp_json_object_end(&writer);
    vp_json_object_end(&writer);
    printf("%s\n", out->str);
    return TRUE;
}

static const char *
type_name(const Key *key)
{
    static const char *const names[] = {
        [KEY_TEXT] = "text",
        [KEY_COUNT] = "integer",
        [KEY_TIME] = "time",
        [KEY_UUID] = "UUID",
        [KEY_BOOL] = "boolean",
        [KEY_TEXTS] = "list of text",
        [KEY_OBJECT] = "object",
        [KEY_OBJECTS] = "list of objects",
        [KEY_DECIMAL] = "number, two decimals",
    };

    return names[key->type];
}

/* Volumes have a table of their own, with the names that C knows. */
void
generate_pool_fields(void)
{
    for (guint kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
        if (kinds[kind].keys == volume_keys || kinds[kind].keys == bytes_keys)
            continue;
        printf("\n## %s\n\n%c%s.\n\n"
               "| key | type | always | meaning |\n| --- | --- | --- | --- |\n",
               kinds[kind].name, g_ascii_toupper(kinds[kind].doc[0]), kinds[kind].doc + 1);
        for (const Key *key = kinds[kind].keys; key->key != NULL; key++) {
            printf("| `%s` | %s", key->key, type_name(key));
            if (key->child != NULL)
                printf(" [%s](#%s)", key->child, key->child);
            printf(" | %s | %s |\n", key->is_always ? "yes" : "", key->doc);
        }
    }
}
