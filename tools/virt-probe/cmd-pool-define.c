/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-pool-define.c: `pool-define`, `pool-define-as` and `pool-undefine`. */
#include "pool-arguments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As much as a definition may have, and one byte more, so that a longer one is seen to be. */
#define DEFINITION_ROOM (1024 * 1024 + 1)

/* The definition on standard input, which may be a pipe. */
static VirtProbePool *
definition_read_input(gboolean is_strict, GError **error)
{
    g_autofree char *text = g_malloc(DEFINITION_ROOM);
    gsize length = fread(text, 1, DEFINITION_ROOM, stdin);

    if (!ferror(stdin))
        return is_strict ? virt_probe_pool_new_from_valid_xml(text, length, error)
                         : virt_probe_pool_new_from_xml(text, length, error);
    g_set_error(error, G_FILE_ERROR, (gint) g_file_error_from_errno(errno), "cannot read: %s",
                g_strerror(errno));
    return NULL;
}

static VirtProbePool *
definition_read(const char *file, gboolean is_strict, GError **error)
{
    if (strcmp(file, "-") == 0 || strcmp(file, "/dev/stdin") == 0)
        return definition_read_input(is_strict, error);
    return is_strict ? virt_probe_pool_new_from_valid_file(file, error)
                     : virt_probe_pool_new_from_file(file, error);
}

/* Defines a pool and says so. file: where its XML was, NULL: nowhere. */
static int
define(const Invocation *invocation, const VirtProbePool *pool, const char *file)
{
    g_autofree char *name = shown_name(virt_probe_pool_get_name(pool));
    g_autofree char *shown = file != NULL ? shown_name(file) : NULL;
    g_autoptr(GError) error = NULL;

    if (!virt_probe_pool_define(pool, &error))
        return error_print(error);
    if (output_is_json(invocation))
        return pool_value_print(invocation, pool, "");
    if (file != NULL)
        printf(_("Pool %s defined from %s\n"), name, shown);
    else
        printf(_("Pool %s defined\n"), name);
    putchar('\n');
    return STATUS_OK;
}

int
pool_define_run(const Invocation *invocation)
{
    Arguments arguments = { .invocation = invocation };
    const char *file = arguments_take(&arguments, POOL_DEFINE_OPTION_FILE);
    g_autoptr(VirtProbePool) pool = NULL;
    g_autoptr(GError) error = NULL;

    if (file == NULL)
        return argument_missing(invocation->command, 0);
    if (!arguments_end(&arguments))
        return STATUS_USAGE;
    pool = definition_read(file, invocation->values[POOL_DEFINE_OPTION_VALIDATE] != NULL, &error);
    if (pool == NULL)
        return failure_print(_("file"), file, error);
    return define(invocation, pool, file);
}

/* What virsh prints has nothing that was not said, and no element of sources without one. */
static void
print_said(const char *xml)
{
    static const char *const unsaid[] = { "  <uuid>", "  <capacity ", "  <allocation ",
                                          "  <available " };
    g_auto(GStrv) lines = g_strsplit(xml, "\n", -1);

    for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++) {
        gboolean is_said = TRUE;

        for (guint j = 0; j < G_N_ELEMENTS(unsaid); j++)
            is_said = is_said && !g_str_has_prefix(lines[i], unsaid[j]);
        if (strcmp(lines[i], "  <source>") == 0 && strcmp(lines[i + 1], "  </source>") == 0)
            i++;
        else if (is_said)
            puts(lines[i]);
    }
}

/* A directory as it was named, seen from the root. What leads through a link and back is left to the kernel. (transfer full) */
static char *
absolute_target(const char *target)
{
    g_autofree char *directory = g_get_current_dir();

    if (g_path_is_absolute(target))
        return g_strdup(target);
    while (g_str_has_prefix(target, "./"))
        target += 2 + strspn(target + 2, "/");
    return strcmp(target, ".") == 0 || target[0] == '\0'
               ? g_steal_pointer(&directory)
               : g_build_filename(directory, target, NULL);
}

/* Everything may stand in virsh's order: name, type, host, path, device, name of the source, target, format. */
int
pool_define_as_run(const Invocation *invocation)
{
    Arguments arguments = { .invocation = invocation };
    const char *words[POOL_DEFINE_AS_OPTION_SOURCE_FORMAT + 1];
    VirtProbePoolSource source = { .host = NULL };
    const char *name;
    const char *type;
    const char *target;
    g_autoptr(VirtProbePool) pool = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *absolute = NULL;

    for (guint i = POOL_DEFINE_AS_OPTION_NAME; i < G_N_ELEMENTS(words); i++)
        words[i] = arguments_take(&arguments, i);
    name = words[POOL_DEFINE_AS_OPTION_NAME];
    type = words[POOL_DEFINE_AS_OPTION_TYPE];
    target = words[POOL_DEFINE_AS_OPTION_TARGET];
    if (name == NULL || type == NULL)
        return argument_missing(invocation->command, name == NULL ? 0 : 1);
    if (!arguments_end(&arguments))
        return STATUS_USAGE;
    if (target == NULL || target[0] == '\0')
        return usage_error(invocation->command, _("--target is missing"));
    /* The name of a source is for types that are not here; libvirt drops it, too. */
    source.host = words[POOL_DEFINE_AS_OPTION_SOURCE_HOST];
    source.path = words[POOL_DEFINE_AS_OPTION_SOURCE_PATH];
    source.device = words[POOL_DEFINE_AS_OPTION_SOURCE_DEV];
    source.format = words[POOL_DEFINE_AS_OPTION_SOURCE_FORMAT];
    source.protocol_version = invocation->values[POOL_DEFINE_AS_OPTION_SOURCE_PROTOCOL_VER];
    absolute = absolute_target(target);
    pool = virt_probe_pool_new(name, type, absolute, &source, &error);
    if (pool == NULL)
        return error_print(error);
    if (invocation->values[POOL_DEFINE_AS_OPTION_PRINT_XML] != NULL) {
        g_autofree char *xml = virt_probe_pool_to_definition_xml(pool);

        print_said(xml);
        return STATUS_OK;
    }
    return define(invocation, pool, NULL);
}

int
pool_undefine_run(const Invocation *invocation)
{
    int status;
    g_autoptr(VirtProbePool) pool = pool_argument(invocation, &status);
    g_autofree char *name = NULL;
    g_autoptr(GError) error = NULL;

    if (pool == NULL)
        return status;
    if (!virt_probe_pool_undefine(pool, &error))
        return failure_print(_("pool"), virt_probe_pool_get_name(pool), error);
    if (output_is_json(invocation))
        return pool_value_print(invocation, pool, "");
    name = shown_name(virt_probe_pool_get_name(pool));
    printf(_("Pool %s has been undefined\n"), name);
    putchar('\n');
    return STATUS_OK;
}
