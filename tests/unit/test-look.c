/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-look.c: questions that are never answered cost their time once, and what comes too late does no harm. */
#define _GNU_SOURCE /* pthread_setattr_default_np */
#include "util/look.h"

#include <pthread.h>
#include <string.h>

#define PATIENCE_MS 200

static GMutex mutex;
static GCond changed;
static gboolean is_released;
static guint n_hanging;
static gint n_asked;
static gint n_freed;

/* Paths with "dead" in them hang. The answer is the path itself. */
static gpointer
ask(const char *path, gconstpointer data)
{
    g_atomic_int_inc(&n_asked);
    g_assert_cmpstr(data, ==, "data");
    g_mutex_lock(&mutex);
    n_hanging++;
    while (strstr(path, "dead") != NULL && !is_released)
        g_cond_wait(&changed, &mutex);
    n_hanging--;
    g_mutex_unlock(&mutex);
    return strstr(path, "nothing") != NULL ? NULL : g_strdup(path);
}

static void
count_free(gpointer answer)
{
    g_atomic_int_inc(&n_freed);
    g_free(answer);
}

static const VpLookKind files = { ask, count_free, FALSE };
static const VpLookKind directories = { ask, count_free, TRUE };

static void
set_up(void)
{
    g_mutex_lock(&mutex);
    is_released = FALSE;
    g_mutex_unlock(&mutex);
    g_atomic_int_set(&n_asked, 0);
    g_atomic_int_set(&n_freed, 0);
}

/* Lets the threads go that were left behind, and waits until each has freed what it had. */
static void
release(guint count)
{
    g_mutex_lock(&mutex);
    is_released = TRUE;
    g_cond_broadcast(&changed);
    g_mutex_unlock(&mutex);
    /* The data is given up last. */
    while ((guint) g_atomic_int_get(&n_freed) < count)
        g_usleep(1000);
}

/* The answers as words; "-" for none, "!" for a late one. */
static char *
look(const VpLookKind *kind, const char *paths)
{
    g_auto(GStrv) words = g_strsplit(paths, " ", -1);
    g_autoptr(GPtrArray) array = g_ptr_array_new_with_free_func(g_free);
    g_autofree VpLookAnswer *answers = NULL;
    GString *text = g_string_new(NULL);

    for (guint i = 0; words[i] != NULL; i++)
        g_ptr_array_add(array, g_strdup(words[i]));
    answers = vp_look(kind, array, g_strdup("data"), count_free);
    for (guint i = 0; i < array->len; i++) {
        g_autofree char *answer = answers[i].answer;

        g_assert_true(answer == NULL || !answers[i].is_late);
        g_string_append(text, answers[i].is_late ? "!" : answer != NULL ? answer : "-");
        g_string_append_c(text, i + 1 < array->len ? ' ' : '\0');
    }
    return g_string_free(text, FALSE);
}

static void
assert_look(const VpLookKind *kind, const char *paths, const char *expected)
{
    g_autofree char *found = look(kind, paths);

    g_assert_cmpstr(found, ==, expected);
}

static void
test_answers_in_order(void)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    VpLookAnswer *answers;

    set_up();
    assert_look(&files, "/a /b/c relative /nothing /a", "/a /b/c relative - /a");
    release(1);
    answers = vp_look(&files, none, NULL, NULL);
    g_free(answers);
}

static void
test_goes_on_after_what_is_late(void)
{
    set_up();
    assert_look(&files, "/a/1 /dead/1 /b/1", "/a/1 ! /b/1");
    release(2);
    g_assert_cmpint(g_atomic_int_get(&n_freed), ==, 2);
}

static void
test_asks_nothing_beside_what_hangs(void)
{
    set_up();
    assert_look(&files, "/x/dead /x/1 /x/2 /xy/1", "! ! ! /xy/1");
    g_assert_cmpint(g_atomic_int_get(&n_asked), ==, 2);
    assert_look(&files, "/x/3 /xy/2", "! /xy/2");
    g_assert_cmpint(g_atomic_int_get(&n_asked), ==, 3);
    release(3);
    /* The thread takes its place away at its very end. */
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *found = look(&files, "/x/3");

        if (strcmp(found, "/x/3") == 0)
            return;
        g_usleep(1000);
    }
    g_test_fail_printf("the place stays silent");
}

static void
test_takes_a_directory_for_all_in_it(void)
{
    set_up();
    assert_look(&directories, "/p/dead /p/dead/1 /p/other", "! ! /p/other");
    assert_look(&files, "/p/dead/2 /p/2", "! /p/2");
    release(3);
}

static void
test_waits_four_times_at_most(void)
{
    gint64 began = g_get_monotonic_time();

    set_up();
    assert_look(&files, "/1/dead /2/dead /3/dead /4/dead /5/dead /6/dead /7/sound",
                "! ! ! ! ! ! !");
    g_assert_cmpint(g_atomic_int_get(&n_asked), ==, 4);
    g_assert_cmpint(g_get_monotonic_time() - began, <, 60 * G_TIME_SPAN_SECOND);
    release(5);
}

static void
test_waits_for_what_is_only_slow(void)
{
    g_autoptr(GString) paths = g_string_new("/s");
    g_autofree char *found = NULL;

    set_up();
    /* Each path has the whole time for itself. */
    for (guint i = 0; i < 20000; i++)
        g_string_append(paths, " /s");
    found = look(&files, paths->str);
    g_assert_null(strchr(found, '!'));
    release(1);
}

static void
set_stack_size(gsize size)
{
    pthread_attr_t attributes;

    g_assert_cmpint(pthread_attr_init(&attributes), ==, 0);
    g_assert_cmpint(pthread_attr_setstacksize(&attributes, size), ==, 0);
    g_assert_cmpint(pthread_setattr_default_np(&attributes), ==, 0);
}

/* As where a user may have no more processes. */
static void
test_says_that_there_are_no_threads(void)
{
    pthread_attr_t attributes;
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) late = NULL;
    VpLookAnswer answer;

    set_up();
    g_assert_cmpint(pthread_getattr_default_np(&attributes), ==, 0);
    set_stack_size((gsize) 1 << 50);
    answer = vp_look_one(&files, "/a", g_strdup("data"), count_free);
    g_assert_cmpint(pthread_setattr_default_np(&attributes), ==, 0);
    g_assert_true(answer.is_late);
    vp_look_set_late_answer(&error, "file", &answer);
    g_assert_cmpstr(error->message, ==, "file: no thread could be started to ask for it");
    answer = (VpLookAnswer) { .is_late = TRUE };
    vp_look_set_late_answer(&late, NULL, &answer);
    g_assert_cmpstr(late->message, ==, "no answer within 10 seconds");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    vp_look_set_patience(PATIENCE_MS);
    g_test_add_func("/look/answers-in-order", test_answers_in_order);
    g_test_add_func("/look/goes-on-after-what-is-late", test_goes_on_after_what_is_late);
    g_test_add_func("/look/asks-nothing-beside-what-hangs", test_asks_nothing_beside_what_hangs);
    g_test_add_func("/look/takes-a-directory-for-all-in-it", test_takes_a_directory_for_all_in_it);
    g_test_add_func("/look/waits-four-times-at-most", test_waits_four_times_at_most);
    g_test_add_func("/look/waits-for-what-is-only-slow", test_waits_for_what_is_only_slow);
    g_test_add_func("/look/says-that-there-are-no-threads", test_says_that_there_are_no_threads);
    return g_test_run();
}
