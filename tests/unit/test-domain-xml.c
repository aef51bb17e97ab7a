/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-domain-xml.c: which files the arguments of QEMU in a machine's XML name, and which of them nobody understands. */
#include "storage/pool/domains.h"

#include <string.h>

static void
take(const char *pool, const char *name, gpointer user_data)
{
    g_assert_null(pool);
    g_ptr_array_add(user_data, g_strdup(name));
}

/* The names that are told of an argument. */
static GPtrArray *
read_argument(const char *argument, gboolean *out_is_complete)
{
    g_autofree char *value = g_markup_escape_text(argument, -1);
    g_autofree char *xml = g_strdup_printf("<domain xmlns:q='http://libvirt.org/schemas/domain/"
                                           "qemu/1.0'><q:commandline><q:arg value='%s'/>"
                                           "</q:commandline></domain>",
                                           value);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    *out_is_complete = vp_domain_read(xml, strlen(xml), take, names);
    return names;
}

typedef struct {
    const char *name;
    const char *argument;
    const char *path; /* NULL: none */
} Argument;

static const Argument understood[] = {
    { "colon", "file=/p/colon:name,if=none", "/p/colon:name" },
    { "doubled comma", "if=none,file=/p/comma,,name,id=x", "/p/comma,name" },
    { "equals sign", "file=/p/equals=name", "/p/equals=name" },
    { "several", "file=/p/a:b,,c=d,,,id=/p/y", "/p/a:b,c=d," },
    { "comma in JSON", "{\"driver\":\"file\",\"filename\":\"/p/all:of,it=\",\"read-only\":true}",
      "/p/all:of,it=" },
    { "alone", "/p/kernel,name", "/p/kernel,name" },
    { "behind a protocol", "file=file:/p/uri", "/p/uri" },
    { "second of two", "{\"a\":\"/p/first\",\"b\":\"/p/second:x\"}", "/p/second:x" },
    { "command line of a kernel", "console=ttyS0 root=/dev/vda init /x", "/dev/vda init /x" },
    { "no file", "q35,usb=off", NULL },
    { "node of JSON", "{\"driver\":\"qcow2\",\"file\":\"node\"}", NULL },
};

static void
test_understands(gconstpointer data)
{
    const Argument *argument = data;
    gboolean is_complete;
    g_autoptr(GPtrArray) names = read_argument(argument->argument, &is_complete);

    g_assert_true(is_complete);
    if (argument->path == NULL)
        g_assert_cmpuint(names->len, ==, 0);
    else
        g_assert_true(g_ptr_array_find_with_equal_func(names, argument->path, g_str_equal, NULL));
}

static const Argument doubtful[] = {
    { "name alone", "if=none,file=disk.raw", NULL },
    { "relative path", "file=images/disk.raw", NULL },
    { "relative path with an equals sign", "file=images=/disk.raw", NULL },
    { "relative path with a blank", "file=images /disk.raw", NULL },
    { "relative path with a comma", "file=images,,/disk.raw", NULL },
    { "path of no option", "images/disk.raw", NULL },
    { "name in JSON", "{\"driver\":\"file\",\"filename\":\"disk.raw\"}", NULL },
    { "path in JSON in other letters", "{\"driver\":\"file\",\"filename\":\"/p\\u002fdisk\"}",
      NULL },
    { "name of an inner driver", "driver=qcow2,file.filename=disk.raw", NULL },
};

static void
test_doubts(gconstpointer data)
{
    const Argument *argument = data;
    gboolean is_complete;
    g_autoptr(GPtrArray) names = read_argument(argument->argument, &is_complete);

    g_assert_nonnull(names);
    g_assert_false(is_complete);
}

static void
test_bounds_arguments(void)
{
    g_autoptr(GString) many = g_string_new(NULL);
    g_autofree char *filling = g_strnfill(1024 * 1024, 'x');
    g_autofree char *longest = g_strconcat("/", filling, NULL);
    g_autoptr(GPtrArray) of_many = NULL;
    g_autoptr(GPtrArray) of_longest = NULL;
    gboolean is_complete;

    for (guint i = 0; i < 1000; i++)
        g_string_append(many, "=/x");
    of_many = read_argument(many->str, &is_complete);
    g_assert_false(is_complete);
    g_assert_cmpuint(of_many->len, <, 3000);
    of_longest = read_argument(longest, &is_complete);
    g_assert_false(is_complete);
}

static void
add_all(const char *folder, const Argument *arguments, guint count, GTestDataFunc test)
{
    for (guint i = 0; i < count; i++) {
        g_autofree char *slug = g_strdelimit(g_strdup(arguments[i].name), " ", '-');
        g_autofree char *path = g_strconcat("/domain-xml/", folder, "/", slug, NULL);

        g_test_add_data_func(path, &arguments[i], test);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_all("understands-argument-with", understood, G_N_ELEMENTS(understood), test_understands);
    add_all("doubts-argument-with", doubtful, G_N_ELEMENTS(doubtful), test_doubts);
    g_test_add_func("/domain-xml/bounds-arguments", test_bounds_arguments);
    return g_test_run();
}
