/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate-targets.c: the parts of targets.md that are made from target.def and from the target files. */
#include "generate.h"

#include "storage/target.h"

#include <stdio.h>

void
generate_target_keys(void)
{
    static const char *const kinds[] = {
        [VP_TARGET_WORDS] = "list",
        [VP_TARGET_NUMBERS] = "list of numbers",
        [VP_TARGET_FORMATS] = "list of formats",
        [VP_TARGET_CONTENTS] = "list of contents",
        [VP_TARGET_FEATURES] = "list of features",
        [VP_TARGET_RULES] = "list of rules",
        [VP_TARGET_BREAKING_RULES] = "list of rules",
        [VP_TARGET_SIZE] = "size",
        [VP_TARGET_COUNT] = "number",
    };

    printf("| key | value | meaning |\n| --- | --- | --- |\n");
    for (guint i = 0; i < VP_TARGET_KEY_COUNT; i++) {
        const VpTargetKey *key = &vp_target_keys[i];
        g_auto(GStrv) words = g_strsplit(key->words, " ", -1);
        g_autofree char *list = g_strjoinv("`, `", words);

        printf("| `%s` | %s", key->name, kinds[key->kind]);
        if (list[0] != '\0')
            printf(" of `%s`", list);
        printf(" | %s |\n", key->doc);
    }
}

gboolean
generate_targets(char **paths, int count)
{
    printf("| target | what it is | formats | rules as of | sources |\n"
           "| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < count; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VirtProbeTarget) target = virt_probe_target_load(paths[i], &error);
        g_autofree char *formats = NULL;
        g_autofree char *sources = NULL;

        if (target == NULL) {
            fprintf(stderr, "%s\n", error->message);
            return FALSE;
        }
        formats = g_strjoinv(", ", (char **) virt_probe_target_get_formats(target));
        sources = g_strjoinv("; ", (char **) virt_probe_target_get_sources(target));
        printf("| `%s` | %s | %s | %s | %s |\n", virt_probe_target_get_name(target),
               virt_probe_target_get_title(target), formats, virt_probe_target_get_date(target),
               sources);
    }
    return TRUE;
}
