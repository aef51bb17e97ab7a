/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate-manual.c: the part of virt-probe-formats(7) that is made from the registry, as reStructuredText. */
#include "generate.h"

#include "storage/format.h"
#include "storage/registry.h"

#include <stdio.h>
#include <string.h>

static void
print_words(const char *title, const char *const *words, const char *before)
{
    if (words == NULL || words[0] == NULL)
        return;
    printf("    %s: ", title);
    for (guint i = 0; words[i] != NULL; i++)
        printf("%s``%s%s``", i > 0 ? ", " : "", before, words[i]);
    printf(".\n");
}

static void
print_place(const VpMagic *magic)
{
    if (magic->text_width > 0)
        printf("the end of the text at %u", magic->offset);
    else if (magic->is_from_end)
        printf("%u before the end", magic->offset);
    else
        printf("%u", magic->offset);
}

static void
print_signatures(const VpFormat *format)
{
    const guint places_max = 6;

    if (format->magics == NULL)
        return;
    printf("    Signature at byte ");
    for (guint i = 0; format->magics[i].len > 0 && i < places_max; i++) {
        if (i > 0)
            printf(", ");
        print_place(&format->magics[i]);
        if (i + 1 == places_max && format->magics[i + 1].len > 0)
            printf(" …");
    }
    printf(".\n");
}

/* The versions that are accepted; a number that holds two, as it stands. */
static void
print_versions(const VpFormat *format)
{
    for (guint i = 0; i < format->version.n_accepted; i++)
        printf(format->version.accepted[i] > G_MAXUINT16 ? "%s0x%" G_GINT64_MODIFIER "x%s"
                                                         : "%s%" G_GUINT64_FORMAT "%s",
               i == 0 ? "    Versions that are described: " : ", ", format->version.accepted[i],
               i + 1 == format->version.n_accepted ? ".\n" : "");
}

static void
print_findings(const VpFormat *format)
{
    g_autofree const char **abilities = virt_probe_format_get_abilities(format);

    print_words("May have", (const char *const *) abilities, "");
    if (format->refines != NULL)
        printf("    A special case of ``%s``, in whose place it is named.\n", format->refines);
    printf("    Reads of a healthy image: at most %u.\n\n", format->reads);
}

static void
print_format(const VpFormat *format)
{
    printf("**%s**\n    %c%s.\n", format->name, g_ascii_toupper(format->title[0]),
           format->title + 1);
    print_words("Also called", format->aliases, "");
    if (format->libvirt_name != NULL && strcmp(format->libvirt_name, format->name) != 0)
        printf("    libvirt calls it ``%s``.\n", format->libvirt_name);
    print_words("Names of files end with", format->extensions, ".");
    print_signatures(format);
    print_versions(format);
    print_findings(format);
}

void
generate_manual(void)
{
    static const struct {
        VpLayer layer;
        const char *title;
        const char *text;
    } layers[] = {
        { VP_LAYER_CONTAINER, "IMAGE FORMATS",
          "Recognised by their first 4096 bytes, or by their end." },
        { VP_LAYER_FALLBACK, "RAW", "What is left when nothing else matches." },
        { VP_LAYER_CONTENT, "CONTENT",
          "What lies in a raw disk: listed under ``content``, and never the format of the image "
          "unless **-f** says so." },
        { VP_LAYER_WRAPPER, "ARCHIVES AND COMPRESSED FILES",
          "No disks: named with the finding ``archive``, and never unpacked." },
    };

    for (guint i = 0; i < G_N_ELEMENTS(layers); i++) {
        const VpFormat *format;
        g_autofree char *line = g_strnfill(strlen(layers[i].title), '=');

        printf("%s\n%s\n\n%s\n\n", layers[i].title, line, layers[i].text);
        for (guint k = 0; (format = vp_registry_nth(k)) != NULL; k++) {
            if (format->layer == layers[i].layer)
                print_format(format);
        }
    }
}
