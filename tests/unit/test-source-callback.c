/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-source-callback.c: bytes that a caller reads itself, however it reads them. */
#include "util/source.h"

#include <errno.h>
#include <string.h>

#define CONTENT "0123456789"
#define CONTENT_LEN (sizeof CONTENT - 1)

typedef struct {
    gsize at_once;   /* at most so many bytes a call */
    gsize end;       /* no bytes from there on */
    int error;       /* every second call fails so, from the first on; 0: none does */
    gboolean boasts; /* says that it read more than was asked for */
    guint n_calls;
} Caller;

static gssize
caller_read(gpointer buffer, gsize len, guint64 offset, gpointer user_data)
{
    Caller *caller = user_data;
    gsize available = offset < caller->end ? caller->end - (gsize) offset : 0;

    if (caller->n_calls++ % 2 == 0 && caller->error != 0) {
        errno = caller->error;
        return -1;
    }
    len = MIN(MIN(len, caller->at_once), available);
    if (len > 0)
        memcpy(buffer, &CONTENT[offset], len);
    return (gssize) (caller->boasts ? len * 2 : len);
}

/* Reads len bytes at offset; gives how many there were. */
static gssize
read_with(Caller *caller, char *buffer, gsize len, guint64 offset)
{
    VpCallbackSource source;

    vp_source_callback_init(&source, CONTENT_LEN, caller_read, caller);
    g_assert_cmpint(source.parent.kind, ==, VP_SOURCE_CALLBACK);
    g_assert_false(vp_source_has_facts(&source.parent));
    g_assert_null(source.parent.memory);
    g_assert_null(source.parent.class->has_changed);
    return source.parent.class->read_at(&source.parent, buffer, len, offset);
}

static void
test_reads_at_any_place(void)
{
    Caller caller = { .at_once = CONTENT_LEN, .end = CONTENT_LEN };
    char buffer[CONTENT_LEN + 1] = "";

    g_assert_cmpint(read_with(&caller, buffer, 4, 3), ==, 4);
    g_assert_cmpstr(buffer, ==, "3456");
    g_assert_cmpuint(caller.n_calls, ==, 1);
}

static void
test_asks_again_after_less(void)
{
    Caller caller = { .at_once = 3, .end = CONTENT_LEN };
    char buffer[CONTENT_LEN + 1] = "";

    g_assert_cmpint(read_with(&caller, buffer, CONTENT_LEN, 0), ==, CONTENT_LEN);
    g_assert_cmpstr(buffer, ==, CONTENT);
    g_assert_cmpuint(caller.n_calls, ==, 4);
}

static void
test_ends_where_the_caller_ends(void)
{
    Caller caller = { .at_once = CONTENT_LEN, .end = 6 };
    char buffer[CONTENT_LEN + 1] = "";

    g_assert_cmpint(read_with(&caller, buffer, CONTENT_LEN, 4), ==, 2);
    g_assert_cmpstr(buffer, ==, "45");
}

static void
test_goes_on_after_an_interruption(void)
{
    Caller caller = { .at_once = CONTENT_LEN, .end = CONTENT_LEN, .error = EINTR };
    char buffer[CONTENT_LEN + 1] = "";

    g_assert_cmpint(read_with(&caller, buffer, CONTENT_LEN, 0), ==, CONTENT_LEN);
    g_assert_cmpstr(buffer, ==, CONTENT);
}

static void
test_reports_a_failure(void)
{
    Caller caller = { .at_once = CONTENT_LEN, .end = CONTENT_LEN, .error = EIO };
    char buffer[CONTENT_LEN + 1] = "";

    g_assert_cmpint(read_with(&caller, buffer, CONTENT_LEN, 0), ==, -1);
    g_assert_cmpint(errno, ==, EIO);
}

static void
test_believes_no_more_than_it_asked_for(void)
{
    Caller caller = { .at_once = CONTENT_LEN, .end = CONTENT_LEN, .boasts = TRUE };
    char buffer[CONTENT_LEN + 1] = "";

    g_assert_cmpint(read_with(&caller, buffer, 4, 0), ==, 4);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/source-callback/reads-at-any-place", test_reads_at_any_place);
    g_test_add_func("/source-callback/asks-again-after-less", test_asks_again_after_less);
    g_test_add_func("/source-callback/ends-where-the-caller-ends", test_ends_where_the_caller_ends);
    g_test_add_func("/source-callback/goes-on-after-an-interruption",
                    test_goes_on_after_an_interruption);
    g_test_add_func("/source-callback/reports-a-failure", test_reports_a_failure);
    g_test_add_func("/source-callback/believes-no-more-than-it-asked-for",
                    test_believes_no_more_than_it_asked_for);
    return g_test_run();
}
