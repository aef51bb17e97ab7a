/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-audit-policy.c: what the facts of an image mean, and how findings decide. */
#include "audit-fixture.h"
#include "qcow2-image.h"

#include <string.h>

static void
test_denies_formats_of_the_past(void)
{
    static const char *const legacy[] = { "qcow", "qed", "bochs", "cloop", "cow", "dmg" };
    static const char *const current[] = { "qcow2", "vmdk", "vdi",      "vpc",
                                           "vhdx",  "luks", "parallels" };

    for (guint i = 0; i < G_N_ELEMENTS(legacy); i++) {
        g_autoptr(GByteArray) bytes = audit_healthy_new(legacy[i], 0);

        g_test_message("%s", legacy[i]);
        audit_assert_severity(bytes, legacy[i], "banned-format", "deny");
    }
    for (guint i = 0; i < G_N_ELEMENTS(current); i++) {
        g_autoptr(GByteArray) bytes = audit_healthy_new(current[i], 0);

        g_test_message("%s", current[i]);
        audit_assert_severity(bytes, current[i], "banned-format", "none");
    }
}

static void
judge_size(guint64 virtual_size, guint file_size, guint64 maximum, const char *rule,
           const char *severity)
{
    const VirtProbeAuditSettings settings = { .virtual_size_max = maximum };
    g_autoptr(GByteArray) bytes = audit_healthy_new("vdi", file_size);
    g_autoptr(VirtProbeRecord) audit = NULL;
    g_autofree char *found = NULL;

    put_little(bytes->data + 368, 8, virtual_size);
    audit = audit_bytes(bytes->data, bytes->len, NULL, "vdi", &settings);
    found = audit_severity_of(audit, rule);
    g_assert_cmpstr(found, ==, severity);
}

static void
test_judges_sizes(void)
{
    const guint64 tib = G_GUINT64_CONSTANT(1) << 40;

    judge_size(64 * tib, 0, 0, "oversized-virtual-size", "none");
    judge_size(64 * tib + 512, 0, 0, "oversized-virtual-size", "deny");
    judge_size(10 * MIB, 0, 10 * MIB, "oversized-virtual-size", "none");
    judge_size(10 * MIB + 512, 0, 10 * MIB, "oversized-virtual-size", "deny");
    judge_size(tib, 64 * KIB, 0, "thin-ratio", "none");
    judge_size(tib + 512, 64 * KIB, 0, "thin-ratio", "warning");
    judge_size(tib + 10000 * 512, (tib + 10000 * 512) / 10000 + 1, 0, "thin-ratio", "none");
    judge_size(2 * tib, 230 * MIB, 0, "thin-ratio", "none");
}

/* A qcow2 with that backing name. (transfer full) */
static VirtProbeRecord *
judge_backing(const char *backing, const char *name, const VirtProbeAuditSettings *settings)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(12);

    qcow2_set_backing(image, backing);
    return audit_bytes(image->bytes, image->size, name, "qcow2", settings);
}

static void
test_judges_where_names_lead(void)
{
    static const struct {
        const char *backing;
        const char *name;
        const char *root;
        const char *severity;
    } cases[] = {
        { "base.qcow2", "a.qcow2", NULL, "none" },
        { "sub/../base.qcow2", "a.qcow2", NULL, "none" },
        { "../base.qcow2", "a.qcow2", NULL, "deny" },
        { "sub/../../base.qcow2", "a.qcow2", NULL, "deny" },
        { "./..//x", "a.qcow2", NULL, "deny" },
        { "..x/y", "a.qcow2", NULL, "none" },
        { "/pool/base.qcow2", "a.qcow2", NULL, "deny" },
        { "/pool/base.qcow2", "/pool/a.qcow2", NULL, "none" },
        { "/pool/sub/base.qcow2", "/pool/a.qcow2", NULL, "none" },
        { "/pool/../etc/passwd", "/pool/a.qcow2", NULL, "deny" },
        { "/pools/base.qcow2", "/pool/a.qcow2", NULL, "deny" },
        { "/pool/base.qcow2", "a.qcow2", "/pool/", "none" },
        { "/pool/base.qcow2", "/pool/a.qcow2", "/other", "deny" },
        { "/anything", "a.qcow2", "/", "none" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const VirtProbeAuditSettings settings = { .root = cases[i].root };
        g_autoptr(VirtProbeRecord) audit =
            judge_backing(cases[i].backing, cases[i].name, &settings);
        g_autofree char *found = audit_severity_of(audit, "path-outside-pool");

        g_test_message("%s in %s", cases[i].backing, cases[i].name);
        g_assert_cmpstr(found, ==, cases[i].severity);
    }
}

static void
test_profiles_and_allowed_rules_decide(void)
{
    static const char *const backing[] = { "backing-file", "backing-format-missing", NULL };
    static const struct {
        VirtProbeAuditSettings settings;
        gboolean is_denied;
        const char *severity;
    } cases[] = {
        { { .profile = VIRT_PROBE_PROFILE_UPLOAD }, TRUE, "deny" },
        { { .profile = VIRT_PROBE_PROFILE_POOL }, FALSE, "info" },
        { { .profile = VIRT_PROBE_PROFILE_REPORT }, FALSE, "info" },
        { { .profile = VIRT_PROBE_PROFILE_POOL, .fail_on = VIRT_PROBE_SEVERITY_WARNING },
          TRUE,
          "info" },
        { { .profile = VIRT_PROBE_PROFILE_UPLOAD, .allowed = backing }, FALSE, "info" },
        { { .fail_on = VIRT_PROBE_SEVERITY_WARNING, .allowed = backing }, FALSE, "info" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirtProbeRecord) audit =
            judge_backing("base.qcow2", "a.qcow2", &cases[i].settings);
        g_autofree char *found = audit_severity_of(audit, "backing-file");

        g_test_message("case %u", i);
        g_assert_cmpint(virt_probe_audit_is_denied(audit), ==, cases[i].is_denied);
        g_assert_cmpstr(found, ==, cases[i].severity);
        g_assert_cmpstr(virt_probe_record_get_text(audit, "verdict"), ==,
                        cases[i].is_denied ? "denied" : "pass");
        g_assert_cmpstr(virt_probe_record_get_text(audit, "profile"), ==,
                        virt_probe_profile_get_name(cases[i].settings.profile));
    }
}

/* Of an image without a certain format nothing else is known that could deny it. */
static void
test_allowing_an_ambiguous_image_is_not_enough(void)
{
    static const char *const allowed[] = { "polyglot", "format-not-described", NULL };
    static const struct {
        VirtProbeProfile profile;
        gboolean is_denied;
    } cases[] = { { VIRT_PROBE_PROFILE_UPLOAD, TRUE },
                  { VIRT_PROBE_PROFILE_POOL, TRUE },
                  { VIRT_PROBE_PROFILE_REPORT, FALSE } };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const VirtProbeAuditSettings settings = { .profile = cases[i].profile, .allowed = allowed };
        g_autoptr(GByteArray) bytes = audit_healthy_new("qcow2", 0);
        g_autoptr(VirtProbeRecord) audit = NULL;

        audit_put(bytes, 64, BYTES("\x7f\x10\xda\xbe"));
        audit = audit_bytes(bytes->data, bytes->len, NULL, NULL, &settings);
        g_assert_cmpint(virt_probe_audit_is_denied(audit), ==, cases[i].is_denied);
    }
}

/* The declaration is what the caller knows, whose pool it is. */
static void
test_a_wrong_declaration_is_denied_in_a_pool(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_POOL };
    g_autoptr(GByteArray) bytes = audit_zeros_new(64 * KIB);
    g_autoptr(VirtProbeRecord) audit =
        audit_bytes(bytes->data, bytes->len, NULL, "qcow2", &settings);

    g_assert_true(virt_probe_audit_is_denied(audit));
}

static void
test_callers_add_findings_of_their_own(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(GByteArray) bytes = audit_healthy_new("qcow2", 0);
    g_autoptr(VirtProbeRecord) audit = audit_bytes(bytes->data, bytes->len, NULL, NULL, &settings);

    g_assert_false(virt_probe_audit_is_denied(audit));
    virt_probe_audit_add(audit, &settings, virt_probe_rule_find("target-refuses"), "too large");
    g_assert_true(virt_probe_audit_is_denied(audit));
}

/* Such an image is only known by an error; nobody looked at it. */
static void
test_what_was_not_described_is_denied_in_a_pool(void)
{
    static const char *const allowed[] = { "io-error", NULL };
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_POOL,
                                              .allowed = allowed };
    g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "cannot open");
    g_autoptr(VirtProbeRecord) image = virt_probe_image_new_unreadable("a", error);
    g_autoptr(VirtProbeRecord) audit = virt_probe_audit_new(image, &settings);
    g_autofree char *found = audit_severity_of(audit, "io-error");

    g_assert_cmpstr(found, ==, "deny");
    g_assert_true(virt_probe_audit_is_denied(audit));
}

static void
test_unreadable_is_neither_pass_nor_denied(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "cannot open");
    g_autoptr(VirtProbeRecord) audit = virt_probe_audit_new_unreadable("a", error);
    VirtProbeRecord *problem = virt_probe_record_get_record(audit, "error");

    g_assert_cmpstr(virt_probe_record_get_text(audit, "verdict"), ==, "error");
    g_assert_cmpstr(virt_probe_record_get_text(problem, "code"), ==, "not-found");
    g_assert_true(virt_probe_audit_is_denied(audit));
    virt_probe_audit_add(audit, &settings, virt_probe_rule_find("target-refuses"), "too large");
    g_assert_cmpstr(virt_probe_record_get_text(audit, "verdict"), ==, "error");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/audit-policy/denies-formats-of-the-past", test_denies_formats_of_the_past);
    g_test_add_func("/audit-policy/judges-sizes", test_judges_sizes);
    g_test_add_func("/audit-policy/judges-where-names-lead", test_judges_where_names_lead);
    g_test_add_func("/audit-policy/profiles-and-allowed-rules-decide",
                    test_profiles_and_allowed_rules_decide);
    g_test_add_func("/audit-policy/allowing-an-ambiguous-image-is-not-enough",
                    test_allowing_an_ambiguous_image_is_not_enough);
    g_test_add_func("/audit-policy/a-wrong-declaration-is-denied-in-a-pool",
                    test_a_wrong_declaration_is_denied_in_a_pool);
    g_test_add_func("/audit-policy/callers-add-findings-of-their-own",
                    test_callers_add_findings_of_their_own);
    g_test_add_func("/audit-policy/what-was-not-described-is-denied-in-a-pool",
                    test_what_was_not_described_is_denied_in_a_pool);
    g_test_add_func("/audit-policy/unreadable-is-neither-pass-nor-denied",
                    test_unreadable_is_neither_pass_nor_denied);
    return g_test_run();
}
