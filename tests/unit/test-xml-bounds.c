/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-xml-bounds.c: which XML libxml2 gets to see. */
#include "storage/pool/domains.h"
#include "storage/pool/pool.h"
#include "storage/pool/xml-bounds.h"
#include "virtprobe/error.h"

#include <string.h>

/* text COUNT times between two others. (transfer full) */
static char *
repeated(const char *before, const char *text, guint count, const char *behind)
{
    GString *xml = g_string_new(before);

    for (guint i = 0; i < count; i++)
        g_string_append(xml, text);
    g_string_append(xml, behind);
    return g_string_free(xml, FALSE);
}

/* code: -1: it passes. Takes over the XML. */
static void
assert_code(char *xml, gint code)
{
    g_autofree char *document = xml;
    g_autofree char *exact = g_memdup2(document, strlen(document));
    g_autoptr(GError) error = NULL;
    gboolean passes = vp_xml_check(exact, strlen(document), &error);

    g_assert_cmpint(passes, ==, code < 0);
    if (code < 0)
        g_assert_no_error(error);
    else
        g_assert_error(error, VIRT_PROBE_ERROR, code);
}

static void
test_counts_attributes(void)
{
    assert_code(repeated("<a", " b=''", 64, "/>"), -1);
    assert_code(repeated("<a", " b=''", 65, "/>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a", " b=''", 65, ""), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a c='>'", " b='>'", 65, "/>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a c='\">'", " b=\"'>\"", 65, "/>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a>=<b", " b=''", 64, "/></a>"), -1);
    assert_code(repeated("<a>", "<b c='=' d='>='/>=", 100, "</a>"), -1);
}

static void
test_counts_nothing_in_sections(void)
{
    assert_code(repeated("<!-- <a", " b=''", 100, " don't --><a/>"), -1);
    assert_code(repeated("<a><![CDATA[<a", " b=''", 100, "]]></a>"), -1);
    assert_code(repeated("<?a <a", " b=''", 100, "?><a/>"), -1);
    /* Where one ends the tags are seen again. */
    assert_code(repeated("<!-- ' --><a", " b=''", 65, "/>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a><![CDATA[<!-- ]]><a", " b=''", 65, "/></a>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<?a <!-- ?><a", " b=''", 65, "/>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<!-- <![CDATA[ --><a", " b=''", 65, "/>"), VIRT_PROBE_ERROR_LIMIT);
}

static void
test_bounds_markup(void)
{
    const guint max = VP_XML_MARKUP_MAX;

    assert_code(repeated("<a b='", ">", max - 20, "'/>"), -1);
    assert_code(repeated("<a b='", ">", max, "'/>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<!--", ">", max, "--><a/>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a><![CDATA[", ">", max, "]]></a>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a><![CDATA[", ">", max, ""), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<?a ", ">", max, "?><a/>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a>", "text ", max, "</a>"), -1);
}

static void
test_bounds_names(void)
{
    assert_code(repeated("<a>", "<b></b>", 65000, "</a>"), -1);
    assert_code(repeated("<a>", "<b></b>", 65536, "</a>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a>", "<b c='' d=''/>", 22000, "</a>"), VIRT_PROBE_ERROR_LIMIT);
    assert_code(repeated("<a>", "<b xmlns:c='c'/>", 256, "</a>"), -1);
    assert_code(repeated("<a>", "<b xmlns:c='c'/>", 257, "</a>"), VIRT_PROBE_ERROR_LIMIT);
}

static void
test_wants_bytes_of_one_meaning(void)
{
    g_autoptr(GError) error = NULL;

    assert_code(g_strdup("<!DOCTYPE a><a/>"), VIRT_PROBE_ERROR_REFUSED);
    assert_code(g_strdup("<a>\xff</a>"), VIRT_PROBE_ERROR_INVALID);
    g_assert_false(vp_xml_check("<\0a\0/\0>\0", 8, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    assert_code(g_strdup("<"), -1);
    assert_code(g_strdup(""), -1);
}

static void
take_name(G_GNUC_UNUSED const char *pool, G_GNUC_UNUSED const char *name,
          G_GNUC_UNUSED gpointer user_data)
{
    g_assert_not_reached();
}

static void
test_is_asked_by_all_readers(void)
{
    g_autofree char *xml = repeated("<pool type='dir'><source", " b=''", 65, " file='/x'/></pool>");
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_pool_new_from_xml(xml, strlen(xml), &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT);
    g_assert_false(vp_domain_read(xml, strlen(xml), take_name, NULL));
    g_assert_false(vp_domain_read("<source file='/\xff'/>", 19, take_name, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml-bounds/counts-attributes", test_counts_attributes);
    g_test_add_func("/xml-bounds/counts-nothing-in-sections", test_counts_nothing_in_sections);
    g_test_add_func("/xml-bounds/bounds-markup", test_bounds_markup);
    g_test_add_func("/xml-bounds/bounds-names", test_bounds_names);
    g_test_add_func("/xml-bounds/wants-bytes-of-one-meaning", test_wants_bytes_of_one_meaning);
    g_test_add_func("/xml-bounds/is-asked-by-all-readers", test_is_asked_by_all_readers);
    return g_test_run();
}
