/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command.h: what a verb of the program is: its table of options, its arguments and its function. Parsing, help,
 * completion and the option lists of the manual are made from these tables. */
#pragma once

#include "config.h"

#include <glib.h>

#ifdef ENABLE_NLS
#include <libintl.h>
#define _(text) gettext(text)

#else
#define _(text) (text)
#define ngettext(one, many, count) ((count) == 1 ? (one) : (many))

#endif
#define N_(text) text

/* Exit statuses; docs/STABILITY.md has them all. */
enum {
    STATUS_OK = 0,
    STATUS_FAILED = 1,
    STATUS_DENIED = 2,
    STATUS_USAGE = 64,
};

/* What a value can be, for completion. */
typedef enum {
    VALUE_NONE, /* the option has no value */
    VALUE_TEXT,
    VALUE_FILE,
    VALUE_FORMAT,
    VALUE_RULE,
    VALUE_RULES,   /* some, separated by commas; the option may be given again */
    VALUE_TARGETS, /* the same of systems that take images */
    VALUE_COLUMNS, /* of the table of scan, separated by commas */
    VALUE_POOL,
    VALUE_VOLUME, /* of the pool that --pool names; without it a path */
    VALUE_DIRECTORY,
    VALUE_CHOICE, /* one of choices */
    VALUE_OPTIONAL_CHOICE, /* the same, and the option may stand without a value, which is the first one then */
} ValueKind;

typedef struct {
    char letter; /* 0: only the long name */
    const char *name;
    ValueKind kind;
    const char *value_name; /* FMT, as help shows it */
    const char *choices;    /* separated by |, for VALUE_CHOICE */
    const char *help;       /* one line, marked for translation; NULL: accepted and not shown */
    const char
        *refusal; /* marked for translation: why an option of the verb's original is refused */
} Option;

/* The options that were given: values[i] belongs to options[i]; without a value it is "". */
typedef struct Command Command;
typedef struct {
    const Command *command;
    const char *const *values;
    char **arguments; /* what is no option; ended by NULL */
    guint n_arguments;
} Invocation;

struct Command {
    const char *name;
    const char *arguments; /* IMAGE…, as help shows it */
    const char *summary;   /* one line, marked for translation */
    const char *example;   /* a command line that can be typed */
    const Option *options;
    guint n_options;
    ValueKind argument_kind;
    guint n_arguments_min;
    guint n_arguments_max;
    int (*run)(const Invocation *invocation);
};

#define COMMAND_OPTIONS(table) .options = (table), .n_options = G_N_ELEMENTS(table)

extern const Command command_audit;
extern const Command command_chain;
extern const Command command_info;
extern const Command command_scan;
extern const Command command_pool_define;
extern const Command command_pool_define_as;
extern const Command command_pool_undefine;
extern const Command command_pool_list;
extern const Command command_pool_info;
extern const Command command_pool_uuid;
extern const Command command_pool_name;
extern const Command command_pool_dumpxml;
extern const Command command_pool_refresh;
extern const Command command_pool_watch;
extern const Command command_vol_list;
extern const Command command_vol_info;
extern const Command command_vol_dumpxml;
extern const Command command_vol_path;
extern const Command command_vol_key;
extern const Command command_vol_name;
extern const Command command_vol_pool;
extern const Command command_vol_dependents;
extern const Command command_vol_orphans;
extern const Command command_formats;
extern const Command command_explain;

/* All verbs; ended by NULL. */
extern const Command *const commands[];

/* The verb with that name; NULL when there is none. */
const Command *command_find(const char *name);

/* Parses the options of a verb and runs it. argv[0] is the verb. */
int command_run(const Command *command, int argc, char **argv);

/* One line on stderr, with the program's name in front. */
void message_print(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* The same with a pointer to --help; returns STATUS_USAGE. */
int usage_error(const Command *command, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Says that an argument is missing, the one of that number in the verb's list; returns STATUS_USAGE. */
int argument_missing(const Command *command, guint number);

/* TRUE when a value must follow the option. */
gboolean option_has_value(const Option *option);

/* Text that came from outside, fit to be printed. (transfer full) */
char *shown_name(const char *name);

/* Writes to stdout and says so when that fails. FALSE: the output is not complete. */
gboolean output_finish(void);

/* Lines for stderr that are kept, because in JSON none must stand in the middle of the document: the first prints them and
 * forgets them, the second adds "NAME: error". */
void messages_flush(GPtrArray *messages);
void messages_add(GPtrArray *messages, const char *name, const char *error);

/* help.c */
void help_print(void);
void help_print_command(const Command *command);
void manual_print_options(void);

/* completion.c */
void completion_print(void);
