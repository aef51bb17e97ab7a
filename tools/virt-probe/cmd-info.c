/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-info.c: `virt-probe info`: what images are. */
#include "image-argument.h"
#include "info-options.h"
#include "json-list.h"
#include "pool-commands.h"
#include "worker.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    [INFO_OPTION_FORMAT] = { 'f', "format", VALUE_FORMAT, "FMT", NULL,
                             N_("take the image for FMT, do not recognise it"), NULL },
    [INFO_OPTION_OUTPUT] = { 0, "output", VALUE_CHOICE, "human|json|xml", "human|json|xml",
                             N_("text for people, JSON with qemu-img's keys, or libvirt's XML"),
                             NULL },
    [INFO_OPTION_FULL] = { 0, "full", VALUE_NONE, NULL, NULL,
                           N_("everything: each header field, long lists"), NULL },
    [INFO_OPTION_BACKING_CHAIN] = { 0, "backing-chain", VALUE_NONE, NULL, NULL,
                                    N_("also what the image stands on, down to the last"), NULL },
    CHAIN_OPTIONS(INFO_OPTION_CHAIN),
    [INFO_OPTION_FD] = { 0, "fd", VALUE_TEXT, "N", NULL,
                         N_("describe what the open descriptor N brings"), NULL },
    [INFO_OPTION_SANDBOX] = { 0, "sandbox", VALUE_NONE, NULL, NULL,
                              N_("read each image in a process that can do nothing else"), NULL },
    [INFO_OPTION_FORCE_SHARE] = { 'U', "force-share", VALUE_NONE, NULL, NULL,
                                  N_("no effect: reading never takes a lock"), NULL },
    [INFO_OPTION_CACHE] = { 't', "cache", VALUE_TEXT, "CACHE", NULL, NULL, NULL },
    [INFO_OPTION_OBJECT] = { 0, "object", VALUE_TEXT, "OBJECT", NULL, NULL,
                             N_("--object is not supported: metadata is described without "
                                "secrets") },
    [INFO_OPTION_IMAGE_OPTS] = { 0, "image-opts", VALUE_NONE, NULL, NULL, NULL,
                                 N_("--image-opts is not supported: name a file, and its format "
                                    "with "
                                    "-f") },
};

G_STATIC_ASSERT(G_N_ELEMENTS(options) == INFO_OPTION_COUNT);

typedef struct {
    gboolean is_json;
    gboolean is_sandboxed;
    gboolean has_printed;
    JsonList *list;      /* the array that images are items of; NULL: none */
    GPtrArray *messages; /* for stderr, once the JSON is complete */
} Info;

static void
print_text(Info *info, const char *text)
{
    if (info->is_json)
        json_list_print(info->list, text);
    else
        printf("%s%s", info->has_printed ? "\n" : "", text);
    info->has_printed = TRUE;
}

static char *
image_text(const VirtProbeRecord *image, gboolean is_json)
{
    return is_json ? virt_probe_record_to_json(image) : virt_probe_image_to_text(image);
}

static gboolean
print_image(VirtProbeRecord *image, gpointer user_data)
{
    Info *info = user_data;
    g_autofree char *text = image_text(image, info->is_json);

    print_text(info, text);
    return TRUE;
}

/* An image that is described, here or in a worker. */
typedef struct {
    const ChainSettings *settings;
    ImageArgument image;
    gboolean is_json;
    gboolean is_sandboxed;
} Question;

/* A WorkerFunc. */
static void
answer_question(int fd, gpointer user_data, WorkerAnswer *answer)
{
    const Question *question = user_data;
    const ChainSettings *settings = question->settings;
    const ImageArgument argument = { question->image.name, fd };
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image =
        image_argument_describe(&argument, settings->format, settings->flags,
                                question->is_sandboxed ? worker_confine : NULL, &error);

    if (image == NULL && question->is_json)
        image = virt_probe_image_new_unreadable(question->image.name, error);
    if (image != NULL)
        answer->output = image_text(image, question->is_json);
    if (error == NULL && virt_probe_image_verify(image, &error)) {
        answer->status = STATUS_OK;
        return;
    }
    answer->status = STATUS_FAILED;
    answer->message = g_strdup(error->message);
}

/* The same in a worker, of which only an answer comes back. */
static void
ask_worker(Question *question, WorkerAnswer *answer)
{
    g_autoptr(GError) error = NULL;

    if (image_argument_ask(&question->image, answer_question, question, question->is_json, answer,
                           &error))
        return;
    answer->status = STATUS_FAILED;
    answer->message = g_strdup(error->message);
    if (question->is_json) {
        g_autoptr(VirtProbeRecord) image =
            virt_probe_image_new_unreadable(question->image.name, error);

        answer->output = image_text(image, TRUE);
    }
}

static int
describe_image(Info *info, const ChainSettings *settings, const ImageArgument *argument)
{
    Question question = { settings, *argument, info->is_json, info->is_sandboxed };
    g_auto(WorkerAnswer) answer = { .status = STATUS_FAILED };

    if (info->is_sandboxed)
        ask_worker(&question, &answer);
    else
        answer_question(argument->fd, &question, &answer);
    if (answer.output != NULL)
        print_text(info, answer.output);
    if (answer.message != NULL)
        messages_add(info->messages, argument->name, answer.message);
    return answer.status;
}

/* As qemu-img does: an array for each chain, one image after the other. */
static int
describe_chain(Info *info, const ChainSettings *settings, const char *name)
{
    g_autoptr(VirtProbeRecord) chain = NULL;
    JsonList *outer = info->list;
    JsonList members;

    if (info->is_json) {
        json_list_begin(&members, outer);
        info->list = &members;
    }
    chain = chain_settings_open(settings, name, print_image, info);
    if (info->is_json)
        json_list_end(&members);
    info->list = outer;
    return chain_check(chain, info->messages) ? STATUS_OK : STATUS_FAILED;
}

/* FALSE, which was said: *out_status is how it ends. */
static gboolean
sandbox_is_possible(const Invocation *invocation, int *out_status)
{
    const char *missing = sandbox_missing(SANDBOX_READER);
    const char *other = NULL;

    if (invocation->values[INFO_OPTION_BACKING_CHAIN] != NULL)
        other = "--backing-chain";
    else if (g_strcmp0(invocation->values[INFO_OPTION_OUTPUT], "xml") == 0)
        other = "--output=xml";
    if (other == NULL && missing == NULL)
        return TRUE;
    if (other != NULL) {
        *out_status = usage_error(
            &command_info, _("--sandbox opens one image and nothing else: not with %s"), other);
        return FALSE;
    }
    message_print("%s", _(missing));
    *out_status = STATUS_FAILED;
    return FALSE;
}

static int
describe_all(Info *info, const ChainSettings *settings, const GArray *arguments, gboolean is_chain)
{
    gboolean is_list = info->is_json && arguments->len > 1;
    int status = STATUS_OK;
    JsonList list;

    if (is_list) {
        json_list_begin(&list, NULL);
        info->list = &list;
    }
    for (guint i = 0; i < arguments->len; i++) {
        const ImageArgument *argument = &g_array_index(arguments, ImageArgument, i);
        int image_status = is_chain ? describe_chain(info, settings, argument->name)
                                    : describe_image(info, settings, argument);

        status = MAX(status, image_status);
        if (!info->is_json)
            messages_flush(info->messages);
    }
    if (is_list)
        json_list_end(&list);
    messages_flush(info->messages);
    return status;
}

/* What only a file with a name can give. FALSE: it is asked of something else, which was said. */
static gboolean
arguments_check(const GArray *arguments, gboolean is_chain, gboolean is_xml)
{
    if (image_arguments_are_files(arguments) || (!is_chain && !is_xml))
        return TRUE;
    if (is_chain)
        usage_error(&command_info, _("--backing-chain needs the name of a file: names in it count "
                                     "from its directory"));
    else
        usage_error(&command_info, _("libvirt's XML has a path: --output=xml needs the name of a "
                                     "file"));
    return FALSE;
}

static int
run(const Invocation *invocation)
{
    gboolean is_chain = invocation->values[INFO_OPTION_BACKING_CHAIN] != NULL;
    gboolean is_sandboxed = invocation->values[INFO_OPTION_SANDBOX] != NULL;
    gboolean is_json = g_strcmp0(invocation->values[INFO_OPTION_OUTPUT], "json") == 0;
    gboolean is_xml = g_strcmp0(invocation->values[INFO_OPTION_OUTPUT], "xml") == 0;
    g_autoptr(GArray) arguments = image_arguments_collect(invocation, INFO_OPTION_FD);
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    ChainSettings settings = { .format = invocation->values[INFO_OPTION_FORMAT],
                               .flags = VIRT_PROBE_DESCRIBE_RECOGNISE };
    Info info = { .is_json = is_json, .is_sandboxed = is_sandboxed, .messages = messages };
    int status;

    if (arguments == NULL || !arguments_check(arguments, is_chain, is_xml))
        return STATUS_USAGE;
    if (is_sandboxed && !sandbox_is_possible(invocation, &status))
        return status;
    if (is_xml)
#ifdef ENABLE_POOLS
        return pool_command_run(invocation);
#else
        return usage_error(&command_info, _("this build has no XML"));
#endif
    if (!is_chain && chain_option_given(invocation, INFO_OPTION_CHAIN) != NULL)
        return usage_error(&command_info, _("%s needs --backing-chain"),
                           chain_option_given(invocation, INFO_OPTION_CHAIN));
    if (!chain_settings_init(&settings, &command_info, invocation, INFO_OPTION_CHAIN))
        return STATUS_USAGE;
    if (invocation->values[INFO_OPTION_FULL] != NULL)
        settings.flags |= VIRT_PROBE_DESCRIBE_FULL;
    return describe_all(&info, &settings, arguments, is_chain);
}

const Command command_info = {
    .name = "info",
    .arguments = "IMAGE…|-",
    .summary = N_("describe images: format, size, features, backing file, damage"),
    .example = "virt-probe info --output=json disk.qcow2",
    COMMAND_OPTIONS(options),
    .argument_kind = VALUE_FILE,
    .n_arguments_max = G_MAXUINT,
    .run = run,
};
