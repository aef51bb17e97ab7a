/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mask-json.c: the words that mean secrets, and json: names without their values. */
#include "storage/location/json.h"

#include <string.h>

static const char MASK[] = "***";

/* Lower case, with hyphens for underscores. Options that end in -secret name an object that holds the secret, so they
 * hide nothing. */
static const char *const secret_words[] = {
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "secret",
    "secret-key",
    "secret-access-key",
    "client-secret",
    "key",
    "api-key",
    "apikey",
    "access-key",
    "awsaccesskeyid",
    "googleaccessid",
    "token",
    "access-token",
    "refresh-token",
    "id-token",
    "session-token",
    "auth",
    "auth-token",
    "authorization",
    "credential",
    "credentials",
    "cookie",
    "cookies",
    "sig",
    "signature",
    "x-amz-credential",
    "x-amz-security-token",
    "x-amz-signature",
    "x-goog-credential",
    "x-goog-signature",
    /* What QEMU makes of the options of an rbd name. */
    "=keyvalue-pairs",
};

static gboolean
word_is(const char *word, const char *name, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        char character = name[i] == '_' ? '-' : g_ascii_tolower(name[i]);

        if (word[i] == '\0' || word[i] != character)
            return FALSE;
    }
    return word[len] == '\0';
}

gboolean
vp_name_is_secret(const char *name, gsize len)
{
    for (gsize i = len; i > 0; i--) {
        if (name[i - 1] == '.') {
            name += i;
            len -= i;
            break;
        }
    }
    for (guint i = 0; len > 0 && i < G_N_ELEMENTS(secret_words); i++) {
        if (word_is(secret_words[i], name, len))
            return TRUE;
    }
    return FALSE;
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
        if (strstr(plain, secret_words[i]) != NULL)
            return TRUE;
    }
    return FALSE;
}

typedef struct {
    gboolean is_changed;
    gboolean is_hopeless; /* a key holds a secret, so nothing is shown */
} JsonMask;

static void mask_members(JsonMask *mask, json_t *value);

/* What takes the place of a value; NULL when it may stay. (transfer full) */
static json_t *
mask_value(JsonMask *mask, json_t *value)
{
    g_autofree char *masked = NULL;
    gsize len = 0;

    if (!json_is_string(value)) {
        mask_members(mask, value);
        return NULL;
    }
    masked = vp_name_mask(json_string_value(value), json_string_length(value), &len);
    if (masked == NULL)
        return NULL;
    mask->is_changed = TRUE;
    return json_stringn_nocheck(masked, len);
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
    if (vp_name_is_secret(key, strlen(key)) && !is_empty) {
        mask->is_changed = TRUE;
        json_object_set_new(object, key, json_string(MASK));
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
vp_json_mask(const char *json, gsize len)
{
    /* jansson would stop at a NUL and be content. */
    json_auto_t *value = memchr(json, '\0', len) == NULL ? vp_json_load(json, len, NULL) : NULL;
    JsonMask mask = { 0 };
    GString *out;

    if (value == NULL)
        return text_is_suspicious(json, len) ? g_string_new(MASK) : NULL;
    mask_members(&mask, value);
    if (mask.is_hopeless)
        return g_string_new(MASK);
    if (!mask.is_changed)
        return NULL;
    out = g_string_sized_new(len);
    json_dump_callback(value, append_dumped, out, JSON_COMPACT);
    return out;
}
