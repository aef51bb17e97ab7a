/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-formats.c: `virt-probe formats`: the registry. */
#include "command.h"

#include <virtprobe/virtprobe.h>

#include <stdio.h>

enum {
    OPTION_OUTPUT,
    OPTION_COUNT,
};

static const Option options[] = {
    [OPTION_OUTPUT] = { 0, "output", VALUE_CHOICE, "human|json", "human|json",
                        N_("print a table for people, or JSON"), NULL },
};

G_STATIC_ASSERT(G_N_ELEMENTS(options) == OPTION_COUNT);

/* (transfer full) */
static char *
words_join(const char *const *words)
{
    return words[0] != NULL ? g_strjoinv(",", (char **) words) : g_strdup("-");
}

static void
print_table(void)
{
    const VirtProbeFormat *format;

    printf("%-13s %-10s %-10s %-14s %-28s %s\n", _("NAME"), _("LIBVIRT"), _("LAYER"),
           _("EXTENSIONS"), _("MAY HAVE"), _("TITLE"));
    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        const char *libvirt_name = virt_probe_format_get_libvirt_name(format);
        g_autofree const char **abilities = virt_probe_format_get_abilities(format);
        g_autofree char *may_have = words_join((const char *const *) abilities);
        g_autofree char *extensions = words_join(virt_probe_format_get_extensions(format));

        printf("%-13s %-10s %-10s %-14s %-28s %s\n", virt_probe_format_get_name(format),
               libvirt_name != NULL ? libvirt_name : "-", virt_probe_format_get_layer(format),
               extensions, may_have, virt_probe_format_get_title(format));
    }
}

/* Every string here is a plain constant of the registry, so nothing needs escaping. */
static void
print_json_strings(const char *key, const char *const *strings)
{
    printf("        \"%s\": [", key);
    for (guint i = 0; strings[i] != NULL; i++)
        printf("%s\"%s\"", i > 0 ? ", " : "", strings[i]);
    printf("],\n");
}

static void
print_json_format(const VirtProbeFormat *format)
{
    const char *libvirt_name = virt_probe_format_get_libvirt_name(format);
    g_autofree const char **abilities = virt_probe_format_get_abilities(format);

    printf("    {\n        \"name\": \"%s\",\n", virt_probe_format_get_name(format));
    print_json_strings("aliases", virt_probe_format_get_aliases(format));
    if (libvirt_name != NULL)
        printf("        \"libvirt-name\": \"%s\",\n", libvirt_name);
    printf("        \"layer\": \"%s\",\n", virt_probe_format_get_layer(format));
    print_json_strings("extensions", virt_probe_format_get_extensions(format));
    print_json_strings("abilities", abilities);
    printf("        \"can-have-backing\": %s,\n",
           g_strv_contains((const char *const *) abilities, "backing") ? "true" : "false");
    printf("        \"reads\": %u,\n        \"functions\": %u,\n",
           virt_probe_format_get_reads(format), virt_probe_format_get_functions(format));
    printf("        \"title\": \"%s\"\n    }", virt_probe_format_get_title(format));
}

static void
print_json(void)
{
    const VirtProbeFormat *format;

    printf("[\n");
    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        printf("%s", i > 0 ? ",\n" : "");
        print_json_format(format);
    }
    printf("\n]\n");
}

static int
run(const Invocation *invocation)
{
    if (g_strcmp0(invocation->values[OPTION_OUTPUT], "json") == 0)
        print_json();
    else
        print_table();
    return STATUS_OK;
}

const Command command_formats = {
    .name = "formats",
    .arguments = "",
    .summary = N_("list the formats that are known"),
    .example = "virt-probe formats",
    COMMAND_OPTIONS(options),
    .n_arguments_max = 0,
    .run = run,
};
