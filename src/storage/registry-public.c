/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry-public.c: the public side of the registry. */
#include "storage/registry.h"

static const char *const none[] = { NULL };

const VirtProbeFormat *
virt_probe_format_find(const char *name)
{
    g_return_val_if_fail(name != NULL, NULL);

    return vp_registry_find(name);
}

const VirtProbeFormat *
virt_probe_format_get_nth(guint index)
{
    return vp_registry_nth(index);
}

const char *
virt_probe_format_get_name(const VirtProbeFormat *format)
{
    g_return_val_if_fail(format != NULL, NULL);

    return format->name;
}

const char *
virt_probe_format_get_libvirt_name(const VirtProbeFormat *format)
{
    g_return_val_if_fail(format != NULL, NULL);

    return format->libvirt_name;
}

const char *const *
virt_probe_format_get_aliases(const VirtProbeFormat *format)
{
    g_return_val_if_fail(format != NULL, NULL);

    return format->aliases != NULL ? format->aliases : none;
}

const char *
virt_probe_format_get_title(const VirtProbeFormat *format)
{
    g_return_val_if_fail(format != NULL, NULL);

    return format->title;
}

const char *
virt_probe_format_get_layer(const VirtProbeFormat *format)
{
    static const char *const names[] = {
        [VP_LAYER_CONTAINER] = "container",
        [VP_LAYER_CONTENT] = "content",
        [VP_LAYER_WRAPPER] = "wrapper",
        [VP_LAYER_FALLBACK] = "raw",
    };

    g_return_val_if_fail(format != NULL, NULL);

    return names[format->layer];
}

const char **
virt_probe_format_get_abilities(const VirtProbeFormat *format)
{
    static const struct {
        guint32 flag;
        const char *name;
    } abilities[] = {
        { VP_FORMAT_BACKING, "backing" },     { VP_FORMAT_DATA_FILE, "data-file" },
        { VP_FORMAT_EXTENTS, "extents" },     { VP_FORMAT_PARENT, "parent" },
        { VP_FORMAT_SNAPSHOTS, "snapshots" },
    };
    const char **names = g_new0(const char *, G_N_ELEMENTS(abilities) + 1);
    guint count = 0;

    g_return_val_if_fail(format != NULL, names);

    for (guint i = 0; i < G_N_ELEMENTS(abilities); i++) {
        if ((format->flags & abilities[i].flag) != 0)
            names[count++] = abilities[i].name;
    }
    return names;
}

const char *const *
virt_probe_format_get_extensions(const VirtProbeFormat *format)
{
    g_return_val_if_fail(format != NULL, NULL);

    return format->extensions != NULL ? format->extensions : none;
}

guint
virt_probe_format_get_reads(const VirtProbeFormat *format)
{
    g_return_val_if_fail(format != NULL, 0);

    return format->reads;
}

guint
virt_probe_format_get_functions(const VirtProbeFormat *format)
{
    g_return_val_if_fail(format != NULL, 0);

    const gboolean is_there[] = { format->verify_tail != NULL, format->verify_content != NULL,
                                  format->cross_check != NULL, format->parse != NULL,
                                  format->feature_name != NULL };
    guint count = 0;

    for (guint i = 0; i < G_N_ELEMENTS(is_there); i++)
        count += is_there[i] ? 1 : 0;
    return count;
}
