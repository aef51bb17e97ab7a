/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* location.c: names by which images name other images. */
#include "storage/location.h"

#include <string.h>

VpNameKind
vp_name_kind(const char *name)
{
    gsize first = strcspn(name, ":/");

    if (g_str_has_prefix(name, "json:"))
        return VP_NAME_JSON;
    if (name[first] == ':')
        return VP_NAME_PROTOCOL;
    return name[0] == '/' ? VP_NAME_ABSOLUTE : VP_NAME_RELATIVE;
}

char *
vp_name_resolve(const char *overlay, const char *backing)
{
    const char *slash;

    if (vp_name_kind(backing) != VP_NAME_RELATIVE)
        return g_strdup(backing);
    if (overlay == NULL || overlay[0] == '\0' || vp_name_kind(overlay) == VP_NAME_JSON)
        return NULL;
    slash = strrchr(overlay, '/');
    if (slash == NULL)
        return g_strdup(backing);
    return g_strdup_printf("%.*s%s", (int) (slash + 1 - overlay), overlay, backing);
}

char *
vp_name_join_relative(const char *const *relative_names, guint first, guint last)
{
    g_autoptr(GString) joined = g_string_new(NULL);

    if (first > last)
        return NULL;
    for (guint i = first; i <= last; i++) {
        const char *slash = strrchr(joined->str, '/');

        if (relative_names[i] == NULL)
            return NULL;
        g_string_truncate(joined, slash != NULL ? (gsize) (slash + 1 - joined->str) : 0);
        g_string_append(joined, relative_names[i]);
    }
    return g_string_free(g_steal_pointer(&joined), FALSE);
}
