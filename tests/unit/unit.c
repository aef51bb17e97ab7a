/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unit.c: what the unit tests share: making bytes, describing them, and asking which findings came out. */
#include "unit.h"

#include <string.h>

void
assert_same_bytes(gconstpointer a, gsize a_len, gconstpointer b, gsize b_len)
{
    g_assert_cmpuint(a_len, ==, b_len);
    if (a_len > 0)
        g_assert_cmpint(memcmp(a, b, a_len), ==, 0);
}

void
put_big(guint8 *place, guint width, guint64 value)
{
    for (guint i = width; i > 0; i--) {
        place[i - 1] = (guint8) value;
        value >>= 8;
    }
}

void
put_little(guint8 *place, guint width, guint64 value)
{
    for (guint i = 0; i < width; i++) {
        place[i] = (guint8) value;
        value >>= 8;
    }
}

static VirtProbeRecord *
describe(gconstpointer data, gsize size, const char *format, VirtProbeDescribeFlags flags)
{
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *image;

    if (format == NULL)
        flags |= VIRT_PROBE_DESCRIBE_RECOGNISE;
    image = virt_probe_describe_memory(data, size, NULL, format, flags, &error);
    g_assert_no_error(error);
    g_assert_nonnull(image);
    return image;
}

VirtProbeRecord *
describe_bytes(gconstpointer data, gsize size, const char *format)
{
    return describe(data, size, format, VIRT_PROBE_DESCRIBE_DEFAULT);
}

VirtProbeRecord *
describe_bytes_in_full(gconstpointer data, gsize size, const char *format)
{
    return describe(data, size, format, VIRT_PROBE_DESCRIBE_FULL);
}

char *
findings_of(const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = probe_of(image);
    guint count = virt_probe_record_get_length(extra, "findings");
    g_autoptr(GPtrArray) rules = g_ptr_array_new();

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *finding = virt_probe_record_get_item(extra, "findings", i);

        g_ptr_array_add(rules, (gpointer) virt_probe_record_get_text(finding, "rule"));
    }
    g_ptr_array_add(rules, NULL);
    return g_strjoinv(" ", (char **) rules->pdata);
}

guint
count_findings(const VirtProbeRecord *image, const char *rule)
{
    g_autofree char *rules = findings_of(image);
    g_auto(GStrv) words = g_strsplit(rules, " ", -1);
    guint count = 0;

    for (guint i = 0; words[i] != NULL; i++)
        count += strcmp(words[i], rule) == 0;
    return count;
}

gboolean
has_finding(const VirtProbeRecord *image, const char *rule)
{
    return count_findings(image, rule) > 0;
}

void
assert_finding(const VirtProbeRecord *image, const char *rule)
{
    g_autofree char *rules = findings_of(image);

    g_assert_nonnull(virt_probe_rule_find(rule));
    g_assert_cmpstr(has_finding(image, rule) ? rule : rules, ==, rule);
}

void
assert_no_finding(const VirtProbeRecord *image, const char *rule)
{
    g_assert_nonnull(virt_probe_rule_find(rule));
    g_assert_cmpuint(count_findings(image, rule), ==, 0);
}

void
assert_findings(const VirtProbeRecord *image, const char *rules)
{
    g_autofree char *found = findings_of(image);

    g_assert_cmpstr(found, ==, rules);
}

void
assert_state(const VirtProbeRecord *image, const char *state)
{
    g_autoptr(GError) error = NULL;
    gboolean is_whole = virt_probe_image_verify(image, &error);

    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "state"), ==, state);
    g_assert_cmpint(is_whole, ==, strcmp(state, "ok") == 0);
    g_assert_cmpint(error == NULL, ==, is_whole);
}

VirtProbeRecord *
probe_of(const VirtProbeRecord *image)
{
    VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");

    g_assert_nonnull(extra);
    return extra;
}

VirtProbeRecord *
specific_of(const VirtProbeRecord *image)
{
    VirtProbeRecord *specific = virt_probe_record_get_record(image, "format-specific");

    g_assert_nonnull(specific);
    return virt_probe_record_get_record(specific, "data");
}

guint64
number_of(const VirtProbeRecord *record, const char *key)
{
    guint64 value = 0;

    g_assert_nonnull(record);
    g_test_message("number of %s", key);
    g_assert_true(virt_probe_record_get_uint64(record, key, &value));
    return value;
}

gboolean
boolean_of(const VirtProbeRecord *record, const char *key)
{
    gboolean value = FALSE;

    g_assert_nonnull(record);
    g_test_message("boolean of %s", key);
    g_assert_true(virt_probe_record_get_boolean(record, key, &value));
    return value;
}

void
add_row_test(const char *path, const char *name, gconstpointer row, GTestDataFunc test)
{
    g_autofree char *whole = g_strconcat(path, "/", name, NULL);

    g_test_add_data_func(whole, row, test);
}
