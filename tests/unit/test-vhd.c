/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-vhd.c: VHD and VHDX, where more than one place of an image matters. */
#include "unit-images.h"
#include "unit.h"
#include "util/checksum.h"

#include <string.h>

static void
test_vpc_takes_the_geometry_of_some_programs(void)
{
    static const struct {
        const char *creator;
        guint64 size;
        const char *rules;
    } cases[] = { { "unit", 512, "size-ambiguous" },
                  { "win ", 512, "" },
                  { "vpc ", 34816, "size-ambiguous" },
                  { "qemu", 34816, "size-ambiguous" } };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = vpc_image_new();
        g_autoptr(VirtProbeRecord) image = NULL;

        memcpy(bytes->data + 28, cases[i].creator, 4);
        put_big(bytes->data + 56, 2, 1);
        put_big(bytes->data + 58, 1, 4);
        put_big(bytes->data + 59, 1, 17);
        vpc_footer_seal(bytes->data);
        vpc_trailer_write(bytes);
        image = describe_bytes(bytes->data, bytes->len, "vpc");
        g_assert_cmpuint(number_of(image, "virtual-size"), ==, cases[i].size);
        g_assert_cmpuint(number_of(probe_of(image), "geometry-size"), ==, 34816);
        g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "size-source"), ==,
                        cases[i].size == 512 ? "current-size" : "geometry");
        assert_findings(image, cases[i].rules);
    }
}

static void
test_vpc_reports_a_wrong_checksum_of_its_second_header(void)
{
    g_autoptr(GByteArray) bytes = vpc_image_new();
    g_autoptr(VirtProbeRecord) image = NULL;

    put_big(bytes->data + 1535, 1, 1);
    image = describe_bytes(bytes->data, bytes->len, "vpc");
    assert_finding(image, "header-inconsistent");
}

static void
test_vpc_accepts_a_block_that_ends_with_the_file(void)
{
    g_autoptr(GByteArray) bytes = vpc_image_new();
    g_autoptr(VirtProbeRecord) image = NULL;

    /* A sector of bitmap and one of data in the fifth and sixth sector. */
    put_big(bytes->data + 544, 4, 512);
    vpc_dynamic_seal(bytes->data + 512);
    put_big(bytes->data + 1536, 4, 4);
    g_byte_array_set_size(bytes, 3584);
    memset(bytes->data + 2048, 0, 1536);
    vpc_trailer_write(bytes);
    image = describe_bytes(bytes->data, bytes->len, "vpc");
    assert_findings(image, "");
}

/* QEMU takes every number but the one that stands for no block, 0 as well. */
static void
test_vpc_block_at_the_beginning_is_a_block(void)
{
    g_autoptr(GByteArray) bytes = vpc_image_new();
    g_autoptr(VirtProbeRecord) image = NULL;

    put_big(bytes->data + 1536, 4, 0);
    image = describe_bytes(bytes->data, bytes->len, "vpc");
    assert_findings(image, "truncated");
}

static void
test_vpc_judges_what_its_checksum_covers(void)
{
    static const struct {
        guint offset;
        guint width;
        guint64 value;
        const char *rules;
    } cases[] = {
        { 60, 4, 3, "" },
        { 60, 4, 4, "vhd-parent" },
        { 60, 4, 99, "header-inconsistent" },
        { 84, 1, 1, "dirty" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = vpc_image_new();
        g_autoptr(VirtProbeRecord) image = NULL;

        put_big(bytes->data + cases[i].offset, cases[i].width, cases[i].value);
        vpc_footer_seal(bytes->data);
        vpc_trailer_write(bytes);
        image = describe_bytes(bytes->data, bytes->len, "vpc");
        assert_findings(image, cases[i].rules);
        assert_state(image, "ok");
    }
}

/* A table that is enough for the size of today, and not for that of older versions of QEMU. */
static void
test_vpc_table_is_judged_for_older_qemu(void)
{
    g_autoptr(GByteArray) bytes = vpc_image_new();
    g_autoptr(VirtProbeRecord) image = NULL;

    memcpy(bytes->data + 28, "abcd", 4);
    put_big(bytes->data + 56, 2, 65000);
    put_big(bytes->data + 58, 1, 16);
    put_big(bytes->data + 59, 1, 63);
    vpc_footer_seal(bytes->data);
    vpc_trailer_write(bytes);
    image = describe_bytes(bytes->data, bytes->len, "vpc");
    assert_findings(image, "size-ambiguous header-inconsistent");
    assert_state(image, "ok");
}

static void
test_vpc_compares_its_footers(void)
{
    g_autoptr(GByteArray) bytes = vpc_image_new();
    g_autoptr(VirtProbeRecord) differing = NULL;
    g_autoptr(VirtProbeRecord) damaged = NULL;

    put_big(bytes->data + 2048 + 48, 8, 1024);
    damaged = describe_bytes(bytes->data, bytes->len, "vpc");
    assert_findings(damaged, "copy-damaged");
    vpc_footer_seal(bytes->data + 2048);
    differing = describe_bytes(bytes->data, bytes->len, "vpc");
    assert_findings(differing, "header-inconsistent");
    g_assert_cmpuint(number_of(differing, "virtual-size"), ==, 512);
}

/* The first locator of a differencing disk, at the end of the file. */
static VirtProbeRecord *
describe_locator(const char *platform, guint64 offset, guint length)
{
    g_autoptr(GByteArray) bytes = vpc_image_new();

    put_big(bytes->data + 60, 4, 4);
    vpc_footer_seal(bytes->data);
    memcpy(bytes->data + 512 + 64, "\0p\0q", 4);
    memcpy(bytes->data + 512 + 576, platform, 4);
    put_big(bytes->data + 512 + 584, 4, length);
    put_big(bytes->data + 512 + 592, 8, offset);
    vpc_dynamic_seal(bytes->data + 512);
    memcpy(bytes->data + 2040, "a\0b\0c\0", 6);
    vpc_trailer_write(bytes);
    return describe_bytes(bytes->data, bytes->len, "vpc");
}

static void
test_vpc_lists_how_it_finds_its_parent(void)
{
    static const struct {
        const char *platform;
        guint64 offset;
        guint length;
        const char *value; /* NULL: none */
        const char *rules;
    } cases[] = {
        { "W2ru", 2040, 6, "abc", "vhd-parent" },
        { "W2ku", 2040, 5, "ab", "vhd-parent" },
        { "MacX", 2040, 1, "a", "vhd-parent" },
        { "Wi2r", 2040, 6, NULL, "vhd-parent" },
        { "W2ru", 2040, 521, NULL, "vhd-parent header-inconsistent" },
        { "W2ru", G_GUINT64_CONSTANT(1) << 62, 6, NULL, "vhd-parent header-inconsistent" },
        { "W2ru", 0, 65537, NULL, "vhd-parent header-inconsistent" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirtProbeRecord) image =
            describe_locator(cases[i].platform, cases[i].offset, cases[i].length);
        VirtProbeRecord *name = virt_probe_record_get_item(probe_of(image), "parent-locator", 0);
        VirtProbeRecord *locator = virt_probe_record_get_item(probe_of(image), "parent-locator", 1);

        g_test_message("row %u", i);
        assert_findings(image, cases[i].rules);
        assert_state(image, "ok");
        g_assert_cmpstr(virt_probe_record_get_text(name, "value"), ==, "pq");
        g_assert_cmpstr(virt_probe_record_get_text(locator, "key"), ==, cases[i].platform);
        g_assert_cmpstr(virt_probe_record_get_text(locator, "value"), ==, cases[i].value);
        g_assert_cmpuint(virt_probe_record_get_length(probe_of(image), "references"), ==,
                         cases[i].value != NULL ? 2 : 1);
    }
}

/* Names of a server, as Windows writes them. */
static void
test_vpc_says_that_its_parent_is_on_a_server(void)
{
    static const struct {
        const char *name;
        gboolean is_on_server;
    } cases[] = {
        { "\\\\host\\share\\a.vhd", TRUE },
        { "//host/share/a.vhd", TRUE },
        { "\\\\?\\unc\\host\\a.vhd", TRUE },
        { "\\\\?\\C:\\a.vhd", FALSE },
        { "\\\\.\\PhysicalDrive0", FALSE },
        { "C:\\\\a.vhd", FALSE },
        { "\\a.vhd", FALSE },
        { ".\\a.vhd", FALSE },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = vpc_image_new();
        g_autoptr(VirtProbeRecord) image = NULL;
        const gsize len = strlen(cases[i].name);

        put_big(bytes->data + 60, 4, 4);
        vpc_footer_seal(bytes->data);
        memcpy(bytes->data + 512 + 576, "MacX", 4);
        put_big(bytes->data + 512 + 584, 4, len);
        put_big(bytes->data + 512 + 592, 8, 2040);
        vpc_dynamic_seal(bytes->data + 512);
        memcpy(bytes->data + 2040, cases[i].name, len);
        vpc_trailer_write(bytes);
        image = describe_bytes(bytes->data, bytes->len, "vpc");
        g_test_message("%s", cases[i].name);
        assert_findings(image,
                        cases[i].is_on_server ? "vhd-parent protocol-filename" : "vhd-parent");
    }
}

static void
test_vpc_footer_may_lack_its_last_byte(void)
{
    for (guint lacking = 0; lacking < 3; lacking++) {
        g_autoptr(GByteArray) bytes = vpc_fixed_image_new();
        g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len - lacking, NULL);

        g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==,
                        lacking < 2 ? "vpc" : "raw");
        assert_state(image, "ok");
    }
}

static void
test_vpc_fixed_disk_is_recognised_at_its_end(void)
{
    g_autoptr(GByteArray) bytes = vpc_fixed_image_new();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, NULL);

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "vpc");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "qemu-format"), ==, "raw");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 512);
    assert_state(image, "ok");
}

/* QEMU counts from the end, rounded up to sectors, and finds no footer there. */
static void
test_vpc_footer_beside_a_sector_is_not_for_qemu(void)
{
    g_autoptr(GByteArray) bytes = vpc_fixed_image_new();
    g_autoptr(VirtProbeRecord) image = NULL;
    guint8 odd[100] = { 0 };

    g_byte_array_prepend(bytes, odd, sizeof odd);
    put_big(bytes->data + bytes->len - 512 + 48, 8, 512 + sizeof odd);
    vpc_footer_seal(bytes->data + bytes->len - 512);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_finding(image, "qemu-unsupported");
}

static void
test_vpc_end_must_agree_in_everything(void)
{
    static const struct {
        guint offset;
        guint width;
        guint64 value;
        gboolean is_sealed;
    } cases[] = {
        { 0, 1, 'C', TRUE },     /* cookie */
        { 64, 4, 0, FALSE },     /* checksum */
        { 60, 4, 3, TRUE },      /* type */
        { 48, 8, 513, TRUE },    /* more data than there is */
        { 500, 1, 0x55, FALSE }, /* a byte that the checksum covers */
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = vpc_fixed_image_new();
        g_autoptr(VirtProbeRecord) image = NULL;

        g_test_message("row %u", i);
        put_big(bytes->data + 512 + cases[i].offset, cases[i].width, cases[i].value);
        if (cases[i].is_sealed)
            vpc_footer_seal(bytes->data + 512);
        image = describe_bytes(bytes->data, bytes->len, NULL);
        g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "raw");
        assert_findings(image, "no-signature");
    }
}

/* An entry of the log: the length that it claims and whether its checksum fits. */
static GByteArray *
vhdx_log_new(guint length, gboolean is_sealed)
{
    const HealthyImage *healthy = healthy_image_find("vhdx");
    const guint log = 3 * 1024 * 1024;
    GByteArray *bytes = healthy->make();
    guint8 *entry;

    g_byte_array_set_size(bytes, log + 1024 * 1024);
    memset(bytes->data + log, 0, 1024 * 1024);
    entry = bytes->data + log;
    memset(bytes->data + VHDX_IMAGE_HEADER + 48, 'g', 16);
    put_little(bytes->data + VHDX_IMAGE_HEADER + 68, 4, 1024 * 1024);
    put_little(bytes->data + VHDX_IMAGE_HEADER + 72, 8, log);
    healthy->seal(bytes);
    memcpy(entry, "loge", 4);
    put_little(entry + 8, 4, length);
    put_little(entry + 16, 8, 1);
    memset(entry + 32, 'g', 16);
    if (is_sealed)
        put_little(entry + 4, 4, vp_checksum(VP_CHECKSUM_CRC32C, entry, length, 4));
    return bytes;
}

static void
test_vhdx_judges_its_log(void)
{
    static const struct {
        guint length;
        gboolean is_sealed;
        const char *findings;
    } cases[] = {
        { 4096, TRUE, "dirty log-not-clean" },
        { 1024 * 1024, TRUE, "dirty log-not-clean" },
        { 4096, FALSE, "dirty" },
        { 512, TRUE, "dirty" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = vhdx_log_new(cases[i].length, cases[i].is_sealed);
        g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, NULL);

        assert_findings(image, cases[i].findings);
        g_assert_cmpuint(number_of(image, "virtual-size"), ==, 1024 * 1024);
    }
}

/* An entry at every sector that claims the whole log: its checksums would take 128 MiB. */
static void
test_vhdx_log_is_not_summed_without_end(void)
{
    g_autoptr(GByteArray) bytes = vhdx_log_new(1024 * 1024, FALSE);
    const guint log = 3 * 1024 * 1024;
    g_autoptr(VirtProbeRecord) image = NULL;

    for (guint i = 1; i < 256; i++)
        memcpy(bytes->data + log + i * 4096, bytes->data + log, 64);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_finding(image, "limit");
}

static void
test_vhdx_uses_the_second_region_table(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vhdx")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    bytes->data[VHDX_IMAGE_REGIONS + 100] = 1;
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_findings(image, "checksum-mismatch");
    assert_state(image, "partial");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 1024 * 1024);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vhd/vpc/takes-the-geometry-of-some-programs",
                    test_vpc_takes_the_geometry_of_some_programs);
    g_test_add_func("/vhd/vpc/reports-a-wrong-checksum-of-its-second-header",
                    test_vpc_reports_a_wrong_checksum_of_its_second_header);
    g_test_add_func("/vhd/vpc/accepts-a-block-that-ends-with-the-file",
                    test_vpc_accepts_a_block_that_ends_with_the_file);
    g_test_add_func("/vhd/vpc/block-at-the-beginning-is-a-block",
                    test_vpc_block_at_the_beginning_is_a_block);
    g_test_add_func("/vhd/vpc/judges-what-its-checksum-covers",
                    test_vpc_judges_what_its_checksum_covers);
    g_test_add_func("/vhd/vpc/table-is-judged-for-older-qemu",
                    test_vpc_table_is_judged_for_older_qemu);
    g_test_add_func("/vhd/vpc/compares-its-footers", test_vpc_compares_its_footers);
    g_test_add_func("/vhd/vpc/lists-how-it-finds-its-parent",
                    test_vpc_lists_how_it_finds_its_parent);
    g_test_add_func("/vhd/says-that-its-parent-is-on-a-server",
                    test_vpc_says_that_its_parent_is_on_a_server);
    g_test_add_func("/vhd/vpc/footer-may-lack-its-last-byte",
                    test_vpc_footer_may_lack_its_last_byte);
    g_test_add_func("/vhd/vpc/fixed-disk-is-recognised-at-its-end",
                    test_vpc_fixed_disk_is_recognised_at_its_end);
    g_test_add_func("/vhd/vpc/footer-beside-a-sector-is-not-for-qemu",
                    test_vpc_footer_beside_a_sector_is_not_for_qemu);
    g_test_add_func("/vhd/vpc/end-must-agree-in-everything", test_vpc_end_must_agree_in_everything);
    g_test_add_func("/vhd/vhdx/judges-its-log", test_vhdx_judges_its_log);
    g_test_add_func("/vhd/vhdx/log-is-not-summed-without-end",
                    test_vhdx_log_is_not_summed_without_end);
    g_test_add_func("/vhd/vhdx/uses-the-second-region-table",
                    test_vhdx_uses_the_second_region_table);
    return g_test_run();
}
