/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-content.c: what lies in a raw payload is named, whatever else lies there, and costs few reads. */
#include "storage/registry-index.h"
#include "unit-content.h"
#include "unit.h"

#include <string.h>

static VirtProbeRecord *
describe_as_raw(const GByteArray *bytes, VirtProbeDescribeFlags flags)
{
    return virt_probe_describe_memory(bytes->data, bytes->len, NULL, "raw", flags, NULL);
}

static gboolean
lists(VirtProbeRecord *image, const char *format)
{
    guint count = virt_probe_record_get_length(probe_of(image), "content");

    for (guint i = 0; i < count; i++) {
        VirtProbeRecord *content = virt_probe_record_get_item(probe_of(image), "content", i);

        if (strcmp(virt_probe_record_get_text(content, "format"), format) == 0)
            return TRUE;
    }
    return FALSE;
}

static void
test_is_named_alone(gconstpointer data)
{
    const HealthyImage *healthy = data;
    const VpFormat *format = vp_registry_find(healthy->format);
    g_autoptr(GByteArray) bytes = healthy->make();
    g_autoptr(VirtProbeRecord) image = describe_as_raw(bytes, 0);
    VirtProbeRecord *content = virt_probe_record_get_item(probe_of(image), "content", 0);

    g_assert_cmpuint(virt_probe_record_get_length(probe_of(image), "content"), ==, 1);
    g_assert_cmpstr(virt_probe_record_get_text(content, "format"), ==, healthy->format);
    g_assert_cmpstr(virt_probe_record_get_text(content, "layer"), ==,
                    format->layer == VP_LAYER_WRAPPER ? "wrapper" : "content");
    assert_findings(image, format->layer == VP_LAYER_WRAPPER ? "archive" : "");
    assert_state(image, "ok");
}

/* Two tables of the same kind of disk stand in the same bytes; all others get along. */
static void
test_nothing_hides_another(void)
{
    static const char *const names[] = { "btrfs", "swap", "lvm2", "zfs", "high-sierra" };
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(VirtProbeRecord) image = NULL;

    g_byte_array_set_size(bytes, 73728);
    memset(bytes->data, 0, bytes->len);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GByteArray) one = healthy_image_find(names[i])->make();

        for (guint k = 0; k < one->len; k++)
            bytes->data[k] |= one->data[k];
    }
    image = describe_as_raw(bytes, 0);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_true(lists(image, names[i]));
    assert_state(image, "ok");
}

static void
test_raw_disk_needs_three_reads(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(VirtProbeRecord) image = NULL;

    g_byte_array_set_size(bytes, 1024 * 1024);
    memset(bytes->data, 0, bytes->len);
    image = describe_as_raw(bytes, 0);
    g_assert_cmpuint(number_of(virt_probe_record_get_record(probe_of(image), "io"), "reads"), <=,
                     3);
}

static void
test_what_it_refines_stands_before_it(void)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        if (format->refines != NULL)
            g_assert_cmpuint(
                vp_format_set_first(vp_registry_bit(vp_registry_find(format->refines))), <, i);
    }
}

/* The name says what the file is, and not the signature alone. */
static void
test_special_case_needs_its_base(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("ova")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    memset(bytes->data + 257, 0, 8);
    image = describe_as_raw(bytes, 0);
    g_assert_false(lists(image, "ova"));
    g_assert_false(lists(image, "tar"));
}

static void
test_text_signature_is_at_the_end_of_its_text(void)
{
    static const struct {
        const char *name;
        gboolean is_ova;
    } cases[] = { { ".ovf", TRUE }, { "a.ovf.raw", FALSE }, { "a.ov", FALSE }, { "", FALSE } };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = healthy_image_find("ova")->make();
        g_autoptr(VirtProbeRecord) image = NULL;

        memset(bytes->data, 0, 100);
        strcpy((char *) bytes->data, cases[i].name);
        image = describe_as_raw(bytes, 0);
        g_assert_cmpint(lists(image, "ova"), ==, cases[i].is_ova);
        g_assert_cmpint(lists(image, "tar"), ==, !cases[i].is_ova);
    }
}

/* Any kind of boot sector ends as an MBR does. */
static void
test_boot_sector_is_no_mbr(void)
{
    static const char *const names[] = { "ntfs", "exfat", "fat12", "fat16", "fat32" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GByteArray) bytes = healthy_image_find(names[i])->make();
        g_autoptr(VirtProbeRecord) image = NULL;

        memcpy(bytes->data + 450, "\x83\0\0\0\1\0\0\0\1", 9);
        memcpy(bytes->data + 510, "\x55\xaa", 2);
        image = describe_as_raw(bytes, 0);
        g_assert_true(lists(image, names[i]));
        g_assert_false(lists(image, "mbr"));
    }
}

static void
test_signature_alone_is_no_mbr(void)
{
    static const struct {
        guint place;
        guint8 value;
    } cases[] = { { 450, 0 }, { 446, 1 }, { 458, 0 }, { 511, 0 } };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = healthy_image_find("mbr")->make();
        g_autoptr(VirtProbeRecord) image = NULL;

        bytes->data[cases[i].place] = cases[i].value;
        image = describe_as_raw(bytes, 0);
        g_assert_false(lists(image, "mbr"));
    }
}

typedef struct {
    const char *path;
    gint place; /* from the end when negative */
    const char *findings;
    guint partitions;
} GptCase;

static const GptCase gpt_cases[] = {
    { "backup-is-used-for-a-damaged-header", 512 + 56, "copy-damaged", 1 },
    { "backup-is-used-for-a-damaged-table", 1024 + 40, "copy-damaged", 1 },
    { "damaged-backup-is-noticed", -512 + 56, "copy-damaged", 1 },
    { "missing-protective-mbr-is-noticed", 450, "protective-mbr-broken", 1 },
};

static void
test_gpt_is_described_though(gconstpointer data)
{
    const GptCase *row = data;
    g_autoptr(GByteArray) bytes = healthy_image_find("gpt")->make();
    g_autoptr(VirtProbeRecord) image = NULL;
    VirtProbeRecord *content;

    bytes->data[row->place >= 0 ? (guint) row->place : bytes->len - (guint) -row->place] ^= 0xff;
    image = describe_as_raw(bytes, 0);
    content = virt_probe_record_get_item(probe_of(image), "content", 0);
    g_assert_cmpuint(virt_probe_record_get_length(content, "partitions"), ==, row->partitions);
    assert_findings(image, row->findings);
    assert_state(image, "ok");
}

/* Sealed again, so that only the bounds stand between the numbers and the reader. */
static void
test_gpt_of_any_numbers_is_read_safely(void)
{
    static const guint64 numbers[] = {
        0, 1, 9, 10, G_MAXUINT32, G_GUINT64_CONSTANT(1) << 55, G_MAXUINT64 / 512, G_MAXUINT64
    };
    static const guint places[] = { 12, 24, 32, 40, 48, 72, 80, 84 };

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        for (guint k = 0; k < G_N_ELEMENTS(numbers); k++) {
            g_autoptr(GByteArray) bytes = healthy_image_find("gpt")->make();
            guint width = places[i] == 12 || places[i] >= 80 ? 4 : 8;
            g_autoptr(VirtProbeRecord) image = NULL;

            put_little(bytes->data + 512 + places[i], width, numbers[k]);
            put_little(bytes->data + bytes->len - 512 + places[i], width, numbers[k]);
            gpt_seal(bytes);
            image = describe_as_raw(bytes, VIRT_PROBE_DESCRIBE_FULL);
            g_assert_true(lists(image, "gpt"));
            assert_state(image, "ok");
        }
    }
}

/* A list of files spends no read on content, and tells nothing of what is in it. */
static void
test_brief_description_names_what_is_at_the_head(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("gpt")->make();
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_memory(bytes->data, bytes->len, "disk.raw", NULL,
                                   VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_BRIEF, NULL);
    VirtProbeRecord *content = virt_probe_record_get_item(probe_of(image), "content", 0);

    g_assert_cmpstr(virt_probe_record_get_text(content, "format"), ==, "gpt");
    g_assert_cmpuint(virt_probe_record_get_length(content, "partitions"), ==, 0);
}

/* (transfer full) Zeros with so many bytes at a place. */
static GByteArray *
zeros_with(gsize size, gsize place, const void *bytes, gsize len)
{
    GByteArray *array = g_byte_array_new();

    g_byte_array_set_size(array, (guint) size);
    memset(array->data, 0, size);
    memcpy(array->data + place, bytes, len);
    return array;
}

/* It is named, or what hides it. */
static gboolean
is_named(VirtProbeRecord *image, const VpFormat *format)
{
    VirtProbeRecord *content = virt_probe_record_get_item(probe_of(image), "content", 0);
    const VpFormat *named = vp_registry_find(virt_probe_record_get_text(content, "format"));

    return named == format || (named->hides != NULL && g_strv_contains(named->hides, format->name));
}

/* Signatures are enough for what no function looks at, wherever they stand, and none is taken for another one. */
static void
test_each_signature_is_found(gconstpointer data)
{
    const VpFormat *format = data;

    for (const VpMagic *magic = format->magics; magic->len > 0; magic++) {
        guint place = magic->is_from_end ? 73728 - magic->offset : magic->offset;
        g_autoptr(GByteArray) bytes = zeros_with(73728, place, magic->bytes, magic->len);
        g_autoptr(VirtProbeRecord) image = NULL;

        if (magic->also_len > 0)
            memcpy(bytes->data + place + magic->also_behind, magic->also, magic->also_len);
        image = describe_as_raw(bytes, 0);
        g_test_message("signature at %u", magic->offset);
        g_assert_cmpuint(virt_probe_record_get_length(probe_of(image), "content"), ==, 1);
        g_assert_true(is_named(image, format));
    }
}

/* Features tell what is refined. */
static gboolean
signatures_are_enough(const VpFormat *format)
{
    const VpFormat *other;

    for (guint i = 0; (other = vp_registry_nth(i)) != NULL; i++) {
        if (g_strcmp0(other->refines, format->name) == 0)
            return FALSE;
    }
    return format->layer == VP_LAYER_CONTENT && format->verify_content == NULL
           && format->refines == NULL;
}

static const char *const swap_signatures[] = { "SWAPSPACE2", "SWAP-SPACE", "S1SUSPEND",
                                               "S2SUSPEND",  "ULSUSPEND",  "LINHIB0001" };

static void
test_swap_is_found_at_each_page_size(gconstpointer data)
{
    const char *signature = data;
    const char *expected = g_str_has_prefix(signature, "SWAP") ? "swap" : "swsuspend";

    for (guint page = 4096; page <= 65536; page *= 2) {
        g_autoptr(GByteArray) bytes = zeros_with(73728, page - 10, signature, strlen(signature));
        g_autoptr(VirtProbeRecord) image = describe_as_raw(bytes, 0);

        g_assert_true(lists(image, expected));
    }
}

/* Numbers in the other byte order, and the map of pages of version 0, are no fields. */
static void
test_swap_shows_no_number_that_is_none(void)
{
    static const char *const words[] = { "\0\0\0\1", "\xff\xff\xff\xff" };

    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autoptr(GByteArray) bytes = zeros_with(4096, 4086, "SWAPSPACE2", 10);
        g_autoptr(VirtProbeRecord) image = NULL;
        VirtProbeRecord *content;
        VirtProbeRecord *details;
        guint64 version;

        memcpy(bytes->data + 1024, words[i], 4);
        memcpy(bytes->data + 1052, "disk", 4);
        image = describe_as_raw(bytes, 0);
        content = virt_probe_record_get_item(probe_of(image), "content", 0);
        details = virt_probe_record_get_record(content, "details");
        /* Without any there is no record. */
        g_assert_cmpint(details != NULL, ==, i == 0);
        if (details == NULL)
            continue;
        g_assert_cmpstr(virt_probe_record_get_text(details, "label"), ==, "disk");
        g_assert_false(virt_probe_record_get_uint64(details, "version", &version));
    }
}

/* BitLocker is what other systems take for FAT, and its boot sector ends as an MBR does. */
static void
test_what_is_hidden_is_not_named(void)
{
    static const char *const hidden[] = { "fat32", "mbr" };
    g_autoptr(GByteArray) bytes = healthy_image_find("mbr")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    memcpy(bytes->data + 3, "-FVE-FS-\0\2\4", 11);
    g_assert_true(bytes->data[450] != 0);
    memcpy(bytes->data + 82, "FAT32   ", 8);
    image = describe_as_raw(bytes, 0);
    g_assert_true(lists(image, "bitlocker"));
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(image), "content"), ==, 1);
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_autoptr(VirtProbeRecord) declared =
            virt_probe_describe_memory(bytes->data, bytes->len, NULL, hidden[i], 0, NULL);

        g_assert_false(virt_probe_image_verify(declared, NULL));
    }
}

/* Its fields stand elsewhere. */
static void
test_squashfs_before_4_is_sound(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("squashfs")->make();
    g_autoptr(VirtProbeRecord) image = NULL;

    memset(bytes->data + 4, 0xaa, 24);
    bytes->data[28] = 3;
    memset(bytes->data + 32, 0xaa, 64);
    image = describe_as_raw(bytes, 0);
    g_assert_true(lists(image, "squashfs"));
    assert_findings(image, "");
}

/* What stands behind the name of FAT differs. */
static void
test_fat_needs_no_spaces(void)
{
    static const char *const names[] = { "fat12", "fat16", "fat32" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GByteArray) bytes = healthy_image_find(names[i])->make();
        g_autoptr(VirtProbeRecord) image = NULL;

        memset(bytes->data + (i == 2 ? 87 : 59), 0, 3);
        memcpy(bytes->data + 446, "\0\0\0\0\x83\0\0\0\1\0\0\0\1", 13);
        memcpy(bytes->data + 510, "\x55\xaa", 2);
        image = describe_as_raw(bytes, 0);
        g_assert_true(lists(image, names[i]));
        g_assert_false(lists(image, "mbr"));
    }
}

/* The place of the anchor tells how large they are; what an older volume left where smaller ones have it does not. */
static void
test_udf_has_blocks_of_each_size(void)
{
    for (guint block = 512; block <= 32768; block *= 2) {
        guint step = MAX(block, 2048);
        g_autoptr(GByteArray) bytes = zeros_with(257 * block, 32768, "\0BEA01", 6);
        g_autoptr(VirtProbeRecord) image = NULL;
        VirtProbeRecord *content;

        memcpy(bytes->data + 32768 + step + 1, "NSR03", 5);
        memcpy(bytes->data + 256 * block, "\2", 1);
        memcpy(bytes->data + 256 * block + 13, "\1", 1);
        if (block > 2048)
            memcpy(bytes->data + 256 * 512, bytes->data + 256 * block, 16);
        image = describe_as_raw(bytes, 0);
        content = virt_probe_record_get_item(probe_of(image), "content", 0);
        g_assert_cmpstr(virt_probe_record_get_text(content, "format"), ==, "udf");
        g_assert_cmpuint(number_of(content, "sector-size"), ==, block);
        assert_findings(image, "");
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (const HealthyImage *image = content_images; image->format != NULL; image++)
        add_row_test("/content/is-named-alone", image->format, image, test_is_named_alone);
    for (guint i = 0; vp_registry_nth(i) != NULL; i++) {
        const VpFormat *format = vp_registry_nth(i);

        if (signatures_are_enough(format))
            add_row_test("/content/each-signature-is-found", format->name, format,
                         test_each_signature_is_found);
    }
    for (guint i = 0; i < G_N_ELEMENTS(swap_signatures); i++)
        add_row_test("/content/swap/is-found-at-each-page-size", swap_signatures[i],
                     swap_signatures[i], test_swap_is_found_at_each_page_size);
    g_test_add_func("/content/swap/shows-no-number-that-is-none",
                    test_swap_shows_no_number_that_is_none);
    g_test_add_func("/content/what-is-hidden-is-not-named", test_what_is_hidden_is_not_named);
    g_test_add_func("/content/squashfs/before-4-is-sound", test_squashfs_before_4_is_sound);
    g_test_add_func("/content/fat/needs-no-spaces", test_fat_needs_no_spaces);
    g_test_add_func("/content/udf/has-blocks-of-each-size", test_udf_has_blocks_of_each_size);
    g_test_add_func("/content/nothing-hides-another", test_nothing_hides_another);
    g_test_add_func("/content/raw-disk-needs-three-reads", test_raw_disk_needs_three_reads);
    g_test_add_func("/content/what-it-refines-stands-before-it",
                    test_what_it_refines_stands_before_it);
    g_test_add_func("/content/special-case-needs-its-base", test_special_case_needs_its_base);
    g_test_add_func("/content/text-signature-is-at-the-end-of-its-text",
                    test_text_signature_is_at_the_end_of_its_text);
    g_test_add_func("/content/mbr/boot-sector-is-none", test_boot_sector_is_no_mbr);
    g_test_add_func("/content/mbr/signature-alone-is-none", test_signature_alone_is_no_mbr);
    for (guint i = 0; i < G_N_ELEMENTS(gpt_cases); i++)
        add_row_test("/content/gpt", gpt_cases[i].path, &gpt_cases[i],
                     test_gpt_is_described_though);
    g_test_add_func("/content/gpt/of-any-numbers-is-read-safely",
                    test_gpt_of_any_numbers_is_read_safely);
    g_test_add_func("/content/brief-description-names-what-is-at-the-head",
                    test_brief_description_names_what_is_at_the_head);
    return g_test_run();
}
