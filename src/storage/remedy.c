/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* remedy.c: commands that repair a broken link of a chain. */
#include "storage/remedy.h"

#include "storage/location.h"
#include "util/text.h"

#include <string.h>

/* What the user has to fill in; in capitals as in a manual. */
#define ANY_NAME "NAME"
#define ANY_FORMAT "FORMAT"

/* Fit to be typed into a shell; with is_file also to be taken for a file by qemu-img, whatever colons it has. NULL when it
 * cannot be shown. */
static char *
word_new(const char *name, gboolean is_file)
{
    g_autofree char *safe = NULL;

    if (!vp_text_is_clean(name, strlen(name)))
        return NULL;
    if (name[0] == '-' || (is_file && vp_name_kind(name) > VP_NAME_ABSOLUTE))
        safe = g_strconcat("./", name, NULL);
    else
        safe = g_strdup(name);
    if (safe[strspn(safe, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-+=.,/:@%")] == '\0')
        return g_steal_pointer(&safe);
    return g_shell_quote(safe);
}

/* The name of the file alone, which a file that was moved with its overlay still has. */
static const char *
base_name(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash != NULL ? slash + 1 : name;
}

/* A file of the same name beside the overlay, as the overlay would name it; NULL: there is none. (transfer full) */
static char *
find_beside(const VpLink *link, VpOpener *opener)
{
    const char *path = vp_record_get_text(link->location, VP_LOCATION_PATH);
    g_autofree char *candidate = NULL;
    g_autofree char *place = NULL;
    g_autoptr(VpSource) source = NULL;

    /* A json: name says more than a path, which would be lost. */
    if (path == NULL || base_name(path)[0] == '\0'
        || vp_record_has(link->location, VP_LOCATION_DRIVERS))
        return NULL;
    /* With a colon in it, it would be taken for a protocol. */
    candidate =
        g_strconcat(strchr(base_name(path), ':') != NULL ? "./" : "", base_name(path), NULL);
    place = vp_name_resolve(link->owner_path, candidate);
    if (place == NULL || g_strcmp0(place, link->path) == 0)
        return NULL;
    source = opener->open(opener, place, FALSE, NULL);
    return source != NULL ? g_steal_pointer(&candidate) : NULL;
}

/* The name that stands in the image, unless it holds credentials, which nobody shall see. (transfer full) */
static char *
recorded_word(const char *name)
{
    g_autofree char *masked = vp_name_mask(name, strlen(name), NULL);

    return masked == NULL ? word_new(name, FALSE) : g_strdup(ANY_NAME);
}

/* Whether a name in an image can be changed, and the change would help. */
static gboolean
link_is_repairable(const VpLink *link, VpRuleId rule)
{
    if (strcmp(link->role, VP_ROLE_BACKING) != 0 || link->is_override || link->is_owner_slice
        || link->owner_path == NULL)
        return FALSE;
    /* The names are right seen from where the link leads, and a change would break that. */
    if (g_file_test(link->owner_path, G_FILE_TEST_IS_SYMLINK))
        return FALSE;
    return rule == VP_RULE_CHAIN_MISSING || rule == VP_RULE_CHAIN_LOOP
           || rule == VP_RULE_BACKING_FORMAT_MISSING || rule == VP_RULE_BACKING_FORMAT_UNKNOWN;
}

/* The backing file as the command names it. (transfer full) */
static char *
backing_word(const VpLink *link, VpRuleId rule, VpOpener *opener)
{
    g_autofree char *beside = NULL;

    if (rule == VP_RULE_BACKING_FORMAT_MISSING || rule == VP_RULE_BACKING_FORMAT_UNKNOWN)
        return recorded_word(link->recorded_name);
    if (rule != VP_RULE_CHAIN_MISSING)
        return g_strdup(ANY_NAME);
    beside = find_beside(link, opener);
    return beside != NULL ? word_new(beside, FALSE) : g_strdup(ANY_NAME);
}

char *
vp_remedy_new(const VpLink *link, VpRuleId rule, VpOpener *opener)
{
    gboolean is_format_known =
        link->recorded_format != NULL && rule != VP_RULE_BACKING_FORMAT_UNKNOWN;
    g_autofree char *overlay = NULL;
    g_autofree char *format = NULL;
    g_autofree char *backing = NULL;

    if (!link_is_repairable(link, rule))
        return NULL;
    overlay = word_new(link->owner_path, TRUE);
    format = word_new(is_format_known ? link->recorded_format : ANY_FORMAT, FALSE);
    backing = backing_word(link, rule, opener);
    if (overlay == NULL || format == NULL || backing == NULL)
        return NULL;
    return g_strdup_printf("qemu-img rebase -u -b %s -F %s %s", backing, format, overlay);
}
