/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-worker.c: nothing of a worker reaches its caller but an answer that may be printed. */
#include "command.h"
#include "worker-process.h"

#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void
answer_all(G_GNUC_UNUSED int fd, G_GNUC_UNUSED gpointer user_data, WorkerAnswer *answer)
{
    answer->status = 2;
    answer->output = g_strdup("{ \"a\": [ 1, \"b\" ] }");
    answer->message = g_strdup("is odd");
}

static void
test_answers(void)
{
    WorkerJob job = WORKER_JOB_INIT;
    g_auto(WorkerAnswer) answer = { .output = NULL };
    g_autoptr(GError) error = NULL;

    job.func = answer_all;
    job.kind = WORKER_JSON;
    g_assert_true(worker_ask(&job, &answer, &error));
    g_assert_no_error(error);
    g_assert_cmpint(answer.status, ==, 2);
    g_assert_cmpstr(answer.output, ==, "{ \"a\": [ 1, \"b\" ] }");
    g_assert_cmpstr(answer.message, ==, "is odd");
}

static void
answer_hostile(G_GNUC_UNUSED int fd, gpointer user_data, WorkerAnswer *answer)
{
    answer->status = STATUS_OK;
    answer->output = g_strdup(user_data);
    answer->message = g_strdup("one\ntwo\x1b[0m");
}

static void
test_text_cannot_harm(void)
{
    WorkerJob job = WORKER_JOB_INIT;
    g_auto(WorkerAnswer) answer = { .output = NULL };

    job.func = answer_hostile;
    job.user_data = (gpointer) "image: \x1b]0;x\x07\n\xc2\x9b\xe2\x80\xae\xff Übung\\x1b\n";
    g_assert_true(worker_ask(&job, &answer, NULL));
    g_assert_cmpstr(answer.output, ==,
                    "image: \\x1b]0;x\\x07\n\\xc2\\x9b\\xe2\\x80\\xae\\xff Übung\\x1b\n");
    g_assert_cmpstr(answer.message, ==, "one\\x0atwo\\x1b[0m");
}

/* (transfer full) */
static GError *
refusal(const WorkerJob *job)
{
    g_auto(WorkerAnswer) answer = { .output = NULL };
    GError *error = NULL;

    g_assert_false(worker_ask(job, &answer, &error));
    g_assert_null(answer.output);
    return error;
}

static void
test_other_than_an_object_is_refused(void)
{
    static const char *const answers[] = {
        "", "{}, {}", "[]", "{\"a\": \"\xc3\x9c\"}", "{\"a\": \"\x1b\"}",
    };
    WorkerJob job = WORKER_JOB_INIT;

    job.func = answer_hostile;
    job.kind = WORKER_JSON;
    for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autoptr(GError) error = NULL;

        job.user_data = (gpointer) answers[i];
        error = refusal(&job);
        g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    }
}

static const char document[] =
    "{\n    \"a\": [\n        -1.5e+3, 0, 12, \"b\\\"\\u00dc\"\n    ],\n"
    "    \"c\": {\"d\": true, \"e\": false}, \"f\": null, \"g\": [], \"h\": {}\n}";

/* Whether somebody else's parser takes it for an object. */
static gboolean
is_object_to_others(const char *text, gboolean *out_is_overflow)
{
    json_error_t error = { .line = 0 };
    json_t *parsed = json_loads(text, 0, &error);
    gboolean is_object = json_is_object(parsed);

    *out_is_overflow = parsed == NULL && json_error_code(&error) == json_error_numeric_overflow;
    json_decref(parsed);
    return is_object;
}

static void
test_json_is_what_others_call_so(void)
{
    static const char others[] = "{}[]\",:\\0-+.eEtu/ \n";

    g_assert_true(worker_json_check(document));
    for (gsize i = 0; i < strlen(document); i++) {
        for (gsize j = 0; j < strlen(others); j++) {
            g_autofree char *changed = g_strdup(document);
            g_autofree char *inserted = NULL;
            gboolean is_overflow;

            changed[i] = others[j];
            g_assert_cmpint(is_object_to_others(changed, &is_overflow) || is_overflow, ==,
                            worker_json_check(changed));
            inserted = g_strdup_printf("%.*s%c%s", (int) i, document, others[j], document + i);
            g_assert_cmpint(is_object_to_others(inserted, &is_overflow) || is_overflow, ==,
                            worker_json_check(inserted));
        }
    }
}

static void
test_cut_json_is_none(void)
{
    for (gsize len = 0; len < strlen(document); len++) {
        g_autofree char *cut = g_strndup(document, len);

        g_assert_false(worker_json_check(cut));
    }
}

static void
test_deep_json_is_none(void)
{
    g_autoptr(GString) text = g_string_new("{\"a\": ");

    for (guint i = 0; i < 100000; i++)
        g_string_append_c(text, '[');
    g_assert_false(worker_json_check(text->str));
}

/* What a worker may send that was taken over. */
static void
send_bytes(G_GNUC_UNUSED int fd, gpointer user_data, G_GNUC_UNUSED WorkerAnswer *answer)
{
    const GBytes *bytes = user_data;
    gsize len;
    gconstpointer data = g_bytes_get_data((GBytes *) bytes, &len);

    if (write(WORKER_FD, data, len) == (gssize) len)
        pause();
}

static void
test_head_is_not_believed(void)
{
    static const struct {
        gint32 head[3]; /* status and both lengths */
        gsize len;      /* bytes that are sent */
        int code;
    } heads[] = {
        { { 0, -1, 0 }, 12, VIRT_PROBE_ERROR_LIMIT },
        { { 0, 0, -1 }, 12, VIRT_PROBE_ERROR_LIMIT },
        { { 0, 70000, 0 }, 12, VIRT_PROBE_ERROR_LIMIT },
        { { 0, 0, 0 }, 16, VIRT_PROBE_ERROR_LIMIT },
        { { 4, 0, 0 }, 12, VIRT_PROBE_ERROR_REFUSED },
        { { -1, 0, 0 }, 12, VIRT_PROBE_ERROR_REFUSED },
        { { 0, 2, 0 }, 14, VIRT_PROBE_ERROR_REFUSED }, /* NUL */
    };

    for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
        guint8 sent[16] = { 0 };
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(GError) error = NULL;
        WorkerJob job = WORKER_JOB_INIT;

        memcpy(sent, heads[i].head, sizeof heads[i].head);
        bytes = g_bytes_new(sent, heads[i].len);
        job.func = send_bytes;
        job.user_data = bytes;
        job.output_max = 65536;
        error = refusal(&job);
        g_assert_error(error, VIRT_PROBE_ERROR, heads[i].code);
    }
}

static void
test_has_a_time(void)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("abc", 3);
    g_autoptr(GError) error = NULL;
    WorkerJob job = WORKER_JOB_INIT;

    job.func = send_bytes;
    job.user_data = bytes;
    job.timeout_ms = 50;
    error = refusal(&job);
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT);
    g_assert_cmpstr(error->message, ==,
                    "the sandboxed parser did not answer within 50 milliseconds");
}

static void
end_by_signal(G_GNUC_UNUSED int fd, gpointer user_data, G_GNUC_UNUSED WorkerAnswer *answer)
{
    signal(GPOINTER_TO_INT(user_data), SIG_DFL);
    raise(GPOINTER_TO_INT(user_data));
}

static void
test_signal_is_told(void)
{
    g_autoptr(GError) error = NULL;
    WorkerJob job = WORKER_JOB_INIT;

    job.func = end_by_signal;
    job.user_data = GINT_TO_POINTER(SIGSEGV);
    error = refusal(&job);
    g_assert_cmpstr(error->message, ==,
                    "the sandboxed parser was ended by signal 11 (Segmentation fault)");
}

/* After the lock, too: abort() must be what it says. */
static void
abort_confined(G_GNUC_UNUSED int fd, G_GNUC_UNUSED gpointer user_data,
               G_GNUC_UNUSED WorkerAnswer *answer)
{
    VirtProbeConfinement confinement;

    signal(SIGABRT, SIG_DFL);
    if (worker_confine(&confinement, NULL, NULL))
        abort();
}

static void
test_abort_is_no_forbidden_call(void)
{
    g_autoptr(GError) error = NULL;
    WorkerJob job = WORKER_JOB_INIT;

    job.func = abort_confined;
    error = refusal(&job);
    g_assert_cmpstr(error->message, ==, "the sandboxed parser was ended by signal 6 (Aborted)");
}

static void
leave(G_GNUC_UNUSED int fd, G_GNUC_UNUSED gpointer user_data, G_GNUC_UNUSED WorkerAnswer *answer)
{
    _exit(7);
}

static void
test_silent_end_is_told(void)
{
    g_autoptr(GError) error = NULL;
    WorkerJob job = WORKER_JOB_INIT;

    job.func = leave;
    error = refusal(&job);
    g_assert_cmpstr(error->message, ==,
                    "the sandboxed parser ended with status 7 and without an answer");
}

/* (transfer full) */
static char *
relayed(const char *text)
{
    int in[2];
    int out[2];
    char buffer[256] = "";

    g_assert_cmpint(pipe(in), ==, 0);
    g_assert_cmpint(pipe(out), ==, 0);
    g_assert_cmpint(write(in[1], text, strlen(text)), ==, (gssize) strlen(text));
    close(in[1]);
    worker_relay(&in[0], &out[1], 1);
    close(in[0]);
    close(out[1]);
    g_assert_cmpint(read(out[0], buffer, sizeof buffer - 1), >=, 0);
    close(out[0]);
    return g_strdup(buffer);
}

static void
test_terminal_gets_clean_lines(void)
{
    g_autofree char *two = relayed("a\x1b[2J\nb\n");
    g_autofree char *unended = relayed("a\nb\r");

    g_assert_cmpstr(two, ==, "a\\x1b[2J\nb\n");
    g_assert_cmpstr(unended, ==, "a\nb\\x0d");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/worker/answers", test_answers);
    g_test_add_func("/worker/text-cannot-harm-a-terminal", test_text_cannot_harm);
    g_test_add_func("/worker/other-than-an-object-is-refused",
                    test_other_than_an_object_is_refused);
    g_test_add_func("/worker/json-is-what-others-call-so", test_json_is_what_others_call_so);
    g_test_add_func("/worker/cut-json-is-none", test_cut_json_is_none);
    g_test_add_func("/worker/deep-json-is-none", test_deep_json_is_none);
    g_test_add_func("/worker/lengths-are-not-believed", test_head_is_not_believed);
    g_test_add_func("/worker/has-a-time", test_has_a_time);
    g_test_add_func("/worker/signal-is-told", test_signal_is_told);
    if (sandbox_missing(SANDBOX_READER) == NULL)
        g_test_add_func("/worker/abort-is-no-forbidden-call", test_abort_is_no_forbidden_call);
    g_test_add_func("/worker/silent-end-is-told", test_silent_end_is_told);
    g_test_add_func("/worker/terminal-gets-clean-lines", test_terminal_gets_clean_lines);
    return g_test_run();
}
