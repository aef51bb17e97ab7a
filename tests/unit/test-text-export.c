/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-text-export.c: the text for people: its first lines, and that no byte of an image can harm a terminal. */
#include "qcow2-image.h"
#include "storage/record.h"
#include "unit-images.h"
#include "util/text.h"

#include <string.h>

/* Nothing but printable UTF-8 and line breaks, the last byte among them. */
static void
assert_harmless(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_assert_true(g_str_has_suffix(text, "\n"));
    for (guint i = 0; lines[i] != NULL; i++) {
        g_test_message("%s", lines[i]);
        g_assert_true(vp_text_is_clean(lines[i], strlen(lines[i])));
    }
}

static void
assert_has_line(const char *text, const char *line)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    gboolean has_line = g_strv_contains((const char *const *) lines, line);

    g_assert_cmpstr(has_line ? line : text, ==, line);
}

static char *
text_of_bytes(gconstpointer data, gsize size, const char *name, const char *format,
              VirtProbeDescribeFlags flags)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_memory(data, size, name, format, flags, &error);

    g_assert_no_error(error);
    return virt_probe_image_to_text(image);
}

static void
test_begins_as_qemu_img_does(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autofree char *text = text_of_bytes(image->bytes, image->size, "disk.qcow2", "qcow2", 0);

    g_assert_true(g_str_has_prefix(text, "image: disk.qcow2\n"
                                         "file format: qcow2\n"
                                         "virtual size: 512 MiB (536870912 bytes)\n"
                                         "disk size: unavailable\n"
                                         "cluster_size: 65536\n"
                                         "Format specific information:\n"
                                         "    compat: 1.1\n"));
}

static void
test_leaves_out_a_name_that_is_not_there(void)
{
    g_autofree char *text = text_of_bytes("", 0, NULL, "raw", 0);

    g_assert_true(g_str_has_prefix(text, "file format: raw\n"
                                         "virtual size: 0 B (0 bytes)\n"));
}

static void
test_says_what_is_dirty_and_encrypted(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autofree char *text = NULL;

    qcow2_set_incompatible(image, 1);
    qcow2_put(image, 32, 4, 1);
    text = text_of_bytes(image->bytes, image->size, "disk", "qcow2", 0);
    assert_has_line(text, "encrypted: yes");
    assert_has_line(text, "cleanly shut down: no");
}

static void
test_says_where_the_backing_file_is(void)
{
    static const struct {
        const char *name;
        const char *backing;
        const char *line;
    } cases[] = {
        { "/images/disk", "base", "backing file: base (actual path: /images/base)" },
        { "disk", "base", "backing file: base" },
        { "disk", "/base", "backing file: /base" },
        { NULL, "base", "backing file: base (cannot determine actual path)" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Qcow2Image) image = qcow2_image_new(9);
        g_autofree char *text = NULL;

        qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, "raw", 3);
        qcow2_set_backing(image, cases[i].backing);
        text = text_of_bytes(image->bytes, image->size, cases[i].name, "qcow2", 0);
        assert_has_line(text, cases[i].line);
        assert_has_line(text, "backing file format: raw");
    }
}

static void
test_lists_snapshots_in_columns(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autofree char *text = NULL;
    gsize place = qcow2_add_snapshot(image, "1", "before");

    qcow2_put(image, place + 24, 8, G_GUINT64_CONSTANT(3661007000000));
    text = text_of_bytes(image->bytes, image->size, "disk", "qcow2", 0);
    assert_has_line(text, "Snapshot list:");
    assert_has_line(text, "ID      TAG               VM_SIZE                DATE        VM_CLOCK"
                          "     ICOUNT");
    assert_has_line(text, "1       before                0 B 2023-11-14 22:13:20  0001:01:01.007"
                          "         --");
}

static void
test_keeps_columns_apart_when_names_are_long(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autofree char *text = NULL;

    qcow2_add_snapshot(image, "123456789", "a-name-of-more-than-16-letters");
    text = text_of_bytes(image->bytes, image->size, "disk", "qcow2", 0);
    g_assert_nonnull(strstr(text, "\n123456789 a-name-of-more-than-16-letters      0 B "));
}

static void
test_shows_findings_that_are_worth_it(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autofree char *usual = NULL;
    g_autofree char *full = NULL;

    qcow2_put(image, 80, 8, 2);
    qcow2_put(image, 111, 1, 1);
    usual = text_of_bytes(image->bytes, image->size, "disk", "qcow2", 0);
    full = text_of_bytes(image->bytes, image->size, "disk", "qcow2", VIRT_PROBE_DESCRIBE_FULL);
    assert_has_line(usual, "Findings:");
    g_assert_nonnull(strstr(usual, "    notice: reserved-nonzero: "));
    g_assert_null(strstr(usual, "info: unknown-feature"));
    g_assert_nonnull(strstr(full, "    info: unknown-feature: "));
}

static void
test_has_no_heading_without_findings(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autofree char *text = text_of_bytes(image->bytes, image->size, "disk", "qcow2", 0);

    g_assert_null(strstr(text, "Findings:"));
}

static void
test_says_more_when_all_is_wanted(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autofree char *usual = text_of_bytes(image->bytes, image->size, "disk", "qcow2", 0);
    g_autofree char *full =
        text_of_bytes(image->bytes, image->size, "disk", "qcow2", VIRT_PROBE_DESCRIBE_FULL);

    g_assert_null(strstr(usual, "cluster-bits"));
    g_assert_nonnull(strstr(full, "cluster-bits"));
    assert_harmless(full);
}

static void
test_shows_an_unreadable_image(void)
{
    g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "\033[2J");
    g_autoptr(VirtProbeRecord) image = virt_probe_image_new_unreadable("a\nb", error);
    g_autofree char *text = virt_probe_image_to_text(image);

    g_assert_true(g_str_has_prefix(text, "image: a\\x0ab\n"));
    g_assert_null(strstr(text, "ambiguous"));
    assert_harmless(text);
}

/* An image with every kind of name, each holding the byte. */
static Qcow2Image *
image_with_byte_new(char byte)
{
    const char text[4] = { 'a', byte, 'z', '\0' };
    Qcow2Image *image = qcow2_image_new(9);
    guint8 names[48] = { 0, 9 };

    memcpy(names + 2, text, 3);
    qcow2_set_incompatible(image, 0x204);
    qcow2_add_extension(image, QCOW2_EXT_FEATURE_NAMES, names, sizeof names);
    qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, text, 3);
    qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, text, 3);
    qcow2_set_backing(image, text);
    qcow2_add_snapshot(image, text, text);
    return image;
}

static void
test_shows_no_raw_byte_of_an_image(void)
{
    for (guint byte = 1; byte < 256; byte++) {
        g_autoptr(Qcow2Image) image = image_with_byte_new((char) byte);
        const char name[4] = { 'a', (char) byte, 'z', '\0' };
        g_autofree char *usual = text_of_bytes(image->bytes, image->size, name, "qcow2", 0);
        g_autofree char *full =
            text_of_bytes(image->bytes, image->size, name, "qcow2", VIRT_PROBE_DESCRIBE_FULL);

        assert_harmless(usual);
        assert_harmless(full);
    }
}

static void
test_shows_no_raw_byte_of_any_format(void)
{
    const VirtProbeFormat *format;

    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        const char *name = virt_probe_format_get_name(format);
        g_autoptr(GByteArray) bytes = healthy_image_find(name)->make();

        /* One byte in eight becomes an escape: texts, numbers and tables alike. */
        for (guint k = 0; k < 8; k++) {
            g_autoptr(GByteArray) spoiled =
                g_byte_array_append(g_byte_array_new(), bytes->data, bytes->len);
            g_autofree char *text = NULL;

            for (guint pos = 8 + k; pos < MIN(bytes->len, 34000); pos += 8)
                spoiled->data[pos] = 0x1b;
            text =
                text_of_bytes(spoiled->data, spoiled->len, "disk", name, VIRT_PROBE_DESCRIBE_FULL);
            assert_harmless(text);
        }
    }
}

static void
test_keeps_a_message_of_a_long_name_whole(void)
{
    guint8 names[48] = { 0, 1 };
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autofree char *text = NULL;

    /* 46 bytes that are escaped, in the longest message. */
    memset(names + 2, 0xff, 46);
    qcow2_set_incompatible(image, 2);
    qcow2_add_extension(image, QCOW2_EXT_FEATURE_NAMES, names, sizeof names);
    text = text_of_bytes(image->bytes, image->size, "disk", "qcow2", 0);
    g_assert_nonnull(strstr(text, "\\xff\", its name is \"corrupt bit\"\n"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text-export/begins-as-qemu-img-does", test_begins_as_qemu_img_does);
    g_test_add_func("/text-export/leaves-out-a-name-that-is-not-there",
                    test_leaves_out_a_name_that_is_not_there);
    g_test_add_func("/text-export/says-what-is-dirty-and-encrypted",
                    test_says_what_is_dirty_and_encrypted);
    g_test_add_func("/text-export/says-where-the-backing-file-is",
                    test_says_where_the_backing_file_is);
    g_test_add_func("/text-export/lists-snapshots-in-columns", test_lists_snapshots_in_columns);
    g_test_add_func("/text-export/keeps-columns-apart-when-names-are-long",
                    test_keeps_columns_apart_when_names_are_long);
    g_test_add_func("/text-export/findings/are-shown-when-worth-it",
                    test_shows_findings_that_are_worth_it);
    g_test_add_func("/text-export/findings/have-no-heading-without-any",
                    test_has_no_heading_without_findings);
    g_test_add_func("/text-export/findings/keep-a-long-name-whole",
                    test_keeps_a_message_of_a_long_name_whole);
    g_test_add_func("/text-export/says-more-when-all-is-wanted", test_says_more_when_all_is_wanted);
    g_test_add_func("/text-export/shows-an-unreadable-image", test_shows_an_unreadable_image);
    g_test_add_func("/text-export/shows-no-raw-byte-of-an-image",
                    test_shows_no_raw_byte_of_an_image);
    g_test_add_func("/text-export/shows-no-raw-byte-of-any-format",
                    test_shows_no_raw_byte_of_any_format);
    return g_test_run();
}
