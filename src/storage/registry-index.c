/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry-index.c: what is asked of the whole table for each image, looked up instead of searched. The index is made from
 * the table when it is first needed. */
#include "storage/registry-index.h"

#include <string.h>

/* Extensions as numbers: no longer than this, which a test sees to. */
#define EXTENSION_MAX ((gsize) 8)
#define EXTENSIONS_MAX 96

typedef struct {
    guint64 extension;
    VpFormatSet formats;
} Extension;

static struct {
    VpFormatSet by_first_byte[256];
    Extension extensions[EXTENSIONS_MAX];
    guint n_extensions;
} table;

/* The extension as a number, without regard to case; 0: it is too long to be one of ours. */
static guint64
extension_number(const char *extension)
{
    gsize len = strlen(extension);
    guint64 number = 0;

    for (gsize i = 0; len <= EXTENSION_MAX && i < len; i++)
        number = number << 8 | (guint8) g_ascii_tolower(extension[i]);
    return number;
}

static VpFormatSet *
extension_find(guint64 number)
{
    for (guint i = 0; i < table.n_extensions; i++) {
        if (table.extensions[i].extension == number)
            return &table.extensions[i].formats;
    }
    return NULL;
}

static void
index_extensions(const VpFormat *format, VpFormatSet bit)
{
    for (guint i = 0; format->extensions != NULL && format->extensions[i] != NULL; i++) {
        guint64 number = extension_number(format->extensions[i]);
        VpFormatSet *formats = extension_find(number);

        g_assert(number != 0 && table.n_extensions < EXTENSIONS_MAX);
        if (formats == NULL) {
            table.extensions[table.n_extensions].extension = number;
            formats = &table.extensions[table.n_extensions++].formats;
        }
        *formats |= bit;
    }
}

static void
index_signatures(const VpFormat *format, VpFormatSet bit)
{
    for (const VpMagic *magic = format->magics; magic != NULL && magic->len > 0; magic++) {
        if (magic->is_from_end)
            continue;
        /* With a signature elsewhere any byte may come first. */
        for (guint byte = 0; byte < G_N_ELEMENTS(table.by_first_byte); byte++) {
            guint8 mask = magic->mask != NULL ? (guint8) magic->mask[0] : 0xff;

            if (magic->offset > 0 || ((byte ^ (guint8) magic->bytes[0]) & mask) == 0)
                table.by_first_byte[byte] |= bit;
        }
    }
    for (const char *byte = format->text_begins; byte != NULL && *byte != '\0'; byte++)
        table.by_first_byte[(guint8) *byte] |= bit;
}

static void
index_make(void)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        VpFormatSet bit = (VpFormatSet) 1 << i;

        index_extensions(format, bit);
        if (format->layer == VP_LAYER_CONTAINER)
            index_signatures(format, bit);
    }
}

static void
index_need(void)
{
    static gsize is_made;

    if (g_once_init_enter(&is_made)) {
        index_make();
        g_once_init_leave(&is_made, 1);
    }
}

VpFormatSet
vp_registry_beginning(const guint8 *head, gsize size)
{
    index_need();
    return size > 0 ? table.by_first_byte[head[0]] : 0;
}

VpFormatSet
vp_registry_named(const char *name)
{
    const char *base = strrchr(name, '/');
    const char *dot = strrchr(base != NULL ? base : name, '.');
    guint64 number = dot != NULL ? extension_number(dot + 1) : 0;
    const VpFormatSet *formats;

    index_need();
    formats = number != 0 ? extension_find(number) : NULL;
    return formats != NULL ? *formats : 0;
}
