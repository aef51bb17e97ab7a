/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-header-part.c: a toy format of three structures: each is found where its entry says, and of two copies the sound and
 * newer one counts. */
#include "storage/format.h"
#include "unit.h"
#include "util/source.h"

#include <string.h>

enum {
    MAGIC,
    SECOND_AT,
    SECOND_NUMBER,
    THIRD_SEQUENCE,
    THIRD_NUMBER,
    FOURTH_NUMBER,
    FIELD_COUNT,
};

#define IMAGE_SIZE 2048
#define SECOND 512
#define THIRD 1024
#define THIRD_COPY 1536
#define CHECKED 32
#define FOURTH 640
#define FOURTH_COPY 704

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 4) },
    [SECOND_AT] = { "second-at", VP_AT(4, 4) },
    [SECOND_NUMBER] = { "second-number", VP_AT(8, 4), .part = 1 },
    [THIRD_SEQUENCE] = { "third-sequence", VP_AT(12, 8), .part = 2 },
    [THIRD_NUMBER] = { "third-number", VP_AT(20, 4), .part = 2 },
    [FOURTH_NUMBER] = { "fourth-number", VP_AT(4, 4), .part = 3 },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpPart parts[] = {
    { .name = "toy header" },
    { .name = "second header",
      .place = { VP_PLACE_FIELD, SECOND_AT, 512 },
      .given = SECOND_AT,
      .given_minimum = 1,
      .magic = "TWO!",
      .magic_len = 4 },
    { .name = "third header",
      .place = { VP_PLACE_AT, .offset = THIRD },
      .copy = { VP_PLACE_FROM_END, .offset = IMAGE_SIZE - THIRD_COPY },
      .sequence = THIRD_SEQUENCE,
      .is_same_when_equal = TRUE,
      .magic = "3rd",
      .magic_len = 3,
      .checksum = VP_CHECKSUM_CRC32,
      .checksum_place = 4,
      .checksum_len = CHECKED,
      .checksum_rule = VP_RULE_CHECKSUM },
    { .name = "fourth header",
      .place = { VP_PLACE_FOUND },
      .copy = { VP_PLACE_AT, .offset = FOURTH_COPY },
      .copy_rule = VP_RULE_CHECKSUM,
      .magic = "4th",
      .magic_len = 3 },
    { .name = NULL },
};

/* The fourth header comes 128 bytes behind the second one. */
static gboolean
toy_find_part(VpProbe *probe, guint part, guint64 *out_place)
{
    g_assert_cmpuint(part, ==, 3);
    *out_place = probe->header.parts[1].place + FOURTH - SECOND;
    return vp_probe_has(probe, SECOND_NUMBER);
}

static const VpFormat toy = { .name = "toy",
                              .order = VP_ORDER_LITTLE,
                              VP_FIELDS(fields),
                              .parts = parts,
                              .find_part = toy_find_part };

typedef struct {
    guint8 bytes[IMAGE_SIZE];
    gsize size;
    VpSource source;
    VpWindows windows;
    VirtProbeRecord *image;
    VpProbe probe;
} Toy;

static void
third_seal(guint8 *third)
{
    put_little(third + 4, 4, vp_checksum(VP_CHECKSUM_CRC32, third, CHECKED, 4));
}

static void
third_fill(guint8 *third, guint sequence, guint number)
{
    memcpy(third, "3rd", 3);
    put_little(third + 12, 8, sequence);
    put_little(third + 20, 4, number);
    third_seal(third);
}

static void
toy_set_up(Toy *toy_image, gconstpointer data)
{
    (void) data;
    memset(toy_image, 0, sizeof *toy_image);
    toy_image->size = IMAGE_SIZE;
    put_little(toy_image->bytes + 4, 4, 1);
    memcpy(toy_image->bytes + SECOND, "TWO!", 4);
    put_little(toy_image->bytes + SECOND + 8, 4, 22);
    memcpy(toy_image->bytes + FOURTH, "4th", 3);
    put_little(toy_image->bytes + FOURTH + 4, 4, 40);
    third_fill(toy_image->bytes + THIRD, 7, 70);
    third_fill(toy_image->bytes + THIRD_COPY, 6, 60);
}

static void
toy_read_bytes(Toy *toy_image, const guint8 *bytes)
{
    vp_source_memory_init(&toy_image->source, bytes, toy_image->size);
    vp_windows_init(&toy_image->windows, &toy_image->source);
    toy_image->image = vp_tree_new(VP_RECORD_IMAGE, FALSE);
    toy_image->probe = (VpProbe) {
        .windows = &toy_image->windows,
        .size = toy_image->size,
        .format = &toy,
        .image = toy_image->image,
        .findings = vp_record_set_record(toy_image->image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE),
    };
    vp_header_read(&toy_image->probe);
}

static void
toy_read(Toy *toy_image)
{
    toy_read_bytes(toy_image, toy_image->bytes);
}

static void
toy_tear_down(Toy *toy_image, gconstpointer data)
{
    (void) data;
    vp_windows_clear(&toy_image->windows);
    virt_probe_record_unref(toy_image->image);
}

static void
test_finds_each_part(Toy *toy_image, gconstpointer data)
{
    (void) data;
    toy_read(toy_image);
    assert_findings(toy_image->image, "");
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, SECOND_NUMBER), ==, 22);
    g_assert_cmpuint(vp_header_field_place(&toy_image->probe, SECOND_NUMBER), ==, SECOND + 8);
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, THIRD_NUMBER), ==, 70);
    g_assert_false(toy_image->probe.header.parts[2].is_second);
}

static void
test_a_part_may_be_absent(Toy *toy_image, gconstpointer data)
{
    (void) data;
    put_little(toy_image->bytes + 4, 4, 0);
    toy_read(toy_image);
    assert_findings(toy_image->image, "");
    g_assert_false(vp_probe_has(&toy_image->probe, SECOND_NUMBER));
}

static void
test_the_newer_copy_counts(Toy *toy_image, gconstpointer data)
{
    (void) data;
    third_fill(toy_image->bytes + THIRD_COPY, 8, 80);
    toy_read(toy_image);
    assert_findings(toy_image->image, "");
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, THIRD_NUMBER), ==, 80);
    g_assert_cmpuint(vp_header_field_place(&toy_image->probe, THIRD_NUMBER), ==, THIRD_COPY + 20);
}

static void
test_copies_of_one_sequence_may_have_to_be_the_same(Toy *toy_image, gconstpointer data)
{
    (void) data;
    third_fill(toy_image->bytes + THIRD_COPY, 7, 70);
    toy_read(toy_image);
    assert_findings(toy_image->image, "");
    toy_tear_down(toy_image, NULL);
    third_fill(toy_image->bytes + THIRD_COPY, 7, 71);
    toy_read(toy_image);
    assert_findings(toy_image->image, "header-invalid");
}

/* The second one has other bytes, which nobody asks about while the first one is sound. */
static void
test_a_copy_without_sequence_stands_in(Toy *toy_image, gconstpointer data)
{
    (void) data;
    memcpy(toy_image->bytes + FOURTH_COPY, "4th", 3);
    put_little(toy_image->bytes + FOURTH_COPY + 4, 4, 41);
    toy_read(toy_image);
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, FOURTH_NUMBER), ==, 40);
    toy_tear_down(toy_image, NULL);
    toy_image->bytes[FOURTH] = 'X';
    toy_read(toy_image);
    assert_findings(toy_image->image, "checksum-mismatch");
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, FOURTH_NUMBER), ==, 41);
}

static void
test_the_sound_copy_counts(Toy *toy_image, gconstpointer data)
{
    (void) data;
    toy_image->bytes[THIRD + 30] ^= 1;
    toy_read(toy_image);
    assert_findings(toy_image->image, "copy-damaged");
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, THIRD_NUMBER), ==, 60);
}

static void
test_the_other_copy_may_be_damaged(Toy *toy_image, gconstpointer data)
{
    (void) data;
    toy_image->bytes[THIRD_COPY] = 'X';
    toy_read(toy_image);
    assert_findings(toy_image->image, "copy-damaged");
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, THIRD_NUMBER), ==, 70);
}

static void
test_without_a_sound_copy_the_first_is_judged(Toy *toy_image, gconstpointer data)
{
    (void) data;
    toy_image->bytes[THIRD + 30] ^= 1;
    toy_image->bytes[THIRD_COPY + 30] ^= 1;
    toy_read(toy_image);
    assert_findings(toy_image->image, "checksum-mismatch");
    g_assert_cmpuint(vp_probe_value(&toy_image->probe, THIRD_NUMBER), ==, 70);
}

static void
test_a_part_without_its_signature_is_not_read(Toy *toy_image, gconstpointer data)
{
    (void) data;
    toy_image->bytes[SECOND] = 'X';
    toy_read(toy_image);
    assert_findings(toy_image->image, "header-invalid");
    g_assert_false(vp_probe_has(&toy_image->probe, SECOND_NUMBER));
}

static void
test_a_part_past_the_end_is_cut(Toy *toy_image, gconstpointer data)
{
    (void) data;
    put_little(toy_image->bytes + 4, 4, G_MAXUINT32);
    toy_read(toy_image);
    assert_findings(toy_image->image, "truncated");
    g_assert_false(vp_probe_has(&toy_image->probe, SECOND_NUMBER));
}

/* Every length in memory of just that length, so that a read behind it is seen. */
static void
test_any_cut_is_survived(Toy *toy_image, gconstpointer data)
{
    (void) data;
    for (gsize size = 0; size < IMAGE_SIZE; size++) {
        g_autofree guint8 *bytes = g_memdup2(toy_image->bytes, size);
        Toy cut = { .size = size };

        toy_read_bytes(&cut, bytes);
        if (size < THIRD + CHECKED)
            assert_finding(cut.image, "truncated");
        toy_tear_down(&cut, NULL);
    }
    toy_read(toy_image);
}

static void
add(const char *path, void (*test)(Toy *, gconstpointer))
{
    g_test_add(path, Toy, NULL, toy_set_up, test, toy_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/header-part/finds-each-part", test_finds_each_part);
    add("/header-part/a-part-may-be-absent", test_a_part_may_be_absent);
    add("/header-part/the-newer-copy-counts", test_the_newer_copy_counts);
    add("/header-part/copies-of-one-sequence-may-have-to-be-the-same",
        test_copies_of_one_sequence_may_have_to_be_the_same);
    add("/header-part/a-copy-without-sequence-stands-in", test_a_copy_without_sequence_stands_in);
    add("/header-part/the-sound-copy-counts", test_the_sound_copy_counts);
    add("/header-part/the-other-copy-may-be-damaged", test_the_other_copy_may_be_damaged);
    add("/header-part/without-a-sound-copy-the-first-is-judged",
        test_without_a_sound_copy_the_first_is_judged);
    add("/header-part/a-part-without-its-signature-is-not-read",
        test_a_part_without_its_signature_is_not_read);
    add("/header-part/a-part-past-the-end-is-cut", test_a_part_past_the_end_is_cut);
    add("/header-part/any-cut-is-survived", test_any_cut_is_survived);
    return g_test_run();
}
