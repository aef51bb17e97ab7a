/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-answer.c: bytes that claim to be the answer of a worker: as JSON they are one object or refused, as text they are
 * clean. */
#include "fuzz.h"

#include "../../tools/virt-probe/worker-process.h"

#include <jansson.h>
#include <string.h>

/* As the check has it. */
#define DEPTH_MAX 64

static gboolean
is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text != '\n' && !g_ascii_isprint(*text))
            return FALSE;
    }
    return TRUE;
}

static gboolean
may_be_deep(const char *text)
{
    guint count = 0;

    for (; *text != '\0'; text++)
        count += *text == '{' || *text == '[';
    return count >= DEPTH_MAX;
}

/* jansson agrees, but for numbers and characters that it does not store. */
static void
check_json(const char *text)
{
    gboolean is_answer = worker_json_check(text);
    json_error_t error = { .line = 0 };
    json_t *parsed = json_loads(text, JSON_ALLOW_NUL, &error);
    gboolean is_unstored =
        parsed == NULL
        && (json_error_code(&error) == json_error_numeric_overflow || strstr(text, "\\u") != NULL);

    if (is_answer) {
        g_assert_true(is_plain(text));
        g_assert_true(json_is_object(parsed) || is_unstored);
    } else if (is_plain(text) && !may_be_deep(text)) {
        g_assert_false(json_is_object(parsed));
    }
    json_decref(parsed);
}

/* Lines stay, nothing harms a terminal, and cleaning twice changes nothing. */
static void
check_text(const char *text)
{
    g_autofree char *clean = worker_text_clean(text, strlen(text));
    g_autofree char *again = worker_text_clean(clean, strlen(clean));
    const char *left = text;

    g_assert_cmpstr(clean, ==, again);
    g_assert_true(g_utf8_validate(clean, -1, NULL));
    for (const char *pos = clean; *pos != '\0'; pos++) {
        g_assert_false(*pos != '\n' && g_ascii_iscntrl(*pos));
        if (*pos != '\n')
            continue;
        left = strchr(left, '\n');
        g_assert_nonnull(left);
        left++;
    }
    g_assert_null(strchr(left, '\n'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = size > 0 ? g_strndup((const char *) data, size) : g_strdup("");

    check_json(text);
    check_text(text);
    return 0;
}
