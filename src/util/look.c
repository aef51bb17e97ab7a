/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* look.c: asking the filesystem in a thread that is left behind when it does not come back.
 *
 * No lock is held while the filesystem is asked. Whoever waits gives a thread up by counting further; the thread finds that
 * out when its call returns after all, frees what it has and ends. As long as it hangs, its place is remembered, so that
 * nobody else runs into the same. */
#include "util/look.h"

#include <string.h>

/* As long as a scan waits for an entry; asked for in so many steps. */
#define PATIENCE_MS 10000
#define STEPS 4

/* Places that may keep silent in one call, and threads that may hang in the process. */
#define LATE_MAX 4
#define HANGING_MAX 64

static guint patience_ms = PATIENCE_MS;

/* Where threads hang. */
static GMutex places_mutex;
static GHashTable *places; /* from threads to paths; NULL: none yet */

/* What the threads and who waits for them share; the last one frees it. */
typedef struct {
    gint ref_count;
    GMutex mutex;
    GCond cond;
    VpLookKind kind;
    GPtrArray *paths;
    gpointer data;
    GDestroyNotify free_data;
    VpLookAnswer *answers;  /* NULL: they were taken */
    guint position;         /* of the path that is asked about */
    guint thread;           /* which one asks; those before it were given up */
    gboolean lacks_threads; /* none could be started */
} Look;

typedef struct {
    Look *look;
    guint number;
} Thread;

void
vp_look_set_patience(guint milliseconds)
{
    patience_ms = milliseconds;
}

static void
look_unref(Look *look)
{
    if (!g_atomic_int_dec_and_test(&look->ref_count))
        return;
    g_mutex_clear(&look->mutex);
    g_cond_clear(&look->cond);
    g_ptr_array_unref(look->paths);
    if (look->free_data != NULL)
        look->free_data(look->data);
    g_free(look);
}

/* What keeps silent with a path: the directory. */
static char *
place_of(const Look *look, const char *path)
{
    return look->kind.is_place ? g_strdup(path) : g_path_get_dirname(path);
}

static gboolean
lies_in(const char *path, const char *place)
{
    gsize len = strlen(place);

    return strncmp(path, place, len) == 0
           && (path[len] == '\0' || path[len] == '/' || (len > 0 && place[len - 1] == '/'));
}

/* Whether the path lies where a thread hangs. */
static gboolean
place_is_silent(const char *path)
{
    gboolean is_silent = FALSE;
    GHashTableIter iterator;
    gpointer place;

    g_mutex_lock(&places_mutex);
    if (places != NULL) {
        is_silent = g_hash_table_size(places) >= HANGING_MAX;
        g_hash_table_iter_init(&iterator, places);
        while (!is_silent && g_hash_table_iter_next(&iterator, NULL, &place))
            is_silent = lies_in(path, place);
    }
    g_mutex_unlock(&places_mutex);
    return is_silent;
}

static void
place_add(const Thread *thread, char *place)
{
    g_mutex_lock(&places_mutex);
    if (places == NULL)
        places = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_hash_table_insert(places, (gpointer) thread, place);
    g_mutex_unlock(&places_mutex);
}

static void
place_remove(const Thread *thread)
{
    g_mutex_lock(&places_mutex);
    if (places != NULL)
        g_hash_table_remove(places, thread);
    g_mutex_unlock(&places_mutex);
}

/* Goes on to the next path that can be asked about; NULL: there is none. With the lock. */
static const char *
look_next(Look *look)
{
    for (; look->position < look->paths->len; look->position++) {
        const char *path = g_ptr_array_index(look->paths, look->position);

        if (look->thread <= LATE_MAX && !place_is_silent(path))
            return path;
        look->answers[look->position].is_late = TRUE;
        look->answers[look->position].is_unasked = look->lacks_threads;
    }
    g_cond_signal(&look->cond);
    return NULL;
}

static gpointer
thread_run(gpointer data)
{
    Thread *thread = data;
    Look *look = thread->look;
    const char *path;

    g_mutex_lock(&look->mutex);
    while (thread->number == look->thread && (path = look_next(look)) != NULL) {
        gpointer answer;

        g_mutex_unlock(&look->mutex);
        answer = look->kind.ask(path, look->data);
        g_mutex_lock(&look->mutex);
        if (thread->number == look->thread)
            look->answers[look->position++].answer = answer;
        else if (answer != NULL)
            look->kind.free_answer(answer);
    }
    g_mutex_unlock(&look->mutex);
    place_remove(thread);
    look_unref(look);
    g_free(thread);
    return NULL;
}

/* NULL: the system has no more threads, and all that is left is late. With the lock. */
static Thread *
thread_start(Look *look)
{
    Thread *thread = g_new(Thread, 1);
    GThread *started;

    *thread = (Thread) { look, ++look->thread };
    g_atomic_int_inc(&look->ref_count);
    started = g_thread_try_new("look", thread_run, thread, NULL);
    if (started != NULL) {
        g_thread_unref(started);
        return thread;
    }
    g_atomic_int_add(&look->ref_count, -1);
    g_free(thread);
    look->thread = LATE_MAX + 1;
    look->lacks_threads = TRUE;
    look_next(look);
    return NULL;
}

/* Waits until the thread is at another path, or at the end. FALSE: it hangs. With the lock. */
static gboolean
look_wait(Look *look)
{
    guint position = look->position;

    for (guint i = 0; i < STEPS && look->position == position; i++) {
        gint64 until = g_get_monotonic_time() + (gint64) patience_ms * 1000 / STEPS;

        while (look->position < look->paths->len
               && g_cond_wait_until(&look->cond, &look->mutex, until))
            ;
        if (look->position == look->paths->len)
            return TRUE;
    }
    return look->position != position;
}

static void
look_run(Look *look)
{
    Thread *thread;

    g_mutex_lock(&look->mutex);
    thread = look->paths->len > 0 ? thread_start(look) : NULL;
    while (look->position < look->paths->len) {
        if (look_wait(look))
            continue;
        place_add(thread, place_of(look, g_ptr_array_index(look->paths, look->position)));
        look->answers[look->position++].is_late = TRUE;
        if (look->position < look->paths->len)
            thread = thread_start(look);
        else
            look->thread++;
    }
    g_mutex_unlock(&look->mutex);
}

VpLookAnswer *
vp_look(const VpLookKind *kind, GPtrArray *paths, gpointer data, GDestroyNotify free_data)
{
    Look *look = g_new0(Look, 1);
    VpLookAnswer *answers = g_new0(VpLookAnswer, paths->len + 1);

    look->ref_count = 1;
    g_mutex_init(&look->mutex);
    g_cond_init(&look->cond);
    look->kind = *kind;
    look->paths = g_ptr_array_ref(paths);
    look->data = data;
    look->free_data = free_data;
    look->answers = answers;
    look_run(look);
    look_unref(look);
    return answers;
}

VpLookAnswer
vp_look_one(const VpLookKind *kind, const char *path, gpointer data, GDestroyNotify free_data)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree VpLookAnswer *answers = NULL;

    g_ptr_array_add(paths, g_strdup(path));
    answers = vp_look(kind, paths, data, free_data);
    return answers[0];
}

void
vp_look_set_late(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s%sno answer within %d seconds",
                what != NULL ? what : "", what != NULL ? ": " : "", PATIENCE_MS / 1000);
}

void
vp_look_set_late_answer(GError **error, const char *what, const VpLookAnswer *answer)
{
    if (answer->is_unasked)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                    "%s%sno thread could be started to ask for it", what != NULL ? what : "",
                    what != NULL ? ": " : "");
    else
        vp_look_set_late(error, what);
}
