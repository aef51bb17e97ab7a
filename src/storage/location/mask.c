/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mask.c: credentials in names, hidden before anything is printed.
 *
 * When in doubt something is hidden: a name that nobody can read in full is better than a password in a log. */
#include "storage/location/parse.h"

#include <string.h>

/* How often a name is looked at again after something was hidden; then nothing of it is shown. */
#define ROUNDS_MAX 8

/* A copy that is only made once there is something to hide. */
typedef struct {
    const char *text;
    gsize len;
    gsize copied; /* of text, or hidden */
    GString *out; /* NULL: nothing is hidden so far */
} Masker;

/* Hides what stands from start to end; spans come in the order of the text and may overlap. */
static void
mask_span(Masker *masker, gsize start, gsize end)
{
    start = MAX(start, masker->copied);
    if (start >= end)
        return;
    if (masker->out == NULL)
        masker->out = g_string_sized_new(masker->len + strlen(VP_MASK));
    g_string_append_len(masker->out, masker->text + masker->copied,
                        (gssize) (start - masker->copied));
    g_string_append(masker->out, VP_MASK);
    masker->copied = end;
}

static GString *
mask_end(Masker *masker)
{
    if (masker->out != NULL)
        g_string_append_len(masker->out, masker->text + masker->copied,
                            (gssize) (masker->len - masker->copied));
    return masker->out;
}

/* Where the word begins, from start on, in any case; len when it is not there. */
static gsize
find_word(const char *text, gsize len, gsize start, const char *word)
{
    gsize word_len = strlen(word);

    for (gsize pos = start; pos + word_len <= len; pos++) {
        if (g_ascii_strncasecmp(text + pos, word, word_len) == 0)
            return pos;
    }
    return len;
}

/* The first of the characters from start on; len when there is none. */
static gsize
find_any(const char *text, gsize len, gsize start, const char *characters)
{
    gsize pos = start;

    while (pos < len && (text[pos] == '\0' || strchr(characters, text[pos]) == NULL))
        pos++;
    return MIN(pos, len);
}

static gsize
find_last(const char *text, gsize start, gsize end, char character)
{
    for (gsize pos = end; pos > start; pos--) {
        if (text[pos - 1] == character)
            return pos - 1;
    }
    return G_MAXSIZE;
}

/* A host may have one colon, then digits. Where more follows, the "host" is a user and the rest a password that was
 * not escaped. */
static gboolean
host_is_odd(const char *host, gsize len)
{
    const char *bracket = len > 0 && host[0] == '[' ? memchr(host, ']', len) : NULL;
    const char *end = host + len;
    const char *colon;

    if (bracket != NULL)
        host = bracket + 1;
    colon = memchr(host, ':', (gsize) (end - host));
    if (colon == NULL)
        return find_word(host, (gsize) (end - host), 0, "%3a") < (gsize) (end - host);
    for (host = colon + 1; host < end; host++) {
        if (!g_ascii_isdigit(*host))
            return TRUE;
    }
    return FALSE;
}

/* A user alone is no secret where the protocol is made for it. */
static gboolean
user_is_public(const char *text, gsize separator, gsize user, gsize user_len)
{
    return separator >= 3 && g_ascii_strncasecmp(text + separator - 3, "ssh", 3) == 0
           && find_any(text + user, user_len, 0, ":;") == user_len
           && find_word(text + user, user_len, 0, "%3a") == user_len;
}

/* The authority of the URI whose "://" stands at separator. */
static void
mask_authority(Masker *masker, gsize separator, gsize last_at)
{
    const char *text = masker->text;
    gsize start = separator + 3;
    gsize end = find_any(text, masker->len, start, "/?#");
    gsize at = find_last(text, start, end, '@');
    gsize host = at != G_MAXSIZE ? at + 1 : start;
    gsize at_behind = G_MAXSIZE;

    if (host_is_odd(text + host, end - host)) {
        if (last_at != G_MAXSIZE && last_at >= end)
            mask_span(masker, start, last_at);
        else if (find_word(text, end, host, "%40") < end)
            mask_span(masker, start, end);
        else if (at != G_MAXSIZE)
            mask_span(masker, start, end);
    }
    /* A password that begins with one of the characters that end a server. */
    if (end < masker->len && text[end] != '/')
        at_behind = find_last(text, end, find_any(text, masker->len, end, "/"), '@');
    if (at_behind != G_MAXSIZE && find_any(text, at_behind, start, ":") < at_behind)
        mask_span(masker, start, at_behind);
    if (at != G_MAXSIZE && !user_is_public(text, separator, start, at - start))
        mask_span(masker, start, at);
}

/* SCHEME://USER:PASSWORD@HOST, wherever in the name. */
static GString *
mask_users(const char *text, gsize len)
{
    Masker masker = { text, len, 0, NULL };
    gsize last_at = find_last(text, 0, len, '@');

    for (gsize pos = find_word(text, len, 0, "://"); pos < len;
         pos = find_word(text, len, pos + 3, "://"))
        mask_authority(&masker, pos, last_at);
    return mask_end(&masker);
}

/* USER:PASSWORD@HOST without a scheme, or with one but no slashes: nothing that QEMU opens, but people write it. A path
 * in the end, which a colon and a slash begin, may hold what it likes. */
static GString *
mask_bare_user(const char *text, gsize len)
{
    Masker masker = { text, len, 0, NULL };
    gsize start = vp_name_prefix_len(text, len);
    gsize end = find_word(text, len, 0, ":/");
    gsize colon =
        MIN(find_any(text, end, start, ":"), MIN(find_word(text, end, start, "%3a"), end));
    gsize at = find_last(text, colon, end, '@');

    if (at == G_MAXSIZE || find_any(text, end, start, "/") < colon)
        return NULL;
    mask_span(&masker, start, at);
    return mask_end(&masker);
}

/* How often an escape may be escaped again. */
#define ESCAPES_MAX 4

/* The name of a parameter may be escaped, more than once, and written as a part of a list: auth[password][]. */
static gboolean
parameter_is_secret(const char *name, gsize len)
{
    g_autofree char *plain = g_strndup(name, len);

    for (guint i = 0; i < ESCAPES_MAX && strchr(plain, '%') != NULL; i++) {
        char *decoded = g_uri_unescape_string(plain, NULL);

        if (decoded == NULL)
            return TRUE;
        g_free(plain);
        plain = decoded;
    }
    g_strdelimit(plain, "[]+= \t", '.');
    return vp_name_has_secret_part(plain);
}

static GString *mask_parameters(const char *text, gsize len, gsize start, gboolean is_decoded);

/* Whether a value that is escaped hides a user or a parameter of its own. What is escaped twice is not looked at. */
static gboolean
value_is_secret(const char *value, gsize len)
{
    g_autofree char *decoded =
        memchr(value, '%', len) != NULL ? g_uri_unescape_segment(value, value + len, NULL) : NULL;
    g_autoptr(GString) users = NULL;
    g_autoptr(GString) parameters = NULL;

    if (decoded == NULL)
        return FALSE;
    users = mask_users(decoded, strlen(decoded));
    parameters = mask_parameters(decoded, strlen(decoded), 0, TRUE);
    return users != NULL || parameters != NULL;
}

/* NAME=VALUE&… from start on. Names also begin where a value might contain the separator, and values end only at
 * the one that no value contains. */
static GString *
mask_parameters(const char *text, gsize len, gsize start, gboolean is_decoded)
{
    Masker masker = { text, len, 0, NULL };
    gsize pos = start;

    while (pos < len) {
        gsize stop = find_any(text, len, pos, "=&;?#");

        if (stop < len && text[stop] == '=') {
            gboolean is_secret = parameter_is_secret(text + pos, stop - pos);
            gsize end = find_any(text, len, stop + 1, is_secret ? "&" : "&;?#");

            if (is_secret || (!is_decoded && value_is_secret(text + stop + 1, end - stop - 1)))
                mask_span(&masker, stop + 1, end);
            stop = end;
        }
        pos = stop + 1;
    }
    return mask_end(&masker);
}

static GString *
mask_query(const char *text, gsize len)
{
    gsize uri = find_word(text, len, 0, "://");
    gsize start = find_any(text, len, uri, "?#;");

    return start < len ? mask_parameters(text, len, start + 1, FALSE) : NULL;
}

/* The key of an rbd option, whose backslashes mean nothing here. What has a slash or a question mark in it is part of a
 * path or URI. */
static gboolean
option_is_secret(const char *key, gsize len)
{
    g_autoptr(GString) plain = g_string_sized_new(len + 1);

    for (gsize i = 0; i < len; i++) {
        if (key[i] != '\\')
            g_string_append_c(plain, key[i]);
    }
    if (find_any(plain->str, plain->len, 0, "/?#") < plain->len)
        return FALSE;
    return vp_name_is_secret(plain->str, plain->len);
}

GString *
vp_options_mask(const char *text, gsize len)
{
    Masker masker = { text, len, 0, NULL };
    gsize pos = 0;

    while (pos < len) {
        gsize end = pos;
        gsize equals = pos;

        while (end < len && text[end] != ':')
            end += text[end] == '\\' ? 2 : 1;
        end = MIN(end, len);
        equals = find_any(text, end, pos, "=");
        if (equals < end && option_is_secret(text + pos, equals - pos))
            mask_span(&masker, equals + 1, end);
        pos = end + 1;
    }
    return mask_end(&masker);
}

/* All that is no JSON. Each step works on what the one before left. */
static GString *
mask_text(const char *text, gsize len)
{
    static GString *(*const steps[])(const char *text, gsize len) = { mask_users, mask_bare_user,
                                                                      mask_query, vp_options_mask };
    GString *out = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        GString *next = steps[i](out != NULL ? out->str : text, out != NULL ? out->len : len);

        if (next == NULL)
            continue;
        if (out != NULL)
            g_string_free(out, TRUE);
        out = next;
    }
    return out;
}

char *
vp_part_mask(const char *text, gsize len)
{
    GString *out = mask_text(text, len);

    return out != NULL ? g_string_free(out, FALSE) : NULL;
}

char *
vp_query_mask(const char *query, gsize len)
{
    g_autoptr(GString) parameters = mask_parameters(query, len, 0, FALSE);
    GString *users = mask_users(parameters != NULL ? parameters->str : query,
                                parameters != NULL ? parameters->len : len);

    if (users == NULL)
        users = g_steal_pointer(&parameters);
    return users != NULL ? g_string_free(users, FALSE) : NULL;
}

/* A name with json: at that place, perhaps behind the prefix of a filter. */
static GString *
mask_around_json(const char *text, gsize len, gsize json)
{
    g_autoptr(GString) head = mask_text(text, json);
    g_autoptr(GString) tail = vp_json_mask(text + json, len - json, json == strlen("json:"));
    GString *out;

    if (head == NULL && tail == NULL)
        return NULL;
    out = g_string_sized_new(len + strlen(VP_MASK));
    g_string_append_len(out, head != NULL ? head->str : text,
                        (gssize) (head != NULL ? head->len : json));
    g_string_append_len(out, tail != NULL ? tail->str : text + json,
                        (gssize) (tail != NULL ? tail->len : len - json));
    return out;
}

static GString *
mask_once(const char *text, gsize len)
{
    gsize json = find_word(text, len, 0, "json:");

    return json < len ? mask_around_json(text, len, json + strlen("json:")) : mask_text(text, len);
}

char *
vp_name_mask(const char *bytes, gsize len, gsize *out_len)
{
    const char *colon = memchr(bytes, ':', len);
    GString *out;

    /* A path, which is nearly every name, hides nothing. */
    if (colon == NULL || memchr(bytes, '/', (gsize) (colon - bytes)) != NULL)
        return NULL;
    out = mask_once(bytes, len);
    if (out == NULL)
        return NULL;
    /* What is left may look like credentials once more, where parts were taken out of odd names. */
    for (guint i = 0; i <= ROUNDS_MAX; i++) {
        GString *next = i < ROUNDS_MAX ? mask_once(out->str, out->len) : g_string_new(VP_MASK);
        gboolean is_same = next == NULL || g_string_equal(next, out);

        if (is_same && next != NULL)
            g_string_free(next, TRUE);
        if (is_same)
            break;
        g_string_free(out, TRUE);
        out = next;
    }
    if (out_len != NULL)
        *out_len = out->len;
    return g_string_free(out, FALSE);
}
