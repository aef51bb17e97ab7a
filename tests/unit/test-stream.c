/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-stream.c: images that are fed: early answers, cut streams, bytes that had gone by, descriptors. */
#include "qcow2-image.h"
#include "unit-images.h"
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KIB 1024
#define MIB (1024 * 1024)

static VirtProbeStream *
stream_new(const char *format)
{
    g_autoptr(GError) error = NULL;
    VirtProbeStream *stream =
        virt_probe_stream_new("disk", format, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);

    g_assert_no_error(error);
    return stream;
}

static void
feed_zeros(VirtProbeStream *stream, guint64 size)
{
    g_autofree guint8 *zeros = g_malloc0(MIB);

    while (size > 0) {
        gsize len = (gsize) MIN(size, MIB);

        virt_probe_stream_feed(stream, zeros, len);
        size -= len;
    }
}

static void
assert_same(VirtProbeRecord *a, VirtProbeRecord *b)
{
    g_autofree char *a_json = virt_probe_record_to_json(a);
    g_autofree char *b_json = virt_probe_record_to_json(b);

    g_assert_cmpstr(a_json, ==, b_json);
}

static void
test_answers_early(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) whole = NULL;
    VirtProbeRecord *early;

    g_assert_false(virt_probe_stream_feed(stream, image->bytes, 4095));
    g_assert_null(virt_probe_stream_get_early_image(stream));
    g_assert_true(virt_probe_stream_feed(stream, image->bytes + 4095, 1));
    early = virt_probe_stream_get_early_image(stream);
    g_assert_cmpstr(virt_probe_record_get_text(early, "format"), ==, "qcow2");
    assert_findings(early, "stream-incomplete");
    assert_state(early, "partial");
    g_assert_true(virt_probe_stream_feed(stream, image->bytes + 4096, image->size - 4096));
    g_assert_true(virt_probe_stream_get_early_image(stream) == early);
    whole = virt_probe_stream_finish(stream, TRUE);
    assert_state(whole, "ok");
    g_assert_cmpuint(number_of(early, "virtual-size"), ==, number_of(whole, "virtual-size"));
    g_assert_cmpuint(number_of(probe_of(whole), "file-size"), ==, image->size);
}

/* A bad header is known early, and its error comes before that of a stream that has not ended. */
static void
test_answers_early_what_is_wrong(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(GError) error = NULL;

    qcow2_put(image, 20, 4, 30);
    virt_probe_stream_feed(stream, image->bytes, 4096);
    g_assert_false(virt_probe_image_verify(virt_probe_stream_get_early_image(stream), &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
}

/* Its end may still say that it is something else. */
static void
test_answers_late_what_may_be_raw(void)
{
    g_autoptr(GByteArray) bytes = vpc_fixed_image_new();
    guint8 *footer = bytes->data + bytes->len - 512;
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) image = NULL;

    put_big(footer + 48, 8, 512 * KIB);
    vpc_footer_seal(footer);
    feed_zeros(stream, 512 * KIB);
    g_assert_null(virt_probe_stream_get_early_image(stream));
    virt_probe_stream_feed(stream, footer, 512);
    image = virt_probe_stream_finish(stream, TRUE);
    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "vpc");
}

static void
test_answers_early_what_is_declared_raw(void)
{
    g_autoptr(VirtProbeStream) stream = stream_new("raw");
    VirtProbeRecord *early;

    feed_zeros(stream, 2 * MIB);
    early = virt_probe_stream_get_early_image(stream);
    g_assert_cmpstr(virt_probe_record_get_text(early, "format"), ==, "raw");
    g_assert_false(virt_probe_record_get_uint64(early, "virtual-size", NULL));
}

static void
test_refuses_what_it_cannot_describe(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_stream_new(NULL, "nonsense", VIRT_PROBE_DESCRIBE_DEFAULT, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED);
    g_clear_error(&error);
    g_assert_null(virt_probe_stream_new(NULL, NULL, VIRT_PROBE_DESCRIBE_DEFAULT, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
}

static void
test_describes_nothing_as_an_empty_file(void)
{
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) image = virt_probe_stream_finish(stream, TRUE);

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "raw");
    assert_finding(image, "empty");
}

static void
test_says_nothing_of_a_stream_without_bytes(void)
{
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) image = virt_probe_stream_finish(stream, FALSE);

    g_assert_null(virt_probe_record_get_text(image, "format"));
    assert_findings(image, "stream-incomplete stream-incomplete");
    assert_state(image, "partial");
}

/* The tables that its header names were not fed, and nobody says that they are cut. */
static void
test_describes_a_cut_stream(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) part = NULL;
    g_autoptr(GError) error = NULL;

    virt_probe_stream_feed(stream, image->bytes, 600);
    part = virt_probe_stream_finish(stream, FALSE);
    g_assert_cmpstr(virt_probe_record_get_text(part, "format"), ==, "qcow2");
    assert_no_finding(part, "truncated");
    g_assert_false(virt_probe_image_verify(part, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
}

/* The same bytes as a whole image are cut. */
static void
test_describes_a_whole_stream_that_is_cut(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) part = NULL;

    virt_probe_stream_feed(stream, image->bytes, 600);
    part = virt_probe_stream_finish(stream, TRUE);
    assert_finding(part, "truncated");
    assert_no_finding(part, "stream-incomplete");
}

/* As QEMU may write it: the directory of bitmaps stands behind their tables. */
static void
test_says_what_had_gone_by(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) whole = NULL;
    g_autoptr(GError) error = NULL;

    qcow2_put(image, qcow2_add_bitmap(image, BYTES("monday")), 8, 2 * image->cluster_size);
    qcow2_finish_bitmaps(image, 1);
    virt_probe_stream_feed(stream, image->bytes, image->size);
    whole = virt_probe_stream_finish(stream, TRUE);
    assert_finding(whole, "unreachable-in-stream");
    g_assert_false(virt_probe_image_verify(whole, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "bitmap table at 131072"));
}

/* The block allocation table stands before the metadata, which say how long it is. */
static void
test_keeps_what_is_needed_later(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vhdx")->make();
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) whole = NULL;
    g_autoptr(VirtProbeRecord) expected = NULL;

    g_assert_cmpuint(VHDX_IMAGE_BAT, <, VHDX_IMAGE_METADATA);
    virt_probe_stream_feed(stream, bytes->data, bytes->len);
    whole = virt_probe_stream_finish(stream, TRUE);
    expected = virt_probe_describe_memory(bytes->data, bytes->len, "disk", NULL,
                                          VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);
    assert_same(whole, expected);
}

/* A disk with a partition table at each end. */
static void
test_describes_a_large_disk(void)
{
    static const guint64 size = (guint64) 3 * 1024 * MIB;
    g_autoptr(GByteArray) head = healthy_image_find("gpt")->make();
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) whole = NULL;
    VirtProbeRecord *content;

    virt_probe_stream_feed(stream, head->data, head->len);
    feed_zeros(stream, size - head->len);
    whole = virt_probe_stream_finish(stream, TRUE);
    g_assert_cmpuint(number_of(whole, "virtual-size"), ==, size);
    content = virt_probe_record_get_item(probe_of(whole), "content", 0);
    g_assert_cmpstr(virt_probe_record_get_text(content, "format"), ==, "gpt");
}

static void
test_knows_no_directory_of_standard_input(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);
    g_autoptr(VirtProbeStream) stream =
        virt_probe_stream_new("-", "qcow2", VIRT_PROBE_DESCRIBE_DEFAULT, NULL);
    g_autoptr(VirtProbeRecord) record = NULL;

    qcow2_set_backing(image, "base");
    virt_probe_stream_feed(stream, image->bytes, image->size);
    record = virt_probe_stream_finish(stream, TRUE);
    g_assert_cmpstr(virt_probe_record_get_text(record, "filename"), ==, "-");
    g_assert_cmpstr(virt_probe_record_get_text(record, "backing-filename"), ==, "base");
    g_assert_null(virt_probe_record_get_text(record, "full-backing-filename"));
}

static void
test_lives_as_long_as_it_is_counted(void)
{
    VirtProbeStream *stream = stream_new(NULL);

    g_assert_true(virt_probe_stream_ref(stream) == stream);
    virt_probe_stream_unref(stream);
    g_assert_false(virt_probe_stream_feed(stream, "x", 1));
    virt_probe_stream_unref(stream);
    virt_probe_stream_unref(NULL);
}

static gpointer
write_and_close(gpointer data)
{
    int fd = GPOINTER_TO_INT(data);

    g_assert_cmpint(write(fd, "QFI\xfb", 4), ==, 4);
    close(fd);
    return NULL;
}

/* Also when its descriptor would not wait by itself. */
static void
test_reads_a_pipe_to_its_end(void)
{
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autoptr(GError) error = NULL;
    GThread *writer;
    int ends[2];

    g_assert_cmpint(pipe(ends), ==, 0);
    g_assert_cmpint(fcntl(ends[0], F_SETFL, O_NONBLOCK), ==, 0);
    writer = g_thread_new("writer", write_and_close, GINT_TO_POINTER(ends[1]));
    g_assert_true(virt_probe_stream_feed_fd(stream, ends[0], &error));
    g_assert_no_error(error);
    g_thread_join(writer);
    close(ends[0]);
    image = virt_probe_stream_finish(stream, TRUE);
    g_assert_cmpuint(number_of(probe_of(image), "file-size"), ==, 4);
}

/* What was left unread at the other end makes a socket fail. */
static void
test_reports_a_failed_read(void)
{
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autoptr(GError) error = NULL;
    int ends[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    g_assert_cmpint(write(ends[0], "x", 1), ==, 1);
    close(ends[1]);
    g_assert_false(virt_probe_stream_feed_fd(stream, ends[0], &error));
    g_assert_nonnull(error);
    g_assert_true(error->domain == G_FILE_ERROR);
    close(ends[0]);
    image = virt_probe_stream_finish(stream, TRUE);
    assert_finding(image, "io-error");
    assert_no_finding(image, "empty");
    assert_state(image, "partial");
}

static void
assert_refused(int fd, GQuark domain, int code)
{
    g_autoptr(VirtProbeStream) stream = stream_new(NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(virt_probe_stream_feed_fd(stream, fd, &error));
    g_assert_error(error, domain, code);
}

static void
test_refuses_other_descriptors(void)
{
    int directory = open("/", O_RDONLY);
    int device = open("/dev/zero", O_RDONLY);
    int ends[2];

    g_assert_cmpint(pipe(ends), ==, 0);
    assert_refused(directory, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    assert_refused(device, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    assert_refused(ends[1], G_FILE_ERROR, G_FILE_ERROR_BADF);
    close(ends[0]);
    close(ends[1]);
    close(directory);
    close(device);
    assert_refused(directory, G_FILE_ERROR, G_FILE_ERROR_BADF);
}

static void
add_descriptor_tests(void)
{
    g_test_add_func("/stream/fd/reads-a-pipe-to-its-end", test_reads_a_pipe_to_its_end);
    g_test_add_func("/stream/fd/reports-a-failed-read", test_reports_a_failed_read);
    g_test_add_func("/stream/fd/refuses-other-descriptors", test_refuses_other_descriptors);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/answers-early", test_answers_early);
    g_test_add_func("/stream/answers-early-what-is-wrong", test_answers_early_what_is_wrong);
    g_test_add_func("/stream/answers-late-what-may-be-raw", test_answers_late_what_may_be_raw);
    g_test_add_func("/stream/answers-early-what-is-declared-raw",
                    test_answers_early_what_is_declared_raw);
    g_test_add_func("/stream/refuses-what-it-cannot-describe",
                    test_refuses_what_it_cannot_describe);
    g_test_add_func("/stream/describes-nothing-as-an-empty-file",
                    test_describes_nothing_as_an_empty_file);
    g_test_add_func("/stream/says-nothing-of-a-stream-without-bytes",
                    test_says_nothing_of_a_stream_without_bytes);
    g_test_add_func("/stream/describes-a-cut-stream", test_describes_a_cut_stream);
    g_test_add_func("/stream/describes-a-whole-stream-that-is-cut",
                    test_describes_a_whole_stream_that_is_cut);
    g_test_add_func("/stream/says-what-had-gone-by", test_says_what_had_gone_by);
    g_test_add_func("/stream/keeps-what-is-needed-later", test_keeps_what_is_needed_later);
    g_test_add_func("/stream/describes-a-large-disk", test_describes_a_large_disk);
    g_test_add_func("/stream/knows-no-directory-of-standard-input",
                    test_knows_no_directory_of_standard_input);
    g_test_add_func("/stream/lives-as-long-as-it-is-counted", test_lives_as_long_as_it_is_counted);
    add_descriptor_tests();
    return g_test_run();
}
