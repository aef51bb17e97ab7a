/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* location.c: names by which images name other images. */
#include "storage/location.h"

#include <string.h>

VpNameKind
vp_name_kind(const char *name)
{
    const char *pos = name;

    /* Not strcspn(): it makes a table first, and most names are short. */
    while (*pos != '\0' && *pos != '/' && *pos != ':')
        pos++;
    if (*pos == ':')
        return strncmp(name, "json:", strlen("json:")) == 0 ? VP_NAME_JSON : VP_NAME_PROTOCOL;
    return name[0] == '/' ? VP_NAME_ABSOLUTE : VP_NAME_RELATIVE;
}

/* The first len bytes of directory, then name: without printf, because every overlay of a scan comes here. */
static char *
joined(const char *directory, gsize len, const char *name)
{
    gsize size = strlen(name) + 1;
    char *path = g_malloc(len + size);

    memcpy(path, directory, len);
    memcpy(path + len, name, size);
    return path;
}

char *
vp_name_resolve(const char *overlay, const char *backing)
{
    return vp_name_kind(backing) != VP_NAME_RELATIVE ? g_strdup(backing)
                                                     : vp_name_beside(overlay, backing);
}

char *
vp_name_beside(const char *overlay, const char *path)
{
    const char *slash;

    /* What is called "-" is somebody's standard input, which lies in no directory. */
    if (overlay == NULL || overlay[0] == '\0' || strcmp(overlay, "-") == 0
        || vp_name_kind(overlay) == VP_NAME_JSON)
        return NULL;
    slash = strrchr(overlay, '/');
    if (slash == NULL)
        return g_strdup(path);
    return joined(overlay, (gsize) (slash + 1 - overlay), path);
}

const char *
vp_location_find_unknown_option(const VirtProbeRecord *location)
{
    static const guint places[] = { VP_LOCATION_BACKING, VP_LOCATION_DATA_FILE };
    const VpValue *options = vp_record_get(location, VP_LOCATION_UNKNOWN_OPTIONS);
    const char *found = NULL;

    if (options != NULL)
        return ((const VpText *) options->list->items[0])->bytes;
    /* They are within each other as deep as the JSON was. */
    for (guint i = 0; i < G_N_ELEMENTS(places) && found == NULL; i++) {
        const VirtProbeRecord *inner = vp_record_get_record(location, places[i]);

        found = inner != NULL ? vp_location_find_unknown_option(inner) : NULL;
    }
    return found;
}
