/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit.c: the public calls that judge an image, and the record of a judgement. */
#include "storage/audit/audit.h"
#include "util/error.h"
#include "virtprobe/describe.h"

#include <string.h>

#define MESSAGE_MAX 512
#define VERDICT_PASS "pass"
#define VERDICT_DENIED "denied"
#define VERDICT_ERROR "error"

static gboolean
rule_is_allowed(const VirtProbeAuditSettings *settings, const VirtProbeRule *rule)
{
    return settings->allowed != NULL && g_strv_contains(settings->allowed, rule->id);
}

/* A finding that is lost for want of memory still denies. */
static void
audit_add_as(VpAudit *audit, const VirtProbeRule *rule, VirtProbeSeverity severity,
             gboolean is_allowed, guint64 offset, guint64 len, const char *message)
{
    VirtProbeSeverity fail_on = audit->settings->fail_on != VIRT_PROBE_SEVERITY_INFO
                                    ? audit->settings->fail_on
                                    : VIRT_PROBE_SEVERITY_DENY;
    VirtProbeRecord *finding = vp_record_append(audit->record, VP_AUDIT_FINDINGS);

    vp_record_set_constant(finding, VP_FINDING_RULE, rule->id);
    vp_record_set_constant(finding, VP_FINDING_SEVERITY, virt_probe_severity_get_name(severity));
    if (is_allowed)
        vp_record_set_bool(finding, VP_FINDING_ALLOWED, TRUE);
    if (len > 0) {
        vp_record_set_uint(finding, VP_FINDING_OFFSET, offset);
        vp_record_set_uint(finding, VP_FINDING_LENGTH, len);
    }
    vp_record_set_string(finding, VP_FINDING_MESSAGE, message);
    audit->is_denied |= severity >= fail_on;
}

static void
audit_add(VpAudit *audit, const VirtProbeRule *rule, guint64 offset, guint64 len,
          const char *message)
{
    gboolean is_allowed = rule_is_allowed(audit->settings, rule);

    audit_add_as(audit, rule,
                 is_allowed ? VIRT_PROBE_SEVERITY_INFO
                            : virt_probe_rule_get_severity(rule, audit->settings->profile),
                 is_allowed, offset, len, message);
}

/* No profile but the one that only tells, and no rule that is allowed, makes up for what was not looked at. */
static void
find_unseen(VpAudit *audit, VpRuleId rule, const char *message)
{
    gboolean only_tells = audit->settings->profile == VIRT_PROBE_PROFILE_REPORT;

    audit_add_as(audit, vp_rule(rule),
                 only_tells ? VIRT_PROBE_SEVERITY_WARNING : VIRT_PROBE_SEVERITY_DENY, FALSE, 0, 0,
                 message);
}

void
vp_audit_find(VpAudit *audit, VpRuleId rule, guint64 offset, guint64 len, const char *message, ...)
{
    char text[MESSAGE_MAX];
    va_list args;

    va_start(args, message);
    g_vsnprintf(text, sizeof text, message, args);
    va_end(args);
    audit_add(audit, vp_rule(rule), offset, len, text);
}

static void
audit_init(VpAudit *audit, const VirtProbeAuditSettings *settings)
{
    *audit = (VpAudit) { .record = vp_tree_new(VP_RECORD_AUDIT, TRUE), .settings = settings };
    vp_record_set_uint(audit->record, VP_AUDIT_SCHEMA, 1);
    vp_record_set_constant(audit->record, VP_AUDIT_PROFILE,
                           virt_probe_profile_get_name(settings->profile));
    vp_record_set_empty_list(audit->record, VP_AUDIT_FINDINGS);
}

/* A judgement that was made, to be added to. */
static void
audit_resume(VpAudit *audit, VirtProbeRecord *record, const VirtProbeAuditSettings *settings)
{
    *audit = (VpAudit) {
        .record = record,
        .settings = settings,
        .is_denied = virt_probe_audit_is_denied(record),
        .is_unreadable = vp_record_has(record, VP_AUDIT_ERROR),
    };
}

static void
audit_decide(VpAudit *audit)
{
    const char *verdict = audit->is_denied ? VERDICT_DENIED : VERDICT_PASS;

    vp_record_set_constant(audit->record, VP_AUDIT_VERDICT,
                           audit->is_unreadable ? VERDICT_ERROR : verdict);
}

/* Nothing at all could be read: that is no verdict on the image. */
static void
take_error(VpAudit *audit, const VirtProbeRecord *image, const VirtProbeRecord *extra)
{
    const VirtProbeRecord *error = vp_record_get_record(extra, VP_PROBE_ERROR);
    const char *code = vp_record_get_text(error, VP_ERROR_CODE);
    VirtProbeRecord *copy;

    if (vp_record_has(image, VP_IMAGE_FORMAT) || code == NULL || strcmp(code, "io") != 0)
        return;
    audit->is_unreadable = TRUE;
    copy = vp_record_set_record(audit->record, VP_AUDIT_ERROR, VP_RECORD_ERROR);
    vp_record_copy_text(copy, VP_ERROR_CODE, error, VP_ERROR_CODE);
    vp_record_copy_text(copy, VP_ERROR_MESSAGE, error, VP_ERROR_MESSAGE);
}

/* A rule that is not known cannot be judged, so it denies. */
static void
take_findings(VpAudit *audit, const VirtProbeRecord *extra)
{
    const VpValue *list = vp_record_get(extra, VP_PROBE_FINDINGS);

    for (guint i = 0; list != NULL && i < list->list->count; i++) {
        const VirtProbeRecord *finding = list->list->items[i];
        const char *id = vp_record_get_text(finding, VP_FINDING_RULE);
        const VirtProbeRule *rule = id != NULL ? virt_probe_rule_find(id) : NULL;
        const char *message = vp_record_get_text(finding, VP_FINDING_MESSAGE);

        audit_add(audit, rule != NULL ? rule : vp_rule(VP_RULE_LIMIT),
                  vp_record_get_number(finding, VP_FINDING_OFFSET),
                  vp_record_get_number(finding, VP_FINDING_LENGTH),
                  message != NULL ? message : "a finding found no room");
    }
}

static void
judge_for_targets(VpAudit *audit, const VirtProbeRecord *image)
{
    const VirtProbeTarget *const *targets = audit->settings->targets;

    for (guint i = 0; targets != NULL && targets[i] != NULL; i++) {
        g_auto(GStrv) reasons = virt_probe_target_judge(targets[i], image);
        const char *name = virt_probe_target_get_name(targets[i]);

        vp_record_append_text(audit->record, VP_AUDIT_TARGETS, name, strlen(name));
        for (guint k = 0; reasons[k] != NULL; k++)
            vp_audit_find(audit, VP_RULE_TARGET, 0, 0, "%s", reasons[k]);
    }
}

static void
copy_sandbox(VirtProbeRecord *audit, const VirtProbeRecord *extra)
{
    const VirtProbeRecord *sandbox = vp_record_get_record(extra, VP_PROBE_SANDBOX);
    VirtProbeRecord *copy;

    if (sandbox == NULL)
        return;
    copy = vp_record_set_record(audit, VP_AUDIT_SANDBOX, VP_RECORD_SANDBOX);
    vp_record_set_bool(copy, VP_SANDBOX_SECCOMP,
                       vp_record_get_number(sandbox, VP_SANDBOX_SECCOMP) != 0);
    vp_record_copy_number(copy, VP_SANDBOX_LANDLOCK, sandbox, VP_SANDBOX_LANDLOCK);
}

/* What could not be described at all has no findings that would say so. */
static void
audit_image(VpAudit *audit, const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    const char *state = vp_record_get_text(extra, VP_PROBE_STATE);

    vp_record_copy_text(audit->record, VP_AUDIT_FILENAME, image, VP_IMAGE_FILENAME);
    vp_record_copy_text(audit->record, VP_AUDIT_FORMAT, image, VP_IMAGE_FORMAT);
    vp_record_copy_text(audit->record, VP_AUDIT_FORMAT_SOURCE, extra, VP_PROBE_FORMAT_SOURCE);
    vp_record_copy_number(audit->record, VP_AUDIT_VIRTUAL_SIZE, image, VP_IMAGE_VIRTUAL_SIZE);
    vp_record_copy_number(audit->record, VP_AUDIT_FILE_SIZE, extra, VP_PROBE_FILE_SIZE);
    copy_sandbox(audit->record, extra);
    take_findings(audit, extra);
    take_error(audit, image, extra);
    if (!vp_state_is_described(state))
        find_unseen(audit, VP_RULE_IO_ERROR, "the image could not be described");
    else if (!vp_record_has(image, VP_IMAGE_FORMAT))
        find_unseen(audit, VP_RULE_NOT_DESCRIBED,
                    "no format is certain, so nothing of the image was looked at");
    else if (!image->tree->is_examined)
        find_unseen(audit, VP_RULE_NOT_EXAMINED,
                    "the image was not described for an audit, so other formats in it were not "
                    "looked for");
    vp_audit_judge(audit, image);
    judge_for_targets(audit, image);
}

VirtProbeRecord *
virt_probe_audit_new(const VirtProbeRecord *image, const VirtProbeAuditSettings *settings)
{
    VpAudit audit;

    g_return_val_if_fail(image != NULL && settings != NULL, NULL);
    g_return_val_if_fail(image->type == vp_record_type(VP_RECORD_IMAGE), NULL);

    audit_init(&audit, settings);
    audit_image(&audit, image);
    audit_decide(&audit);
    return audit.record;
}

static VirtProbeRecord *
file_describe(const char *path, const char *format, const VirtProbeAuditSettings *settings,
              GError **error)
{
    VirtProbeDescribeFlags flags = VIRT_PROBE_DESCRIBE_AUDIT;

    if (format == NULL)
        flags |= VIRT_PROBE_DESCRIBE_RECOGNISE;
    if (settings->confine != NULL)
        return virt_probe_describe_file_confined(path, format, flags, settings->confine,
                                                 settings->confine_data, error);
    return virt_probe_describe_file(path, format, flags, error);
}

VirtProbeRecord *
virt_probe_audit_file(const char *path, const char *format, const VirtProbeAuditSettings *settings,
                      GError **error)
{
    g_autoptr(VirtProbeRecord) record = NULL;
    g_autoptr(VirtProbeRecord) image = NULL;
    gboolean may_open = FALSE;
    VpAudit audit;

    g_return_val_if_fail(path != NULL && settings != NULL, NULL);

    audit_init(&audit, settings);
    record = audit.record;
    if (!vp_audit_look_at_place(&audit, path, &may_open, error))
        return NULL;
    if (may_open) {
        image = file_describe(path, format, settings, error);
        if (image == NULL)
            return NULL;
        audit_image(&audit, image);
    } else {
        vp_record_set_string(record, VP_AUDIT_FILENAME, path);
    }
    audit_decide(&audit);
    return g_steal_pointer(&record);
}

VirtProbeRecord *
virt_probe_audit_new_unreadable(const char *name, const GError *error)
{
    VirtProbeRecord *record;
    VirtProbeRecord *problem;

    g_return_val_if_fail(name != NULL && error != NULL, NULL);

    record = vp_tree_new(VP_RECORD_AUDIT, TRUE);
    vp_record_set_uint(record, VP_AUDIT_SCHEMA, 1);
    vp_record_set_string(record, VP_AUDIT_FILENAME, name);
    vp_record_set_constant(record, VP_AUDIT_VERDICT, VERDICT_ERROR);
    problem = vp_record_set_record(record, VP_AUDIT_ERROR, VP_RECORD_ERROR);
    vp_record_set_constant(problem, VP_ERROR_CODE, vp_error_name(error));
    vp_record_set_string(problem, VP_ERROR_MESSAGE, error->message);
    return record;
}

void
virt_probe_audit_add(VirtProbeRecord *audit, const VirtProbeAuditSettings *settings,
                     const VirtProbeRule *rule, const char *message)
{
    VpAudit judgement;

    g_return_if_fail(audit != NULL && audit->type == vp_record_type(VP_RECORD_AUDIT));
    g_return_if_fail(settings != NULL && rule != NULL && message != NULL);

    audit_resume(&judgement, audit, settings);
    audit_add(&judgement, rule, 0, 0, message);
    audit_decide(&judgement);
}

void
virt_probe_audit_add_descriptor(VirtProbeRecord *audit, const VirtProbeAuditSettings *settings,
                                int fd)
{
    VpAudit judgement;

    g_return_if_fail(audit != NULL && audit->type == vp_record_type(VP_RECORD_AUDIT));
    g_return_if_fail(settings != NULL && fd >= 0);

    audit_resume(&judgement, audit, settings);
    vp_audit_look_at_descriptor(&judgement, fd);
    audit_decide(&judgement);
}

gboolean
virt_probe_audit_is_denied(const VirtProbeRecord *audit)
{
    const char *verdict;

    g_return_val_if_fail(audit != NULL && audit->type == vp_record_type(VP_RECORD_AUDIT), TRUE);

    verdict = vp_record_get_text(audit, VP_AUDIT_VERDICT);
    return verdict == NULL || strcmp(verdict, VERDICT_PASS) != 0;
}
