/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* completion.c: completion for bash, made from the tables of verbs and options. */
#include "command.h"

#include <stdio.h>
#include <string.h>

/* Names of pools, volumes and files are anything: they are read line by line and never expanded. Those of files bash quotes by
 * itself, which would add a slash to a pool that is called as a directory. */
static const char helpers[] =
    "# Adds the lines of standard input that begin with the word.\n"
    "_virt_probe_lines()\n{\n"
    "    local line\n"
    "    compopt -o filenames # which has names quoted\n"
    "    while IFS= read -r line; do\n"
    "        [[ $line == \"$begin\"* ]] && COMPREPLY+=(\"$line\")\n"
    "    done\n}\n"
    "# The same of pools and volumes. What the list had to escape is not their name.\n"
    "_virt_probe_names()\n{\n"
    "    local line quoted\n"
    "    while IFS= read -r line; do\n"
    "        [[ $line == \"$begin\"* && $line != *\\\\x[0-9a-f][0-9a-f]* ]] || continue\n"
    "        case $word in\n"
    "            \\'*) quoted=${line//\\'/\\'\\\\\\'\\'} ;;\n"
    "            \\\"*) quoted=$(sed 's/[$`\"\\\\]/\\\\&/g' <<<\"$line\") ;;\n"
    "            *) printf -v quoted %q \"$line\" ;;\n"
    "        esac\n"
    "        COMPREPLY+=(\"$quoted\")\n"
    "    done\n}\n"
    "# Takes quotes away, as far as names need it.\n"
    "_virt_probe_plain()\n{\n"
    "    case $1 in\n"
    "        [\\'\\\"]*) plain=${1:1} plain=${plain%[\\'\\\"]} ;;\n"
    "        *) plain=${1//\\\\/} ;;\n"
    "    esac\n}\n"
    "# One of the words, behind those that stand in the list already.\n"
    "_virt_probe_list()\n{\n"
    "    local before=\n"
    "    case $word in\n"
    "        *,*) before=${word%,*}, ;;\n"
    "        +*) before=+ ;;\n"
    "    esac\n"
    "    COMPREPLY=($(compgen -P \"$before\" -W \"$1\" -- \"${word#\"$before\"}\"))\n}\n"
    "_virt_probe_pools()\n{\n"
    "    _virt_probe_names < <(virt-probe pool-list --all --name 2>/dev/null)\n}\n"
    "# A volume by its name when --pool is there, else by its path; behind it a pool.\n"
    "_virt_probe_volumes()\n{\n"
    "    local i pool= arguments=0 plain\n"
    "    for ((i = 2; i < ${#COMP_WORDS[@]}; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n"
    "            --pool | --output)\n"
    "                local option=${COMP_WORDS[i]}\n"
    "                [[ ${COMP_WORDS[i + 1]} == '=' ]] && ((i++))\n"
    "                ((i++))\n"
    "                [[ $option == --pool ]] && pool=${COMP_WORDS[i]}\n"
    "                ;;\n"
    "            -*) ;;\n"
    "            *) ((i < COMP_CWORD)) && ((arguments++)) ;;\n"
    "        esac\n"
    "    done\n"
    "    _virt_probe_plain \"$pool\"\n"
    "    if ((arguments > 0)); then\n"
    "        [[ -n $pool ]] || _virt_probe_pools\n"
    "    elif [[ -n $pool && $begin != */* ]]; then\n"
    "        _virt_probe_names < <(virt-probe vol-list --name \"--pool=$plain\" 2>/dev/null)\n"
    "    else\n"
    "        _virt_probe_lines < <(compgen -f -- \"$begin\")\n"
    "    fi\n}\n";

static void
print_value_words(ValueKind kind, const char *choices)
{
    switch (kind) {
    case VALUE_CHOICE:
    case VALUE_OPTIONAL_CHOICE: {
        g_autofree char *words = g_strdelimit(g_strdup(choices), "|", ' ');

        printf("COMPREPLY=($(compgen -W '%s' -- \"$word\"))", words);
        break;
    }
    case VALUE_FORMAT:
        printf("COMPREPLY=($(compgen -W \"$(virt-probe formats | awk 'NR > 1 { print $1 }')\" -- "
               "\"$word\"))");
        break;
    case VALUE_RULES:
        printf("_virt_probe_list \"$(virt-probe explain | awk '{ print $1 }')\"");
        break;
    case VALUE_COLUMNS:
        printf("_virt_probe_list \"help $(virt-probe scan -o help | awk '{ print $1 }')\"");
        break;
    case VALUE_RULE:
        printf("COMPREPLY=($(compgen -W \"$(virt-probe explain | awk '{ print $1 }')\" -- "
               "\"$word\"))");
        break;
    case VALUE_TARGETS:
        printf("_virt_probe_list \"$(virt-probe audit --list-targets --output=human | "
               "sed -n 's/^\\([^ :]*\\):.*/\\1/p')\"");
        break;
    case VALUE_POOL:
        printf("_virt_probe_pools");
        break;
    case VALUE_VOLUME:
        printf("_virt_probe_volumes");
        break;
    case VALUE_DIRECTORY:
        printf("_virt_probe_lines < <(compgen -d -- \"$begin\")");
        break;
    case VALUE_FILE:
        printf("_virt_probe_lines < <(compgen -f -- \"$begin\")");
        break;
    default:
        printf(":");
        break;
    }
}

/* The cases in which the word before asks for a value. */
static void
print_values(const Command *command)
{
    for (guint i = 0; i < command->n_options; i++) {
        const Option *option = &command->options[i];

        if (option->kind == VALUE_NONE || option->help == NULL)
            continue;
        printf("        %s:--%s=", command->name, option->name);
        /* Otherwise the next word is none of its values. */
        if (option_has_value(option))
            printf("|%s:--%s", command->name, option->name);
        if (option->letter != 0)
            printf("|%s:-%c", command->name, option->letter);
        printf(") ");
        print_value_words(option->kind, option->choices);
        printf("; return ;;\n");
    }
}

static void
print_words(const Command *command)
{
    printf("        %s)\n            if [[ $word == -* ]]; then\n"
           "                COMPREPLY=($(compgen -W '--help",
           command->name);
    for (guint i = 0; i < command->n_options; i++) {
        const Option *option = &command->options[i];

        if (option->help == NULL)
            continue;
        printf(" --%s%s", option->name, option_has_value(option) ? "=" : "");
        if (option->letter != 0)
            printf(" -%c", option->letter);
    }
    printf("' -- \"$word\"))\n                [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
           "            else\n                ");
    print_value_words(command->argument_kind, NULL);
    printf("\n            fi\n            ;;\n");
}

void
completion_print(void)
{
    printf("# SPDX-License-Identifier: LGPL-2.1-or-later\n"
           "# bash completion for virt-probe; made from its tables of options\n%s"
           "_virt_probe()\n{\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local verb=${COMP_WORDS[1]} equals= plain begin verbs='",
           helpers);
    for (guint i = 0; commands[i] != NULL; i++)
        printf("%s%s", i > 0 ? " " : "", commands[i]->name);
    printf("'\n"
           "    COMPREPLY=()\n"
           "    if [[ $word == '=' ]]; then word= equals='='; fi\n"
           "    if [[ $before == '=' ]]; then before=${COMP_WORDS[COMP_CWORD-2]} equals='='; fi\n"
           "    _virt_probe_plain \"$word\"\n"
           "    begin=$plain\n"
           "    if ((COMP_CWORD == 1)); then\n"
           "        COMPREPLY=($(compgen -W \"$verbs help --help --version\" -- \"$word\"))\n"
           "        _virt_probe_lines < <(compgen -f -- \"$begin\")\n"
           "        return\n    fi\n"
           "    case $verb:$before$equals in\n"
           "        help:help) COMPREPLY=($(compgen -W \"$verbs\" -- \"$word\")); return ;;\n");
    for (guint i = 0; commands[i] != NULL; i++)
        print_values(commands[i]);
    printf("    esac\n    case $verb in\n");
    for (guint i = 0; commands[i] != NULL; i++)
        print_words(commands[i]);
    printf("    esac\n}\ncomplete -F _virt_probe virt-probe\n");
}
