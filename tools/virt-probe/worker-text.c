/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* worker-text.c: text of a worker is text of whoever made the image, until it was looked at. */
#define _GNU_SOURCE /* memrchr */
#include "worker-process.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A line that is longer is taken for several. */
#define LINE_MAX_BYTES (1024 * 1024)
#define RELAYED_MAX 2

static void
append_line(GString *out, const char *line, gsize len)
{
    g_autofree char *copy = g_strndup(line, len);
    g_autofree char *clean = virt_probe_text_escape(copy);

    g_string_append(out, clean);
}

char *
worker_text_clean(const char *text, gsize len)
{
    GString *out = g_string_sized_new(len + 1);
    const char *end = text + len;

    while (text < end) {
        const char *newline = memchr(text, '\n', (gsize) (end - text));

        append_line(out, text, (gsize) ((newline != NULL ? newline : end) - text));
        if (newline != NULL)
            g_string_append_c(out, '\n');
        text = newline != NULL ? newline + 1 : end;
    }
    return g_string_free(out, FALSE);
}

static void
write_all(int fd, const char *text, gsize len)
{
    while (len > 0) {
        gssize done = write(fd, text, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return;
        text += done;
        len -= (gsize) done;
    }
}

/* Prints the lines that are complete, or all. */
static void
relay_lines(GString *waiting, int to, gboolean is_all)
{
    const char *newline = memrchr(waiting->str, '\n', waiting->len);
    gsize len = newline != NULL ? (gsize) (newline + 1 - waiting->str) : 0;
    g_autofree char *clean = NULL;

    if (is_all || waiting->len > LINE_MAX_BYTES)
        len = waiting->len;
    clean = worker_text_clean(waiting->str, len);
    write_all(to, clean, strlen(clean));
    g_string_erase(waiting, 0, (gssize) len);
}

/* FALSE: nothing comes any more. */
static gboolean
relay_some(int from, int to, GString *waiting)
{
    char buffer[16384];
    gssize len = read(from, buffer, sizeof buffer);

    if (len < 0 && errno == EINTR)
        return TRUE;
    if (len > 0)
        g_string_append_len(waiting, buffer, len);
    relay_lines(waiting, to, len <= 0);
    return len > 0;
}

void
worker_relay(const int *from, const int *to, guint count)
{
    struct pollfd polled[RELAYED_MAX];
    GString *waiting[RELAYED_MAX];
    guint n_open = count;

    g_assert(count <= RELAYED_MAX);
    for (guint i = 0; i < count; i++) {
        polled[i] = (struct pollfd) { .fd = from[i], .events = POLLIN };
        waiting[i] = g_string_new(NULL);
    }
    while (n_open > 0) {
        if (poll(polled, count, -1) < 0 && errno != EINTR)
            break;
        for (guint i = 0; i < count; i++) {
            if (polled[i].fd < 0 || polled[i].revents == 0)
                continue;
            if (relay_some(from[i], to[i], waiting[i]))
                continue;
            polled[i].fd = -1;
            n_open--;
        }
    }
    for (guint i = 0; i < count; i++)
        g_string_free(waiting[i], TRUE);
}
