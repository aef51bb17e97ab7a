/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-summary.c: the facts that lists show are those of the description. */
#include "unit.h"
#include "virtprobe/summary.h"
#include "virtprobe/virtprobe.h"

#include <string.h>

/* A qcow2 header, version 3, with a backing file's name behind it. */
static GByteArray *
overlay(const char *backing, guint64 incompatible)
{
    static const guint8 head[] = {
        'Q', 'F', 'I', 0xfb, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0,
        0,   0,   0,   16,   0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1,
        0,   0,   0,   0,    0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1,
    };
    GByteArray *image = g_byte_array_new();

    g_byte_array_append(image, head, sizeof head);
    g_byte_array_set_size(image, 4 * 65536);
    memset(image->data + sizeof head, 0, image->len - sizeof head);
    image->data[19] = (guint8) strlen(backing);
    image->data[79] = (guint8) incompatible;
    image->data[99] = 4;
    image->data[103] = 104;
    memcpy(image->data + 512, backing, strlen(backing));
    return image;
}

static VirtProbeRecord *
describe(const GByteArray *bytes, VirtProbeDescribeFlags flags)
{
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *image =
        virt_probe_describe_memory(bytes->data, bytes->len, "/pool/vm.qcow2", NULL,
                                   flags | VIRT_PROBE_DESCRIBE_RECOGNISE, &error);

    g_assert_no_error(error);
    return image;
}

static void
test_holds_what_the_description_says(void)
{
    static const VirtProbeDescribeFlags flags[] = { VIRT_PROBE_DESCRIBE_DEFAULT,
                                                    VIRT_PROBE_DESCRIBE_BRIEF };
    g_autoptr(GByteArray) bytes = overlay("base.img", 2);

    for (guint i = 0; i < G_N_ELEMENTS(flags); i++) {
        g_autoptr(VirtProbeRecord) image = describe(bytes, flags[i]);
        VirtProbeSummary summary;

        virt_probe_image_get_summary(image, &summary);
        g_assert_cmpstr(summary.format, ==, "qcow2");
        g_assert_cmpuint(summary.capacity, ==, 0x10200);
        g_assert_true(summary.snapshots == VIRT_PROBE_SUMMARY_UNKNOWN);
        g_assert_cmpstr(summary.backing, ==, "base.img");
        g_assert_cmpstr(summary.backing_path, ==, "/pool/base.img");
        g_assert_null(summary.backing_format);
        g_assert_null(summary.data_file);
        g_assert_cmpstr(summary.state, ==, "ok");
        g_assert_null(summary.error_code);
        g_assert_true(summary.is_corrupt);
        g_assert_cmpuint(summary.findings, ==,
                         virt_probe_record_get_length(
                             virt_probe_record_get_record(image, "virt-probe"), "findings"));
        g_assert_cmpuint(summary.findings, >, 0);
        g_assert_false(summary.is_dirty);
        g_assert_false(summary.is_encrypted);
    }
}

static void
test_a_path_is_only_what_names_a_file(void)
{
    static const struct {
        const char *backing;
        const char *path;
    } cases[] = {
        { "/abs/base", "/abs/base" },
        { "file:plain", "plain" },
        { "nbd://host/x", NULL },
        { "json:{\"driver\":\"file\",\"filename\":\"/j\"}", "/j" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = overlay(cases[i].backing, 0);
        g_autoptr(VirtProbeRecord) image = describe(bytes, VIRT_PROBE_DESCRIBE_BRIEF);
        VirtProbeSummary summary;

        g_test_message("%s", cases[i].backing);
        virt_probe_image_get_summary(image, &summary);
        g_assert_cmpstr(summary.backing, ==, cases[i].backing);
        g_assert_cmpstr(summary.backing_path, ==, cases[i].path);
    }
}

static void
test_says_why_the_state_is_not_ok(void)
{
    g_autoptr(GByteArray) bytes = overlay("b", 0);
    g_autoptr(VirtProbeRecord) image = NULL;
    VirtProbeSummary summary;

    g_byte_array_set_size(bytes, 50);
    image = describe(bytes, VIRT_PROBE_DESCRIBE_BRIEF);
    virt_probe_image_get_summary(image, &summary);
    g_assert_cmpstr(summary.format, ==, "qcow2");
    g_assert_cmpstr(summary.state, ==, "partial");
    g_assert_cmpstr(summary.error_code, ==, "truncated");
    g_assert_nonnull(summary.error_message);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/summary/holds-what-the-description-says",
                    test_holds_what_the_description_says);
    g_test_add_func("/summary/a-path-is-only-what-names-a-file",
                    test_a_path_is_only_what_names_a_file);
    g_test_add_func("/summary/says-why-the-state-is-not-ok", test_says_why_the_state_is_not_ok);
    return g_test_run();
}
