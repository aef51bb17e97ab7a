/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-other-formats.c: what qed, bochs, cloop and dmg say and judge beyond their header rows. */
#include "unit-images.h"
#include "unit.h"

#include <string.h>

static void
test_qed_says_its_backing_file(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qed")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    put_little(bytes->data + 16, 8, 5);
    put_little(bytes->data + 56, 4, 64);
    put_little(bytes->data + 60, 4, 4);
    memcpy(bytes->data + 64, "base", 4);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    g_assert_cmpstr(virt_probe_record_get_text(image, "backing-filename"), ==, "base");
    g_assert_cmpstr(virt_probe_record_get_text(image, "backing-filename-format"), ==, "raw");
    assert_findings(image, "qed-backing");
    put_little(bytes->data + 16, 8, 4);
    g_clear_pointer(&image, virt_probe_record_unref);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    g_assert_null(virt_probe_record_get_text(image, "backing-filename"));
    assert_findings(image, "");
}

static void
test_qed_backing_name_stays_in_the_header(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qed")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    put_little(bytes->data + 16, 8, 1);
    put_little(bytes->data + 56, 4, 4096 - 3);
    put_little(bytes->data + 60, 4, 4);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_findings(image, "header-invalid");
    g_assert_null(virt_probe_record_get_text(image, "backing-filename"));
}

static void
test_bochs_has_its_size_where_the_version_puts_it(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("bochs")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    put_little(bytes->data + 64, 4, 0x00010000);
    put_little(bytes->data + 84, 8, 2049);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 2048);
    g_assert_cmpuint(number_of(probe_of(image), "exact-virtual-size"), ==, 2049);
    assert_state(image, "ok");
}

/* What QEMU counts in 32 bits of sectors. */
static void
test_cloop_is_not_cut_at_2_tib(void)
{
    const guint blocks = 32769;
    g_autoptr(GByteArray) bytes = healthy_image_find("cloop")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    g_byte_array_set_size(bytes, 136 + 8 * (blocks + 1));
    put_big(bytes->data + 128, 4, 1 << 26);
    put_big(bytes->data + 132, 4, blocks);
    for (guint i = 0; i <= blocks; i++)
        put_big(bytes->data + 136 + 8 * i, 8, bytes->len);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, (guint64) blocks << 26);
    assert_findings(image, "header-inconsistent");
    put_big(bytes->data + 136 + 8 * 20000, 8, 0);
    g_clear_pointer(&image, virt_probe_record_unref);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_finding(image, "table-invalid");
}

static void
test_dmg_is_recognised_at_its_end(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("dmg")->make();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, NULL);

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "dmg");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "qemu-format"), ==, "raw");
    assert_findings(image, "qemu-format-differs not-examined");
}

static VirtProbeRecord *
describe_named(const GByteArray *bytes, const char *name)
{
    return virt_probe_describe_memory(bytes->data, bytes->len, name, NULL,
                                      VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);
}

/* A trailer that does not agree is guest data, unless the name says dmg as well. */
static void
test_dmg_end_must_agree_or_be_named(void)
{
    static const struct {
        guint offset;
        guint width;
        guint64 value;
        const char *rule;
    } cases[] = {
        { 8, 4, 513, "header-inconsistent" },
        { 24, 8, 529, "header-invalid" },
        { 32, 8, 529, "truncated" },
        { 40, 8, 528, "header-invalid" },
        { 48, 8, G_MAXUINT64, "header-invalid" },
        { 216, 8, G_MAXUINT64, "header-invalid" },
        { 224, 8, 17, "header-invalid" },
        { 224, 8, 16777217, "huge-allocation" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = healthy_image_find("dmg")->make();
        g_autoptr(VirtProbeRecord) named = NULL;
        g_autoptr(VirtProbeRecord) other = NULL;

        g_test_message("row %u", i);
        put_big(bytes->data + 528 + cases[i].offset, cases[i].width, cases[i].value);
        named = describe_named(bytes, "a.dmg");
        g_assert_cmpstr(virt_probe_record_get_text(named, "format"), ==, "dmg");
        assert_finding(named, cases[i].rule);
        other = describe_named(bytes, "a.img");
        g_assert_cmpstr(virt_probe_record_get_text(other, "format"), ==, "raw");
        assert_findings(other, "no-signature");
    }
}

static void
test_dmg_without_an_index_is_rejected(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("dmg")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    put_big(bytes->data + 528 + 224, 8, 0);
    image = describe_bytes(bytes->data, bytes->len, "dmg");
    assert_findings(image, "header-invalid");
}

static void
test_qemu_goes_by_the_name_of_a_dmg(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("raw")->make();
    g_autoptr(VirtProbeRecord) image = describe_named(bytes, "a.dmg");
    g_autoptr(VirtProbeRecord) other = describe_named(bytes, "a.raw");

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "raw");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "qemu-format"), ==, "dmg");
    assert_finding(image, "qemu-format-differs");
    g_assert_null(virt_probe_record_get_text(probe_of(other), "qemu-format"));
}

/* It is no surer of the signature of a cloop image than of a name. */
static void
test_qemu_goes_by_the_name_of_a_cloop_image(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("cloop")->make();
    g_autoptr(VirtProbeRecord) image = describe_named(bytes, "a.dmg");
    g_autoptr(VirtProbeRecord) other = describe_named(bytes, "a.cloop");

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "cloop");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "qemu-format"), ==, "dmg");
    assert_finding(image, "qemu-format-differs");
    assert_findings(other, "");
}

/* Version 1 has its header at the end. */
static void
test_dmg_encrypted_version_1_is_named(void)
{
    guint8 bytes[4096] = { 0 };
    guint8 *trailer = bytes + sizeof bytes - 1276;
    g_autoptr(VirtProbeRecord) raw = NULL;
    g_autoptr(VirtProbeRecord) image = NULL;

    memcpy(bytes + sizeof bytes - 8, "cdsaencr", 8);
    raw = describe_bytes(bytes, sizeof bytes, NULL);
    g_assert_cmpstr(virt_probe_record_get_text(raw, "format"), ==, "raw");
    put_big(trailer + 52, 4, 20);
    put_big(trailer + 136, 4, 40);
    put_big(trailer + 436, 4, 48);
    image = describe_bytes(bytes, sizeof bytes, NULL);
    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "dmg-encrypted");
    g_assert_cmpuint(number_of(probe_of(image), "version"), ==, 1);
    assert_finding(image, "encrypted");
    assert_finding(image, "format-not-described");
    assert_state(image, "partial");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/other-formats/qed/says-its-backing-file", test_qed_says_its_backing_file);
    g_test_add_func("/other-formats/qed/backing-name-stays-in-the-header",
                    test_qed_backing_name_stays_in_the_header);
    g_test_add_func("/other-formats/bochs/has-its-size-where-the-version-puts-it",
                    test_bochs_has_its_size_where_the_version_puts_it);
    g_test_add_func("/other-formats/cloop/is-not-cut-at-2-tib", test_cloop_is_not_cut_at_2_tib);
    g_test_add_func("/other-formats/cloop/qemu-goes-by-its-name",
                    test_qemu_goes_by_the_name_of_a_cloop_image);
    g_test_add_func("/other-formats/dmg/is-recognised-at-its-end",
                    test_dmg_is_recognised_at_its_end);
    g_test_add_func("/other-formats/dmg/end-must-agree-or-be-named",
                    test_dmg_end_must_agree_or_be_named);
    g_test_add_func("/other-formats/dmg/without-an-index-is-rejected",
                    test_dmg_without_an_index_is_rejected);
    g_test_add_func("/other-formats/dmg/qemu-goes-by-its-name",
                    test_qemu_goes_by_the_name_of_a_dmg);
    g_test_add_func("/other-formats/dmg-encrypted/version-1-is-named",
                    test_dmg_encrypted_version_1_is_named);
    return g_test_run();
}
