/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image-argument.c: what a verb describes: a file, standard input, or a descriptor that the program was given. */
#include "image-argument.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
argument_clear(gpointer data)
{
    g_free(((ImageArgument *) data)->name);
}

static void
arguments_add(GArray *arguments, char *name, int fd)
{
    const ImageArgument argument = { .name = name, .fd = fd };

    g_array_append_val(arguments, argument);
}

/* In the place of names: there is no name that could be meant by it. */
static gboolean
arguments_add_descriptor(GArray *arguments, const Invocation *invocation, guint fd_option)
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
    arguments_add(arguments, g_strdup_printf("/dev/fd/%" G_GUINT64_FORMAT, fd), (int) fd);
    return TRUE;
}

static gboolean
arguments_add_arguments(GArray *arguments, const Invocation *invocation)
{
    gboolean has_input = FALSE;

    if (invocation->n_arguments == 0) {
        argument_missing(invocation->command, 0);
        return FALSE;
    }
    for (guint i = 0; i < invocation->n_arguments; i++) {
        gboolean is_input = strcmp(invocation->arguments[i], "-") == 0;

        if (is_input && has_input) {
            usage_error(invocation->command, _("standard input can be read once"));
            return FALSE;
        }
        has_input = has_input || is_input;
        arguments_add(arguments, g_strdup(invocation->arguments[i]), is_input ? STDIN_FILENO : -1);
    }
    return TRUE;
}

GArray *
image_arguments_collect(const Invocation *invocation, guint fd_option)
{
    g_autoptr(GArray) arguments = g_array_new(FALSE, FALSE, sizeof(ImageArgument));

    g_array_set_clear_func(arguments, argument_clear);
    if (invocation->values[fd_option] != NULL
            ? !arguments_add_descriptor(arguments, invocation, fd_option)
            : !arguments_add_arguments(arguments, invocation))
        return NULL;
    return g_steal_pointer(&arguments);
}

gboolean
image_arguments_are_files(const GArray *arguments)
{
    for (guint i = 0; i < arguments->len; i++) {
        if (g_array_index(arguments, ImageArgument, i).fd >= 0)
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
describe_pipe(const ImageArgument *argument, const char *format, VirtProbeDescribeFlags flags,
              GError **error)
{
    g_autoptr(VirtProbeStream) stream = virt_probe_stream_new(argument->name, format, flags, error);
    g_autoptr(GError) problem = NULL;

    if (stream == NULL)
        return NULL;
    if (!virt_probe_stream_feed_fd(stream, argument->fd, &problem) && is_no_stream(problem)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    return virt_probe_stream_finish(stream, problem == NULL);
}

static VirtProbeRecord *
describe_descriptor(const ImageArgument *argument, const char *format, VirtProbeDescribeFlags flags,
                    VirtProbeConfineFunc confine, GError **error)
{
    VirtProbeConfinement confinement = { .seccomp = FALSE };
    VirtProbeRecord *image;

    if (confine != NULL && !confine(&confinement, NULL, error))
        return NULL;
    image = is_pipe(argument->fd)
                ? describe_pipe(argument, format, flags, error)
                : virt_probe_describe_fd(argument->fd, argument->name, format, flags, error);
    if (confine != NULL && image != NULL)
        virt_probe_image_set_confinement(image, &confinement);
    return image;
}

VirtProbeRecord *
image_argument_describe(const ImageArgument *argument, const char *format,
                        VirtProbeDescribeFlags flags, VirtProbeConfineFunc confine, GError **error)
{
    if (argument->fd >= 0)
        return describe_descriptor(argument, format, flags, confine, error);
    if (confine != NULL)
        return virt_probe_describe_file_confined(argument->name, format, flags, confine, NULL,
                                                 error);
    return virt_probe_describe_file(argument->name, format, flags, error);
}

static gboolean
descriptor_check(int fd, GError **error)
{
    if (fd < 0 || fcntl(fd, F_GETFD) >= 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_BADF, "cannot use the descriptor: %s",
                g_strerror(errno));
    return FALSE;
}

gboolean
image_argument_ask(const ImageArgument *argument, WorkerFunc func, gpointer user_data,
                   gboolean is_json, WorkerAnswer *out_answer, GError **error)
{
    WorkerJob job = WORKER_JOB_INIT;

    job.func = func;
    job.user_data = user_data;
    job.kind = is_json ? WORKER_JSON : WORKER_TEXT;
    job.fd = argument->fd;
    /* Who writes to it takes the time that he takes. */
    if (argument->fd >= 0 && is_pipe(argument->fd))
        job.timeout_ms = G_MAXUINT;
    /* A pipe to the worker would get the number of one that is closed. */
    return descriptor_check(argument->fd, error) && worker_ask(&job, out_answer, error);
}
