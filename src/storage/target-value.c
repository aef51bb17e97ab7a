/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-value.c: the values in a target file: lists of words that must be known, numbers and sizes. */
#include "storage/registry.h"
#include "storage/target.h"
#include "util/numbers.h"
#include "util/text.h"
#include "virtprobe/error.h"
#include "virtprobe/rule.h"

#include <string.h>

const VpTargetKey vp_target_keys[] = {
#define TARGET_KEY(ID, name, kind, words, doc)                                                     \
    [VP_TARGET_##ID] = { name, VP_TARGET_##kind, words, doc },
#include "storage/target.def"
#undef TARGET_KEY
};

G_STATIC_ASSERT(G_N_ELEMENTS(vp_target_keys) == VP_TARGET_KEY_COUNT);

static void
fail(GError **error, const char *word, const char *reason)
{
    g_autofree char *shown = vp_text_escape(word, strlen(word));

    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, "has \"%s\", %s", shown, reason);
}

char **
vp_target_list_split(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ";", -1);
    guint length = g_strv_length(words);

    for (guint i = 0; i < length; i++)
        g_strstrip(words[i]);
    /* A semicolon may end the list, as in other key files. */
    if (length > 1 && words[length - 1][0] == '\0')
        g_clear_pointer(&words[--length], g_free);
    for (guint i = 0; i < length; i++) {
        if (words[i][0] == '\0')
            return NULL;
    }
    return length > 0 ? g_steal_pointer(&words) : NULL;
}

/* Formats of images: containers, and raw. */
static const VirtProbeFormat *
image_format_find(const char *name)
{
    const VirtProbeFormat *format = virt_probe_format_find(name);

    if (format == NULL || format->layer == VP_LAYER_CONTENT || format->layer == VP_LAYER_WRAPPER)
        return NULL;
    return format;
}

char *
vp_target_format_parse(const char *word, GError **error)
{
    const char *slash = strchr(word, '/');
    g_autofree char *name =
        slash != NULL ? g_strndup(word, (gsize) (slash - word)) : g_strdup(word);
    const VirtProbeFormat *format = image_format_find(name);

    if (format == NULL) {
        fail(error, word, "which is no format of images");
        return NULL;
    }
    if (slash != NULL && !vp_target_kind_exists(format->name, slash + 1)) {
        fail(error, word, "and that format has no such kind");
        return NULL;
    }
    return g_strconcat(format->name, slash, NULL);
}

static gboolean
format_exists(G_GNUC_UNUSED const VpTargetKey *key, const char *word)
{
    const VirtProbeFormat *format = image_format_find(word);

    /* It is compared with what images record, which is never an alias. */
    return format != NULL && strcmp(format->name, word) == 0;
}

static gboolean
content_exists(G_GNUC_UNUSED const VpTargetKey *key, const char *word)
{
    const VirtProbeFormat *format = virt_probe_format_find(word);

    return format != NULL && image_format_find(word) == NULL && strcmp(format->name, word) == 0;
}

static gboolean
rule_exists(G_GNUC_UNUSED const VpTargetKey *key, const char *word)
{
    return virt_probe_rule_find(word) != NULL;
}

/* The findings of an image are those of its description. */
static gboolean
rule_is_described(G_GNUC_UNUSED const VpTargetKey *key, const char *word)
{
    return (virt_probe_rule_get_finders(virt_probe_rule_find(word))
            & (VIRT_PROBE_FINDERS_DESCRIPTION | VIRT_PROBE_FINDERS_EXAMINATION))
           != 0;
}

static gboolean
rule_breaks(G_GNUC_UNUSED const VpTargetKey *key, const char *word)
{
    return virt_probe_rule_breaks(virt_probe_rule_find(word));
}

static gboolean
bit_exists(const VpBitName *names, const char *word)
{
    for (; names != NULL && names->name != NULL; names++) {
        if (strcmp(names->name, word) == 0)
            return TRUE;
    }
    return FALSE;
}

/* A bit that a reader must know, of any format. */
static gboolean
feature_exists(G_GNUC_UNUSED const VpTargetKey *key, const char *word)
{
    const VpFormat *format;

    if (strcmp(word, "none") == 0)
        return TRUE;
    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        const VpFeatureRule *rule = format->features;

        for (; rule != NULL && rule->set != NULL; rule++) {
            if (strcmp(rule->set, "incompatible") == 0 && bit_exists(rule->names, word))
                return TRUE;
        }
    }
    return FALSE;
}

static gboolean
word_exists(const VpTargetKey *key, const char *word)
{
    g_auto(GStrv) words = g_strsplit(key->words, " ", -1);

    return g_strv_contains((const char *const *) words, word);
}

/* Written as the description's numbers will be, so that the texts can be compared. */
static gboolean
number_is_plain(G_GNUC_UNUSED const VpTargetKey *key, const char *word)
{
    guint64 number;
    g_autofree char *text = NULL;

    if (!g_ascii_string_to_unsigned(word, 10, 0, G_MAXUINT64, &number, NULL))
        return FALSE;
    text = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    return strcmp(text, word) == 0;
}

#define NOT_A_RULE "which is the id of no rule"
#define NEVER_DESCRIBED "which is never found in an image itself"

#define CONDITIONS_MAX 3

/* What must hold of a word of a list, in this order. */
static const struct {
    gboolean (*holds)(const VpTargetKey *key, const char *word);
    const char *reason; /* what a word is of which it does not */
} conditions[][CONDITIONS_MAX] = {
    [VP_TARGET_WORDS] = { { word_exists, "which is not known there" } },
    [VP_TARGET_NUMBERS] = { { number_is_plain, "which is no decimal number" } },
    [VP_TARGET_FORMATS] = { { format_exists, "which is no format of images by its first name" } },
    [VP_TARGET_CONTENTS] = { { content_exists, "which is no content of raw images" } },
    [VP_TARGET_FEATURES] = { { feature_exists, "which is no incompatible feature" } },
    [VP_TARGET_RULES] = { { rule_exists, NOT_A_RULE }, { rule_is_described, NEVER_DESCRIBED } },
    [VP_TARGET_BREAKING_RULES] = { { rule_exists, NOT_A_RULE },
                                   { rule_is_described, NEVER_DESCRIBED },
                                   { rule_breaks, "whose findings never make an image count as "
                                                  "damaged or unsupported" } },
};

/* NULL: the word may stand there. (transfer none) */
static const char *
word_refusal(const VpTargetKey *key, const char *word)
{
    for (guint i = 0; i < CONDITIONS_MAX && conditions[key->kind][i].holds != NULL; i++) {
        if (!conditions[key->kind][i].holds(key, word))
            return conditions[key->kind][i].reason;
    }
    return NULL;
}

static gboolean
list_parse(const VpTargetKey *key, const char *text, VpTargetValue *value, GError **error)
{
    g_auto(GStrv) words = vp_target_list_split(text);

    if (words == NULL) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                            "has an empty word in its list");
        return FALSE;
    }
    for (guint i = 0; words[i] != NULL; i++) {
        const char *refusal = word_refusal(key, words[i]);

        if (refusal != NULL) {
            fail(error, words[i], refusal);
            return FALSE;
        }
    }
    /* Guest data may be plain or encrypted; where "none" says that there may be nothing it stands alone. */
    if (key != &vp_target_keys[VP_TARGET_ENCRYPTION] && words[1] != NULL
        && g_strv_contains((const char *const *) words, "none")) {
        fail(error, "none", "which must be the only word");
        return FALSE;
    }
    value->words = g_steal_pointer(&words);
    return TRUE;
}

static gboolean
unit_find(const char *unit, guint64 *out_factor)
{
    static const char *const units[] = { "", "KiB", "MiB", "GiB", "TiB", "PiB" };

    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        if (strcmp(units[i], unit) == 0) {
            *out_factor = 1ULL << (10 * i);
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
size_parse(const VpTargetKey *key, const char *text, VpTargetValue *value, GError **error)
{
    gsize digits = strspn(text, "0123456789");
    g_autofree char *number_text = g_strndup(text, digits);
    g_autofree char *unit = g_strstrip(g_strdup(text + digits));
    guint64 number;
    guint64 factor = 1;

    if (!g_ascii_string_to_unsigned(number_text, 10, 0, G_MAXUINT64, &number, NULL)
        || (key->kind == VP_TARGET_COUNT ? unit[0] != '\0' : !unit_find(unit, &factor))
        || !vp_checked_mul(number, factor, &value->number)) {
        fail(error, text,
             key->kind == VP_TARGET_COUNT ? "which is no decimal number"
                                          : "which is no size such as 512, 64 KiB or 2 TiB");
        return FALSE;
    }
    if (key->kind == VP_TARGET_SIZE && number == 0) {
        fail(error, text, "and must be at least 1");
        return FALSE;
    }
    return TRUE;
}

gboolean
vp_target_value_parse(VpTargetKeyId id, const char *text, VpTargetValue *out_value, GError **error)
{
    const VpTargetKey *key = &vp_target_keys[id];
    gboolean is_list = key->kind != VP_TARGET_SIZE && key->kind != VP_TARGET_COUNT;

    if (!(is_list ? list_parse : size_parse)(key, text, out_value, error))
        return FALSE;
    out_value->is_set = TRUE;
    return TRUE;
}
