/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-source-slice.c: a part of a source is read like a source of its own, and nothing beside it. */
#include "unit.h"
#include "util/source.h"

#include <errno.h>
#include <string.h>

#define CONTENT "0123456789abcdef"
#define CONTENT_LEN 16

/* A source that is no memory, remembers its last call and counts how often it was closed. */
typedef struct {
    VpSource parent;
    guint64 last_offset;
    gboolean does_fail;
    gboolean has_changed;
    guint closed;
} WholeSource;

static gssize
whole_read_at(VpSource *parent, void *buffer, gsize len, guint64 offset)
{
    WholeSource *whole = (WholeSource *) parent;
    guint64 available = offset < parent->size ? parent->size - offset : 0;

    whole->last_offset = offset;
    if (whole->does_fail) {
        errno = EIO;
        return -1;
    }
    len = (gsize) MIN(len, available);
    memcpy(buffer, &CONTENT[len > 0 ? offset : 0], len);
    return (gssize) len;
}

static gboolean
whole_has_changed(VpSource *parent)
{
    return ((WholeSource *) parent)->has_changed;
}

static void
whole_close(VpSource *parent)
{
    ((WholeSource *) parent)->closed++;
}

static void
whole_init(WholeSource *whole)
{
    static const VpSourceClass whole_class = {
        .read_at = whole_read_at,
        .has_changed = whole_has_changed,
        .close = whole_close,
    };

    *whole = (WholeSource) {
        .parent = { .class = &whole_class, .kind = VP_SOURCE_FILE, .size = CONTENT_LEN },
    };
}

static void
check_read(VpSource *source, gsize len, guint64 offset, const char *expected)
{
    char buffer[64];
    gssize got = source->class->read_at(source, buffer, len, offset);

    g_assert_cmpint(got, >=, 0);
    assert_same_bytes(buffer, (gsize) got, expected, strlen(expected));
}

typedef struct {
    const char *name;
    guint64 offset;
    guint64 size;
    const char *content;
} SliceCase;

static const SliceCase slice_cases[] = {
    { "in-the-middle", 4, 6, "456789" },
    { "of-everything", 0, CONTENT_LEN, CONTENT },
    { "at-the-end", 10, 6, "abcdef" },
    { "of-nothing", 4, 0, "" },
    { "that-ends-behind-the-end", 10, 7, "abcdef" },
    { "without-an-end", 10, G_MAXUINT64, "abcdef" },
    { "whose-end-does-not-fit-a-number", 10, G_MAXUINT64 - 9, "abcdef" },
    { "that-begins-at-the-end", CONTENT_LEN, 4, "" },
    { "that-begins-behind-the-end", CONTENT_LEN + 1, 4, "" },
    { "that-begins-at-the-largest-number", G_MAXUINT64, G_MAXUINT64, "" },
};

static void
check_slice(VpSource *whole, const SliceCase *row)
{
    g_autoptr(VpSource) slice = vp_source_slice_new(whole, row->offset, row->size);

    g_assert_cmpuint(slice->size, ==, strlen(row->content));
    check_read(slice, 64, 0, row->content);
    check_read(slice, 64, slice->size, "");
    check_read(slice, 64, G_MAXUINT64, "");
    check_read(slice, 0, 0, "");
    if (slice->size >= 4)
        check_read(slice, 2, 2, (char[]) { row->content[2], row->content[3], '\0' });
}

static void
test_reads_a_slice_of_a_file(gconstpointer data)
{
    WholeSource whole;

    whole_init(&whole);
    check_slice(&whole.parent, data);
    g_assert_cmpuint(whole.closed, ==, 1);
}

static void
test_reads_a_slice_of_memory(gconstpointer data)
{
    const SliceCase *row = data;
    g_autoptr(VpSource) slice =
        vp_source_slice_new(vp_source_memory_new(CONTENT, CONTENT_LEN), row->offset, row->size);

    assert_same_bytes(slice->memory, (gsize) slice->size, row->content, strlen(row->content));
    check_slice(vp_source_memory_new(CONTENT, CONTENT_LEN), row);
}

static void
test_reads_a_slice_of_a_slice(void)
{
    WholeSource whole;
    g_autoptr(VpSource) slice = NULL;

    whole_init(&whole);
    slice = vp_source_slice_new(vp_source_slice_new(&whole.parent, 4, 8), 2, 100);
    g_assert_cmpuint(slice->size, ==, 6);
    check_read(slice, 64, 0, "6789ab");
    check_read(slice, 3, 4, "ab");
}

static void
test_asks_for_nothing_outside(void)
{
    WholeSource whole;
    g_autoptr(VpSource) slice = NULL;

    whole_init(&whole);
    slice = vp_source_slice_new(&whole.parent, 4, 4);
    check_read(slice, 64, 1, "567");
    g_assert_cmpuint(whole.last_offset, ==, 5);
}

static void
test_passes_on_that_reading_fails(void)
{
    WholeSource whole;
    g_autoptr(VpSource) slice = NULL;
    char buffer[4];

    whole_init(&whole);
    whole.does_fail = TRUE;
    slice = vp_source_slice_new(&whole.parent, 4, 4);
    g_assert_cmpint(slice->class->read_at(slice, buffer, sizeof buffer, 0), ==, -1);
    g_assert_cmpint(errno, ==, EIO);
}

static void
test_passes_on_that_the_file_changed(void)
{
    WholeSource whole;
    g_autoptr(VpSource) slice = NULL;

    whole_init(&whole);
    slice = vp_source_slice_new(&whole.parent, 4, 4);
    g_assert_false(slice->class->has_changed(slice));
    whole.has_changed = TRUE;
    g_assert_true(slice->class->has_changed(slice));
}

static void
test_cannot_change_when_the_whole_cannot(void)
{
    g_autoptr(VpSource) slice =
        vp_source_slice_new(vp_source_memory_new(CONTENT, CONTENT_LEN), 4, 4);

    g_assert_true(slice->class->has_changed == NULL || !slice->class->has_changed(slice));
}

static void
test_keeps_what_is_known_of_the_file(void)
{
    WholeSource whole;
    g_autoptr(VpSource) slice = NULL;

    whole_init(&whole);
    whole.parent.facts.device = 3;
    whole.parent.facts.inode = 5;
    slice = vp_source_slice_new(&whole.parent, 4, 4);
    g_assert_cmpint(slice->kind, ==, VP_SOURCE_FILE);
    g_assert_cmpuint(slice->facts.device, ==, 3);
    g_assert_cmpuint(slice->facts.inode, ==, 5);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(slice_cases); i++) {
        add_row_test("/source-slice/of-a-file/reads-one", slice_cases[i].name, &slice_cases[i],
                     test_reads_a_slice_of_a_file);
        add_row_test("/source-slice/of-memory/reads-one", slice_cases[i].name, &slice_cases[i],
                     test_reads_a_slice_of_memory);
    }
    g_test_add_func("/source-slice/reads-a-slice-of-a-slice", test_reads_a_slice_of_a_slice);
    g_test_add_func("/source-slice/asks-for-nothing-outside", test_asks_for_nothing_outside);
    g_test_add_func("/source-slice/passes-on-that-reading-fails",
                    test_passes_on_that_reading_fails);
    g_test_add_func("/source-slice/passes-on-that-the-file-changed",
                    test_passes_on_that_the_file_changed);
    g_test_add_func("/source-slice/cannot-change-when-the-whole-cannot",
                    test_cannot_change_when_the_whole_cannot);
    g_test_add_func("/source-slice/keeps-what-is-known-of-the-file",
                    test_keeps_what_is_known_of_the_file);
    return g_test_run();
}
