/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate-rules.c: the part of virt-probe-rules(7) that is made from the table of rules, as reStructuredText. */
#include "generate.h"

#include "storage/rules.h"

#include <stdio.h>

static void
print_severities(const VirtProbeRule *rule)
{
    for (guint profile = VIRT_PROBE_PROFILE_UPLOAD; profile <= VIRT_PROBE_PROFILE_REPORT; profile++)
        printf("%s%s: %s", profile == VIRT_PROBE_PROFILE_UPLOAD ? "    In the profile " : ", ",
               virt_probe_profile_get_name((VirtProbeProfile) profile),
               virt_probe_severity_get_name(
                   virt_probe_rule_get_severity(rule, (VirtProbeProfile) profile)));
    printf(".\n");
}

void
generate_finders(VirtProbeFinders finders)
{
    const char *separator = "Found by ";

    for (guint bit = 1; bit <= (guint) finders; bit <<= 1) {
        if (((guint) finders & bit) == 0)
            continue;
        printf("%s%s", separator, virt_probe_finder_get_title((VirtProbeFinders) bit));
        separator = "; by ";
    }
    printf(".\n");
}

void
generate_rules_manual(void)
{
    for (guint i = 0; i < VP_RULE_COUNT; i++) {
        const VirtProbeRule *rule = vp_rule((VpRuleId) i);

        printf("**%s**\n    %c%s. %s\n    %s\n", rule->id, g_ascii_toupper(rule->title[0]),
               rule->title + 1, rule->explanation, rule->remedy);
        print_severities(rule);
        printf("    ");
        generate_finders(rule->finders);
        if (rule->does_break)
            printf("    The image is damaged, or not understood: **info** ends with status 1.\n");
        if (rule->cves[0] != '\0')
            printf("    Known attacks: %s.\n", rule->cves);
        printf("\n");
    }
}
