/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-parse.c: a target file, group by group and key by key. Whatever is not known there is an error. */
#include "storage/target.h"

#include "util/text.h"
#include "virtprobe/error.h"

#include <string.h>

#define GROUP_TARGET "Target"
#define GROUP_ACCEPT "Accept"
#define GROUP_RULES "Rules"

static gboolean fail(GError **error, const char *group, const char *key, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Says what is wrong where; key: NULL when it is the group. */
static gboolean
fail(GError **error, const char *group, const char *key, const char *format, ...)
{
    g_autoptr(GString) message = g_string_new("group \"");
    va_list args;

    vp_text_append_escaped(message, group, strlen(group));
    if (key != NULL) {
        g_string_append(message, "\", key \"");
        vp_text_append_escaped(message, key, strlen(key));
    }
    g_string_append(message, "\" ");
    va_start(args, format);
    g_string_append_vprintf(message, format, args);
    va_end(args);
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, message->str);
    return FALSE;
}

/* The value of a key that must be there, without blanks around it. (transfer full) */
static char *
value_read(GKeyFile *file, const char *group, const char *key, GError **error)
{
    g_autofree char *value = g_key_file_get_string(file, group, key, NULL);

    if (value != NULL && g_strstrip(value)[0] != '\0')
        return g_steal_pointer(&value);
    fail(error, group, key, value != NULL ? "is empty" : "is missing");
    return NULL;
}

static gboolean
list_read(GKeyFile *file, const char *group, const char *key, char ***out_words, GError **error)
{
    g_autofree char *value = value_read(file, group, key, error);

    if (value == NULL)
        return FALSE;
    *out_words = vp_target_list_split(value);
    if (*out_words == NULL)
        return fail(error, group, key, "has an empty word in its list");
    return TRUE;
}

static gboolean
keys_check(GKeyFile *file, const char *group, const char *const *known, GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);

    for (guint i = 0; keys != NULL && keys[i] != NULL; i++) {
        if (!g_strv_contains(known, keys[i]))
            return fail(error, group, keys[i], "is not known");
    }
    return TRUE;
}

static gboolean
date_is_valid(const char *text)
{
    guint64 parts[3] = { 0, 0, 0 };

    if (strlen(text) != 10)
        return FALSE;
    for (guint i = 0, part = 0; i < 10; i++) {
        if (i == 4 || i == 7) {
            part++;
            if (text[i] != '-')
                return FALSE;
        } else if (!g_ascii_isdigit(text[i]))
            return FALSE;
        else
            parts[part] = parts[part] * 10 + (guint64) (text[i] - '0');
    }
    return parts[1] <= 12
           && g_date_valid_dmy((GDateDay) parts[2], (GDateMonth) parts[1], (GDateYear) parts[0]);
}

/* A word that is typed behind --for=. */
static gboolean
alias_is_valid(const char *word)
{
    for (const char *place = word; *place != '\0'; place++) {
        if (!g_ascii_isalnum(*place) && strchr("-._", *place) == NULL)
            return FALSE;
    }
    return TRUE;
}

static gboolean
target_group_parse(VirtProbeTarget *target, GKeyFile *file, GError **error)
{
    static const char *const known[] = { "Title", "Source", "Date", "Names", NULL };

    if (!keys_check(file, GROUP_TARGET, known, error))
        return FALSE;
    target->title = value_read(file, GROUP_TARGET, "Title", error);
    if (target->title == NULL || !list_read(file, GROUP_TARGET, "Source", &target->sources, error))
        return FALSE;
    target->date = value_read(file, GROUP_TARGET, "Date", error);
    if (target->date == NULL)
        return FALSE;
    if (!date_is_valid(target->date))
        return fail(error, GROUP_TARGET, "Date", "is not a date of the form YYYY-MM-DD");
    if (!g_key_file_has_key(file, GROUP_TARGET, "Names", NULL)) {
        target->aliases = g_new0(char *, 1);
        return TRUE;
    }
    if (!list_read(file, GROUP_TARGET, "Names", &target->aliases, error))
        return FALSE;
    for (guint i = 0; target->aliases[i] != NULL; i++) {
        if (!alias_is_valid(target->aliases[i]))
            return fail(error, GROUP_TARGET, "Names",
                        "has a name with characters other than letters, digits, \"-\", \".\" and "
                        "\"_\"");
    }
    return TRUE;
}

static gboolean
accept_group_parse(VirtProbeTarget *target, GKeyFile *file, GError **error)
{
    static const char *const known[] = { "Formats", NULL };
    g_auto(GStrv) words = NULL;

    if (!keys_check(file, GROUP_ACCEPT, known, error)
        || !list_read(file, GROUP_ACCEPT, "Formats", &words, error))
        return FALSE;
    target->formats = g_new0(char *, g_strv_length(words) + 1);
    for (guint i = 0; words[i] != NULL; i++) {
        g_autoptr(GError) reason = NULL;

        target->formats[i] = vp_target_format_parse(words[i], &reason);
        if (target->formats[i] == NULL)
            return fail(error, GROUP_ACCEPT, "Formats", "%s", reason->message);
    }
    return TRUE;
}

/* TRUE when an image of the format may be accepted. */
static gboolean
format_is_accepted(const VirtProbeTarget *target, const VirtProbeFormat *format)
{
    const char *name = virt_probe_format_get_name(format);
    gsize length = strlen(name);

    for (guint i = 0; target->formats[i] != NULL; i++) {
        if (strncmp(target->formats[i], name, length) == 0
            && (target->formats[i][length] == '\0' || target->formats[i][length] == '/'))
            return TRUE;
    }
    return FALSE;
}

static const VpTargetKey *
key_find(const char *name)
{
    for (guint i = 0; i < VP_TARGET_KEY_COUNT; i++) {
        if (strcmp(vp_target_keys[i].name, name) == 0)
            return &vp_target_keys[i];
    }
    return NULL;
}

static gboolean
rules_group_parse(VpTargetRules *rules, GKeyFile *file, const char *group, GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);

    for (guint i = 0; keys != NULL && keys[i] != NULL; i++) {
        const VpTargetKey *key = key_find(keys[i]);
        g_autofree char *text = NULL;
        g_autoptr(GError) reason = NULL;

        if (key == NULL)
            return fail(error, group, keys[i], "is not known");
        text = value_read(file, group, keys[i], error);
        if (text == NULL)
            return FALSE;
        if (!vp_target_value_parse((VpTargetKeyId) (key - vp_target_keys), text,
                                   &rules->values[key - vp_target_keys], &reason))
            return fail(error, group, keys[i], "%s", reason->message);
    }
    return TRUE;
}

/* "Rules" or "Rules FORMAT". */
static gboolean
other_group_parse(VirtProbeTarget *target, GKeyFile *file, const char *group, GError **error)
{
    VpTargetRules *rules = NULL;
    const VirtProbeFormat *format = NULL;

    if (g_str_has_prefix(group, GROUP_RULES " "))
        format = virt_probe_format_find(group + strlen(GROUP_RULES " "));
    if (format == NULL && strcmp(group, GROUP_RULES) != 0)
        return fail(error, group, NULL, "is not known");
    if (format != NULL && !format_is_accepted(target, format))
        return fail(error, group, NULL, "has rules for a format that is not accepted");
    for (guint i = 0; i < target->groups->len; i++) {
        if (((const VpTargetRules *) target->groups->pdata[i])->format == format)
            return fail(error, group, NULL, "is there twice");
    }
    rules = g_new0(VpTargetRules, 1);
    rules->format = format;
    g_ptr_array_add(target->groups, rules);
    return rules_group_parse(rules, file, group, error);
}

/* Remembers a group, or a key of the group. FALSE: it was there before. */
static gboolean
place_add(GHashTable *seen, const char *group, const char *key, GError **error)
{
    if (g_hash_table_add(seen,
                         key == NULL ? g_strdup(group) : g_strdup_printf("%s\n%s", group, key)))
        return TRUE;
    return fail(error, group, key, "is there twice");
}

/* GKeyFile calls a value with another escape absent, and warns of its own error when there are two. */
static gboolean
escapes_are_known(const char *line)
{
    for (const char *place = strchr(line, '\\'); place != NULL; place = strchr(place + 2, '\\')) {
        if (place[1] == '\0' || strchr("sntr\\", place[1]) == NULL)
            return FALSE;
    }
    return TRUE;
}

static gboolean
line_fail(GError **error, guint line, const char *what)
{
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, "line %u %s", line + 1, what);
    return FALSE;
}

/* GKeyFile takes the last of several equal keys, so that the others would be void, and its messages are translated. */
static gboolean
lines_check(const char *data, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
    const char *group = NULL;

    for (guint i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(lines[i]);
        char *end = line[0] == '[' ? strchr(line, ']') : strchr(line, '=');

        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (end == NULL || end == line || (line[0] != '[' && group == NULL))
            return line_fail(error, i, "is no group, key of a group or comment");
        if (!escapes_are_known(line))
            return line_fail(error, i, "has a \\ with neither s, n, t, r nor \\ behind it");
        *end = '\0';
        if (line[0] == '[')
            group = line + 1;
        if (!place_add(seen, group, line[0] == '[' ? NULL : g_strchomp(line), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
groups_parse(VirtProbeTarget *target, GKeyFile *file, GError **error)
{
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

    if (!target_group_parse(target, file, error) || !accept_group_parse(target, file, error))
        return FALSE;
    for (guint i = 0; groups[i] != NULL; i++) {
        if (strcmp(groups[i], GROUP_TARGET) == 0 || strcmp(groups[i], GROUP_ACCEPT) == 0)
            continue;
        if (!other_group_parse(target, file, groups[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vp_target_parse(VirtProbeTarget *target, const char *data, gsize length, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *text = g_strndup(data, length);

    if (strlen(text) != length || !g_utf8_validate(text, -1, NULL)) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                            "the file is no text in UTF-8");
        return FALSE;
    }
    if (!lines_check(text, error))
        return FALSE;
    if (!g_key_file_load_from_data(file, text, length, G_KEY_FILE_KEEP_TRANSLATIONS, NULL)) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                            "the file has a group or key with characters that none may have");
        return FALSE;
    }
    return groups_parse(target, file, error);
}
