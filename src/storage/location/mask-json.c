/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mask-json.c: the words that mean secrets, and json: names without their values. */
#include "storage/location/json.h"

#include <string.h>

/* The last parts of names whose values are secrets, in lower case. Those that are also the end of innocent words count
 * only as a part of their own, behind a hyphen, an underscore, a dot or the change from lower to upper case. */
static const struct {
    const char *word;
    gboolean is_part;
} secret_words[] = {
    { "password", FALSE },
    { "passwd", FALSE },
    { "passphrase", FALSE },
    { "pass", TRUE },
    { "pwd", TRUE },
    { "secret", FALSE },
    { "key", TRUE },
    { "apikey", FALSE },
    { "authkey", FALSE },
    { "accesskey", FALSE },
    { "secretkey", FALSE },
    { "privatekey", FALSE },
    { "accesskeyid", FALSE },
    { "googleaccessid", FALSE },
    { "token", FALSE },
    { "jwt", TRUE },
    { "bearer", TRUE },
    { "auth", TRUE },
    { "authorization", FALSE },
    { "credential", FALSE },
    { "credentials", FALSE },
    { "creds", TRUE },
    { "cookie", FALSE },
    { "cookies", FALSE },
    { "sig", TRUE },
    { "signature", FALSE },
    /* What QEMU makes of the options of an rbd name. */
    { "=keyvalue-pairs", FALSE },
};

/* Options of QEMU whose value is no secret but the id of an object that holds it. */
static const char *const id_options[] = {
    "password-secret", "key-secret", "cookie-secret", "proxy-password-secret", "tls-creds",
};

/* TRUE when the name is the word, or ends with it as far as the word may end another one. */
static gboolean
name_ends(const char *name, gsize len, const char *word, gboolean is_part)
{
    gsize word_len = strlen(word);
    const char *end = len >= word_len ? name + len - word_len : NULL;

    if (end == NULL || g_ascii_strncasecmp(end, word, word_len) != 0)
        return FALSE;
    return !is_part || end == name || !g_ascii_isalnum(end[-1])
           || (g_ascii_isupper(end[0]) && g_ascii_islower(end[-1]));
}

gboolean
vp_name_is_secret(const char *name, gsize len)
{
    for (guint i = 0; i < G_N_ELEMENTS(secret_words); i++) {
        if (name_ends(name, len, secret_words[i].word, secret_words[i].is_part))
            return TRUE;
    }
    return FALSE;
}

gboolean
vp_name_has_secret_part(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, ".", -1);

    for (guint i = 0; parts[i] != NULL; i++) {
        if (vp_name_is_secret(parts[i], strlen(parts[i])))
            return TRUE;
    }
    return FALSE;
}

/* The last part of a key of JSON, where dots stand between parts. */
static const char *
key_last_part(const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot != NULL ? dot + 1 : key;
}

static gboolean
key_is_secret(const char *key)
{
    for (guint i = 0; i < G_N_ELEMENTS(id_options); i++) {
        if (strcmp(id_options[i], key_last_part(key)) == 0)
            return FALSE;
    }
    return vp_name_has_secret_part(key);
}

/* TRUE when bytes that are no JSON may still hold a secret: one of the words, a user in a URI, or escapes that
 * could be either. */
static gboolean
text_is_suspicious(const char *text, gsize len)
{
    g_autofree char *plain = g_malloc(len + 1);
    const char *uri;

    for (gsize i = 0; i < len; i++) {
        plain[i] = text[i] == '_' ? '-' : g_ascii_tolower(text[i]);
        if (text[i] == '\0')
            plain[i] = ' ';
    }
    plain[len] = '\0';
    uri = strstr(plain, "://");
    if (strstr(plain, "\\u") != NULL || (uri != NULL && strchr(uri, '@') != NULL))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(secret_words); i++) {
        if (strstr(plain, secret_words[i].word) != NULL)
            return TRUE;
    }
    return FALSE;
}

/* Whether there is anything that could stand between the name of a secret and the secret. */
static gboolean
text_has_values(const char *text, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        if (text[i] != '\0' && strchr(":=@%\\", text[i]) != NULL)
            return TRUE;
    }
    return FALSE;
}

typedef struct {
    gboolean is_changed;
    gboolean is_hopeless; /* a key holds a secret, so nothing is shown */
    gboolean has_rbd;     /* a driver is rbd, whose names hold options without rbd: too */
} JsonMask;

static void mask_members(JsonMask *mask, json_t *value);

/* TRUE when a driver within the value is rbd. */
static gboolean
value_has_rbd(const json_t *value)
{
    const char *key;
    json_t *child;
    size_t index;

    json_array_foreach((json_t *) value, index, child)
    {
        if (value_has_rbd(child))
            return TRUE;
    }
    json_object_foreach((json_t *) value, key, child)
    {
        if (value_has_rbd(child)
            || (strcmp(key_last_part(key), "driver") == 0
                && g_strcmp0(json_string_value(child), "rbd") == 0))
            return TRUE;
    }
    return FALSE;
}

/* What takes the place of a value; NULL when it may stay. (transfer full) */
static json_t *
mask_value(JsonMask *mask, json_t *value)
{
    const char *text = json_string_value(value);
    gsize len = json_string_length(value);
    g_autofree char *masked = NULL;
    g_autoptr(GString) options = NULL;

    if (text == NULL) {
        mask_members(mask, value);
        return NULL;
    }
    masked = vp_name_mask(text, len, &len);
    if (mask->has_rbd)
        options = vp_options_mask(masked != NULL ? masked : text, len);
    if (masked == NULL && options == NULL)
        return NULL;
    mask->is_changed = TRUE;
    return options != NULL ? json_stringn_nocheck(options->str, options->len)
                           : json_stringn_nocheck(masked, len);
}

static void
mask_member(JsonMask *mask, json_t *object, const char *key, json_t *value)
{
    g_autofree char *masked_key = vp_name_mask(key, strlen(key), NULL);
    gboolean is_empty =
        json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
    json_t *replacement;

    if (masked_key != NULL)
        mask->is_hopeless = TRUE;
    if (key_is_secret(key) && !is_empty) {
        mask->is_changed = TRUE;
        json_object_set_new(object, key, json_string(VP_MASK));
        return;
    }
    replacement = mask_value(mask, value);
    if (replacement != NULL)
        json_object_set_new(object, key, replacement);
}

/* jansson bounds how deep this goes. */
static void
mask_members(JsonMask *mask, json_t *value)
{
    const char *key;
    json_t *child;
    size_t index;
    void *next;

    if (json_is_array(value)) {
        json_array_foreach(value, index, child)
        {
            json_t *replacement = mask_value(mask, child);

            if (replacement != NULL)
                json_array_set_new(value, index, replacement);
        }
        return;
    }
    if (!json_is_object(value))
        return;
    json_object_foreach_safe(value, next, key, child)
    {
        mask_member(mask, value, key, child);
    }
}

static int
append_dumped(const char *bytes, size_t size, void *out)
{
    g_string_append_len(out, bytes, (gssize) size);
    return 0;
}

GString *
vp_json_mask(const char *json, gsize len, gboolean is_whole)
{
    /* jansson would stop at a NUL and be content. */
    json_auto_t *value = memchr(json, '\0', len) == NULL ? vp_json_load(json, len, NULL) : NULL;
    JsonMask mask = { 0 };
    GString *out;

    if (value == NULL)
        return (is_whole && text_has_values(json, len)) || text_is_suspicious(json, len)
                   ? g_string_new(VP_MASK)
                   : NULL;
    mask.has_rbd = value_has_rbd(value);
    mask_members(&mask, value);
    if (mask.is_hopeless)
        return g_string_new(VP_MASK);
    if (!mask.is_changed)
        return NULL;
    out = g_string_sized_new(len);
    json_dump_callback(value, append_dumped, out, JSON_COMPACT);
    return out;
}
