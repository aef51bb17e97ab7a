/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-vmdk-lines.c: VMDK descriptors are recognised and read as QEMU does it, and never past their end. */
#include "storage/vmdk/vmdk.h"
#include "unit.h"

#include <string.h>

#define RW "RW 8 FLAT \"a\" 0"

/* A copy that ends with its last byte, so that a read behind it is seen. */
static guint8 *
copy_of(const char *text)
{
    return g_memdup2(text, strlen(text));
}

static VmdkText
text_of(const guint8 *copy, const char *text)
{
    return (VmdkText) { copy, strlen(text), 100 };
}

static void
test_recognises_what_qemu_recognises(void)
{
    static const struct {
        const char *text;
        gboolean is_probed;
        gboolean is_descriptor;
    } cases[] = {
        { "version=1\n", TRUE, TRUE },
        { "version=3\r\n", TRUE, TRUE },
        { "# a\n#\nversion=2\n", TRUE, TRUE },
        { "  \n \r\nversion=1\n", TRUE, TRUE },
        { "version=4\n", FALSE, FALSE },
        { "version=0\n", FALSE, FALSE },
        { "version=1", FALSE, FALSE },
        { "version=12\n", FALSE, FALSE },
        { "version=1\r", FALSE, FALSE },
        { "version = 1\n", FALSE, FALSE },
        { "Version=1\n", FALSE, FALSE },
        { "\nversion=1\n", FALSE, FALSE },
        { "\t\nversion=1\n", FALSE, FALSE },
        { "#\n\nversion=1\n", FALSE, FALSE },
        { " version=1\n", FALSE, FALSE },
        { "# no end of the line", FALSE, FALSE },
        { "#", FALSE, FALSE },
        { " ", FALSE, FALSE },
        { " \r", FALSE, FALSE },
        { "v", FALSE, FALSE },
        { "#\nencoding=\"UTF-8\"\ncreateType=\"vmfs\"\n", FALSE, TRUE },
        { "#\n\nversion = 4\ncreateType=\"vmfs\"\n", FALSE, TRUE },
        { "#\nencoding=\"UTF-8\"\n", FALSE, FALSE },
        { "#\nname=value\ncreateType=\"vmfs\"\n", FALSE, FALSE },
        { "#!/bin/sh\necho createType\n", FALSE, FALSE },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree guint8 *copy = copy_of(cases[i].text);
        VmdkText text = text_of(copy, cases[i].text);

        g_test_message("%s", cases[i].text);
        g_assert_cmpint(vmdk_text_is_probed_by_qemu(copy, text.len), ==, cases[i].is_probed);
        g_assert_cmpint(vmdk_text_is_descriptor(copy, text.len), ==, cases[i].is_descriptor);
    }
}

static void
test_qemu_looks_at_512_bytes(void)
{
    g_autofree char *comment = g_strnfill(502 - 2, '#');
    g_autofree char *fits = g_strdup_printf("%s#\nversion=1\n", comment);
    g_autofree char *does_not_fit = g_strdup_printf("%s##\nversion=1\n", comment);

    g_assert_cmpuint(strlen(fits), ==, 512);
    g_assert_true(vmdk_text_is_probed_by_qemu((const guint8 *) fits, strlen(fits)));
    g_assert_false(
        vmdk_text_is_probed_by_qemu((const guint8 *) does_not_fit, strlen(does_not_fit)));
}

typedef struct {
    const char *path;
    const char *text;
    const char *kinds; /* a letter for each line: T taken, I ignored, X invalid, o other */
    guint64 n_seen;    /* of the first that is taken, 0: none is */
} LineCase;

static const LineCase line_cases[] = {
    { "takes-a-flat-extent", RW, "T", 1 },
    { "takes-what-follows-an-offset", RW " more", "T", 1 },
    { "takes-blanks-around", "  \t" RW " \r\n", "T", 1 },
    { "takes-numbers-with-a-sign", "RW +8 FLAT \"a\" +0", "T", 1 },
    { "takes-an-extent-of-several-lines", "RW\n8\nFLAT\n\"a\"\n0", "Tooooo", 1 },
    { "takes-an-extent-once-more-for-each-empty-line", "\n \r\n\n" RW, "T", 4 },
    { "takes-a-vmfs-extent", "RW 8 VMFS \"a\"", "T", 1 },
    { "takes-a-vmfssparse-extent", "RW 8 VMFSSPARSE \"a\"\n", "T", 1 },
    { "takes-a-sesparse-extent", "RW 8 SESPARSE \"a\"\n", "T", 1 },
    { "takes-a-name-without-its-end", "RW 8 SPARSE \"a", "T", 1 },
    { "refuses-a-flat-extent-without-offset", "RW 8 FLAT \"a\"", "X", 0 },
    { "refuses-a-negative-offset", "RW 8 FLAT \"a\" -1", "X", 0 },
    { "refuses-an-offset-of-other-kinds", "RW 8 SPARSE \"a\" 0", "X", 0 },
    { "refuses-an-offset-of-unknown-kinds", "RW 8 OTHER \"a\" 0", "X", 0 },
    { "refuses-a-flat-name-without-its-end", "RW 8 FLAT \"a\n0", "Xo", 0 },
    { "leaves-out-unknown-kinds", "RW 8 OTHER \"a\"", "I", 0 },
    { "leaves-out-kinds-above-10-bytes", "RW 8 VMFSSPARSEX \"a\"", "I", 0 },
    { "leaves-out-kinds-in-lower-case", "RW 8 sparse \"a\"", "I", 0 },
    { "leaves-out-read-only-extents", "RDONLY 8 FLAT \"a\" 0", "I", 0 },
    { "leaves-out-extents-without-access", "NOACCESS 8 ZERO", "I", 0 },
    { "leaves-out-access-in-lower-case", "rw 8 FLAT \"a\" 0", "I", 0 },
    { "leaves-out-zero-extents", "RW 8 ZERO", "I", 0 },
    { "leaves-out-extents-of-0-sectors", "RW 0 FLAT \"a\" 0", "I", 0 },
    { "leaves-out-extents-of-negative-size", "RW -8 FLAT \"a\" 0", "I", 0 },
    { "leaves-out-extents-without-a-name", "RW 8 FLAT \"\" 0", "I", 0 },
    { "knows-other-lines", "# RW\nCID=1\nRW\nddb.a = \"RW 8 FLAT\"", "oooo", 0 },
    { "finds-nothing-in-no-text", "", "", 0 },
    { "finds-nothing-in-blanks", " \n\n", "", 0 },
};

static void
test_line_is_read_as_qemu_reads_it(gconstpointer data)
{
    const LineCase *row = data;
    g_autoptr(GString) kinds = g_string_new(NULL);
    g_autofree guint8 *copy = copy_of(row->text);
    VmdkText text = text_of(copy, row->text);
    guint64 n_seen = 0;
    VmdkLine line;
    gsize pos = 0;

    while (vmdk_line_next(&text, &pos, &line)) {
        g_string_append_c(kinds, "oTIX"[vmdk_line_kind(&line)]);
        if (n_seen == 0 && vmdk_line_kind(&line) == VMDK_LINE_TAKEN)
            n_seen = line.n_seen;
    }
    /* Of an extent of several lines only its beginning matters here. */
    g_assert_true(g_str_has_prefix(row->kinds, kinds->str) && kinds->len + 1 >= strlen(row->kinds));
    g_assert_cmpuint(n_seen, ==, row->n_seen);
}

static void
test_line_has_its_parts(void)
{
    static const char whole[] = "#\nRW 99999999999999999999 FLAT \"a b\" 7\n";
    g_autofree guint8 *copy = copy_of(whole);
    VmdkText text = text_of(copy, whole);
    VmdkLine line;
    gsize pos = 2;

    g_assert_true(vmdk_line_next(&text, &pos, &line));
    g_assert_cmpuint(pos, ==, text.len);
    g_assert_cmpuint(line.n_fields, ==, 5);
    g_assert_cmpint(line.sectors, ==, G_MAXINT64);
    g_assert_cmpstr(line.type, ==, "FLAT");
    assert_same_bytes(line.name.bytes, line.name.len, BYTES("a b"));
    g_assert_cmpuint(line.name.place, ==, 132);
    g_assert_cmpint(line.offset, ==, 7);
    g_assert_cmpuint(line.line.place, ==, 102);
}

static void
test_name_is_cut_at_511_bytes(void)
{
    g_autofree char *name = g_strnfill(512, 'a');
    g_autofree char *with_name = g_strdup_printf("RW 8 VMFS \"%s\"", name);
    g_autofree guint8 *copy = copy_of(with_name);
    VmdkText text = text_of(copy, with_name);
    VmdkLine line;
    gsize pos = 0;

    g_assert_true(vmdk_line_next(&text, &pos, &line));
    g_assert_cmpint(vmdk_line_kind(&line), ==, VMDK_LINE_TAKEN);
    g_assert_cmpuint(line.name.len, ==, 511);
    g_assert_false(line.is_name_ended);
}

static void
test_names_outside_of_the_directory_are_known(void)
{
    static const struct {
        const char *name;
        gboolean is_outside;
    } cases[] = {
        { "a", FALSE },   { "./a", FALSE },  { "..a", FALSE }, { "a..", FALSE }, { ".", FALSE },
        { "..", TRUE },   { "../a", TRUE },  { "/a", TRUE },   { "b/a", TRUE },  { "./b/a", TRUE },
        { "./..", TRUE }, { "C:\\a", TRUE }, { "b\\a", TRUE },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree guint8 *copy = copy_of(cases[i].name);
        VmdkText text = text_of(copy, cases[i].name);

        g_test_message("%s", cases[i].name);
        g_assert_cmpint(vmdk_name_is_outside(&text), ==, cases[i].is_outside);
    }
}

static void
test_qemu_finds_a_number_anywhere(void)
{
    static const struct {
        const char *text;
        gboolean is_found;
        guint32 number;
    } cases[] = {
        { "CID=1", TRUE, 1 },
        { "parentCID=2\nCID=3", TRUE, 2 },
        { "# CID=4", TRUE, 4 },
        { "CID= \n 0X5", TRUE, 5 },
        { "CID=-1", TRUE, G_MAXUINT32 },
        { "CID=123456789", TRUE, 0x23456789 },
        { "CID=123456789abcdef01", TRUE, G_MAXUINT32 },
        { "CID=-123456789abcdef01", TRUE, G_MAXUINT32 },
        { "CID=6g", TRUE, 6 },
        { "CID = 7", FALSE, 0 },
        { "CID=g", FALSE, 0 },
        { "CID=", FALSE, 0 },
        { "CID", FALSE, 0 },
        { "cid=8", FALSE, 0 },
        { "", FALSE, 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree guint8 *copy = copy_of(cases[i].text);
        VmdkText text = text_of(copy, cases[i].text);
        guint32 number = 0;

        g_test_message("%s", cases[i].text);
        g_assert_cmpint(vmdk_qemu_number(&text, "CID", &number), ==, cases[i].is_found);
        g_assert_cmpuint(number, ==, cases[i].number);
    }
}

static void
test_lines_have_keys_and_values(void)
{
    static const char whole[] = "# CID=1\r\n cid = 2 \r\nCID=2\nparentCID=3\nPARENTCID=4\n"
                                "ddb.uuid = \"a=b\" c\nencoding=\"x\nEncryption.a=1";
    g_autofree guint8 *copy = copy_of(whole);
    VmdkText text = text_of(copy, whole);
    VmdkDescriptor descriptor;
    const VmdkEntry *entries = descriptor.entries;

    vmdk_descriptor_read(&text, &descriptor);
    assert_same_bytes(entries[VMDK_CID].value.bytes, entries[VMDK_CID].value.len, BYTES("2"));
    g_assert_cmpuint(entries[VMDK_CID].value.place, ==, 116);
    g_assert_false(entries[VMDK_CID].is_contradicted);
    assert_same_bytes(entries[VMDK_PARENT_CID].value.bytes, 1, BYTES("3"));
    g_assert_true(entries[VMDK_PARENT_CID].is_contradicted);
    assert_same_bytes(entries[VMDK_UUID].value.bytes, entries[VMDK_UUID].value.len, BYTES("a=b"));
    assert_same_bytes(entries[VMDK_ENCODING].value.bytes, entries[VMDK_ENCODING].value.len,
                      BYTES("x"));
    assert_same_bytes(descriptor.encryption.bytes, descriptor.encryption.len,
                      BYTES("Encryption.a"));
    g_assert_null(entries[VMDK_CREATE_TYPE].value.bytes);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vmdk-lines/recognises-what-qemu-recognises",
                    test_recognises_what_qemu_recognises);
    g_test_add_func("/vmdk-lines/qemu-looks-at-512-bytes", test_qemu_looks_at_512_bytes);
    for (guint i = 0; i < G_N_ELEMENTS(line_cases); i++)
        add_row_test("/vmdk-lines", line_cases[i].path, &line_cases[i],
                     test_line_is_read_as_qemu_reads_it);
    g_test_add_func("/vmdk-lines/line-has-its-parts", test_line_has_its_parts);
    g_test_add_func("/vmdk-lines/name-is-cut-at-511-bytes", test_name_is_cut_at_511_bytes);
    g_test_add_func("/vmdk-lines/names-outside-of-the-directory-are-known",
                    test_names_outside_of_the_directory_are_known);
    g_test_add_func("/vmdk-lines/qemu-finds-a-number-anywhere", test_qemu_finds_a_number_anywhere);
    g_test_add_func("/vmdk-lines/lines-have-keys-and-values", test_lines_have_keys_and_values);
    return g_test_run();
}
