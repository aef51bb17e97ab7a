/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-options.c: what the verbs that follow chains share: their options, and what is said of broken members. */
#include "chain-options.h"

#include <string.h>

static VirtProbeFollow
follow_find(const char *value, gboolean has_root)
{
    if (has_root)
        return VIRT_PROBE_FOLLOW_BENEATH;
    if (g_strcmp0(value, "none") == 0)
        return VIRT_PROBE_FOLLOW_NONE;
    if (g_strcmp0(value, "same-directory") == 0)
        return VIRT_PROBE_FOLLOW_SAME_DIRECTORY;
    return VIRT_PROBE_FOLLOW_ANY;
}

gboolean
chain_settings_init(ChainSettings *settings, const Command *command, const Invocation *invocation,
                    guint first)
{
    const char *probe = invocation->values[first + CHAIN_OPTION_PROBE];
    const char *follow = invocation->values[first + CHAIN_OPTION_FOLLOW];

    settings->root = invocation->values[first + CHAIN_OPTION_ROOT];
    if (follow != NULL && settings->root != NULL) {
        usage_error(command, _("--follow and --root cannot stand together"));
        return FALSE;
    }
    if (settings->root != NULL && !g_file_test(settings->root, G_FILE_TEST_IS_DIR)) {
        g_autofree char *shown = shown_name(settings->root);

        usage_error(command, _("--%s is '%s', which is no directory"), "root", shown);
        return FALSE;
    }
    settings->follow = follow_find(follow, settings->root != NULL);
    if (g_strcmp0(probe, "safe") == 0)
        settings->flags |= VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE;
    else if (probe != NULL)
        settings->flags |= VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING;
    return TRUE;
}

const char *
chain_option_given(const Invocation *invocation, guint first)
{
    static const char *const names[CHAIN_OPTION_COUNT] = {
        [CHAIN_OPTION_PROBE] = "--probe-backing",
        [CHAIN_OPTION_FOLLOW] = "--follow",
        [CHAIN_OPTION_ROOT] = "--root",
    };

    for (guint i = 0; i < CHAIN_OPTION_COUNT; i++) {
        if (invocation->values[first + i] != NULL)
            return names[i];
    }
    return NULL;
}

VirtProbeRecord *
chain_settings_open(const ChainSettings *settings, const char *name, VirtProbeMemberFunc func,
                    gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image = NULL;
    VirtProbeRecord *chain =
        virt_probe_chain_open(name, settings->format, settings->flags, settings->follow,
                              settings->root, func, user_data, &error);

    if (chain != NULL)
        return chain;
    image = virt_probe_image_new_unreadable(name, error);
    func(image, user_data);
    return virt_probe_chain_new_unreadable(name, error);
}

gboolean
chain_check(const VirtProbeRecord *chain, GPtrArray *messages)
{
    guint count = virt_probe_record_get_length(chain, "members");
    const VirtProbeRecord *error = virt_probe_record_get_record(chain, "error");
    gboolean is_whole = error == NULL;

    if (error != NULL)
        messages_add(messages, virt_probe_record_get_text(chain, "filename"),
                     virt_probe_record_get_text(error, "message"));
    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *member = virt_probe_record_get_item(chain, "members", i);
        const char *remedy;

        error = virt_probe_record_get_record(member, "error");
        if (error == NULL)
            continue;
        is_whole = FALSE;
        messages_add(messages, virt_probe_record_get_text(member, "filename"),
                     virt_probe_record_get_text(error, "message"));
        remedy = virt_probe_record_get_text(error, "remedy");
        if (remedy == NULL)
            continue;
        g_ptr_array_add(messages, g_strdup_printf(_("to repair it: %s"), remedy));
        if (strstr(remedy, " NAME ") != NULL)
            g_ptr_array_add(messages,
                            g_strdup(_("NAME is the file as seen from the directory of the image "
                                       "that names it")));
        if (strstr(remedy, " FORMAT ") != NULL)
            g_ptr_array_add(messages,
                            g_strdup(_("'virt-probe info' says which FORMAT a file seems to "
                                       "have; --probe-backing trusts that for once")));
    }
    return is_whole;
}
