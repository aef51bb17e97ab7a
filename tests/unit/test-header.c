/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-header.c: rows of a toy format are read and judged, each violation by its own rule. */
#include "storage/format.h"
#include "unit.h"

#include <string.h>

enum {
    MAGIC,
    VERSION,
    ALIGNED,
    WITHIN,
    CLUSTER_BITS,
    RANGE,
    POWER,
    SECTOR,
    RESERVED,
    TEXT,
    PADDED,
    UUID_BIG,
    UUID_LITTLE,
    LATE,
    EARLY,
    FIELD_COUNT,
};

#define HEADER_SIZE 104
#define IMAGE_SIZE 1024

/* Every kind and every check once, each check with a rule of its own. The cluster size comes behind what it
 * bounds. */
static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 4) },
    [VERSION] = { "version", VP_AT(4, 4) },
    [ALIGNED] = { "aligned", VP_AT(8, 8), .checks = VP_CHECK_ALIGNED_CLUSTER,
                  .rule = VP_RULE_TABLE_OUTSIDE },
    [WITHIN] = { "within", VP_AT(16, 8), .checks = VP_CHECK_WITHIN_CLUSTER,
                 .rule = VP_RULE_HEADER_LENGTH },
    [CLUSTER_BITS] = { "cluster-bits", VP_AT(24, 4), VP_RANGE(9, 21) },
    [RANGE] = { "range", VP_AT(28, 4), VP_RANGE(10, 20), .rule = VP_RULE_HUGE_ALLOCATION },
    [POWER] = { "power", VP_AT(32, 4), .checks = VP_CHECK_POWER_OF_TWO,
                .rule = VP_RULE_COMPRESSION_TYPE },
    [SECTOR] = { "sector", VP_AT(36, 4), .checks = VP_CHECK_ALIGNED_SECTOR,
                 .rule = VP_RULE_TABLE_INVALID },
    [RESERVED] = { "reserved", VP_AT(40, 8), .kind = VP_KIND_BYTES, .checks = VP_CHECK_ZERO,
                   .rule = VP_RULE_RESERVED },
    [TEXT] = { "text", VP_AT(48, 8), .kind = VP_KIND_TEXT, .checks = VP_CHECK_TERMINATED,
               .rule = VP_RULE_UNSAFE_TEXT },
    [PADDED] = { "padded", VP_AT(56, 8), .kind = VP_KIND_PADDED_TEXT },
    [UUID_BIG] = { "uuid-big", VP_AT(64, 16), .kind = VP_KIND_UUID_BE },
    [UUID_LITTLE] = { "uuid-little", VP_AT(80, 16), .kind = VP_KIND_UUID_LE },
    [LATE] = { "late", VP_AT(96, 8), .given = VERSION, .given_minimum = 3, VP_RANGE(0, 1),
               .rule = VP_RULE_ENCRYPTION_UNKNOWN },
    [EARLY] = { "early", VP_AT(96, 8), .given = VERSION, .given_minimum = 1, .given_maximum = 1 },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpFormat toy = {
    .name = "toy",
    .order = VP_ORDER_BIG,
    VP_FIELDS(fields),
    .cluster = { VP_QUANTITY_POWER_OF_TWO, CLUSTER_BITS, 1, VP_ROUND_NONE },
};

static const VpFormat little_toy = {
    .name = "little toy",
    .order = VP_ORDER_LITTLE,
    VP_FIELDS(fields),
};

typedef struct {
    guint8 bytes[IMAGE_SIZE];
    VpSource source;
    VpWindows windows;
    VirtProbeRecord *image;
    VpProbe probe;
} Toy;

static void
toy_fill(guint8 *header)
{
    memset(header, 0, HEADER_SIZE);
    memcpy(header, "TOYS", 4);
    put_big(header + 4, 4, 3);
    put_big(header + 8, 8, 1024);
    put_big(header + 16, 8, 512);
    put_big(header + 24, 4, 9);
    put_big(header + 28, 4, 15);
    put_big(header + 32, 4, 64);
    put_big(header + 36, 4, 1536);
    memcpy(header + 48, "textual", 7);
    memcpy(header + 56, "pad  ed  ", 8);
    put_big(header + 96, 8, 1);
}

static void
toy_set_up(Toy *toy_image, gconstpointer data)
{
    (void) data;
    memset(toy_image, 0, sizeof *toy_image);
    toy_fill(toy_image->bytes);
    toy_image->image = vp_tree_new(VP_RECORD_IMAGE, FALSE);
    toy_image->probe = (VpProbe) {
        .windows = &toy_image->windows,
        .size = IMAGE_SIZE,
        .format = &toy,
        .image = toy_image->image,
        .findings = vp_record_set_record(toy_image->image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE),
    };
}

static void
toy_tear_down(Toy *toy_image, gconstpointer data)
{
    (void) data;
    vp_windows_clear(&toy_image->windows);
    virt_probe_record_unref(toy_image->image);
}

/* Reads and judges the header as it stands now, in a file of size bytes. */
static void
toy_judge(Toy *toy_image, gsize size)
{
    vp_source_memory_init(&toy_image->source, toy_image->bytes, size);
    vp_windows_init(&toy_image->windows, &toy_image->source);
    toy_image->probe.size = size;
    vp_header_read(&toy_image->probe);
    vp_header_check(&toy_image->probe);
}

static void
test_reads_numbers_and_finds_nothing(Toy *toy_image, gconstpointer data)
{
    (void) data;
    toy_judge(toy_image, IMAGE_SIZE);
    assert_findings(toy_image->image, "");
    g_assert_false(vp_probe_has(&toy_image->probe, EARLY));
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, VERSION), ==, 3);
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, ALIGNED), ==, 1024);
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, LATE), ==, 1);
    g_assert_cmpuint(toy_image->probe.header.cluster_size, ==, 512);
    for (guint i = 0; i < EARLY; i++) {
        g_assert_true(vp_probe_has(&toy_image->probe, i));
        g_assert_true(vp_probe_is_valid(&toy_image->probe, i));
    }
}

static void
test_reads_little_endian_numbers(Toy *toy_image, gconstpointer data)
{
    (void) data;
    put_little(toy_image->bytes + 4, 4, 3);
    put_little(toy_image->bytes + 8, 8, 0x1122334455667788);
    toy_image->probe.format = &little_toy;
    toy_judge(toy_image, IMAGE_SIZE);
    g_assert_cmphex(vp_probe_value(&toy_image->probe, VERSION), ==, 3);
    g_assert_cmphex(vp_probe_value(&toy_image->probe, ALIGNED), ==, 0x1122334455667788);
}

static void
test_reads_a_header_at_any_place(Toy *toy_image, gconstpointer data)
{
    VirtProbeRecord *finding;

    (void) data;
    toy_fill(toy_image->bytes + 512);
    put_big(toy_image->bytes + 512 + 28, 4, 21);
    toy_image->probe.header_start = 512;
    toy_judge(toy_image, IMAGE_SIZE);
    assert_findings(toy_image->image, "huge-allocation");
    finding = virt_probe_record_get_item(probe_of(toy_image->image), "findings", 0);
    g_assert_cmpuint(number_of(finding, "offset"), ==, 512 + 28);
    g_assert_cmpuint(number_of(finding, "length"), ==, 4);
}

typedef struct {
    const char *path;
    guint field;
    guint64 value;
    const char *rule; /* NULL: nothing is wrong with it */
} Spoiled;

static const Spoiled spoiled_cases[] = {
    { "accepts-the-minimum", RANGE, 10, NULL },
    { "accepts-the-maximum", RANGE, 20, NULL },
    { "rejects-a-number-below-the-minimum", RANGE, 9, "huge-allocation" },
    { "rejects-a-number-above-the-maximum", RANGE, 21, "huge-allocation" },
    { "rejects-the-largest-number", RANGE, G_MAXUINT32, "huge-allocation" },
    { "accepts-0-as-aligned", ALIGNED, 0, NULL },
    { "rejects-a-number-beside-a-cluster", ALIGNED, 1025, "table-outside-file" },
    { "rejects-half-a-cluster", ALIGNED, 256, "table-outside-file" },
    { "rejects-a-number-beyond-the-cluster", WITHIN, 513, "header-length-range" },
    { "rejects-the-largest-number-within-a-cluster", WITHIN, G_MAXUINT64, "header-length-range" },
    { "accepts-1-as-power-of-two", POWER, 1, NULL },
    { "rejects-0-as-power-of-two", POWER, 0, "compression-type" },
    { "rejects-three-quarters-of-a-power-of-two", POWER, 96, "compression-type" },
    { "accepts-sector-0", SECTOR, 0, NULL },
    { "rejects-a-number-beside-a-sector", SECTOR, 511, "table-invalid" },
    { "rejects-the-first-byte-of-reserved-space", RESERVED, G_GUINT64_CONSTANT(1) << 56,
      "reserved-nonzero" },
    { "rejects-the-last-byte-of-reserved-space", RESERVED, 1, "reserved-nonzero" },
    { "accepts-an-empty-text", TEXT, 0, NULL },
    { "rejects-a-text-that-fills-its-field", TEXT, 0x6161616161616161, "unsafe-text" },
    { "rejects-a-late-field", LATE, 2, "encryption-unknown" },
    { "uses-the-general-rule-by-default", CLUSTER_BITS, 22, "header-invalid" },
};

static void
test_spoiled_field(gconstpointer data)
{
    const Spoiled *row = data;
    const VpHeaderField *field = &fields[row->field];
    Toy toy_image;

    toy_set_up(&toy_image, NULL);
    put_big(toy_image.bytes + field->offset, field->width, row->value);
    toy_judge(&toy_image, IMAGE_SIZE);
    assert_findings(toy_image.image, row->rule != NULL ? row->rule : "");
    g_assert_true(vp_probe_has(&toy_image.probe, row->field));
    g_assert_cmpint(vp_probe_is_valid(&toy_image.probe, row->field), ==, row->rule == NULL);
    toy_tear_down(&toy_image, NULL);
}

static void
test_judges_no_bound_of_an_unsound_cluster(Toy *toy_image, gconstpointer data)
{
    (void) data;
    put_big(toy_image->bytes + fields[CLUSTER_BITS].offset, 4, 64);
    put_big(toy_image->bytes + fields[ALIGNED].offset, 8, 3);
    put_big(toy_image->bytes + fields[WITHIN].offset, 8, G_MAXUINT64);
    toy_judge(toy_image, IMAGE_SIZE);
    assert_findings(toy_image->image, "header-invalid");
    g_assert_cmpuint(toy_image->probe.header.cluster_size, ==, 0);
}

static void
test_leaves_out_what_an_older_version_has_not(Toy *toy_image, gconstpointer data)
{
    (void) data;
    put_big(toy_image->bytes + fields[VERSION].offset, 4, 2);
    put_big(toy_image->bytes + fields[LATE].offset, 8, 99);
    toy_judge(toy_image, IMAGE_SIZE);
    assert_findings(toy_image->image, "");
    g_assert_false(vp_probe_has(&toy_image->probe, LATE));
    g_assert_false(vp_probe_has(&toy_image->probe, EARLY));
    g_assert_false(vp_probe_is_valid(&toy_image->probe, LATE));
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, LATE), ==, 0);
}

static void
test_leaves_out_what_a_newer_version_has_not(Toy *toy_image, gconstpointer data)
{
    (void) data;
    put_big(toy_image->bytes + fields[VERSION].offset, 4, 1);
    put_big(toy_image->bytes + fields[EARLY].offset, 8, 99);
    toy_judge(toy_image, IMAGE_SIZE);
    assert_findings(toy_image->image, "");
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, EARLY), ==, 99);
    g_assert_false(vp_probe_has(&toy_image->probe, LATE));
}

static void
test_needs_no_bytes_for_fields_of_newer_versions(Toy *toy_image, gconstpointer data)
{
    (void) data;
    put_big(toy_image->bytes + fields[VERSION].offset, 4, 2);
    toy_judge(toy_image, fields[LATE].offset);
    assert_findings(toy_image->image, "");
}

static void
test_records_nothing_when_quiet(Toy *toy_image, gconstpointer data)
{
    (void) data;
    put_big(toy_image->bytes + fields[RANGE].offset, 4, 99);
    toy_image->probe.is_quiet = TRUE;
    toy_judge(toy_image, IMAGE_SIZE);
    assert_findings(toy_image->image, "");
    g_assert_false(vp_probe_is_valid(&toy_image->probe, RANGE));
}

static void
test_reports_a_header_cut_at_every_length(void)
{
    for (gsize size = 0; size < HEADER_SIZE; size++) {
        Toy toy_image;

        g_test_message("%" G_GSIZE_FORMAT " bytes", size);
        toy_set_up(&toy_image, NULL);
        toy_judge(&toy_image, size);
        assert_findings(toy_image.image, "truncated");
        for (guint i = 0; i < FIELD_COUNT; i++) {
            gboolean is_there = fields[i].offset + fields[i].width <= size;

            g_assert_cmpint(vp_probe_has(&toy_image.probe, i), ==, is_there);
            if (!is_there)
                g_assert_false(vp_probe_is_valid(&toy_image.probe, i));
        }
        toy_tear_down(&toy_image, NULL);
    }
}

static void
test_reads_nothing_beyond_the_image_in_its_file(Toy *toy_image, gconstpointer data)
{
    (void) data;
    vp_source_memory_init(&toy_image->source, toy_image->bytes, IMAGE_SIZE);
    vp_windows_init(&toy_image->windows, &toy_image->source);
    toy_image->probe.size = 50;
    vp_header_read(&toy_image->probe);
    assert_findings(toy_image->image, "truncated");
    g_assert_false(vp_probe_has(&toy_image->probe, TEXT));
}

static void
check_text(const Toy *toy_image, guint field, const char *expected)
{
    gsize len;
    const guint8 *text = vp_header_text(&toy_image->probe, field, &len);

    assert_same_bytes(text, len, expected, strlen(expected));
}

static void
test_gives_texts_up_to_their_end(Toy *toy_image, gconstpointer data)
{
    (void) data;
    toy_judge(toy_image, IMAGE_SIZE);
    check_text(toy_image, TEXT, "textual");
    check_text(toy_image, PADDED, "pad  ed");
}

static void
test_gives_no_text_that_is_cut(Toy *toy_image, gconstpointer data)
{
    gsize len = 99;

    (void) data;
    toy_judge(toy_image, fields[TEXT].offset + 4);
    g_assert_null(vp_header_text(&toy_image->probe, TEXT, &len));
    g_assert_cmpuint(len, ==, 0);
}

static void
add(const char *path, void (*test)(Toy *toy_image, gconstpointer data))
{
    g_test_add(path, Toy, NULL, toy_set_up, test, toy_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/header/reads-numbers-and-finds-nothing", test_reads_numbers_and_finds_nothing);
    add("/header/reads-little-endian-numbers", test_reads_little_endian_numbers);
    add("/header/reads-a-header-at-any-place", test_reads_a_header_at_any_place);
    for (guint i = 0; i < G_N_ELEMENTS(spoiled_cases); i++)
        add_row_test("/header/check", spoiled_cases[i].path, &spoiled_cases[i], test_spoiled_field);
    add("/header/check/judges-no-bound-of-an-unsound-cluster",
        test_judges_no_bound_of_an_unsound_cluster);
    add("/header/check/records-nothing-when-quiet", test_records_nothing_when_quiet);
    add("/header/given/leaves-out-what-a-newer-version-has-not",
        test_leaves_out_what_a_newer_version_has_not);
    add("/header/given/leaves-out-what-an-older-version-has-not",
        test_leaves_out_what_an_older_version_has_not);
    add("/header/given/needs-no-bytes-for-fields-of-newer-versions",
        test_needs_no_bytes_for_fields_of_newer_versions);
    g_test_add_func("/header/reports-a-header-cut-at-every-length",
                    test_reports_a_header_cut_at_every_length);
    add("/header/reads-nothing-beyond-the-image-in-its-file",
        test_reads_nothing_beyond_the_image_in_its_file);
    add("/header/text/ends-at-its-nul-or-padding", test_gives_texts_up_to_their_end);
    add("/header/text/is-absent-when-cut", test_gives_no_text_that_is_cut);
    return g_test_run();
}
