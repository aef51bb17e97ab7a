/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target.c: what a verb describes: a file, standard input, or a descriptor that the program was given. */
#include "target.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
target_clear(gpointer data)
{
    g_free(((Target *) data)->name);
}

static void
targets_add(GArray *targets, char *name, int fd)
{
    const Target target = { .name = name, .fd = fd };

    g_array_append_val(targets, target);
}

/* In the place of names: there is no name that could be meant by it. */
static gboolean
targets_add_descriptor(GArray *targets, const Invocation *invocation, guint fd_option)
{
    const char *text = invocation->values[fd_option];
    guint64 fd;

    if (invocation->n_arguments > 0) {
        usage_error(invocation->command, _("--fd stands in the place of %s"),
                    invocation->command->arguments);
        return FALSE;
    }
    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &fd, NULL)) {
        g_autofree char *shown = shown_name(text);

        usage_error(invocation->command, _("--fd is '%s', must be the number of a descriptor"),
                    shown);
        return FALSE;
    }
    targets_add(targets, g_strdup_printf("/dev/fd/%" G_GUINT64_FORMAT, fd), (int) fd);
    return TRUE;
}

static gboolean
targets_add_arguments(GArray *targets, const Invocation *invocation)
{
    gboolean has_input = FALSE;

    if (invocation->n_arguments == 0) {
        usage_error(invocation->command, _("%s is missing"), invocation->command->arguments);
        return FALSE;
    }
    for (guint i = 0; i < invocation->n_arguments; i++) {
        gboolean is_input = strcmp(invocation->arguments[i], "-") == 0;

        if (is_input && has_input) {
            usage_error(invocation->command, _("standard input can be read once"));
            return FALSE;
        }
        has_input = has_input || is_input;
        targets_add(targets, g_strdup(invocation->arguments[i]), is_input ? STDIN_FILENO : -1);
    }
    return TRUE;
}

GArray *
targets_collect(const Invocation *invocation, guint fd_option)
{
    g_autoptr(GArray) targets = g_array_new(FALSE, FALSE, sizeof(Target));

    g_array_set_clear_func(targets, target_clear);
    if (invocation->values[fd_option] != NULL
            ? !targets_add_descriptor(targets, invocation, fd_option)
            : !targets_add_arguments(targets, invocation))
        return NULL;
    return g_steal_pointer(&targets);
}

gboolean
targets_are_files(const GArray *targets)
{
    for (guint i = 0; i < targets->len; i++) {
        if (g_array_index(targets, Target, i).fd >= 0)
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_pipe(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

/* Nothing was read at all. */
static gboolean
is_no_stream(const GError *error)
{
    return g_error_matches(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED)
           || g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_BADF);
}

/* A stream that breaks off is described as far as it came, and the description says so. */
static VirtProbeRecord *
describe_pipe(const Target *target, const char *format, VirtProbeDescribeFlags flags,
              GError **error)
{
    g_autoptr(VirtProbeStream) stream = virt_probe_stream_new(target->name, format, flags, error);
    g_autoptr(GError) problem = NULL;

    if (stream == NULL)
        return NULL;
    if (!virt_probe_stream_feed_fd(stream, target->fd, &problem) && is_no_stream(problem)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    return virt_probe_stream_finish(stream, problem == NULL);
}

VirtProbeRecord *
target_describe(const Target *target, const char *format, VirtProbeDescribeFlags flags,
                GError **error)
{
    if (target->fd < 0)
        return virt_probe_describe_file(target->name, format, flags, error);
    if (is_pipe(target->fd))
        return describe_pipe(target, format, flags, error);
    return virt_probe_describe_fd(target->fd, target->name, format, flags, error);
}
