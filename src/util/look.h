/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* look.h: asking the filesystem without waiting for ever: a file of a dead server would stop whoever touches it. */
#pragma once

#include <glib.h>

/* Says something of a path. It is called in a thread of its own that may never come back from it, so it touches nothing
 * but its arguments. NULL: there is nothing to say. (transfer full) */
typedef gpointer (*VpLookFunc)(const char *path, gconstpointer data);

/* A kind of question. */
typedef struct {
    VpLookFunc ask;
    GDestroyNotify free_answer;
    gboolean is_place; /* the paths are directories that stand for all that is in them */
} VpLookKind;

typedef struct {
    gpointer answer;
    gboolean is_late;    /* it did not come in time, and is not known */
    gboolean is_unasked; /* late because no thread could be started that asks */
} VpLookAnswer;

/* Asks about each of the paths, one after the other. What does not answer within 10 seconds is late, and so is, without
 * being asked, what lies beside it as long as its thread hangs; after four that are late in different directories all the
 * rest is. paths: of strings; they must not change afterwards. data: for the kind's function, may be NULL; what it points to
 * is constant or is freed by free_data when nobody needs it any more. (transfer full) (array): one for each path, to be
 * freed by g_free() after its answers. */
VpLookAnswer *vp_look(const VpLookKind *kind, GPtrArray *paths, gpointer data,
                      GDestroyNotify free_data);

/* The same for one path. */
VpLookAnswer vp_look_one(const VpLookKind *kind, const char *path, gpointer data,
                         GDestroyNotify free_data);

/* Sets the error that something was late. what: a phrase before the reason, or NULL. */
void vp_look_set_late(GError **error, const char *what);

/* The same of one answer that is late, and says whether it was asked for at all. */
void vp_look_set_late_answer(GError **error, const char *what, const VpLookAnswer *answer);

/* For tests: how long an answer is waited for. */
void vp_look_set_patience(guint milliseconds);
