/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rule.h: the rules that findings name. */
#pragma once

#include <virtprobe/record.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeSeverity:
 * @VIRT_PROBE_SEVERITY_INFO: a fact
 * @VIRT_PROBE_SEVERITY_NOTICE: worth a look
 * @VIRT_PROBE_SEVERITY_WARNING: something is wrong or dangerous
 * @VIRT_PROBE_SEVERITY_DENY: reason enough not to take the image
 *
 * How serious a finding is.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_SEVERITY_INFO,
    VIRT_PROBE_SEVERITY_NOTICE,
    VIRT_PROBE_SEVERITY_WARNING,
    VIRT_PROBE_SEVERITY_DENY,
} VirtProbeSeverity;

/**
 * VirtProbeProfile:
 * @VIRT_PROBE_PROFILE_UPLOAD: whoever made the image chose all its bytes; the strictest
 * @VIRT_PROBE_PROFILE_POOL: an image in a directory of one's own
 * @VIRT_PROBE_PROFILE_REPORT: only tell; nothing is above a warning
 *
 * Whose image it is, which decides how serious a finding is.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_PROFILE_UPLOAD,
    VIRT_PROBE_PROFILE_POOL,
    VIRT_PROBE_PROFILE_REPORT,
} VirtProbeProfile;

/**
 * VirtProbeFinders:
 * @VIRT_PROBE_FINDERS_DESCRIPTION: any description of an image, and so whatever needs one: a list, a chain, an audit
 * @VIRT_PROBE_FINDERS_EXAMINATION: a description with %VIRT_PROBE_DESCRIBE_AUDIT, in the bytes of the image
 * @VIRT_PROBE_FINDERS_JUDGEMENT: an audit, by the place of the file, the facts of the image and the audit's settings; no
 *   description has such a finding
 * @VIRT_PROBE_FINDERS_CHAIN: a chain, which opens the files that images name. An audit opens none, so it never finds what only
 *   a chain does
 *
 * Who can find something.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_FINDERS_DESCRIPTION = 1 << 0,
    VIRT_PROBE_FINDERS_EXAMINATION = 1 << 1,
    VIRT_PROBE_FINDERS_JUDGEMENT = 1 << 2,
    VIRT_PROBE_FINDERS_CHAIN = 1 << 3,
} VirtProbeFinders;

/**
 * VirtProbeRule:
 *
 * A rule that a finding can name. Rules are constants of the library; ids are stable.
 *
 * Since: 0.1
 */
typedef struct _VirtProbeRule VirtProbeRule;

#define VIRT_PROBE_TYPE_RULE (virt_probe_rule_get_type())
GType virt_probe_rule_get_type(void);

/**
 * virt_probe_rule_find:
 * @id: the id of a rule, such as "truncated"
 *
 * Returns: (transfer none) (nullable): the rule, or %NULL when none has that id
 *
 * Since: 0.1
 */
const VirtProbeRule *virt_probe_rule_find(const char *id);

/**
 * virt_probe_rule_get_nth:
 * @index: which rule, from 0
 *
 * Returns: (transfer none) (nullable): the rule, or %NULL when there are not so many
 *
 * Since: 0.1
 */
const VirtProbeRule *virt_probe_rule_get_nth(guint index);

/**
 * virt_probe_rule_get_id:
 * @rule: a rule
 *
 * Returns: (transfer none): its stable id
 *
 * Since: 0.1
 */
const char *virt_probe_rule_get_id(const VirtProbeRule *rule);

/**
 * virt_probe_rule_get_title:
 * @rule: a rule
 *
 * Returns: (transfer none): what is found, one phrase in English, marked for translation
 *
 * Since: 0.1
 */
const char *virt_probe_rule_get_title(const VirtProbeRule *rule);

/**
 * virt_probe_rule_get_explanation:
 * @rule: a rule
 *
 * Returns: (transfer none): what it means, sentences in English, marked for translation
 *
 * Since: 0.1
 */
const char *virt_probe_rule_get_explanation(const VirtProbeRule *rule);

/**
 * virt_probe_rule_get_remedy:
 * @rule: a rule
 *
 * Returns: (transfer none): what to do, sentences in English, marked for translation
 *
 * Since: 0.1
 */
const char *virt_probe_rule_get_remedy(const VirtProbeRule *rule);

/**
 * virt_probe_rule_get_cves:
 * @rule: a rule
 *
 * Returns: (transfer none): published vulnerabilities of this kind, separated by spaces; may be empty
 *
 * Since: 0.1
 */
const char *virt_probe_rule_get_cves(const VirtProbeRule *rule);

/**
 * virt_probe_rule_get_severity:
 * @rule: a rule
 * @profile: whose image it is
 *
 * Returns: how serious a finding of this rule is
 *
 * Since: 0.1
 */
VirtProbeSeverity virt_probe_rule_get_severity(const VirtProbeRule *rule, VirtProbeProfile profile);

/**
 * virt_probe_rule_breaks:
 * @rule: a rule
 *
 * Returns: %TRUE when a finding of this rule means that the image is damaged or cannot be understood
 *
 * Since: 0.1
 */
gboolean virt_probe_rule_breaks(const VirtProbeRule *rule);

/**
 * virt_probe_rule_get_finders:
 * @rule: a rule
 *
 * Returns: who can have found something by this rule
 *
 * Since: 0.1
 */
VirtProbeFinders virt_probe_rule_get_finders(const VirtProbeRule *rule);

/**
 * virt_probe_finder_get_title:
 * @finder: one of the finders
 *
 * Returns: (transfer none) (nullable): who that is, one phrase in English, marked for translation; %NULL when it is not one
 *   of them alone
 *
 * Since: 0.1
 */
const char *virt_probe_finder_get_title(VirtProbeFinders finder);

/**
 * virt_probe_rule_to_record:
 * @rule: a rule
 *
 * The rule with all its texts, for virt_probe_record_to_json().
 *
 * Returns: (transfer full): the record "explanation" of docs/fields.md
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_rule_to_record(const VirtProbeRule *rule);

/**
 * virt_probe_profile_get_name:
 * @profile: whose image it is
 *
 * Returns: (transfer none): its stable name: "upload", "pool" or "report"
 *
 * Since: 0.1
 */
const char *virt_probe_profile_get_name(VirtProbeProfile profile);

/**
 * virt_probe_severity_get_name:
 * @severity: a severity
 *
 * Returns: (transfer none): its stable name: "info", "notice", "warning" or "deny"
 *
 * Since: 0.1
 */
const char *virt_probe_severity_get_name(VirtProbeSeverity severity);

#pragma GCC visibility pop
G_END_DECLS
