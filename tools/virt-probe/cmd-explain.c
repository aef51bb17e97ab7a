/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-explain.c: `virt-probe explain`: what a finding means and what to do. */
#include "command.h"
#include "doubts.h"
#include "json-list.h"
#include "table.h"
#include "wrap.h"

#include <virtprobe/virtprobe.h>

#include <stdio.h>

enum {
    OPTION_OUTPUT,
    OPTION_COUNT,
};

static const Option options[] = {
    [OPTION_OUTPUT] = { 0, "output", VALUE_CHOICE, "human|json", "human|json",
                        N_("text for people, or JSON"), NULL },
};

G_STATIC_ASSERT(G_N_ELEMENTS(options) == OPTION_COUNT);

static void
print_finders(VirtProbeFinders finders)
{
    text_printf("%s\n", _("Found by:"));
    for (guint bit = 1; bit <= (guint) finders; bit <<= 1) {
        if (((guint) finders & bit) != 0)
            wrap_print(_(virt_probe_finder_get_title((VirtProbeFinders) bit)), 4);
    }
}

static void
print_rule(const VirtProbeRule *rule)
{
    const char *cves = virt_probe_rule_get_cves(rule);

    text_printf("%s: %s\n\n", virt_probe_rule_get_id(rule), _(virt_probe_rule_get_title(rule)));
    wrap_print(_(virt_probe_rule_get_explanation(rule)), 0);
    text_printf("\n%s\n", _("What to do:"));
    wrap_print(_(virt_probe_rule_get_remedy(rule)), 4);
    text_printf("\n");
    text_printf(
        _("Severity: %s in an upload, %s in a pool\n"),
        virt_probe_severity_get_name(virt_probe_rule_get_severity(rule, VIRT_PROBE_PROFILE_UPLOAD)),
        virt_probe_severity_get_name(virt_probe_rule_get_severity(rule, VIRT_PROBE_PROFILE_POOL)));
    text_printf(
        virt_probe_rule_breaks(rule)
            ? _("The description of the image is not whole: 'info' ends with status 1.\n")
            : _("The description of the image is whole: 'info' without --backing-chain ends "
                "with status 0.\n"));
    print_finders(virt_probe_rule_get_finders(rule));
    if (cves[0] != '\0')
        text_printf(_("Known attacks: %s\n"), cves);
}

static void
print_all(void)
{
    const VirtProbeRule *rule;

    for (guint i = 0; (rule = virt_probe_rule_get_nth(i)) != NULL; i++)
        text_printf("%-27s %s\n", virt_probe_rule_get_id(rule), _(virt_probe_rule_get_title(rule)));
}

static void
print_json(JsonList *list, const VirtProbeRule *rule)
{
    g_autoptr(VirtProbeRecord) record = virt_probe_rule_to_record(rule);
    g_autofree char *json = virt_probe_record_to_json(record);

    json_list_print(list, json);
}

static void
print_all_json(void)
{
    const VirtProbeRule *rule;
    JsonList list;

    json_list_begin(&list, NULL);
    for (guint i = 0; (rule = virt_probe_rule_get_nth(i)) != NULL; i++)
        print_json(&list, rule);
    json_list_end(&list);
}

/* What is no rule may be a doubt, which only people ask about. */
static int
explain_other(const char *name, gboolean is_json)
{
    g_autofree char *word = shown_name(name);
    const char *doubt = doubt_explain(name);

    if (doubt != NULL && !is_json) {
        text_printf("%s: %s\n\n", name, _("a doubt of vol-orphans"));
        wrap_print(_(doubt), 0);
        return STATUS_OK;
    }
    message_print(doubt != NULL
                      ? _("'%s' is a doubt of vol-orphans, and JSON has rules only")
                      : _("no rule is called '%s'; 'explain' without a rule lists them all"),
                  word);
    return STATUS_FAILED;
}

static int
run(const Invocation *invocation)
{
    gboolean is_json = g_strcmp0(invocation->values[OPTION_OUTPUT], "json") == 0;
    const VirtProbeRule *rule;

    if (invocation->n_arguments == 0) {
        if (is_json)
            print_all_json();
        else
            print_all();
        return STATUS_OK;
    }
    rule = virt_probe_rule_find(invocation->arguments[0]);
    if (rule == NULL)
        return explain_other(invocation->arguments[0], is_json);
    if (is_json)
        print_json(NULL, rule);
    else
        print_rule(rule);
    return STATUS_OK;
}

const Command command_explain = {
    .name = "explain",
    .arguments = "[RULE]",
    .summary = N_("say what a finding means; without RULE list all rules"),
    .example = "virt-probe explain backing-format-missing",
    COMMAND_OPTIONS(options),
    .argument_kind = VALUE_RULE,
    .n_arguments_max = 1,
    .run = run,
};
