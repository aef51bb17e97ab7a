/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-detect.c: detecting says of every image what describing says of it. */
#include "storage/registry.h"
#include "unit-content.h"
#include "unit.h"

#include "virtprobe/detect.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

static VirtProbeDetection
detect(const GByteArray *bytes)
{
    VirtProbeDetection detection = { .format = NULL };

    virt_probe_detect_memory(bytes->data, bytes->len, bytes->len, &detection);
    return detection;
}

static const char *
name_of(const VirtProbeFormat *format)
{
    return format != NULL ? virt_probe_format_get_name(format) : NULL;
}

static void
check_says_the_same(const GByteArray *bytes, const VirtProbeDetection *detection)
{
    g_autoptr(VirtProbeRecord) image = virt_probe_describe_memory(
        bytes->data, bytes->len, NULL, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);
    const char *format = virt_probe_record_get_text(image, "format");
    const char *qemu_format = virt_probe_record_get_text(probe_of(image), "qemu-format");
    guint count = virt_probe_record_get_length(probe_of(image), "content");

    g_assert_cmpstr(name_of(detection->format), ==, format);
    g_assert_cmpstr(detection->qemu_format, ==, qemu_format != NULL ? qemu_format : format);
    g_assert_cmpuint(detection->n_contents, ==, count);
    for (guint i = 0; i < count; i++)
        g_assert_cmpstr(name_of(virt_probe_detection_get_content(detection, i)), ==,
                        virt_probe_record_get_text(
                            virt_probe_record_get_item(probe_of(image), "content", i), "format"));
    g_assert_null(virt_probe_detection_get_content(detection, count));
}

static void
test_says_what_describing_says(void)
{
    const VirtProbeFormat *format;

    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        g_autoptr(GByteArray) bytes = healthy_image_find(name_of(format))->make();
        VirtProbeDetection detection = detect(bytes);

        g_test_message("%s", name_of(format));
        check_says_the_same(bytes, &detection);
    }
}

typedef struct {
    const char *path;
    const char *format;
    VirtProbeEvidence evidence;
} EvidenceCase;

static const EvidenceCase evidence_cases[] = {
    { "signature-at-the-head-is-strong", "qcow2", VIRT_PROBE_EVIDENCE_STRONG },
    { "signature-as-text-is-weak", "cow", VIRT_PROBE_EVIDENCE_WEAK },
    { "raw-has-none", "raw", VIRT_PROBE_EVIDENCE_NONE },
    { "content-is-none", "gpt", VIRT_PROBE_EVIDENCE_NONE },
};

static void
test_evidence(gconstpointer data)
{
    const EvidenceCase *row = data;
    g_autoptr(GByteArray) bytes = healthy_image_find(row->format)->make();

    g_assert_cmpint(detect(bytes).evidence, ==, row->evidence);
}

static void
test_footer_is_evidence_at_the_end(void)
{
    g_autoptr(GByteArray) bytes = vpc_fixed_image_new();
    VirtProbeDetection detection = detect(bytes);

    g_assert_cmpstr(name_of(detection.format), ==, "vpc");
    g_assert_cmpint(detection.evidence, ==, VIRT_PROBE_EVIDENCE_END);
    g_assert_cmpstr(detection.qemu_format, ==, "raw");
}

/* Only the caller knows that more follows. */
static void
test_end_of_a_part_is_not_looked_at(void)
{
    g_autoptr(GByteArray) bytes = vpc_fixed_image_new();
    VirtProbeDetection detection;

    virt_probe_detect_memory(bytes->data, bytes->len, bytes->len + 1, &detection);
    g_assert_cmpstr(name_of(detection.format), ==, "raw");
}

static void
test_two_signatures_are_ambiguous(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vdi")->make();
    VirtProbeDetection detection;

    memcpy(bytes->data, "QFI\xfb\0\0\0\3", 8);
    detection = detect(bytes);
    g_assert_null(detection.format);
    g_assert_null(detection.qemu_format);
    g_assert_cmpint(detection.evidence, ==, VIRT_PROBE_EVIDENCE_AMBIGUOUS);
}

static void
test_no_bytes_are_raw(void)
{
    VirtProbeDetection detection;

    virt_probe_detect_memory(NULL, 0, 0, &detection);
    g_assert_cmpstr(name_of(detection.format), ==, "raw");
}

static void
test_file_is_detected_as_its_bytes(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("btrfs")->make();
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    VirtProbeDetection detection;
    int fd = g_file_open_tmp("detect-XXXXXX", &path, &error);

    g_assert_no_error(error);
    g_file_set_contents(path, (const char *) bytes->data, (gssize) bytes->len, &error);
    g_assert_no_error(error);
    g_assert_true(virt_probe_detect_file(path, &detection, &error));
    check_says_the_same(bytes, &detection);
    g_close(fd, NULL);
    fd = g_open(path, O_RDONLY);
    g_assert_true(virt_probe_detect_fd(fd, &detection, &error));
    check_says_the_same(bytes, &detection);
    g_close(fd, NULL);
    g_unlink(path);
}

static void
test_missing_file_is_an_error(void)
{
    g_autoptr(GError) error = NULL;
    VirtProbeDetection detection;

    g_assert_false(virt_probe_detect_file("/nonexistent", &detection, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_boxed_copy_is_equal(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("ext4")->make();
    VirtProbeDetection detection = detect(bytes);
    VirtProbeDetection *copy = g_boxed_copy(VIRT_PROBE_TYPE_DETECTION, &detection);

    g_assert_cmpint(memcmp(copy, &detection, sizeof detection), ==, 0);
    g_boxed_free(VIRT_PROBE_TYPE_DETECTION, copy);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/detect/says-what-describing-says", test_says_what_describing_says);
    for (guint i = 0; i < G_N_ELEMENTS(evidence_cases); i++)
        add_row_test("/detect/evidence", evidence_cases[i].path, &evidence_cases[i], test_evidence);
    g_test_add_func("/detect/evidence/footer-is-at-the-end", test_footer_is_evidence_at_the_end);
    g_test_add_func("/detect/evidence/end-of-a-part-is-not-looked-at",
                    test_end_of_a_part_is_not_looked_at);
    g_test_add_func("/detect/evidence/two-signatures-are-ambiguous",
                    test_two_signatures_are_ambiguous);
    g_test_add_func("/detect/no-bytes-are-raw", test_no_bytes_are_raw);
    g_test_add_func("/detect/file-is-detected-as-its-bytes", test_file_is_detected_as_its_bytes);
    g_test_add_func("/detect/missing-file-is-an-error", test_missing_file_is_an_error);
    g_test_add_func("/detect/boxed-copy-is-equal", test_boxed_copy_is_equal);
    return g_test_run();
}
