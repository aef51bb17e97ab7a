/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-rules.c: the table of rules keeps its promises: stable ids, whole texts, calm reports. */
#include "storage/rules.h"

#include <string.h>

static void
test_ids_are_kebab_case(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const char *id = vp_rule((VpRuleId) i)->id;

        g_test_message("%s", id);
        g_assert_cmpuint(strlen(id), ==, strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-"));
        g_assert_true(g_ascii_islower(id[0]));
        g_assert_null(strstr(id, "--"));
        g_assert_false(g_str_has_suffix(id, "-"));
    }
}

static void
test_ids_are_unique(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < VP_RULE_COUNT; i++)
        g_assert_true(g_hash_table_add(seen, (gpointer) vp_rule((VpRuleId) i)->id));
}

/* What was not understood cannot be judged. */
static void
test_what_breaks_denies_an_upload(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const VirtProbeRule *rule = vp_rule((VpRuleId) i);

        g_test_message("%s", rule->id);
        if (rule->does_break)
            g_assert_cmpint(virt_probe_rule_get_severity(rule, VIRT_PROBE_PROFILE_UPLOAD), ==,
                            VIRT_PROBE_SEVERITY_DENY);
    }
}

static void
test_texts_are_there(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const VirtProbeRule *rule = vp_rule((VpRuleId) i);

        g_assert_cmpuint(strlen(virt_probe_rule_get_title(rule)), >, 0);
        g_assert_cmpuint(strlen(virt_probe_rule_get_explanation(rule)), >, 0);
        g_assert_cmpuint(strlen(virt_probe_rule_get_remedy(rule)), >, 0);
        g_assert_nonnull(virt_probe_rule_get_cves(rule));
    }
}

static void
test_titles_are_phrases_without_full_stop(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const char *title = virt_probe_rule_get_title(vp_rule((VpRuleId) i));

        g_test_message("%s", title);
        g_assert_false(g_str_has_suffix(title, "."));
        g_assert_null(strchr(title, '\n'));
        g_assert_false(g_ascii_isupper(title[0]));
    }
}

static void
test_explanations_and_remedies_are_sentences(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const VirtProbeRule *rule = vp_rule((VpRuleId) i);

        g_test_message("%s", rule->id);
        g_assert_true(g_str_has_suffix(virt_probe_rule_get_explanation(rule), "."));
        g_assert_true(g_str_has_suffix(virt_probe_rule_get_remedy(rule), "."));
    }
}

static void
test_cves_are_numbers_of_cves(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const char *text = virt_probe_rule_get_cves(vp_rule((VpRuleId) i));
        g_auto(GStrv) cves = g_strsplit(text, " ", -1);

        for (guint k = 0; cves[k] != NULL; k++) {
            g_test_message("%s", cves[k]);
            g_assert_true(g_regex_match_simple("^CVE-[0-9]{4}-[0-9]{4,}$", cves[k], 0, 0));
        }
    }
}

static void
test_report_is_never_above_a_warning(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++)
        g_assert_cmpint(
            virt_probe_rule_get_severity(vp_rule((VpRuleId) i), VIRT_PROBE_PROFILE_REPORT), <=,
            VIRT_PROBE_SEVERITY_WARNING);
}

static void
test_upload_is_never_milder_than_pool(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const VirtProbeRule *rule = vp_rule((VpRuleId) i);

        g_test_message("%s", rule->id);
        g_assert_cmpint(virt_probe_rule_get_severity(rule, VIRT_PROBE_PROFILE_UPLOAD), >=,
                        virt_probe_rule_get_severity(rule, VIRT_PROBE_PROFILE_POOL));
    }
}

static void
test_what_breaks_an_image_is_a_warning_at_least(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const VirtProbeRule *rule = vp_rule((VpRuleId) i);

        g_test_message("%s", rule->id);
        if (virt_probe_rule_breaks(rule))
            g_assert_cmpint(virt_probe_rule_get_severity(rule, VIRT_PROBE_PROFILE_POOL), >=,
                            VIRT_PROBE_SEVERITY_WARNING);
    }
}

/* Of the bits all are known, and each rule has one at least. */
static void
test_somebody_can_find_each_rule(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const VirtProbeRule *rule = vp_rule((VpRuleId) i);
        guint finders = virt_probe_rule_get_finders(rule);

        g_test_message("%s", rule->id);
        g_assert_cmpuint(finders, !=, 0);
        for (guint bit = 1; bit <= finders; bit <<= 1) {
            if ((finders & bit) != 0)
                g_assert_nonnull(virt_probe_finder_get_title((VirtProbeFinders) bit));
        }
    }
    g_assert_null(virt_probe_finder_get_title(0));
    g_assert_null(
        virt_probe_finder_get_title(VIRT_PROBE_FINDERS_DESCRIPTION | VIRT_PROBE_FINDERS_CHAIN));
}

static void
test_find_and_nth_agree(void)
{
    const VirtProbeRule *rule;
    guint count = 0;

    for (; (rule = virt_probe_rule_get_nth(count)) != NULL; count++)
        g_assert_true(virt_probe_rule_find(virt_probe_rule_get_id(rule)) == rule);
    g_assert_cmpuint(count, ==, VP_RULE_COUNT);
}

static void
test_finds_no_rule_that_does_not_exist(void)
{
    g_assert_null(virt_probe_rule_find(""));
    g_assert_null(virt_probe_rule_find("truncate"));
    g_assert_null(virt_probe_rule_find("Truncated"));
    g_assert_null(virt_probe_rule_get_nth(VP_RULE_COUNT));
    g_assert_null(virt_probe_rule_get_nth(G_MAXUINT));
}

static void
test_severities_have_names(void)
{
    g_assert_cmpstr(virt_probe_severity_get_name(VIRT_PROBE_SEVERITY_INFO), ==, "info");
    g_assert_cmpstr(virt_probe_severity_get_name(VIRT_PROBE_SEVERITY_NOTICE), ==, "notice");
    g_assert_cmpstr(virt_probe_severity_get_name(VIRT_PROBE_SEVERITY_WARNING), ==, "warning");
    g_assert_cmpstr(virt_probe_severity_get_name(VIRT_PROBE_SEVERITY_DENY), ==, "deny");
}

static void
test_boxed_copies_are_the_rule_itself(void)
{
    VirtProbeRule *rule = (VirtProbeRule *) virt_probe_rule_get_nth(0);
    gpointer copy = g_boxed_copy(VIRT_PROBE_TYPE_RULE, rule);

    g_assert_true(copy == rule);
    g_boxed_free(VIRT_PROBE_TYPE_RULE, copy);
}

static void
test_a_rule_is_a_record(void)
{
    g_autoptr(VirtProbeRecord) record =
        virt_probe_rule_to_record(virt_probe_rule_find("chain-loop"));

    g_assert_cmpstr(virt_probe_record_get_text(record, "rule"), ==, "chain-loop");
    g_assert_cmpstr(
        virt_probe_record_get_text(virt_probe_record_get_record(record, "severities"), "upload"),
        ==, "deny");
    g_assert_cmpuint(virt_probe_record_get_length(record, "found-by"), ==, 1);
    g_assert_cmpstr(virt_probe_record_get_text_item(record, "found-by", 0), ==, "chain");
    g_assert_cmpuint(virt_probe_record_get_length(record, "cves"), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rules/ids-are-kebab-case", test_ids_are_kebab_case);
    g_test_add_func("/rules/ids-are-unique", test_ids_are_unique);
    g_test_add_func("/rules/what-breaks-denies-an-upload", test_what_breaks_denies_an_upload);
    g_test_add_func("/rules/texts-are-there", test_texts_are_there);
    g_test_add_func("/rules/titles-are-phrases-without-full-stop",
                    test_titles_are_phrases_without_full_stop);
    g_test_add_func("/rules/explanations-and-remedies-are-sentences",
                    test_explanations_and_remedies_are_sentences);
    g_test_add_func("/rules/cves-are-numbers-of-cves", test_cves_are_numbers_of_cves);
    g_test_add_func("/rules/report-is-never-above-a-warning", test_report_is_never_above_a_warning);
    g_test_add_func("/rules/upload-is-never-milder-than-pool",
                    test_upload_is_never_milder_than_pool);
    g_test_add_func("/rules/what-breaks-an-image-is-a-warning-at-least",
                    test_what_breaks_an_image_is_a_warning_at_least);
    g_test_add_func("/rules/somebody-can-find-each-rule", test_somebody_can_find_each_rule);
    g_test_add_func("/rules/find-and-nth-agree", test_find_and_nth_agree);
    g_test_add_func("/rules/finds-no-rule-that-does-not-exist",
                    test_finds_no_rule_that_does_not_exist);
    g_test_add_func("/rules/severities-have-names", test_severities_have_names);
    g_test_add_func("/rules/boxed-copies-are-the-rule-itself",
                    test_boxed_copies_are_the_rule_itself);
    g_test_add_func("/rules/a-rule-is-a-record", test_a_rule_is_a_record);
    return g_test_run();
}
