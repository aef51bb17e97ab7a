/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-location.c: names in images are understood as QEMU understands them. */
#include "storage/location.h"

static void
test_tells_kinds_of_names_apart(void)
{
    static const struct {
        const char *name;
        VpNameKind kind;
    } cases[] = {
        { "", VP_NAME_RELATIVE },
        { "base.qcow2", VP_NAME_RELATIVE },
        { "../base.qcow2", VP_NAME_RELATIVE },
        { "./a:b", VP_NAME_RELATIVE },
        { "dir/a:b", VP_NAME_RELATIVE },
        { "/images/base", VP_NAME_ABSOLUTE },
        { "/images/a:b", VP_NAME_ABSOLUTE },
        { "//host/share", VP_NAME_ABSOLUTE },
        { "nbd://host/export", VP_NAME_PROTOCOL },
        { "a:b", VP_NAME_PROTOCOL },
        { ":", VP_NAME_PROTOCOL },
        { "file:base", VP_NAME_PROTOCOL },
        { "JSON:{}", VP_NAME_PROTOCOL },
        { "json:", VP_NAME_JSON },
        { "json:{\"driver\":\"file\"}", VP_NAME_JSON },
        { "jsonx", VP_NAME_RELATIVE },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(vp_name_kind(cases[i].name), ==, cases[i].kind);
    }
}

static void
check_resolved(const char *overlay, const char *backing, const char *expected)
{
    g_autofree char *resolved = vp_name_resolve(overlay, backing);

    g_assert_cmpstr(resolved, ==, expected);
}

static void
test_joins_the_overlays_directory_and_the_name(void)
{
    check_resolved("/images/top.qcow2", "base.qcow2", "/images/base.qcow2");
    check_resolved("images/top.qcow2", "base.qcow2", "images/base.qcow2");
    check_resolved("/top.qcow2", "base.qcow2", "/base.qcow2");
    check_resolved("top.qcow2", "base.qcow2", "base.qcow2");
}

static void
test_joins_without_tidying(void)
{
    check_resolved("/a//b/top", "../base", "/a//b/../base");
    check_resolved("./top", "./base", "././base");
}

static void
test_keeps_names_that_are_whole(void)
{
    check_resolved("/images/top", "/base", "/base");
    check_resolved("/images/top", "nbd://host/x", "nbd://host/x");
    check_resolved("/images/top", "json:{}", "json:{}");
    check_resolved(NULL, "/base", "/base");
}

static void
test_cannot_tell_without_a_directory(void)
{
    check_resolved(NULL, "base", NULL);
    check_resolved("", "base", NULL);
    check_resolved("json:{\"a\":\"/b\"}", "base", NULL);
}

static void
test_joins_bytes_that_are_no_utf8(void)
{
    check_resolved("/\xff/top", "\xfe", "/\xff/\xfe");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/location/tells-kinds-of-names-apart", test_tells_kinds_of_names_apart);
    g_test_add_func("/location/joins-the-overlays-directory-and-the-name",
                    test_joins_the_overlays_directory_and_the_name);
    g_test_add_func("/location/joins-without-tidying", test_joins_without_tidying);
    g_test_add_func("/location/keeps-names-that-are-whole", test_keeps_names_that_are_whole);
    g_test_add_func("/location/cannot-tell-without-a-directory",
                    test_cannot_tell_without_a_directory);
    g_test_add_func("/location/joins-bytes-that-are-no-utf8", test_joins_bytes_that_are_no_utf8);
    return g_test_run();
}
