/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-chain.c: `virt-probe chain`: what an image stands on, and whether all of it is there. */
#include "chain-options.h"
#include "json-list.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

enum {
    OPTION_FORMAT,
    OPTION_OUTPUT,
    OPTION_CHAIN,
    OPTION_FORCE_SHARE = OPTION_CHAIN + CHAIN_OPTION_COUNT,
    OPTION_COUNT,
};

static const Option options[] = {
    [OPTION_FORMAT] = { 'f', "format", VALUE_FORMAT, "FMT", NULL,
                        N_("take the image for FMT, do not recognise it"), NULL },
    [OPTION_OUTPUT] = { 0, "output", VALUE_CHOICE, "human|json", "human|json",
                        N_("a tree for people, or JSON"), NULL },
    CHAIN_OPTIONS(OPTION_CHAIN),
    [OPTION_FORCE_SHARE] = { 'U', "force-share", VALUE_NONE, NULL, NULL,
                             N_("no effect: reading never takes a lock"), NULL },
};

G_STATIC_ASSERT(G_N_ELEMENTS(options) == OPTION_COUNT);

enum {
    COLUMN_NAME,
    COLUMN_FORMAT,
    COLUMN_SIZE,
    COLUMN_DISK_SIZE,
    COLUMN_STATE,
    COLUMN_COUNT,
};

static void
set_size(Table *table, TableLine *line, guint column, const VirtProbeRecord *member,
         const char *key)
{
    g_autofree char *text = NULL;
    guint64 size;

    if (virt_probe_record_get_uint64(member, key, &size))
        text = virt_probe_size_to_text(size);
    table_set_cell(table, line, column, text != NULL ? text : "-");
}

/* "ok", "unreadable: chain-missing", "ok: json-filename, +1": the state, then the first rule that says more, and how
 * many others do. */
static void
set_state(Table *table, TableLine *line, const VirtProbeRecord *member)
{
    const VirtProbeRecord *error = virt_probe_record_get_record(member, "error");
    g_autoptr(GString) text = g_string_new(virt_probe_record_get_text(member, "state"));
    guint count = virt_probe_record_get_length(member, "rules");

    if (count > 0)
        g_string_append_printf(text, ": %s", virt_probe_record_get_text_item(member, "rules", 0));
    else if (error != NULL)
        g_string_append_printf(text, ": %s", virt_probe_record_get_text(error, "code"));
    if (count > 1)
        g_string_append_printf(text, ", +%u", count - 1);
    table_set_cell(table, line, COLUMN_STATE, text->str);
}

static void
set_name(Table *table, TableLine *line, const VirtProbeRecord *member)
{
    g_autofree char *masked = virt_probe_name_mask(virt_probe_record_get_text(member, "filename"));
    g_autofree char *shown = table_name(masked);
    const char *role = virt_probe_record_get_text(member, "role");
    g_autofree char *with_role =
        strcmp(role, "data-file") == 0 ? g_strdup_printf("%s (%s)", shown, _("data file")) : NULL;

    table_set_cell(table, line, COLUMN_NAME, with_role != NULL ? with_role : shown);
}

static TableLine *
add_member(Table *table, TableLine *const *lines, const VirtProbeRecord *member)
{
    guint64 owner;
    gboolean has_owner = virt_probe_record_get_uint64(member, "owner", &owner);
    TableLine *line = table_add_line(table, has_owner ? lines[owner] : NULL);
    const char *format = virt_probe_record_get_text(member, "format");

    set_name(table, line, member);
    table_set_cell(table, line, COLUMN_FORMAT, format != NULL ? format : "-");
    set_size(table, line, COLUMN_SIZE, member, "virtual-size");
    set_size(table, line, COLUMN_DISK_SIZE, member, "actual-size");
    set_state(table, line, member);
    return line;
}

/* FALSE when tables cannot be printed. */
static gboolean
print_tree(const VirtProbeRecord *chain)
{
    const TableColumn columns[COLUMN_COUNT] = {
        [COLUMN_NAME] = { _("NAME"), TRUE, FALSE },
        [COLUMN_FORMAT] = { _("FORMAT"), FALSE, FALSE },
        [COLUMN_SIZE] = { _("VIRTUAL SIZE"), FALSE, TRUE },
        [COLUMN_DISK_SIZE] = { _("DISK SIZE"), FALSE, TRUE },
        [COLUMN_STATE] = { _("STATE"), FALSE, FALSE },
    };
    g_autoptr(Table) table = table_new(columns, G_N_ELEMENTS(columns));
    guint count = virt_probe_record_get_length(chain, "members");
    g_autofree TableLine **lines = g_new0(TableLine *, count + 1);

    if (table == NULL)
        return FALSE;
    for (guint i = 0; i < count; i++)
        lines[i] = add_member(table, lines, virt_probe_record_get_item(chain, "members", i));
    table_print(table);
    return TRUE;
}

/* Chains are summed up by the library; the members themselves are not shown. */
static gboolean
skip_member(VirtProbeRecord *image, gpointer user_data)
{
    (void) image;
    (void) user_data;
    return TRUE;
}

static int
print_chain(const ChainSettings *settings, const char *name, gboolean is_json, JsonList *list,
            GPtrArray *messages)
{
    g_autoptr(VirtProbeRecord) chain = chain_settings_open(settings, name, skip_member, NULL);
    g_autofree char *json = NULL;
    gboolean is_whole;

    is_whole = chain_check(chain, messages);
    if (!is_json)
        return print_tree(chain) && is_whole ? STATUS_OK : STATUS_FAILED;
    json = virt_probe_record_to_json(chain);
    json_list_print(list, json);
    return is_whole ? STATUS_OK : STATUS_FAILED;
}

static int
run(const Invocation *invocation)
{
    gboolean is_json = g_strcmp0(invocation->values[OPTION_OUTPUT], "json") == 0;
    gboolean is_list = is_json && invocation->n_arguments > 1;
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    ChainSettings settings = { .format = invocation->values[OPTION_FORMAT],
                               .flags = VIRT_PROBE_DESCRIBE_RECOGNISE };
    int status = STATUS_OK;
    JsonList list;

    if (!chain_settings_init(&settings, &command_chain, invocation, OPTION_CHAIN))
        return STATUS_USAGE;
    if (is_list)
        json_list_begin(&list, NULL);
    for (guint i = 0; i < invocation->n_arguments; i++) {
        int chain_status;

        if (!is_json && i > 0)
            putchar('\n');
        chain_status = print_chain(&settings, invocation->arguments[i], is_json,
                                   is_list ? &list : NULL, messages);
        status = MAX(status, chain_status);
        if (!is_json)
            messages_flush(messages);
    }
    if (is_list)
        json_list_end(&list);
    messages_flush(messages);
    return status;
}

const Command command_chain = {
    .name = "chain",
    .arguments = "IMAGE…",
    .summary = N_("show what images stand on, and whether all of it is there"),
    .example = "virt-probe chain overlay.qcow2",
    COMMAND_OPTIONS(options),
    .argument_kind = VALUE_FILE,
    .n_arguments_min = 1,
    .n_arguments_max = G_MAXUINT,
    .run = run,
};
