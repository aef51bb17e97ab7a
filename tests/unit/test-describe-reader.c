/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-describe-reader.c: describing bytes that the caller reads itself, in whole and in brief. */
#include "unit-images.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

typedef struct {
    const GByteArray *bytes;
    gboolean fails;
    guint64 fails_from; /* reads that begin there or behind it fail; 0: none does */
    guint n_reads;
} Reader;

static gssize
reader_read(gpointer buffer, gsize len, guint64 offset, gpointer user_data)
{
    Reader *reader = user_data;
    guint64 size = reader->bytes->len;

    reader->n_reads++;
    if (reader->fails || (reader->fails_from != 0 && offset >= reader->fails_from)) {
        errno = EIO;
        return -1;
    }
    len = (gsize) MIN(len, size - MIN(offset, size));
    if (len > 0)
        memcpy(buffer, reader->bytes->data + offset, len);
    return (gssize) len;
}

static VirtProbeRecord *
describe(Reader *reader, const char *name, VirtProbeDescribeFlags flags)
{
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *image =
        virt_probe_describe_reader(reader->bytes->len, reader_read, reader, name, NULL,
                                   flags | VIRT_PROBE_DESCRIBE_RECOGNISE, &error);

    g_assert_no_error(error);
    return image;
}

static void
test_gives_the_same_as_memory(void)
{
    const VirtProbeFormat *format;

    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        g_autoptr(GByteArray) bytes =
            healthy_image_find(virt_probe_format_get_name(format))->make();
        Reader reader = { .bytes = bytes };
        g_autoptr(VirtProbeRecord) of_reader = describe(&reader, NULL, 0);
        g_autoptr(VirtProbeRecord) of_memory = describe_bytes(bytes->data, bytes->len, NULL);
        g_autofree char *reader_json = virt_probe_record_to_json(of_reader);
        g_autofree char *memory_json = virt_probe_record_to_json(of_memory);

        g_assert_cmpstr(reader_json, ==, memory_json);
        g_assert_cmpuint(
            reader.n_reads, ==,
            number_of(virt_probe_record_get_record(probe_of(of_memory), "io"), "reads"));
    }
}

static void
test_needs_one_read_for_qcow2(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    Reader reader = { .bytes = bytes };
    g_autoptr(VirtProbeRecord) image = describe(&reader, "disk.qcow2", 0);

    assert_state(image, "ok");
    g_assert_cmpuint(reader.n_reads, ==, 1);
}

static void
test_knows_nothing_of_a_file(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("raw")->make();
    Reader reader = { .bytes = bytes };
    g_autoptr(VirtProbeRecord) image = describe(&reader, "disk.raw", 0);

    g_assert_false(virt_probe_record_get_uint64(image, "actual-size", NULL));
    g_assert_false(virt_probe_record_get_boolean(probe_of(image), "in-use", NULL));
    g_assert_null(virt_probe_record_get_text(probe_of(image), "mtime"));
    g_assert_cmpuint(virt_probe_record_get_length(image, "children"), ==, 0);
}

static void
test_reports_a_failed_read(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    Reader reader = { .bytes = bytes, .fails = TRUE };
    g_autoptr(VirtProbeRecord) image = describe(&reader, "disk.qcow2", 0);

    assert_state(image, "partial");
    assert_finding(image, "io-error");
    g_assert_null(virt_probe_record_get_text(image, "format"));
}

/* The head can be read, and tells the format. */
static void
test_reports_a_failed_read_of_a_part(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vhdx")->make();
    Reader reader = { .bytes = bytes, .fails_from = 4096 };
    g_autoptr(VirtProbeRecord) image = describe(&reader, "disk.vhdx", 0);

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "vhdx");
    assert_state(image, "partial");
    assert_finding(image, "io-error");
}

static void
test_is_not_guessed_unless_asked(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    g_autoptr(GError) error = NULL;
    Reader reader = { .bytes = bytes };

    g_assert_null(
        virt_probe_describe_reader(bytes->len, reader_read, &reader, NULL, NULL, 0, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_cmpuint(reader.n_reads, ==, 0);
}

static void
test_says_the_same_in_brief(void)
{
    static const char *const texts[] = { "format", "backing-filename", "full-backing-filename",
                                         "backing-filename-format" };
    const VirtProbeFormat *format;

    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        g_autoptr(GByteArray) bytes =
            healthy_image_find(virt_probe_format_get_name(format))->make();
        Reader reader = { .bytes = bytes };
        g_autoptr(VirtProbeRecord) whole = describe(&reader, "a/disk", 0);
        g_autoptr(VirtProbeRecord) brief = describe(&reader, "a/disk", VIRT_PROBE_DESCRIBE_BRIEF);

        for (guint j = 0; j < G_N_ELEMENTS(texts); j++)
            g_assert_cmpstr(virt_probe_record_get_text(brief, texts[j]), ==,
                            virt_probe_record_get_text(whole, texts[j]));
        g_assert_cmpuint(number_of(brief, "virtual-size"), ==, number_of(whole, "virtual-size"));
        assert_state(brief, virt_probe_record_get_text(probe_of(whole), "state"));
    }
}

static void
test_leaves_out_in_brief_what_lists_do_not_show(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    Reader reader = { .bytes = bytes };
    g_autoptr(VirtProbeRecord) image = describe(&reader, "disk.vdi", VIRT_PROBE_DESCRIBE_BRIEF);

    g_assert_null(virt_probe_record_get_text(image, "filename"));
    g_assert_null(virt_probe_record_get_record(probe_of(image), "features"));
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(image), "tables"), ==, 0);
    assert_findings(image, "ext-name-mismatch");
}

static void
test_breaks_in_brief_as_in_whole(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    Reader reader = { .bytes = bytes };
    g_autoptr(VirtProbeRecord) image = NULL;

    g_byte_array_set_size(bytes, 80);
    image = describe(&reader, "disk.qcow2", VIRT_PROBE_DESCRIBE_BRIEF);
    assert_state(image, "partial");
    assert_finding(image, "truncated");
}

/* An ISO image is looked for where its name promises one, and costs no read where it does not. */
static void
test_looks_for_promised_content_in_brief(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("iso")->make();
    Reader promised = { .bytes = bytes };
    Reader unpromised = { .bytes = bytes };
    g_autoptr(VirtProbeRecord) iso = describe(&promised, "a/cd.iso", VIRT_PROBE_DESCRIBE_BRIEF);
    g_autoptr(VirtProbeRecord) raw = describe(&unpromised, "a/disk.raw", VIRT_PROBE_DESCRIBE_BRIEF);

    g_assert_cmpuint(virt_probe_record_get_length(probe_of(iso), "content"), ==, 1);
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(raw), "content"), ==, 0);
    g_assert_cmpuint(promised.n_reads, >, 1);
    g_assert_cmpuint(unpromised.n_reads, ==, 1);
    assert_findings(iso, "");
    assert_findings(raw, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/describe-reader/gives-the-same-as-memory", test_gives_the_same_as_memory);
    g_test_add_func("/describe-reader/needs-one-read-for-qcow2", test_needs_one_read_for_qcow2);
    g_test_add_func("/describe-reader/knows-nothing-of-a-file", test_knows_nothing_of_a_file);
    g_test_add_func("/describe-reader/reports-a-failed-read", test_reports_a_failed_read);
    g_test_add_func("/describe-reader/reports-a-failed-read-of-a-part",
                    test_reports_a_failed_read_of_a_part);
    g_test_add_func("/describe-reader/is-not-guessed-unless-asked",
                    test_is_not_guessed_unless_asked);
    g_test_add_func("/describe-brief/says-the-same", test_says_the_same_in_brief);
    g_test_add_func("/describe-brief/leaves-out-what-lists-do-not-show",
                    test_leaves_out_in_brief_what_lists_do_not_show);
    g_test_add_func("/describe-brief/breaks-as-a-whole-one", test_breaks_in_brief_as_in_whole);
    g_test_add_func("/describe-brief/looks-for-promised-content",
                    test_looks_for_promised_content_in_brief);
    return g_test_run();
}
