/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-location.c: names in images are understood as QEMU understands them. */
#include "locations.h"
#include "virtprobe/virtprobe.h"

#include <string.h>

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

/* What the member last of a chain is called seen from the directory of the member above first: what a commit or rebase
 * has to write so that names stay relative. names: by member, from the top down, how the member above calls it, or NULL
 * when that is not relative. NULL when the names do not lead there. (transfer full) */
static char *
join_relative(const char *const *names, guint first, guint last)
{
    g_autofree char *joined = NULL;

    for (guint i = first; i <= last; i++) {
        char *next;

        if (names[i] == NULL)
            return NULL;
        next = joined != NULL ? vp_name_resolve(joined, names[i]) : g_strdup(names[i]);
        g_free(joined);
        joined = next;
    }
    return g_steal_pointer(&joined);
}

/* The names of a chain's members, as the file lists them from the top down. */
static void
check_joined(const char *const *names, char *const *row)
{
    guint top = (guint) g_ascii_strtoull(row[1], NULL, 10);
    guint base = (guint) g_ascii_strtoull(row[2], NULL, 10);
    g_autofree char *joined = join_relative(names, top, base);

    g_test_message("%u to %u", top, base);
    g_assert_cmpstr(joined, ==, row[3]);
}

static void
test_joins_the_names_of_a_chain(void)
{
    g_autoptr(GPtrArray) rows = names_load("relative-paths.txt");
    const char *names[16] = { NULL };
    guint n_names = 0;
    guint n_cases = 0;

    for (guint i = 0; i < rows->len; i++) {
        char **row = g_ptr_array_index(rows, i);

        if (strcmp(row[0], "case") == 0) {
            check_joined(names, row);
            n_cases++;
            continue;
        }
        g_assert_cmpuint(n_names, <, G_N_ELEMENTS(names));
        names[n_names++] = row[3];
    }
    g_assert_cmpuint(n_cases, ==, 23);
}

static void
test_public_parse_gives_a_record(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) location = virt_probe_location_parse("nbd://host/export", &error);

    g_assert_no_error(error);
    g_assert_cmpstr(virt_probe_record_get_kind(location), ==, "location");
    g_assert_cmpstr(virt_probe_record_get_text(location, "kind"), ==, "network");
    g_assert_cmpstr(virt_probe_record_get_text(location, "name"), ==, "export");
    g_assert_cmpuint(virt_probe_record_get_length(location, "hosts"), ==, 1);
}

static void
test_public_parse_gives_an_error(void)
{
    static const struct {
        const char *name;
        VirtProbeError code;
    } cases[] = {
        { "nbd:", VIRT_PROBE_ERROR_INVALID },
        { "smb://host/x", VIRT_PROBE_ERROR_UNSUPPORTED },
        { "json:[[[[[[[[[[[[[[[[[[", VIRT_PROBE_ERROR_INVALID },
        { "json:{\"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\":1}", VIRT_PROBE_ERROR_LIMIT },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VirtProbeRecord) location = virt_probe_location_parse(cases[i].name, &error);

        g_assert_error(error, VIRT_PROBE_ERROR, (gint) cases[i].code);
        g_assert_null(location);
    }
}

static void
test_errors_show_no_credentials(void)
{
    static const char *const names[] = {
        "http://user:secret@host:port/x",
        "http://user:sec/secret@host/x",
        "user:secret@host",
        "secret:user@host",
        "json:{\"driver\":\"http\",\"url\":\"user:secret@host\"}",
        "json:{\"driver\":\"secret\"}",
        "rbd:p/i:key=secret:mon_host=secret\\:x",
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VirtProbeRecord) location = virt_probe_location_parse(names[i], &error);

        g_assert_null(location);
        g_assert_null(strstr(error->message, "secret"));
    }
}

static void
test_a_missing_record_is_left_alone(void)
{
    vp_location_fill(NULL, "nbd://host/export");
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
    g_test_add_func("/location/joins-the-names-of-a-chain", test_joins_the_names_of_a_chain);
    g_test_add_func("/location/public-parse-gives-a-record", test_public_parse_gives_a_record);
    g_test_add_func("/location/public-parse-gives-an-error", test_public_parse_gives_an_error);
    g_test_add_func("/location/errors-show-no-credentials", test_errors_show_no_credentials);
    g_test_add_func("/location/leaves-a-missing-record-alone", test_a_missing_record_is_left_alone);
    return g_test_run();
}
