/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-audit.c: what an audit finds in bytes and facts, how it judges, and that findings decide. */
#include "qcow2-image.h"
#include "unit-images.h"
#include "unit.h"

#include <string.h>

#define KIB 1024
#define MIB (1024 * KIB)

/* The judgement of bytes by the settings. format: NULL to have it recognised. (transfer full) */
static VirtProbeRecord *
judge(gconstpointer data, gsize size, const char *name, const char *format,
      const VirtProbeAuditSettings *settings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image = virt_probe_describe_memory(
        data, size, name, format, VIRT_PROBE_DESCRIBE_AUDIT | VIRT_PROBE_DESCRIBE_RECOGNISE,
        &error);

    g_assert_no_error(error);
    return virt_probe_audit_new(image, settings);
}

/* The severity of the first finding of the rule; "none": there is none. (transfer full) */
static char *
severity_of(const VirtProbeRecord *audit, const char *rule)
{
    for (guint i = 0; i < virt_probe_record_get_length(audit, "findings"); i++) {
        VirtProbeRecord *finding = virt_probe_record_get_item(audit, "findings", i);

        if (strcmp(virt_probe_record_get_text(finding, "rule"), rule) == 0)
            return g_strdup(virt_probe_record_get_text(finding, "severity"));
    }
    return g_strdup("none");
}

/* How serious the rule is in the bytes for an upload. */
static void
assert_severity(const GByteArray *bytes, const char *format, const char *rule, const char *severity)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(VirtProbeRecord) audit = judge(bytes->data, bytes->len, NULL, format, &settings);
    g_autofree char *found = severity_of(audit, rule);
    g_autofree char *json = virt_probe_record_to_json(audit);

    g_test_message("%s", json);
    g_assert_cmpstr(found, ==, severity);
    if (strcmp(severity, "deny") == 0)
        g_assert_true(virt_probe_audit_is_denied(audit));
}

static GByteArray *
zeros_new(guint size)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, size);
    memset(bytes->data, 0, size);
    return bytes;
}

static GByteArray *
healthy_new(const char *format, guint size)
{
    GByteArray *bytes = healthy_image_find(format)->make();
    guint old = bytes->len;

    if (size > old) {
        g_byte_array_set_size(bytes, size);
        memset(bytes->data + old, 0, size - old);
    }
    return bytes;
}

static void
put(GByteArray *bytes, guint offset, const char *text, guint len)
{
    g_assert_cmpuint(offset + len, <=, bytes->len);
    memcpy(bytes->data + offset, text, len);
}

static void
put_partition(GByteArray *bytes, guint32 first_sector, guint32 sectors)
{
    bytes->data[446 + 4] = 0x83;
    put_little(bytes->data + 446 + 8, 4, first_sector);
    put_little(bytes->data + 446 + 12, 4, sectors);
    put(bytes, 510, BYTES("\x55\xaa"));
}

/* What makes an image polyglot, and what is only near it. */
static void
test_finds_other_formats(void)
{
    static const struct {
        const char *format;
        guint offset;
        const char *bytes;
        guint len;
        const char *severity;
    } cases[] = {
        { "qcow2", 510, BYTES("\x55\xaa"), "deny" },
        { "qcow2", 510, BYTES("\x55\xab"), "none" },
        { "qcow2", 512, BYTES("\x55\xaa"), "none" },
        { "qcow2", 32769, BYTES("CD001\1"), "deny" },
        { "qcow2", 32768, BYTES("CD001\1"), "none" },
        { "vdi", 510, BYTES("\x55\xaa"), "deny" },
        /* Salt of a key slot: a field of the format itself. */
        { "luks", 510, BYTES("\x55\xaa"), "none" },
        { "vhdx", 510, BYTES("\x55\xaa"), "deny" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = healthy_new(cases[i].format, 40 * KIB);

        g_test_message("%s at %u", cases[i].format, cases[i].offset);
        put(bytes, cases[i].offset, cases[i].bytes, cases[i].len);
        assert_severity(bytes, cases[i].format, "polyglot", cases[i].severity);
    }
}

/* The last cluster of many an image holds the end of the guest's partition table. */
static void
test_guest_data_at_the_end_is_no_other_format(void)
{
    g_autoptr(GByteArray) bytes = healthy_new("qcow2", 256 * KIB);

    put(bytes, bytes->len - 512, BYTES("EFI PART"));
    assert_severity(bytes, NULL, "polyglot", "none");
}

static void
test_finds_a_sound_footer_behind_another_format(void)
{
    g_autoptr(GByteArray) bytes = healthy_new("qcow2", 256 * KIB);
    g_autoptr(GByteArray) footer = vpc_fixed_image_new();
    guint8 *copy = footer->data + footer->len - 512;

    put_big(copy + 40, 8, bytes->len);
    put_big(copy + 48, 8, bytes->len);
    vpc_footer_seal(copy);
    g_byte_array_append(bytes, copy, 512);
    assert_severity(bytes, NULL, "polyglot", "deny");
    bytes->data[bytes->len - 1] ^= 1;
    bytes->data[bytes->len - 440] ^= 1;
    assert_severity(bytes, NULL, "polyglot", "none");
}

static void
test_finds_images_in_partitions(void)
{
    g_autoptr(GByteArray) bytes = zeros_new(2 * MIB);

    put_partition(bytes, 2048, 2048);
    assert_severity(bytes, "raw", "nested-format", "none");
    put(bytes, MIB, BYTES("QFI\xfb\0\0\0\3"));
    assert_severity(bytes, "raw", "nested-format", "notice");
    put_partition(bytes, 2047, 2048);
    assert_severity(bytes, "raw", "nested-format", "none");
}

static void
test_finds_a_hybrid_disc(void)
{
    g_autoptr(GByteArray) bytes = zeros_new(256 * KIB);

    put(bytes, 32768, BYTES("\1CD001\1"));
    assert_severity(bytes, NULL, "hybrid-iso-gpt", "none");
    put(bytes, 512, BYTES("EFI PART\0\0\1\0\x5c\0\0\0"));
    assert_severity(bytes, NULL, "hybrid-iso-gpt", "notice");
}

static void
test_finds_zeros_in_front(void)
{
    g_autoptr(GByteArray) bytes = zeros_new(64 * KIB);

    assert_severity(bytes, NULL, "sparse-header", "notice");
    bytes->data[4096] = 1;
    assert_severity(bytes, NULL, "sparse-header", "notice");
    bytes->data[4095] = 1;
    assert_severity(bytes, NULL, "sparse-header", "none");
}

/* A descriptor for QEMU is ASCII without a mark. */
static void
test_finds_what_is_nearly_a_descriptor(void)
{
    static const char text[] = "# Disk DescriptorFile\nversion=1\n";
    g_autoptr(GByteArray) marked = g_byte_array_new();
    g_autoptr(GByteArray) wide = g_byte_array_new();
    g_autoptr(GByteArray) big = g_byte_array_new();
    g_autoptr(GByteArray) other = g_byte_array_new();

    g_byte_array_append(marked, (const guint8 *) "\xef\xbb\xbf", 3);
    g_byte_array_append(marked, (const guint8 *) text, sizeof text - 1);
    g_byte_array_append(big, (const guint8 *) "\xfe\xff", 2);
    for (guint i = 0; text[i] != '\0'; i++) {
        const guint8 low_first[2] = { (guint8) text[i], 0 };
        const guint8 high_first[2] = { 0, (guint8) text[i] };

        g_byte_array_append(wide, low_first, 2);
        g_byte_array_append(big, high_first, 2);
    }
    g_byte_array_append(other, (const guint8 *) "\xef\xbb\xbf# a script\n", 14);
    assert_severity(marked, NULL, "near-signature", "notice");
    assert_severity(wide, NULL, "near-signature", "notice");
    assert_severity(big, NULL, "near-signature", "notice");
    assert_severity(other, NULL, "near-signature", "none");
}

static void
test_finds_weak_signatures(void)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_autoptr(GByteArray) qcow2 = healthy_new("qcow2", 0);
    static const char descriptor[] = "#\nversion=1\nCID=1\nparentCID=ffffffff\n"
                                     "createType=\"monolithicFlat\"\nRW 1 FLAT \"a\" 0\n";

    g_byte_array_append(text, (const guint8 *) descriptor, sizeof descriptor - 1);
    assert_severity(text, NULL, "weak-signature", "notice");
    assert_severity(qcow2, NULL, "weak-signature", "none");
}

static void
test_denies_formats_of_the_past(void)
{
    static const char *const legacy[] = { "qcow", "qed", "bochs", "cloop", "cow", "dmg" };
    static const char *const current[] = { "qcow2", "vmdk", "vdi",      "vpc",
                                           "vhdx",  "luks", "parallels" };

    for (guint i = 0; i < G_N_ELEMENTS(legacy); i++) {
        g_autoptr(GByteArray) bytes = healthy_new(legacy[i], 0);

        g_test_message("%s", legacy[i]);
        assert_severity(bytes, legacy[i], "banned-format", "deny");
    }
    for (guint i = 0; i < G_N_ELEMENTS(current); i++) {
        g_autoptr(GByteArray) bytes = healthy_new(current[i], 0);

        g_test_message("%s", current[i]);
        assert_severity(bytes, current[i], "banned-format", "none");
    }
}

static void
judge_size(guint64 virtual_size, guint file_size, guint64 maximum, const char *rule,
           const char *severity)
{
    const VirtProbeAuditSettings settings = { .virtual_size_max = maximum };
    g_autoptr(GByteArray) bytes = healthy_new("vdi", file_size);
    g_autoptr(VirtProbeRecord) audit = NULL;
    g_autofree char *found = NULL;

    put_little(bytes->data + 368, 8, virtual_size);
    audit = judge(bytes->data, bytes->len, NULL, "vdi", &settings);
    found = severity_of(audit, rule);
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
    judge_size(2 * tib, 230 * MIB, 0, "thin-ratio", "none");
}

/* A qcow2 with that backing name. (transfer full) */
static VirtProbeRecord *
judge_backing(const char *backing, const char *name, const VirtProbeAuditSettings *settings)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(12);

    qcow2_set_backing(image, backing);
    return judge(image->bytes, image->size, name, "qcow2", settings);
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
        g_autofree char *found = severity_of(audit, "path-outside-pool");

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
        g_autofree char *found = severity_of(audit, "backing-file");

        g_test_message("case %u", i);
        g_assert_cmpint(virt_probe_audit_is_denied(audit), ==, cases[i].is_denied);
        g_assert_cmpstr(found, ==, cases[i].severity);
        g_assert_cmpstr(virt_probe_record_get_text(audit, "verdict"), ==,
                        cases[i].is_denied ? "denied" : "pass");
        g_assert_cmpstr(virt_probe_record_get_text(audit, "profile"), ==,
                        virt_probe_profile_get_name(cases[i].settings.profile));
    }
}

static void
test_callers_add_findings_of_their_own(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(GByteArray) bytes = healthy_new("qcow2", 0);
    g_autoptr(VirtProbeRecord) audit = judge(bytes->data, bytes->len, NULL, NULL, &settings);

    g_assert_false(virt_probe_audit_is_denied(audit));
    virt_probe_audit_add(audit, &settings, virt_probe_rule_find("target-refuses"), "too large");
    g_assert_true(virt_probe_audit_is_denied(audit));
}

/* QEMU reads all of the table; a description stops listing long before. */
static void
test_reads_snapshots_that_are_not_listed(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeRecord) sound = NULL;
    g_autoptr(VirtProbeRecord) audit = NULL;
    g_autofree char *before = NULL;
    g_autofree char *found = NULL;
    gsize last = 0;

    for (guint i = 0; i < 2000; i++)
        last = qcow2_add_snapshot(image, "1", "a");
    sound = judge(image->bytes, image->size, NULL, "qcow2", &settings);
    before = severity_of(sound, "table-invalid");
    g_assert_cmpstr(before, ==, "none");
    g_assert_false(virt_probe_audit_is_denied(sound));
    qcow2_put(image, last + 36, 4, 1025); /* bytes of extra data, of which 1024 are possible */
    audit = judge(image->bytes, image->size, NULL, "qcow2", &settings);
    found = severity_of(audit, "table-invalid");
    g_assert_cmpstr(found, ==, "deny");
    g_assert_true(virt_probe_audit_is_denied(audit));
}

/* Without the flag an image is described as ever, and nothing of the audit changes its state. */
static void
test_description_stays_what_it_is(void)
{
    g_autoptr(GByteArray) bytes = healthy_new("qcow2", 40 * KIB);
    g_autoptr(VirtProbeRecord) plain = NULL;
    g_autoptr(VirtProbeRecord) audited = NULL;

    put(bytes, 510, BYTES("\x55\xaa"));
    plain = virt_probe_describe_memory(bytes->data, bytes->len, NULL, NULL,
                                       VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);
    audited =
        virt_probe_describe_memory(bytes->data, bytes->len, NULL, NULL,
                                   VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_AUDIT, NULL);
    assert_findings(plain, "");
    assert_findings(audited, "polyglot");
    assert_state(plain, "ok");
    assert_state(audited, "ok");
}

static void
test_unreadable_is_neither_pass_nor_denied(void)
{
    g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "cannot open");
    g_autoptr(VirtProbeRecord) audit = virt_probe_audit_new_unreadable("a", error);
    VirtProbeRecord *problem = virt_probe_record_get_record(audit, "error");

    g_assert_cmpstr(virt_probe_record_get_text(audit, "verdict"), ==, "error");
    g_assert_cmpstr(virt_probe_record_get_text(problem, "code"), ==, "not-found");
    g_assert_true(virt_probe_audit_is_denied(audit));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/audit/finds-other-formats", test_finds_other_formats);
    g_test_add_func("/audit/guest-data-at-the-end-is-no-other-format",
                    test_guest_data_at_the_end_is_no_other_format);
    g_test_add_func("/audit/finds-a-sound-footer-behind-another-format",
                    test_finds_a_sound_footer_behind_another_format);
    g_test_add_func("/audit/finds-images-in-partitions", test_finds_images_in_partitions);
    g_test_add_func("/audit/finds-a-hybrid-disc", test_finds_a_hybrid_disc);
    g_test_add_func("/audit/finds-zeros-in-front", test_finds_zeros_in_front);
    g_test_add_func("/audit/finds-what-is-nearly-a-descriptor",
                    test_finds_what_is_nearly_a_descriptor);
    g_test_add_func("/audit/finds-weak-signatures", test_finds_weak_signatures);
    g_test_add_func("/audit/denies-formats-of-the-past", test_denies_formats_of_the_past);
    g_test_add_func("/audit/judges-sizes", test_judges_sizes);
    g_test_add_func("/audit/judges-where-names-lead", test_judges_where_names_lead);
    g_test_add_func("/audit/profiles-and-allowed-rules-decide",
                    test_profiles_and_allowed_rules_decide);
    g_test_add_func("/audit/callers-add-findings-of-their-own",
                    test_callers_add_findings_of_their_own);
    g_test_add_func("/audit/reads-snapshots-that-are-not-listed",
                    test_reads_snapshots_that_are_not_listed);
    g_test_add_func("/audit/description-stays-what-it-is", test_description_stays_what_it_is);
    g_test_add_func("/audit/unreadable-is-neither-pass-nor-denied",
                    test_unreadable_is_neither_pass_nor_denied);
    return g_test_run();
}
