/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-formats.c: every checked header field of every format is noticed when it is spoiled, every cut too. */
#include "storage/registry.h"
#include "unit-images.h"
#include "unit.h"

#include <string.h>

/* One spoiled field of one format: which row, and the bytes it gets. */
typedef struct {
    const VpFormat *format;
    const VpHeaderField *row;
    guint8 bytes[1024];
} Spoiled;

static GByteArray *
make_healthy(const VpFormat *format)
{
    const HealthyImage *healthy = healthy_image_find(format->name);

    g_test_message("a healthy image of the format %s is missing in unit-images.c", format->name);
    g_assert_nonnull(healthy);
    return healthy->make();
}

static void
test_healthy_image_is_whole(gconstpointer data)
{
    const VpFormat *format = data;
    g_autoptr(GByteArray) bytes = make_healthy(format);
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, format->name);

    assert_findings(image, healthy_image_find(format->name)->findings);
    assert_state(image, "ok");
    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, format->name);
    g_assert_cmpuint(number_of(image, "virtual-size"), >, 0);
}

static void
test_healthy_image_needs_few_reads(gconstpointer data)
{
    const VpFormat *format = data;
    g_autoptr(GByteArray) bytes = make_healthy(format);
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, format->name);
    VirtProbeRecord *io = virt_probe_record_get_record(probe_of(image), "io");

    g_assert_cmpuint(number_of(io, "reads"), <=, format->reads);
}

/* Where a row lies in the healthy image, wherever its part of the header is. FALSE: it has no such part. */
static gboolean
row_find(const VpFormat *format, const VpHeaderField *row, guint *out_place)
{
    g_autoptr(GByteArray) bytes = make_healthy(format);
    g_autoptr(VirtProbeRecord) image =
        describe_bytes_in_full(bytes->data, bytes->len, format->name);
    guint count = virt_probe_record_get_length(probe_of(image), "header");

    *out_place = row->offset;
    if (row->part == 0 && format->layer == VP_LAYER_CONTAINER
        && !(format->magics != NULL && format->magics[0].is_from_end))
        return TRUE;
    for (guint i = 0; i < count; i++) {
        VirtProbeRecord *field = virt_probe_record_get_item(probe_of(image), "header", i);

        if (strcmp(virt_probe_record_get_text(field, "name"), row->name) == 0) {
            *out_place = (guint) number_of(field, "offset");
            return TRUE;
        }
    }
    return FALSE;
}

static guint
header_end(const VpFormat *format)
{
    guint end = 0;

    for (guint i = 0; i < format->n_fields; i++) {
        guint place;

        if (row_find(format, &format->fields[i], &place))
            end = MAX(end, place + format->fields[i].width);
    }
    return end;
}

/* A copy of its own for each length, so that a read behind it is seen. */
static void
check_cut(const VpFormat *format, const GByteArray *bytes, guint size, guint least)
{
    g_autofree guint8 *cut = g_memdup2(bytes->data, size);
    g_autoptr(VirtProbeRecord) image = describe_bytes_in_full(cut, size, format->name);
    g_autofree char *json = virt_probe_record_to_json(image);
    g_autofree char *text = virt_probe_image_to_text(image);

    g_test_message("%u bytes", size);
    g_assert_nonnull(json);
    g_assert_nonnull(text);
    if (size < least)
        assert_state(image, "partial");
}

static void
test_cut_image_is_noticed(gconstpointer data)
{
    const VpFormat *format = data;
    g_autoptr(GByteArray) bytes = make_healthy(format);
    guint least = header_end(format);
    guint end = MIN(least + 600, bytes->len);
    guint start = end > 2048 ? end - 2048 : 0;

    for (guint size = 0; size < MIN(start, 64); size++)
        check_cut(format, bytes, size, least);
    for (guint size = start; size <= end; size++)
        check_cut(format, bytes, size, least);
}

static void
test_spoiled_field_is_noticed(gconstpointer data)
{
    const Spoiled *spoiled = data;
    const VirtProbeRule *rule = vp_rule(spoiled->row->rule);
    g_autoptr(GByteArray) bytes = make_healthy(spoiled->format);
    g_autoptr(VirtProbeRecord) image = NULL;
    guint place;

    g_assert_true(row_find(spoiled->format, spoiled->row, &place));
    memcpy(bytes->data + place, spoiled->bytes, spoiled->row->width);
    if (healthy_image_find(spoiled->format->name)->seal != NULL)
        healthy_image_find(spoiled->format->name)->seal(bytes);
    image = describe_bytes(bytes->data, bytes->len, spoiled->format->name);
    assert_finding(image, rule->id);
    if (rule->does_break)
        assert_state(image, "partial");
}

/* Adds a test for a row of a format that has these bytes; what: "rejects-%s-…" with the row's name. */
static void
add_bytes_test(const VpFormat *format, const VpHeaderField *row, const guint8 *bytes,
               const char *ending)
{
    g_autofree char *path =
        g_strdup_printf("/formats/%s/notices-%s-%s", format->name, row->name, ending);
    Spoiled *spoiled = g_new0(Spoiled, 1);

    g_assert_cmpuint(row->width, <=, sizeof spoiled->bytes);
    spoiled->format = format;
    spoiled->row = row;
    memcpy(spoiled->bytes, bytes, row->width);
    g_test_add_data_func_full(path, spoiled, test_spoiled_field_is_noticed, g_free);
}

static void
add_number_test(const VpFormat *format, const VpHeaderField *row, guint64 value, const char *ending)
{
    guint8 bytes[8];

    if (format->order == VP_ORDER_BIG)
        put_big(bytes, row->width, value);
    else
        put_little(bytes, row->width, value);
    add_bytes_test(format, row, bytes, ending);
}

static guint64
largest_number(const VpHeaderField *row)
{
    return row->width == 8 ? G_MAXUINT64 : (G_GUINT64_CONSTANT(1) << row->width * 8) - 1;
}

static void
add_range_tests(const VpFormat *format, const VpHeaderField *row)
{
    if (row->minimum > 0) {
        add_number_test(format, row, row->minimum - 1, "below-its-minimum");
        if (row->minimum > 1)
            add_number_test(format, row, 0, "of-0");
    }
    if (row->maximum < largest_number(row)) {
        add_number_test(format, row, row->maximum + 1, "above-its-maximum");
        add_number_test(format, row, largest_number(row), "with-all-bits-set");
    }
}

static void
add_row_tests(const VpFormat *format, const VpHeaderField *row)
{
    guint8 zeros_and_one[1024] = { 0 };
    guint8 letters[1024];

    memset(letters, 'a', sizeof letters);
    zeros_and_one[row->width - 1] = 1;
    if ((row->checks & VP_CHECK_RANGE) != 0)
        add_range_tests(format, row);
    if ((row->checks & VP_CHECK_POWER_OF_TWO) != 0)
        add_number_test(format, row, 3, "that-is-no-power-of-two");
    if ((row->checks & VP_CHECK_ALIGNED_SECTOR) != 0)
        add_number_test(format, row, 513, "beside-a-sector");
    if ((row->checks & VP_CHECK_ALIGNED_CLUSTER) != 0)
        add_number_test(format, row, 513, "beside-a-cluster");
    if ((row->checks & VP_CHECK_WITHIN_CLUSTER) != 0)
        add_number_test(format, row, largest_number(row), "beyond-the-cluster");
    if ((row->checks & VP_CHECK_ZERO) != 0)
        add_bytes_test(format, row, zeros_and_one, "that-is-not-zero");
    if ((row->checks & VP_CHECK_TERMINATED) != 0)
        add_bytes_test(format, row, letters, "without-its-nul");
}

static void
add_format_tests(const VpFormat *format)
{
    g_autofree char *dir = g_strconcat("/formats/", format->name, NULL);

    add_row_test(dir, "healthy-image-is-whole", format, test_healthy_image_is_whole);
    add_row_test(dir, "healthy-image-needs-few-reads", format, test_healthy_image_needs_few_reads);
    add_row_test(dir, "cut-image-is-noticed", format, test_cut_image_is_noticed);
    for (guint i = 0; i < format->n_fields; i++)
        add_row_tests(format, &format->fields[i]);
}

int
main(int argc, char **argv)
{
    const VpFormat *format;

    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++)
        add_format_tests(format);
    return g_test_run();
}
