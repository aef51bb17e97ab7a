/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-info.c: `virt-probe info`: what images are. */
#include "command.h"

#include <virtprobe/virtprobe.h>

#include <stdio.h>
#include <string.h>

enum {
    OPTION_FORMAT,
    OPTION_OUTPUT,
    OPTION_FULL,
    OPTION_FORCE_SHARE,
    OPTION_CACHE,
    OPTION_OBJECT,
    OPTION_IMAGE_OPTS,
    OPTION_COUNT,
};

static const Option options[] = {
    [OPTION_FORMAT] = { 'f', "format", VALUE_FORMAT, "FMT", NULL,
                        N_("take the image for FMT, do not recognise it"), NULL },
    [OPTION_OUTPUT] = { 0, "output", VALUE_CHOICE, "human|json", "human|json",
                        N_("text for people, or JSON with qemu-img's keys"), NULL },
    [OPTION_FULL] = { 0, "full", VALUE_NONE, NULL, NULL,
                      N_("everything: each header field, long lists"), NULL },
    [OPTION_FORCE_SHARE] = { 'U', "force-share", VALUE_NONE, NULL, NULL,
                             N_("no effect: reading never takes a lock"), NULL },
    [OPTION_CACHE] = { 't', "cache", VALUE_TEXT, "CACHE", NULL, NULL, NULL },
    [OPTION_OBJECT] = { 0, "object", VALUE_TEXT, "OBJECT", NULL, NULL,
                        N_("--object is not supported: metadata is described without secrets") },
    [OPTION_IMAGE_OPTS] = { 0, "image-opts", VALUE_NONE, NULL, NULL, NULL,
                            N_("--image-opts is not supported: name a file, and its format with "
                               "-f") },
};

G_STATIC_ASSERT(G_N_ELEMENTS(options) == OPTION_COUNT);

typedef struct {
    gboolean is_json;
    gboolean is_array; /* several images, so JSON is an array */
    gboolean has_printed;
    const char *format;
    VirtProbeDescribeFlags flags;
    GPtrArray *messages; /* for stderr, once the JSON is complete */
} Info;

/* JSON arrays as QEMU lays them out: each object indented by four blanks. */
static void
print_json_item(Info *info, const char *json)
{
    g_auto(GStrv) lines = g_strsplit(json, "\n", -1);

    fputs(info->has_printed ? ",\n" : "[\n", stdout);
    for (guint i = 0; lines[i] != NULL; i++)
        printf("%s    %s", i > 0 ? "\n" : "", lines[i]);
}

static void
print_image(Info *info, const VirtProbeRecord *image)
{
    g_autofree char *text =
        info->is_json ? virt_probe_image_to_json(image) : virt_probe_image_to_text(image);

    if (info->is_json && info->is_array)
        print_json_item(info, text);
    else if (info->is_json)
        printf("%s\n", text);
    else
        printf("%s%s", info->has_printed ? "\n" : "", text);
    info->has_printed = TRUE;
}

static void
keep_failure(Info *info, const char *name, const GError *error)
{
    g_autofree char *shown = shown_name(name);

    g_ptr_array_add(info->messages, g_strdup_printf("%s: %s", shown, error->message));
}

/* In JSON a line of stderr must not stand in the middle of the document. */
static void
print_failures(Info *info)
{
    for (guint i = 0; i < info->messages->len; i++)
        message_print("%s", (const char *) g_ptr_array_index(info->messages, i));
    g_ptr_array_set_size(info->messages, 0);
}

static int
describe_image(Info *info, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_file(name, info->format, info->flags, &error);

    if (image == NULL) {
        if (info->is_json) {
            image = virt_probe_image_new_unreadable(name, error);
            print_image(info, image);
        }
        keep_failure(info, name, error);
        return STATUS_FAILED;
    }
    print_image(info, image);
    if (virt_probe_image_verify(image, &error))
        return STATUS_OK;
    keep_failure(info, name, error);
    return STATUS_FAILED;
}

static int
run(const Invocation *invocation)
{
    const char *output = invocation->values[OPTION_OUTPUT];
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    int status = STATUS_OK;
    Info info = {
        .messages = messages,
        .is_json = g_strcmp0(output, "json") == 0,
        .is_array = invocation->n_arguments > 1,
        .format = invocation->values[OPTION_FORMAT],
        .flags = VIRT_PROBE_DESCRIBE_RECOGNISE,
    };

    if (invocation->values[OPTION_FULL] != NULL)
        info.flags |= VIRT_PROBE_DESCRIBE_FULL;
    for (guint i = 0; i < invocation->n_arguments; i++) {
        int image_status = describe_image(&info, invocation->arguments[i]);

        status = MAX(status, image_status);
        if (!info.is_json)
            print_failures(&info);
    }
    if (info.is_json && info.is_array)
        fputs("\n]\n", stdout);
    print_failures(&info);
    return status;
}

const Command command_info = {
    .name = "info",
    .arguments = "IMAGE…",
    .summary = N_("describe images: format, size, features, backing file, damage"),
    .example = "virt-probe info --output=json disk.qcow2",
    COMMAND_OPTIONS(options),
    .argument_kind = VALUE_FILE,
    .n_arguments_min = 1,
    .n_arguments_max = G_MAXUINT,
    .run = run,
};
