/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-load.c: reading JSON strictly, and as QEMU does: strictly, but for strings in single quotes. */
#include "storage/location/json-load.h"
#include "storage/location/json.h"

#include <string.h>
#include <sys/random.h>

/* The same JSON with double quotes around every string. (transfer full) */
static GString *
requote(const char *text, gsize len)
{
    GString *out = g_string_sized_new(len + 16);
    char quote = '\0'; /* that the string began with; NUL: outside of strings */

    for (gsize pos = 0; pos < len; pos++) {
        char character = text[pos];

        if (quote != '\0' && character == '\\' && pos + 1 < len) {
            character = text[++pos];
            if (character != '\'')
                g_string_append_c(out, '\\');
        } else if (quote == '\0' && (character == '\'' || character == '"')) {
            quote = character;
            character = '"';
        } else if (quote != '\0' && character == quote) {
            quote = '\0';
            character = '"';
        } else if (quote == '\'' && character == '"') {
            g_string_append_c(out, '\\');
        }
        g_string_append_c(out, character);
    }
    return out;
}

/* jansson would open /dev/urandom for the seed of its hash tables, and whoever describes an image opens nothing but
 * that. */
static void
seed_once(void)
{
    static gsize is_seeded = 0;
    size_t seed = 0;

    if (!g_once_init_enter(&is_seeded))
        return;
    /* Without chance a name could make its keys collide, but it is too short for that to matter. */
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (gssize) sizeof seed)
        seed = 0;
    json_object_seed(seed | 1);
    g_once_init_leave(&is_seeded, 1);
}

json_t *
vp_json_load_plain(const char *text, gsize len, json_error_t *error)
{
    seed_once();
    return json_loadb(text, len, JSON_REJECT_DUPLICATES, error);
}

json_t *
vp_json_load(const char *text, gsize len, json_error_t *error)
{
    g_autoptr(GString) quoted = NULL;

    seed_once();
    if (memchr(text, '\'', len) == NULL)
        return json_loadb(text, len, JSON_REJECT_DUPLICATES, error);
    quoted = requote(text, len);
    return json_loadb(quoted->str, quoted->len, JSON_REJECT_DUPLICATES, error);
}
