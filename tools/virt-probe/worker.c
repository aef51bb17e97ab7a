/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker.c: a process for each image that is read in a sandbox, and one for a verb that reads many.
 *
 * A process an image, because what the bytes of one make of it must not answer for the next. It is made by fork(): it opens
 * the image with all that the caller may, is confined, reads, and sends one answer. */
#define _GNU_SOURCE /* pipe2 */
#include "worker.h"

#include "command.h"
#include "worker-process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGE_MAX 65536

/* What is sent first; the output and the message follow. */
typedef struct {
    gint32 status;
    guint32 output_len;
    guint32 message_len;
} AnswerHead;

void
worker_answer_clear(WorkerAnswer *answer)
{
    g_clear_pointer(&answer->output, g_free);
    g_clear_pointer(&answer->message, g_free);
}

gboolean
worker_confine(VirtProbeConfinement *out_confinement, G_GNUC_UNUSED gpointer user_data,
               GError **error)
{
    return sandbox_enter(SANDBOX_READER, NULL, out_confinement, error);
}

static void
answer_send(int fd, const WorkerAnswer *answer)
{
    const AnswerHead head = {
        .status = answer->status,
        .output_len = answer->output != NULL ? (guint32) strlen(answer->output) : 0,
        .message_len = answer->message != NULL ? (guint32) strlen(answer->message) : 0,
    };
    g_autoptr(GString) bytes = g_string_new_len((const char *) &head, sizeof head);
    gsize done = 0;

    g_string_append_len(bytes, answer->output, (gssize) head.output_len);
    g_string_append_len(bytes, answer->message, (gssize) head.message_len);
    while (done < bytes->len) {
        gssize sent = write(fd, bytes->str + done, bytes->len - done);

        if (sent < 0)
            return;
        done += (gsize) sent;
    }
}

/* Nothing is cleaned up that the caller has, too. */
G_NORETURN static void
worker_main(const WorkerJob *job, pid_t caller, int write_fd)
{
    const int kept[] = { write_fd, job->fd };
    WorkerAnswer answer = { .status = STATUS_FAILED };

    if (!worker_give_up(caller, kept, G_N_ELEMENTS(kept), FALSE))
        _exit(errno);
    job->func(job->fd >= 0 ? WORKER_FD + 1 : -1, job->user_data, &answer);
    answer_send(WORKER_FD, &answer);
    _exit(0);
}

typedef enum {
    COMPLETE,
    ENDED,
    TOO_LATE,
    TOO_LONG,
    RECEIVING,
} Receipt;

/* What there is of an answer so far. */
static Receipt
answer_look(const WorkerJob *job, const GByteArray *bytes, AnswerHead *head)
{
    if (bytes->len < sizeof *head)
        return RECEIVING;
    memcpy(head, bytes->data, sizeof *head);
    if (head->output_len > job->output_max || head->message_len > MESSAGE_MAX
        || bytes->len > sizeof *head + (gsize) head->output_len + head->message_len)
        return TOO_LONG;
    return bytes->len == sizeof *head + (gsize) head->output_len + head->message_len ? COMPLETE
                                                                                     : RECEIVING;
}

/* Waits for the next bytes. FALSE: the time is over. *out_len is 0 when there are none any more. */
static gboolean
answer_wait(int fd, gint64 end, guint8 *buffer, gsize size, gssize *out_len)
{
    struct pollfd polled = { .fd = fd, .events = POLLIN };

    do {
        gint64 left = (end - g_get_monotonic_time() + 999) / 1000;
        int found = left > 0 ? poll(&polled, 1, (int) MIN(left, G_MAXINT)) : 0;

        if (found == 0)
            return FALSE;
        *out_len = found > 0 ? read(fd, buffer, size) : -1;
    } while (*out_len < 0 && errno == EINTR);
    return TRUE;
}

/* Reads until the answer is complete or nothing can come of it. */
static Receipt
answer_receive(const WorkerJob *job, int fd, GByteArray *bytes, AnswerHead *head)
{
    gint64 end = g_get_monotonic_time() + (gint64) job->timeout_ms * 1000;
    guint8 buffer[16384];
    Receipt receipt = RECEIVING;

    while (receipt == RECEIVING) {
        gssize len;

        if (!answer_wait(fd, end, buffer, sizeof buffer, &len))
            return TOO_LATE;
        if (len <= 0)
            return ENDED;
        g_byte_array_append(bytes, buffer, (guint) len);
        receipt = answer_look(job, bytes, head);
    }
    return receipt;
}

/* len bytes as text; NULL: there are none. FALSE: they are no text. */
static gboolean
answer_text(const guint8 *bytes, gsize len, char **out_text)
{
    if (memchr(bytes, '\0', len) != NULL)
        return FALSE;
    *out_text = len > 0 ? g_strndup((const char *) bytes, len) : NULL;
    return TRUE;
}

/* Takes an answer apart that is complete, and believes nothing of it. FALSE: it is none. */
static gboolean
answer_parse(const WorkerJob *job, const AnswerHead *head, const guint8 *bytes,
             WorkerAnswer *answer)
{
    g_autofree char *raw = NULL;

    if (head->status < 0 || head->status > WORKER_STATUS_MAX
        || !answer_text(bytes, head->output_len, &raw)
        || !answer_text(bytes + head->output_len, head->message_len, &answer->message))
        return FALSE;
    if (job->kind == WORKER_JSON && (raw == NULL || !worker_json_check(raw)))
        return FALSE;
    answer->status = head->status;
    answer->output = raw != NULL && job->kind == WORKER_TEXT ? worker_text_clean(raw, strlen(raw))
                                                             : g_steal_pointer(&raw);
    if (answer->message != NULL) {
        g_autofree char *message = answer->message;

        answer->message = virt_probe_text_escape(message);
    }
    return TRUE;
}

/* What comes from a worker: an answer or an error. The worker is ended. */
static gboolean
worker_listen(const WorkerJob *job, pid_t pid, int fd, WorkerAnswer *out_answer, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_auto(WorkerAnswer) answer = { .status = STATUS_FAILED };
    AnswerHead head;
    Receipt receipt = answer_receive(job, fd, bytes, &head);
    int status;

    if (receipt == ENDED && worker_end(pid, &status)) {
        worker_set_end(error, status);
        return FALSE;
    }
    worker_dismiss(pid);
    if (receipt == TOO_LATE || receipt == ENDED)
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                    "the sandboxed parser did not answer within %u milliseconds", job->timeout_ms);
    else if (receipt == TOO_LONG)
        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT,
                    "the answer of the sandboxed parser has more than %" G_GSIZE_FORMAT " bytes",
                    job->output_max);
    else if (!answer_parse(job, &head, bytes->data + sizeof head, &answer))
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "the sandboxed parser answered with what is no answer");
    else {
        *out_answer = answer;
        answer = (WorkerAnswer) { .output = NULL };
        return TRUE;
    }
    return FALSE;
}

static gboolean
set_errno(GError **error)
{
    g_set_error(error, G_FILE_ERROR, (gint) g_file_error_from_errno(errno),
                "the sandboxed parser cannot be started: %s", g_strerror(errno));
    return FALSE;
}

gboolean
worker_ask(const WorkerJob *job, WorkerAnswer *out_answer, GError **error)
{
    pid_t caller = getpid();
    gboolean has_answer;
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return set_errno(error);
    pid = fork();
    if (pid == 0)
        worker_main(job, caller, ends[1]);
    close(ends[1]);
    has_answer = pid > 0 ? worker_listen(job, pid, ends[0], out_answer, error) : set_errno(error);
    close(ends[0]);
    return has_answer;
}
