/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-audit.c: `virt-probe audit`: whether images may be given to programs that trust them. */
#include "audit-walk.h"
#include "json-list.h"
#include "size-option.h"

#include <virtprobe/virtprobe.h>

#include <stdio.h>
#include <string.h>

enum {
    OPTION_FORMAT,
    OPTION_PROFILE,
    OPTION_FAIL_ON,
    OPTION_ALLOW,
    OPTION_MAX_VIRTUAL_SIZE,
    OPTION_ROOT,
    OPTION_RECURSIVE,
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
    [OPTION_MAX_VIRTUAL_SIZE] = { 0, "max-virtual-size", VALUE_TEXT, "SIZE", NULL,
                                  N_("larger disks are denied; without it 64T"), NULL },
    [OPTION_ROOT] = { 0, "root", VALUE_DIRECTORY, "DIR", NULL,
                      N_("absolute names may lead to what lies beneath DIR"), NULL },
    [OPTION_RECURSIVE] = { 'r', "recursive", VALUE_NONE, NULL, NULL,
                           N_("also directories in directories"), NULL },
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
print_findings(const VirtProbeRecord *audit)
{
    guint count = virt_probe_record_get_length(audit, "findings");

    for (guint severity = VIRT_PROBE_SEVERITY_DENY + 1; severity-- > 0;) {
        for (guint i = 0; i < count; i++) {
            const VirtProbeRecord *finding = virt_probe_record_get_item(audit, "findings", i);
            gboolean is_allowed = virt_probe_record_get_boolean(finding, "allowed", NULL);
            g_autofree char *message = shown_name(virt_probe_record_get_text(finding, "message"));

            if (severity_of(finding) != severity
                || (severity == VIRT_PROBE_SEVERITY_INFO && !is_allowed))
                continue;
            printf("    %-8s %s: %s\n",
                   is_allowed ? _("allowed") : virt_probe_record_get_text(finding, "severity"),
                   virt_probe_record_get_text(finding, "rule"), message);
        }
    }
}

static void
print_human(const VirtProbeRecord *audit, const char *path, gboolean is_denied)
{
    const char *format = virt_probe_record_get_text(audit, "format");
    g_autofree char *shown = shown_name(path);

    printf("%s: %s", shown, is_denied ? _("DENIED") : _("PASS"));
    printf(format != NULL ? " (%s)\n" : "\n", format);
    print_findings(audit);
}

/* One line on stderr: what has denied the image. */
static void
add_denial(Audit *audit, const VirtProbeRecord *record, const char *path)
{
    VirtProbeSeverity fail_on = MAX(audit->settings.fail_on, VIRT_PROBE_SEVERITY_WARNING);
    guint count = virt_probe_record_get_length(record, "findings");
    g_autoptr(GPtrArray) rules = g_ptr_array_new();
    g_autofree char *list = NULL;
    g_autofree char *message = NULL;

    if (audit->settings.fail_on == VIRT_PROBE_SEVERITY_INFO)
        fail_on = VIRT_PROBE_SEVERITY_DENY;
    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *finding = virt_probe_record_get_item(record, "findings", i);
        const char *rule = virt_probe_rule_get_id(
            virt_probe_rule_find(virt_probe_record_get_text(finding, "rule")));

        if (severity_of(finding) >= fail_on && !g_ptr_array_find(rules, rule, NULL))
            g_ptr_array_add(rules, (gpointer) rule);
    }
    g_ptr_array_add(rules, NULL);
    list = g_strjoinv(", ", (char **) rules->pdata);
    message = g_strdup_printf(_("denied: %s"), list);
    messages_add(audit->messages, path, message);
}

static void
show(Audit *audit, const VirtProbeRecord *record, const char *path, gboolean is_denied)
{
    if (audit->is_json) {
        g_autofree char *json = virt_probe_record_to_json(record);

        json_list_print(audit->list, json);
    } else if (!audit->is_quiet) {
        print_human(record, path, is_denied);
    }
    if (is_denied)
        add_denial(audit, record, path);
    if (!audit->is_json)
        messages_flush(audit->messages);
}

static void
fail(Audit *audit, const char *path, const GError *error)
{
    g_autoptr(VirtProbeRecord) record = virt_probe_audit_new_unreadable(path, error);

    audit->n_failed++;
    if (audit->is_json) {
        g_autofree char *json = virt_probe_record_to_json(record);

        json_list_print(audit->list, json);
    }
    messages_add(audit->messages, path, error->message);
    if (!audit->is_json)
        messages_flush(audit->messages);
}

static gboolean
audit_file(const char *path, const char *problem, gpointer user_data)
{
    Audit *audit = user_data;
    g_autoptr(VirtProbeRecord) record = NULL;
    g_autoptr(GError) error = NULL;
    gboolean is_denied;

    if (problem != NULL)
        g_set_error_literal(&error, G_FILE_ERROR, G_FILE_ERROR_FAILED, problem);
    else
        record = virt_probe_audit_file(path, audit->format, &audit->settings, &error);
    if (record == NULL) {
        fail(audit, path, error);
        return TRUE;
    }
    is_denied = virt_probe_audit_is_denied(record);
    if (is_denied)
        audit->n_denied++;
    else
        audit->n_passed++;
    show(audit, record, path, is_denied);
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
is_several(const Invocation *invocation)
{
    return invocation->n_arguments > 1 || audit_is_directory(invocation->arguments[0]);
}

static int
audit_all(Audit *audit, const Invocation *invocation)
{
    gboolean has_summary = is_several(invocation);
    JsonList list;

    if (has_summary && audit->is_json) {
        json_list_begin_member(&list, "images");
        audit->list = &list;
    }
    for (guint i = 0; i < invocation->n_arguments && !ferror(stdout); i++)
        audit_walk(invocation->arguments[i], invocation->values[OPTION_RECURSIVE] != NULL,
                   audit_file, audit);
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
    if (g_strcmp0(invocation->values[OPTION_FAIL_ON], "warning") == 0)
        settings->fail_on = VIRT_PROBE_SEVERITY_WARNING;
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

static int
run(const Invocation *invocation)
{
    const char *allow = invocation->values[OPTION_ALLOW];
    g_auto(GStrv) allowed = allow != NULL ? g_strsplit(allow, ",", -1) : NULL;
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *root = NULL;
    Audit audit = {
        .settings = { .allowed = (const char *const *) allowed },
        .format = invocation->values[OPTION_FORMAT],
        .is_json = g_strcmp0(invocation->values[OPTION_OUTPUT], "json") == 0,
        .is_quiet = invocation->values[OPTION_QUIET] != NULL,
        .messages = messages,
    };

    if (!allowed_parse(invocation, allowed) || !root_parse(invocation, &root)
        || !size_option(invocation, OPTION_MAX_VIRTUAL_SIZE, &audit.settings.virtual_size_max))
        return STATUS_USAGE;
    if (audit.is_json && audit.is_quiet)
        return usage_error(&command_audit, _("-q and --output=json contradict each other"));
    profile_parse(invocation, &audit.settings);
    audit.settings.root = root;
    return audit_all(&audit, invocation);
}

const Command command_audit = {
    .name = "audit",
    .arguments = "TARGET…",
    .summary = N_("judge whether images may be given to programs that trust them"),
    .example = "virt-probe audit --profile=upload upload.qcow2",
    COMMAND_OPTIONS(options),
    .argument_kind = VALUE_FILE,
    .n_arguments_min = 1,
    .n_arguments_max = G_MAXUINT,
    .run = run,
};
