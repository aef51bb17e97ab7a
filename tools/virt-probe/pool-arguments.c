/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-arguments.c: which pool and which volume a verb is about, and what all of these verbs print alike. */
#include "pool-arguments.h"

#include "virsh-table.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *
arguments_take(Arguments *arguments, guint option)
{
    const Invocation *invocation = arguments->invocation;

    if (invocation->values[option] != NULL)
        return invocation->values[option];
    return arguments->used < invocation->n_arguments ? invocation->arguments[arguments->used++]
                                                     : NULL;
}

gboolean
arguments_end(const Arguments *arguments)
{
    const Invocation *invocation = arguments->invocation;
    g_autofree char *word = NULL;

    if (arguments->used == invocation->n_arguments)
        return TRUE;
    word = shown_name(invocation->arguments[arguments->used]);
    usage_error(invocation->command, _("'%s' is one argument too many"), word);
    return FALSE;
}

int
failure_print(const char *what, const char *name, const GError *error)
{
    g_autofree char *shown = shown_name(name);

    message_print("%s '%s': %s", what, shown, error->message);
    return STATUS_FAILED;
}

int
error_print(const GError *error)
{
    message_print("%s", error->message);
    return STATUS_FAILED;
}

int
list_check(const VirtProbePool *pool)
{
    g_autoptr(GError) error = NULL;

    return virt_probe_pool_check_list(pool, &error)
               ? STATUS_OK
               : failure_print(_("pool"), virt_probe_pool_get_name(pool), error);
}

static VirtProbePool *
pool_find(const char *name, int *out_status)
{
    g_autoptr(GError) error = NULL;
    VirtProbePool *pool = virt_probe_pool_find(name, &error);

    if (pool == NULL)
        *out_status = error_print(error);
    return pool;
}

VirtProbePool *
pool_argument(const Invocation *invocation, int *out_status)
{
    Arguments arguments = { .invocation = invocation };
    const char *name = arguments_take(&arguments, POOL_OPTION_POOL);

    *out_status = STATUS_USAGE;
    if (name == NULL) {
        argument_missing(invocation->command, 0);
        return NULL;
    }
    return arguments_end(&arguments) ? pool_find(name, out_status) : NULL;
}

gboolean
volume_arguments_take(const Invocation *invocation, const char **out_name, VirtProbePool **out_pool,
                      int *out_status)
{
    Arguments arguments = { .invocation = invocation };
    const char *pool_name;

    *out_name = arguments_take(&arguments, VOL_OPTION_VOL);
    pool_name = arguments_take(&arguments, POOL_OPTION_POOL);
    *out_status = STATUS_USAGE;
    if (*out_name == NULL) {
        argument_missing(invocation->command, 0);
        return FALSE;
    }
    if (!arguments_end(&arguments))
        return FALSE;
    if (pool_name == NULL)
        return TRUE;
    *out_pool = pool_find(pool_name, out_status);
    return *out_pool != NULL;
}

int
volume_failure_print(const char *name, const VirtProbePool *pool, const GError *error)
{
    if (pool == NULL && strchr(name, '/') == NULL) {
        message_print(_("no pool is given: a volume is found by its name with --pool, without it "
                        "by its path"));
        return STATUS_FAILED;
    }
    /* That there is none is said with its name. */
    if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        error_print(error);
    else
        failure_print(_("volume"), name, error);
    return STATUS_FAILED;
}

VirtProbeVolume *
volume_argument(const Invocation *invocation, VirtProbePool **out_pool, int *out_status)
{
    g_autoptr(VirtProbePool) pool = NULL;
    g_autoptr(GError) error = NULL;
    VirtProbeVolume *volume;
    const char *name;

    if (!volume_arguments_take(invocation, &name, &pool, out_status))
        return NULL;
    volume = virt_probe_pool_find_volume(pool, name, out_pool, &error);
    if (volume == NULL)
        *out_status = volume_failure_print(name, pool, error);
    return volume;
}

gboolean
output_is_json(const Invocation *invocation)
{
    return g_strcmp0(invocation->values[POOL_OPTION_OUTPUT], "json") == 0;
}

/* Takes over json. */
static int
value_print(const Invocation *invocation, char *json, const char *value)
{
    g_autofree char *document = json;
    /* A script gets the bytes as they are; a terminal must not be driven by them. */
    g_autofree char *shown = isatty(STDOUT_FILENO) ? shown_name(value) : g_strdup(value);

    printf("%s\n", output_is_json(invocation) ? document : shown);
    return STATUS_OK;
}

int
pool_value_print(const Invocation *invocation, const VirtProbePool *pool, const char *value)
{
    return value_print(invocation, virt_probe_pool_to_json(pool), value);
}

int
volume_value_print(const Invocation *invocation, const VirtProbeVolume *volume, const char *value)
{
    return value_print(invocation, virt_probe_volume_to_json(volume), value);
}

char *
size_text(guint64 size, gboolean in_bytes)
{
    return in_bytes ? g_strdup_printf("%" G_GUINT64_FORMAT, size) : virsh_size(size);
}
