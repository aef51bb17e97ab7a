/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-audit.c: `virt-probe audit`: whether images may be given to programs that trust them. */
#include "audit-walk.h"
#include "image-argument.h"
#include "json-list.h"
#include "size-option.h"
#include "target-list.h"

#include <virtprobe/virtprobe.h>

#include <stdio.h>
#include <string.h>

enum {
    OPTION_FORMAT,
    OPTION_PROFILE,
    OPTION_FAIL_ON,
    OPTION_ALLOW,
    OPTION_FOR,
    OPTION_LIST_TARGETS,
    OPTION_MAX_VIRTUAL_SIZE,
    OPTION_ROOT,
    OPTION_RECURSIVE,
    OPTION_FD,
    OPTION_SANDBOX,
    OPTION_NO_SANDBOX,
    OPTION_OUTPUT,
    OPTION_QUIET,
    OPTION_COUNT,
};

static const Option options[] = {
    [OPTION_FORMAT] = { 'f', "format", VALUE_FORMAT, "FMT", NULL,
                        N_("take the image for FMT, do not recognise it"), NULL },
    [OPTION_PROFILE] = { 0, "profile", VALUE_CHOICE, "upload|pool|report", "upload|pool|report",
                         N_("whose images they are: a stranger's (the default), one's own, or only "
                            "tell"),
                         NULL },
    [OPTION_FAIL_ON] = { 0, "fail-on", VALUE_CHOICE, "deny|warning", "deny|warning",
                         N_("the severity that denies an image"), NULL },
    [OPTION_ALLOW] = { 0, "allow", VALUE_RULES, "RULE", NULL,
                       N_("findings of RULE do not count; may be given again"), NULL },
    [OPTION_FOR] = { 0, "for", VALUE_TARGETS, "SYSTEM", NULL,
                     N_("deny also what SYSTEM does not accept; may be given again"), NULL },
    [OPTION_LIST_TARGETS] = { 0, "list-targets", VALUE_NONE, NULL, NULL,
                              N_("print the systems that are known, source and date of their "
                                 "rules"),
                              NULL },
    [OPTION_MAX_VIRTUAL_SIZE] = { 0, "max-virtual-size", VALUE_TEXT, "SIZE", NULL,
                                  N_("larger disks are denied; without it 64T"), NULL },
    [OPTION_ROOT] = { 0, "root", VALUE_DIRECTORY, "DIR", NULL,
                      N_("absolute names may lead to what lies beneath DIR"), NULL },
    [OPTION_RECURSIVE] = { 'r', "recursive", VALUE_NONE, NULL, NULL,
                           N_("also directories in directories"), NULL },
    [OPTION_FD] = { 0, "fd", VALUE_TEXT, "N", NULL,
                    N_("what the open descriptor N brings, in the place of targets"), NULL },
    [OPTION_SANDBOX] = { 0, "sandbox", VALUE_NONE, NULL, NULL,
                         N_("refuse to go on where the kernel offers no sandbox"), NULL },
    [OPTION_NO_SANDBOX] = { 0, "no-sandbox", VALUE_NONE, NULL, NULL,
                            N_("read images in this process"), NULL },
    [OPTION_OUTPUT] = { 0, "output", VALUE_CHOICE, "human|json", "human|json",
                        N_("text for people, or JSON"), NULL },
    [OPTION_QUIET] = { 'q', "quiet", VALUE_NONE, NULL, NULL, N_("print nothing but errors"), NULL },
};

G_STATIC_ASSERT(G_N_ELEMENTS(options) == OPTION_COUNT);

typedef struct {
    VirtProbeAuditSettings settings;
    const char *format;
    gboolean is_json;
    gboolean is_quiet;
    const char *missing; /* of the sandbox; NULL: nothing, or none is wanted */
    JsonList *list;      /* the array that judgements are items of; NULL: none */
    GPtrArray *messages; /* for stderr, once the JSON is complete */
    guint n_passed;
    guint n_denied;
    guint n_failed;
} Audit;

static VirtProbeSeverity
severity_of(const VirtProbeRecord *finding)
{
    const char *name = virt_probe_record_get_text(finding, "severity");
    guint severity = VIRT_PROBE_SEVERITY_DENY;

    while (severity > VIRT_PROBE_SEVERITY_INFO
           && strcmp(virt_probe_severity_get_name((VirtProbeSeverity) severity), name) != 0)
        severity--;
    return (VirtProbeSeverity) severity;
}

/* The worst first. What is no more than a fact is not printed, unless it was allowed. */
static void
append_findings(GString *out, const VirtProbeRecord *record)
{
    guint count = virt_probe_record_get_length(record, "findings");

    for (guint severity = VIRT_PROBE_SEVERITY_DENY + 1; severity-- > 0;) {
        for (guint i = 0; i < count; i++) {
            VirtProbeRecord *finding = virt_probe_record_get_item(record, "findings", i);
            gboolean is_allowed = virt_probe_record_get_boolean(finding, "allowed", FALSE);
            g_autofree char *message = NULL;

            if (severity_of(finding) != severity
                || (severity == VIRT_PROBE_SEVERITY_INFO && !is_allowed))
                continue;
            message = shown_name(virt_probe_record_get_text(finding, "message"));
            g_string_append_printf(out, "    %-8s %s: %s\n",
                                   is_allowed ? _("allowed")
                                              : virt_probe_record_get_text(finding, "severity"),
                                   virt_probe_record_get_text(finding, "rule"), message);
        }
    }
}

/* (transfer full) */
static char *
human_text(const VirtProbeRecord *record, const char *path)
{
    const char *format = virt_probe_record_get_text(record, "format");
    g_autofree char *shown = shown_name(path);
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%s: %s", shown,
                           virt_probe_audit_is_denied(record) ? _("DENIED") : _("PASS"));
    if (format != NULL)
        g_string_append_printf(out, " (%s)", format);
    g_string_append_c(out, '\n');
    append_findings(out, record);
    return g_string_free(out, FALSE);
}

/* What has denied the image: the rules, each once. (transfer full) */
static char *
denial_text(const Audit *audit, const VirtProbeRecord *record)
{
    guint count = virt_probe_record_get_length(record, "findings");
    g_autoptr(GPtrArray) rules = g_ptr_array_new();
    g_autofree char *list = NULL;

    for (guint i = 0; i < count; i++) {
        VirtProbeRecord *finding = virt_probe_record_get_item(record, "findings", i);
        const char *rule = virt_probe_rule_get_id(
            virt_probe_rule_find(virt_probe_record_get_text(finding, "rule")));

        if (severity_of(finding) >= audit->settings.fail_on && !g_ptr_array_find(rules, rule, NULL))
            g_ptr_array_add(rules, (gpointer) rule);
    }
    g_ptr_array_add(rules, NULL);
    list = g_strjoinv(", ", (char **) rules->pdata);
    return g_strdup_printf(_("denied: %s"), list);
}

/* An image that is judged, here or in a worker. */
typedef struct {
    const Audit *audit;
    ImageArgument image;
} Question;

/* What is open already has no place that could be judged. */
static VirtProbeRecord *
judge(const Audit *audit, const ImageArgument *argument, GError **error)
{
    VirtProbeDescribeFlags flags = VIRT_PROBE_DESCRIBE_AUDIT;
    g_autoptr(VirtProbeRecord) image = NULL;
    VirtProbeRecord *record;

    if (argument->fd < 0)
        return virt_probe_audit_file(argument->name, audit->format, &audit->settings, error);
    if (audit->format == NULL)
        flags |= VIRT_PROBE_DESCRIBE_RECOGNISE;
    image = image_argument_describe(argument, audit->format, flags, audit->settings.confine, error);
    if (image == NULL)
        return NULL;
    record = virt_probe_audit_new(image, &audit->settings);
    virt_probe_audit_add_descriptor(record, &audit->settings, argument->fd);
    return record;
}

static void
answer_fill(const Audit *audit, VirtProbeRecord *record, const char *name, WorkerAnswer *answer)
{
    const VirtProbeRecord *error;

    if (audit->missing != NULL)
        virt_probe_audit_add(record, &audit->settings, virt_probe_rule_find("sandbox-missing"),
                             audit->missing);
    error = virt_probe_record_get_record(record, "error");
    if (audit->is_json)
        answer->output = virt_probe_record_to_json(record);
    else if (error == NULL)
        answer->output = human_text(record, name);
    answer->status = STATUS_OK;
    if (!virt_probe_audit_is_denied(record))
        return;
    answer->status = error != NULL ? STATUS_FAILED : STATUS_DENIED;
    answer->message = error != NULL ? g_strdup(virt_probe_record_get_text(error, "message"))
                                    : denial_text(audit, record);
}

/* There is no verdict. */
static void
answer_fail(const Audit *audit, const char *name, const GError *error, WorkerAnswer *answer)
{
    answer->status = STATUS_FAILED;
    answer->message = g_strdup(error->message);
    if (audit->is_json) {
        g_autoptr(VirtProbeRecord) record = virt_probe_audit_new_unreadable(name, error);

        answer->output = virt_probe_record_to_json(record);
    }
}

/* A WorkerFunc. */
static void
answer_question(int fd, gpointer user_data, WorkerAnswer *answer)
{
    const Question *question = user_data;
    const ImageArgument argument = { question->image.name, fd };
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) record = judge(question->audit, &argument, &error);

    if (record != NULL)
        answer_fill(question->audit, record, argument.name, answer);
    else
        answer_fail(question->audit, argument.name, error, answer);
}

/* Of the worker only the answer comes back; when it is ended there is no verdict. */
static void
ask_worker(Question *question, WorkerAnswer *answer)
{
    g_autoptr(GError) error = NULL;

    if (!image_argument_ask(&question->image, answer_question, question, question->audit->is_json,
                            answer, &error))
        answer_fail(question->audit, question->image.name, error, answer);
}

static void
take_answer(Audit *audit, const char *name, const WorkerAnswer *answer)
{
    guint *count = answer->status == STATUS_OK       ? &audit->n_passed
                   : answer->status == STATUS_DENIED ? &audit->n_denied
                                                     : &audit->n_failed;

    ++*count;
    if (answer->output != NULL && audit->is_json)
        json_list_print(audit->list, answer->output);
    else if (answer->output != NULL && !audit->is_quiet)
        fputs(answer->output, stdout);
    if (answer->message != NULL)
        messages_add(audit->messages, name, answer->message);
    if (!audit->is_json)
        messages_flush(audit->messages);
}

static void
audit_image(Audit *audit, const ImageArgument *argument)
{
    Question question = { audit, *argument };
    g_auto(WorkerAnswer) answer = { .status = STATUS_FAILED };

    if (audit->settings.confine != NULL)
        ask_worker(&question, &answer);
    else
        answer_question(argument->fd, &question, &answer);
    take_answer(audit, argument->name, &answer);
}

static gboolean
audit_file(const char *path, const char *problem, gpointer user_data)
{
    const ImageArgument argument = { (char *) path, -1 };
    g_auto(WorkerAnswer) answer = { .status = STATUS_FAILED };
    Audit *audit = user_data;

    if (problem != NULL) {
        g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_FAILED, problem);

        answer_fail(audit, path, error, &answer);
        take_answer(audit, path, &answer);
    } else {
        audit_image(audit, &argument);
    }
    return !ferror(stdout);
}

static void
print_summary(const Audit *audit)
{
    guint count = audit->n_passed + audit->n_denied + audit->n_failed;

    if (audit->is_json)
        printf(",\n    \"summary\": {\n        \"images\": %u,\n        \"passed\": %u,\n"
               "        \"denied\": %u,\n        \"unreadable\": %u\n    }\n}\n",
               count, audit->n_passed, audit->n_denied, audit->n_failed);
    else if (!audit->is_quiet)
        printf(_("%u images: %u passed, %u denied, %u could not be read\n"), count, audit->n_passed,
               audit->n_denied, audit->n_failed);
}

static gboolean
is_several(const GArray *arguments)
{
    const ImageArgument *first = &g_array_index(arguments, ImageArgument, 0);

    return arguments->len > 1 || (first->fd < 0 && audit_is_directory(first->name));
}

static int
audit_all(Audit *audit, const GArray *arguments, gboolean is_recursive)
{
    gboolean has_summary = is_several(arguments);
    JsonList list;

    if (has_summary && audit->is_json) {
        json_list_begin_member(&list, "images");
        audit->list = &list;
    }
    for (guint i = 0; i < arguments->len && !ferror(stdout); i++) {
        const ImageArgument *argument = &g_array_index(arguments, ImageArgument, i);

        if (argument->fd >= 0)
            audit_image(audit, argument);
        else
            audit_walk(argument->name, is_recursive, audit_file, audit);
    }
    if (audit->list != NULL)
        json_list_end(audit->list);
    if (has_summary)
        print_summary(audit);
    messages_flush(audit->messages);
    if (audit->n_denied > 0)
        return STATUS_DENIED;
    return audit->n_failed > 0 ? STATUS_FAILED : STATUS_OK;
}

/* FALSE: a word is no rule, which was said. */
static gboolean
allowed_parse(const Invocation *invocation, char **words)
{
    if (words != NULL && words[0] == NULL) {
        usage_error(invocation->command, _("no rule is named"));
        return FALSE;
    }
    for (guint i = 0; words != NULL && words[i] != NULL; i++) {
        g_autofree char *shown = NULL;

        if (virt_probe_rule_find(words[i]) != NULL)
            continue;
        shown = shown_name(words[i]);
        usage_error(invocation->command, _("no rule is called '%s'"), shown);
        return FALSE;
    }
    return TRUE;
}

static void
profile_parse(const Invocation *invocation, VirtProbeAuditSettings *settings)
{
    const char *name = invocation->values[OPTION_PROFILE];

    while (name != NULL && strcmp(virt_probe_profile_get_name(settings->profile), name) != 0)
        settings->profile++;
    settings->fail_on = g_strcmp0(invocation->values[OPTION_FAIL_ON], "warning") == 0
                            ? VIRT_PROBE_SEVERITY_WARNING
                            : VIRT_PROBE_SEVERITY_DENY;
}

/* Names in images are compared with it as text. */
static gboolean
root_parse(const Invocation *invocation, char **out_root)
{
    const char *root = invocation->values[OPTION_ROOT];

    *out_root = root != NULL ? g_canonicalize_filename(root, NULL) : NULL;
    if (root == NULL || g_file_test(root, G_FILE_TEST_IS_DIR))
        return TRUE;
    usage_error(invocation->command, _("--root is no directory"));
    return FALSE;
}

/* FALSE: *out_status is how it ends, which was said. */
static gboolean
sandbox_parse(const Invocation *invocation, Audit *audit, int *out_status)
{
    gboolean is_required = invocation->values[OPTION_SANDBOX] != NULL;
    gboolean is_unwanted = invocation->values[OPTION_NO_SANDBOX] != NULL;

    if (is_required && is_unwanted) {
        *out_status =
            usage_error(&command_audit, _("--sandbox and --no-sandbox contradict each other"));
        return FALSE;
    }
    audit->missing = is_unwanted ? NULL : sandbox_missing(SANDBOX_READER);
    if (is_required && audit->missing != NULL) {
        message_print("%s", _(audit->missing));
        *out_status = STATUS_FAILED;
        return FALSE;
    }
    if (!is_unwanted)
        audit->settings.confine = worker_confine;
    /* Any text loads the translations, which a worker could not open. */
    (void) _("PASS");
    return TRUE;
}

static int
run(const Invocation *invocation)
{
    const char *allow = invocation->values[OPTION_ALLOW];
    g_auto(GStrv) allowed = allow != NULL ? g_strsplit(allow, ",", -1) : NULL;
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) targets = NULL;
    g_autoptr(GArray) arguments = NULL;
    g_autofree char *root = NULL;
    int status;
    Audit audit = {
        .settings = { .allowed = (const char *const *) allowed },
        .format = invocation->values[OPTION_FORMAT],
        .is_json = g_strcmp0(invocation->values[OPTION_OUTPUT], "json") == 0,
        .is_quiet = invocation->values[OPTION_QUIET] != NULL,
        .messages = messages,
    };

    if (invocation->values[OPTION_LIST_TARGETS] != NULL && invocation->n_arguments > 0)
        return usage_error(invocation->command, _("--list-targets judges no image"));
    if (invocation->values[OPTION_LIST_TARGETS] != NULL)
        return targets_print(audit.is_json) ? STATUS_OK : STATUS_FAILED;
    arguments = image_arguments_collect(invocation, OPTION_FD);
    if (arguments == NULL || !targets_parse(invocation, invocation->values[OPTION_FOR], &targets))
        return STATUS_USAGE;
    if (!allowed_parse(invocation, allowed) || !root_parse(invocation, &root)
        || !size_option(invocation, OPTION_MAX_VIRTUAL_SIZE, &audit.settings.virtual_size_max))
        return STATUS_USAGE;
    if (audit.is_json && audit.is_quiet)
        return usage_error(&command_audit, _("-q and --output=json contradict each other"));
    if (!sandbox_parse(invocation, &audit, &status))
        return status;
    profile_parse(invocation, &audit.settings);
    audit.settings.root = root;
    audit.settings.targets = (const VirtProbeTarget *const *) targets->pdata;
    return audit_all(&audit, arguments, invocation->values[OPTION_RECURSIVE] != NULL);
}

const Command command_audit = {
    .name = "audit",
    .arguments = "TARGET…",
    .summary = N_("judge whether images may be given to programs that trust them"),
    .example = "virt-probe audit --profile=upload upload.qcow2",
    COMMAND_OPTIONS(options),
    .argument_kind = VALUE_FILE,
    .n_arguments_max = G_MAXUINT,
    .run = run,
};
