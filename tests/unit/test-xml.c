/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-xml.c: XML of texts with any bytes, of attributes that few files have, and of records. */
#include "storage/export/xml-attributes.h"
#include "storage/export/xml-volume.h"
#include "unit.h"
#include "virtprobe/xml.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *bytes;
    const char *text; /* as XML */
    const char *line; /* the same in one line; NULL: the same */
    gboolean is_exact;
} Text;

static const Text texts[] = {
    { "plain", "a b", "a b", NULL, TRUE },
    { "markup", "<&>'\"", "&lt;&amp;&gt;&apos;&quot;", NULL, TRUE },
    { "end-of-cdata", "]]>", "]]&gt;", NULL, TRUE },
    { "tab", "a\tb", "a\tb", NULL, TRUE },
    { "newline", "a\nb", "a\nb", "a\\x0ab", TRUE },
    { "carriage-return", "a\rb", "a&#13;b", "a\\x0db", TRUE },
    { "control", "a\x01\x1b", "a\\x01\\x1b", NULL, FALSE },
    { "not-utf8", "\xff\xc3", "\\xff\\xc3", NULL, FALSE },
    { "overlong", "\xc0\xaf", "\\xc0\\xaf", NULL, FALSE },
    { "surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", NULL, FALSE },
    { "noncharacter", "\xef\xbf\xbe", "\\xef\\xbf\\xbe", NULL, FALSE },
    { "delete", "a\x7f", "a&#x7F;", NULL, TRUE },
    { "control-of-terminals", "\xc2\x9b", "&#x9B;", NULL, TRUE },
    { "direction", "\xe2\x80\xae", "&#x202E;", NULL, TRUE },
    { "utf8", "Ü☃𝄞", "Ü☃𝄞", NULL, TRUE },
};

static void
test_writes_text(gconstpointer data)
{
    const Text *text = data;
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean is_exact = vp_xml_append(out, text->bytes, strlen(text->bytes), VP_XML_TEXT);

    g_assert_cmpstr(out->str, ==, text->text);
    g_assert_cmpint(is_exact, ==, text->is_exact);
    g_string_truncate(out, 0);
    vp_xml_append(out, text->bytes, strlen(text->bytes), VP_XML_LINE);
    g_assert_cmpstr(out->str, ==, text->line != NULL ? text->line : text->text);
}

static void
test_writes_attributes_that_readers_do_not_change(void)
{
    g_auto(VpXml) xml = { NULL };
    g_autofree char *text = NULL;

    vp_xml_init(&xml);
    vp_xml_begin(&xml, "a");
    vp_xml_attribute(&xml, "b", "\t\n\r'\x01");
    vp_xml_attribute(&xml, "none", NULL);
    vp_xml_end(&xml);
    text = vp_xml_finish(&xml);
    g_assert_cmpstr(text, ==, "<a b='&#9;&#10;&#13;&apos;\\x01'/>\n");
}

static void
test_writes_comments_that_end_where_they_should(void)
{
    g_auto(VpXml) xml = { NULL };
    g_autofree char *text = NULL;

    vp_xml_init(&xml);
    vp_xml_begin(&xml, "a");
    vp_xml_comment(&xml, "x --> y -- z\x1b-");
    vp_xml_end(&xml);
    text = vp_xml_finish(&xml);
    g_assert_cmpstr(text, ==, "<a>\n  <!-- x -> y - z? -->\n</a>\n");
}

static void
test_writes_attributes_that_few_files_have(void)
{
    struct stat info = { .st_mode = S_IFREG | 04640, .st_uid = G_MAXUINT32, .st_gid = 4294967294u };
    g_auto(VpXml) xml = { NULL };
    g_autofree char *text = NULL;

    info.st_atim.tv_sec = -1;
    info.st_mtim.tv_sec = 1;
    info.st_mtim.tv_nsec = 5;
    vp_xml_init(&xml);
    vp_xml_begin(&xml, "a");
    vp_xml_permissions(&xml, &info, "user:role<");
    vp_xml_timestamps(&xml, &info);
    vp_xml_end(&xml);
    text = vp_xml_finish(&xml);
    g_assert_cmpstr(text, ==,
                    "<a>\n"
                    "  <permissions>\n"
                    "    <mode>0640</mode>\n"
                    "    <owner>-1</owner>\n"
                    "    <group>4294967294</group>\n"
                    "    <label>user:role&lt;</label>\n"
                    "  </permissions>\n"
                    "  <timestamps>\n"
                    "    <mtime>1.000000005</mtime>\n"
                    "    <ctime>0</ctime>\n"
                    "    <btime>0</btime>\n"
                    "  </timestamps>\n"
                    "</a>\n");
}

static void
test_writes_a_device_as_libvirt_writes_a_link_to_one(void)
{
    static const guint8 zeros[1024];
    g_autoptr(VirtProbeRecord) image = describe_bytes(zeros, sizeof zeros, "raw");
    VpXmlVolume volume = { .name = "vda", .path = "/dev/vda", .image = image };
    g_auto(VpXml) xml = { NULL };
    g_autofree char *text = NULL;

    volume.info.st_mode = S_IFBLK;
    vp_xml_init(&xml);
    vp_xml_volume(&xml, &volume);
    text = vp_xml_finish(&xml);
    /* What libvirt 9.0 printed of a link to a loop device in a pool of type dir. */
    g_assert_true(g_str_has_prefix(text, "<volume type='file'>\n  <name>vda</name>\n"));
    g_assert_nonnull(strstr(text, "  <capacity unit='bytes'>1024</capacity>\n"
                                  "  <allocation unit='bytes'>1024</allocation>\n"
                                  "  <physical unit='bytes'>1024</physical>\n"));
}

static void
test_lists_exact_bytes_of_a_record(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_memory("", 0, "a\xff\nb", NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    g_autofree char *xml = virt_probe_record_to_xml(image);

    g_assert_true(
        g_str_has_prefix(xml, "<vp:metadata xmlns:vp='urn:x-virt-probe:metadata:1'>\n  <vp:image>\n"
                              "    <vp:filename>a\\xff\nb</vp:filename>\n"));
    g_assert_nonnull(strstr(xml, "<vp:pointer>/filename</vp:pointer>\n"
                                 "          <vp:hex>61ff0a62</vp:hex>\n"));
}

static void
test_masks_credentials(void)
{
    g_autoptr(VirtProbeRecord) location =
        virt_probe_location_parse("https://user:secret@host/x", NULL);
    g_autofree char *xml = virt_probe_record_to_xml(location);

    g_assert_null(strstr(xml, "secret"));
    g_assert_nonnull(strstr(xml, "<vp:protocol>https</vp:protocol>"));
}

static void
test_refuses_what_is_no_volume(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_file_to_xml("/dev/null", NULL, NULL, VIRT_PROBE_XML_DEFAULT, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_clear_error(&error);
    g_assert_null(
        virt_probe_file_to_xml("/nonexistent/x", NULL, NULL, VIRT_PROBE_XML_FULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        add_row_test("/xml/writes-text", texts[i].name, &texts[i], test_writes_text);
    g_test_add_func("/xml/writes-attributes-that-readers-do-not-change",
                    test_writes_attributes_that_readers_do_not_change);
    g_test_add_func("/xml/writes-comments-that-end-where-they-should",
                    test_writes_comments_that_end_where_they_should);
    g_test_add_func("/xml/writes-attributes-that-few-files-have",
                    test_writes_attributes_that_few_files_have);
    g_test_add_func("/xml/writes-a-device-as-libvirt-writes-a-link-to-one",
                    test_writes_a_device_as_libvirt_writes_a_link_to_one);
    g_test_add_func("/xml/lists-exact-bytes-of-a-record", test_lists_exact_bytes_of_a_record);
    g_test_add_func("/xml/masks-credentials", test_masks_credentials);
    g_test_add_func("/xml/refuses-what-is-no-volume", test_refuses_what_is_no_volume);
    return g_test_run();
}
