/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker-json.c: whether a text is one JSON object (RFC 8259) in printable ASCII.
 *
 * It stands in an array beside objects of other images, so it must not end before its end. Nothing is stored, so that a
 * worker that was taken over finds nothing here to take over. */
#include "worker-process.h"

#include <string.h>

/* Ours have less than 20. */
#define DEPTH_MAX 64

/* Each moves *pos behind what it has found; FALSE: it is not there. */
static gboolean value_skip(const char **pos, guint depth);

static void
blank_skip(const char **pos)
{
    *pos += strspn(*pos, " \n");
}

/* One character of a set, and blanks around it. */
static gboolean
sign_skip(const char **pos, char sign)
{
    blank_skip(pos);
    if (**pos != sign)
        return FALSE;
    (*pos)++;
    blank_skip(pos);
    return TRUE;
}

static gboolean
escape_skip(const char **pos)
{
    char letter = **pos;

    if (letter == '\0' || strchr("\"\\/bfnrtu", letter) == NULL)
        return FALSE;
    (*pos)++;
    for (guint i = 0; letter == 'u' && i < 4; i++) {
        if (!g_ascii_isxdigit(**pos))
            return FALSE;
        (*pos)++;
    }
    return TRUE;
}

static gboolean
string_skip(const char **pos)
{
    if (**pos != '"')
        return FALSE;
    for ((*pos)++; **pos != '"';) {
        char letter = **pos;

        if (!g_ascii_isprint(letter))
            return FALSE;
        (*pos)++;
        if (letter == '\\' && !escape_skip(pos))
            return FALSE;
    }
    (*pos)++;
    return TRUE;
}

static gboolean
digits_skip(const char **pos)
{
    gsize count = strspn(*pos, "0123456789");

    *pos += count;
    return count > 0;
}

static gboolean
number_skip(const char **pos)
{
    *pos += **pos == '-';
    if ((*pos)[0] == '0' && g_ascii_isdigit((*pos)[1]))
        return FALSE;
    if (!digits_skip(pos))
        return FALSE;
    if (**pos == '.') {
        (*pos)++;
        if (!digits_skip(pos))
            return FALSE;
    }
    if (**pos != 'e' && **pos != 'E')
        return TRUE;
    (*pos)++;
    *pos += **pos == '+' || **pos == '-';
    return digits_skip(pos);
}

static gboolean
word_skip(const char **pos)
{
    static const char *const words[] = { "true", "false", "null" };

    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_has_prefix(*pos, words[i])) {
            *pos += strlen(words[i]);
            return TRUE;
        }
    }
    return FALSE;
}

/* What stands between brackets. has_names: of an object. */
static gboolean
items_skip(const char **pos, char open, char close, gboolean has_names, guint depth)
{
    if (depth >= DEPTH_MAX || !sign_skip(pos, open))
        return FALSE;
    if (**pos != close) {
        do {
            if (has_names && (!string_skip(pos) || !sign_skip(pos, ':')))
                return FALSE;
            if (!value_skip(pos, depth + 1))
                return FALSE;
        } while (sign_skip(pos, ','));
    }
    if (**pos != close)
        return FALSE;
    (*pos)++;
    return TRUE;
}

static gboolean
value_skip(const char **pos, guint depth)
{
    switch (**pos) {
    case '{':
        return items_skip(pos, '{', '}', TRUE, depth);
    case '[':
        return items_skip(pos, '[', ']', FALSE, depth);
    case '"':
        return string_skip(pos);
    case 't':
    case 'f':
    case 'n':
        return word_skip(pos);
    default:
        return number_skip(pos);
    }
}

gboolean
worker_json_check(const char *text)
{
    if (!items_skip(&text, '{', '}', TRUE, 0))
        return FALSE;
    blank_skip(&text);
    return *text == '\0';
}
