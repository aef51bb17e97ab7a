/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-table.c: tables and trees look the same, whoever draws them: the program is built with each of the two. */
#include "table.h"

#include <glib.h>
#include <locale.h>

static const TableColumn columns[] = {
    { "NAME", TRUE, FALSE },
    { "SIZE", FALSE, TRUE },
    { "STATE", FALSE, FALSE },
};

static TableLine *
add(Table *table, TableLine *parent, const char *name, const char *size, const char *state)
{
    TableLine *line = table_add_line(table, parent);

    table_set_cell(table, line, 0, name);
    table_set_cell(table, line, 1, size);
    table_set_cell(table, line, 2, state);
    return line;
}

static void
print_tree(void)
{
    g_autoptr(Table) table = table_new(columns, G_N_ELEMENTS(columns));
    TableLine *top = add(table, NULL, "top", "1", "ok");
    TableLine *middle;

    middle = add(table, top, "middle", "1000000", "partial");
    add(table, add(table, middle, "a", "2", "ok"), "below", "3", "ok");
    add(table, middle, "b", "4", "ok");
    add(table, top, "last", "5", "ok");
    add(table, NULL, "next", "6", "ok");
    table_print(table);
}

/* Runs the rest of the test in a process of its own and compares what it prints. */
static void
assert_prints(const char *expected)
{
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout(expected);
}

static void
test_draws_a_tree(void)
{
    if (g_test_subprocess()) {
        setlocale(LC_ALL, "C.UTF-8");
        print_tree();
        return;
    }
    assert_prints("*NAME           SIZE STATE\n"
                  "top               1 ok\n"
                  "├─middle    1000000 partial\n"
                  "│ ├─a             2 ok\n"
                  "│ │ └─below       3 ok\n"
                  "│ └─b             4 ok\n"
                  "└─last            5 ok\n"
                  "next              6 ok\n*");
}

static void
test_draws_a_tree_in_ascii(void)
{
    if (g_test_subprocess()) {
        setlocale(LC_ALL, "C");
        print_tree();
        return;
    }
    assert_prints("*NAME           SIZE STATE\n"
                  "top               1 ok\n"
                  "|-middle    1000000 partial\n"
                  "| |-a             2 ok\n"
                  "| | `-below       3 ok\n"
                  "| `-b             4 ok\n"
                  "`-last            5 ok\n"
                  "next              6 ok\n*");
}

/* Wide characters take two columns, combining ones none. */
static void
test_counts_columns_of_the_terminal(void)
{
    if (g_test_subprocess()) {
        g_autoptr(Table) table = NULL;

        setlocale(LC_ALL, "C.UTF-8");
        table = table_new(columns, G_N_ELEMENTS(columns));
        add(table, NULL, "\xe5\x9b\xbe\xe5\x83\x8f", "1", "ok");
        add(table, NULL, "e\xcc\x81", "2", "ok");
        add(table, NULL, "1234567", "3", "ok");
        table_print(table);
        return;
    }
    assert_prints("*NAME    SIZE STATE\n"
                  "\xe5\x9b\xbe\xe5\x83\x8f       1 ok\n"
                  "e\xcc\x81          2 ok\n"
                  "1234567    3 ok\n*");
}

/* libsmartcols never came back from a byte that is none of the locale's characters. */
static void
test_escapes_what_the_locale_has_not(void)
{
    if (g_test_subprocess()) {
        static const TableColumn title = { "GR\xc3\x96SSE \xe2\x80\xa6", FALSE, FALSE };
        g_autoptr(Table) table = NULL;

        setlocale(LC_ALL, "C");
        table = table_new(&title, 1);
        table_set_cell(table, table_add_line(table, NULL), 0,
                       "gr\xc3\xb6\xc3\x9f"
                       "e");
        table_print(table);
        return;
    }
    g_test_trap_subprocess(NULL, 20 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout("*GR*SSE ...*\ngr\\xc3\\xb6\\xc3\\x9fe\n*");
}

static void
test_shows_blanks_of_names(void)
{
    g_autofree char *shown = table_name(" a  b c ");

    g_assert_cmpstr(shown, ==, "\\x20a \\x20b c\\x20");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/table/draws-a-tree", test_draws_a_tree);
    g_test_add_func("/table/draws-a-tree-in-ascii", test_draws_a_tree_in_ascii);
    g_test_add_func("/table/counts-columns-of-the-terminal", test_counts_columns_of_the_terminal);
    g_test_add_func("/table/escapes-what-the-locale-has-not", test_escapes_what_the_locale_has_not);
    g_test_add_func("/table/shows-blanks-of-names", test_shows_blanks_of_names);
    return g_test_run();
}
