/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-finding.c: findings are recorded where they belong, and no flood of one kind hides another. */
#include "storage/format.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static const VpHeaderField fields[] = { { "first", VP_AT(0, 4) }, { "second", VP_AT(4, 8) } };

static const VpFormat toy = { .name = "toy", VP_FIELDS(fields) };

typedef struct {
    VpSource source;
    VpWindows windows;
    VirtProbeRecord *image;
    VpProbe probe;
} Fixture;

static void
fixture_set_up(Fixture *fixture, gconstpointer data)
{
    static const guint8 bytes[100];

    (void) data;
    vp_source_memory_init(&fixture->source, bytes, sizeof bytes);
    vp_windows_init(&fixture->windows, &fixture->source);
    fixture->image = vp_tree_new(VP_RECORD_IMAGE, FALSE);
    fixture->probe = (VpProbe) {
        .windows = &fixture->windows,
        .size = sizeof bytes,
        .format = &toy,
        .findings = vp_record_set_record(fixture->image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE),
    };
}

static void
fixture_tear_down(Fixture *fixture, gconstpointer data)
{
    (void) data;
    vp_windows_clear(&fixture->windows);
    virt_probe_record_unref(fixture->image);
}

static VirtProbeRecord *
finding_at(const Fixture *fixture, guint index)
{
    return virt_probe_record_get_item(probe_of(fixture->image), "findings", index);
}

static void
test_says_rule_place_and_message(Fixture *fixture, gconstpointer data)
{
    (void) data;
    vp_probe_find(&fixture->probe, VP_RULE_TABLE_ODD, 10, 20, "table %u is odd", 7);
    g_assert_cmpstr(virt_probe_record_get_text(finding_at(fixture, 0), "rule"), ==, "table-odd");
    g_assert_cmpstr(virt_probe_record_get_text(finding_at(fixture, 0), "severity"), ==, "notice");
    g_assert_cmpstr(virt_probe_record_get_text(finding_at(fixture, 0), "message"), ==,
                    "table 7 is odd");
    g_assert_cmpuint(number_of(finding_at(fixture, 0), "offset"), ==, 10);
    g_assert_cmpuint(number_of(finding_at(fixture, 0), "length"), ==, 20);
}

static void
test_says_no_place_when_there_is_none(Fixture *fixture, gconstpointer data)
{
    (void) data;
    vp_probe_find(&fixture->probe, VP_RULE_EMPTY, 0, 0, "the file is empty");
    g_assert_false(virt_probe_record_get_uint64(finding_at(fixture, 0), "offset", NULL));
    g_assert_false(virt_probe_record_get_uint64(finding_at(fixture, 0), "length", NULL));
}

static void
test_places_a_field_behind_its_header(Fixture *fixture, gconstpointer data)
{
    (void) data;
    fixture->probe.start = 1000;
    fixture->probe.header.parts[0].place = 200;
    vp_probe_find_field(&fixture->probe, VP_RULE_RESERVED, 1, "not zero");
    g_assert_cmpuint(number_of(finding_at(fixture, 0), "offset"), ==, 1204);
    g_assert_cmpuint(number_of(finding_at(fixture, 0), "length"), ==, 8);
}

static void
test_keeps_the_first_reason_that_breaks(Fixture *fixture, gconstpointer data)
{
    (void) data;
    vp_probe_find(&fixture->probe, VP_RULE_DIRTY, 0, 0, "dirty");
    g_assert_null(fixture->probe.broken_rule);
    vp_probe_find(&fixture->probe, VP_RULE_TRUNCATED, 0, 0, "first");
    vp_probe_find(&fixture->probe, VP_RULE_HEADER_INVALID, 0, 0, "second");
    g_assert_true(fixture->probe.broken_rule == vp_rule(VP_RULE_TRUNCATED));
    g_assert_cmpstr(fixture->probe.broken_message, ==, "first");
}

static void
test_records_findings_of_a_nested_image_outside(Fixture *fixture, gconstpointer data)
{
    VpProbe nested = { .outer = &fixture->probe, .start = 50, .format = &toy, .is_nested = TRUE };

    (void) data;
    vp_probe_find(&nested, VP_RULE_HEADER_INVALID, 4, 2, "inside");
    assert_findings(fixture->image, "header-invalid");
    g_assert_cmpuint(number_of(finding_at(fixture, 0), "offset"), ==, 54);
    g_assert_true(fixture->probe.broken_rule == vp_rule(VP_RULE_HEADER_INVALID));
}

static void
test_records_nothing_when_quiet(Fixture *fixture, gconstpointer data)
{
    (void) data;
    fixture->probe.is_quiet = TRUE;
    vp_probe_find(&fixture->probe, VP_RULE_TRUNCATED, 0, 0, "unheard");
    assert_findings(fixture->image, "");
    g_assert_null(fixture->probe.broken_rule);
}

static void
test_lists_a_bounded_number_of_one_rule(Fixture *fixture, gconstpointer data)
{
    (void) data;
    for (guint i = 0; i < 100000; i++)
        vp_probe_find(&fixture->probe, VP_RULE_TABLE_ODD, i, 1, "entry %u is odd", i);
    g_assert_cmpuint(count_findings(fixture->image, "table-odd"), <=, 64);
    g_assert_cmpuint(count_findings(fixture->image, "too-many-entries"), ==, 1);
}

static void
test_many_of_one_rule_hide_no_other(Fixture *fixture, gconstpointer data)
{
    (void) data;
    for (guint i = 0; i < 1000; i++)
        vp_probe_find(&fixture->probe, VP_RULE_UNSAFE_TEXT, i, 1, "text %u is unsafe", i);
    for (guint rule = 0; rule < VP_RULE_COUNT; rule++)
        vp_probe_find(&fixture->probe, (VpRuleId) rule, 0, 0, "one of each");
    for (guint rule = 0; rule < VP_RULE_COUNT; rule++)
        assert_finding(fixture->image, vp_rule((VpRuleId) rule)->id);
}

static void
test_cuts_a_message_that_is_no_phrase(Fixture *fixture, gconstpointer data)
{
    g_autofree char *text = g_strnfill(5000, 'a');

    (void) data;
    vp_probe_find(&fixture->probe, VP_RULE_EMPTY, 0, 0, "%s", text);
    g_assert_cmpuint(strlen(virt_probe_record_get_text(finding_at(fixture, 0), "message")), <,
                     1000);
}

static void
test_reads_bytes_that_are_there(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    g_assert_true(vp_probe_read(&fixture->probe, 90, 10, "table", &reader));
    g_assert_cmpuint(vp_reader_remaining(&reader), ==, 10);
    assert_findings(fixture->image, "");
}

static void
test_reports_bytes_that_are_not_there(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    g_assert_false(vp_probe_read(&fixture->probe, 90, 20, "table", &reader));
    g_assert_cmpuint(vp_reader_remaining(&reader), ==, 10);
    g_assert_cmpstr(virt_probe_record_get_text(finding_at(fixture, 0), "message"), ==,
                    "table at 90 needs 20 bytes, the file ends at 100");
    assert_findings(fixture->image, "truncated");
}

static void
test_reads_nothing_behind_the_image_in_its_file(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    fixture->probe.start = 10;
    fixture->probe.size = 20;
    g_assert_false(vp_probe_read(&fixture->probe, 15, 10, "table", &reader));
    g_assert_cmpuint(vp_reader_remaining(&reader), ==, 5);
}

static void
test_reports_a_place_past_all_files(Fixture *fixture, gconstpointer data)
{
    VpReader reader;

    (void) data;
    fixture->probe.start = 10;
    fixture->probe.size = 20;
    g_assert_false(vp_probe_read(&fixture->probe, G_MAXUINT64, G_MAXSIZE, "table", &reader));
    g_assert_cmpuint(vp_reader_remaining(&reader), ==, 0);
    assert_findings(fixture->image, "truncated");
}

static gssize
failing_read_at(VpSource *source, void *buffer, gsize len, guint64 offset)
{
    (void) source;
    (void) buffer;
    (void) len;
    (void) offset;
    errno = EIO;
    return -1;
}

static void
test_reports_what_cannot_be_read(Fixture *fixture, gconstpointer data)
{
    static const VpSourceClass failing = { .read_at = failing_read_at };
    VpReader reader;

    (void) data;
    fixture->source = (VpSource) { .class = &failing, .size = 100 };
    g_assert_false(vp_probe_read(&fixture->probe, 0, 10, "table", &reader));
    assert_findings(fixture->image, "io-error");
    g_assert_cmpstr(virt_probe_record_get_text(finding_at(fixture, 0), "message"), ==,
                    "table cannot be read: Input/output error");
}

static void
add(const char *path, void (*test)(Fixture *fixture, gconstpointer data))
{
    g_test_add(path, Fixture, NULL, fixture_set_up, test, fixture_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/finding/says-rule-place-and-message", test_says_rule_place_and_message);
    add("/finding/says-no-place-when-there-is-none", test_says_no_place_when_there_is_none);
    add("/finding/places-a-field-behind-its-header", test_places_a_field_behind_its_header);
    add("/finding/keeps-the-first-reason-that-breaks", test_keeps_the_first_reason_that_breaks);
    add("/finding/of-a-nested-image-is-recorded-outside",
        test_records_findings_of_a_nested_image_outside);
    add("/finding/is-not-recorded-when-quiet", test_records_nothing_when_quiet);
    add("/finding/of-one-rule-is-listed-so-often-only", test_lists_a_bounded_number_of_one_rule);
    add("/finding/of-one-rule-hides-no-other", test_many_of_one_rule_hide_no_other);
    add("/finding/has-a-message-of-bounded-length", test_cuts_a_message_that_is_no_phrase);
    add("/finding/read/gives-bytes-that-are-there", test_reads_bytes_that_are_there);
    add("/finding/read/reports-bytes-that-are-not-there", test_reports_bytes_that_are_not_there);
    add("/finding/read/ends-with-the-image-in-its-file",
        test_reads_nothing_behind_the_image_in_its_file);
    add("/finding/read/reports-a-place-past-all-files", test_reports_a_place_past_all_files);
    add("/finding/read/reports-what-cannot-be-read", test_reports_what_cannot_be_read);
    return g_test_run();
}
