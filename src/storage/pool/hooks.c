/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hooks.c: the events of a refresh as calls of the administrator's programs. */
#include "storage/pool/hooks.h"

#include "storage/pool/directories.h"
#include "util/text.h"
#include "virtprobe/error.h"

#include <string.h>

#define TIMEOUT_MS 10000
/* So many changes at once are announced, because the programs will take a while. */
#define MANY_CHANGES 1000
/* A program that was killed for its time so often in one refresh is left alone until the next one begins. */
#define TIMEOUTS_MAX 3

#define SEARCH_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct _VirtProbeHooks {
    gint ref_count;
    VirtProbeHookSettings settings;
    VirtProbeRefreshEvents next;
    VirtProbeRefreshEvents events;
    GStrv environment;
    char *config_directory;
    GPtrArray *programs; /* paths; as they were when the refresh began */
    GArray *timeouts;    /* guint, of each program in this refresh */
    guint n_changes;     /* in this refresh */
    gboolean has_looked; /* it was told which programs are not run */
    gboolean is_stopped;
};

G_DEFINE_BOXED_TYPE(VirtProbeHooks, virt_probe_hooks, virt_probe_hooks_ref, virt_probe_hooks_unref)

static void
say(const VirtProbeHooks *hooks, const char *text)
{
    if (hooks->settings.message != NULL)
        hooks->settings.message(text, hooks->settings.user_data);
}

/* What a message about a program begins with. */
static char *
shown_program(const char *path)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *shown = vp_text_escape(slash + 1, strlen(slash + 1));

    return g_strconcat("hook ", shown, NULL);
}

typedef struct {
    const VirtProbeHooks *hooks;
    const char *shown;
} Listener;

static void
say_line(const char *line, gpointer user_data)
{
    const Listener *listener = user_data;
    g_autofree char *text = g_strdup_printf("%s: %s", listener->shown, line);

    say(listener->hooks, text);
}

static gboolean
ask_to_go_on(gpointer user_data)
{
    const Listener *listener = user_data;
    const VirtProbeHookSettings *settings = &listener->hooks->settings;

    return settings->may_go_on == NULL || settings->may_go_on(settings->user_data);
}

static VpHookResult
program_run(const VirtProbeHooks *hooks, const char *path, const char *const *arguments,
            const char *xml, GError **error)
{
    g_autofree char *shown = shown_program(path);
    Listener listener = { hooks, shown };
    const VpHookCall call = {
        .path = path,
        .arguments = arguments,
        .environment = (const char *const *) hooks->environment,
        .input = xml,
        .timeout_ms = hooks->settings.timeout_ms != 0 ? hooks->settings.timeout_ms : TIMEOUT_MS,
        .line = say_line,
        .may_go_on = ask_to_go_on,
        .user_data = &listener,
    };

    return vp_hook_run(&call, error);
}

static void
say_failure(const VirtProbeHooks *hooks, const char *path, const char *const *arguments,
            const GError *why)
{
    g_autofree char *shown = shown_program(path);
    g_autofree char *call = g_strjoinv(" ", (char **) (gpointer) arguments);
    g_autofree char *shown_call = vp_text_escape(call, strlen(call));
    g_autofree char *text = g_strdup_printf("%s (%s): %s", shown, shown_call, why->message);

    say(hooks, text);
}

static void
say_farewell(const VirtProbeHooks *hooks, const char *path)
{
    g_autofree char *shown = shown_program(path);
    g_autofree char *text =
        g_strconcat(shown, ": is not called again before the next refresh", NULL);

    say(hooks, text);
}

/* The first count programs, whose result changes nothing. */
static void
programs_run(VirtProbeHooks *hooks, guint count, const char *const *arguments, const char *xml)
{
    for (guint i = 0; i < count && !hooks->is_stopped; i++) {
        const char *path = g_ptr_array_index(hooks->programs, i);
        guint *timeouts = &g_array_index(hooks->timeouts, guint, i);
        g_autoptr(GError) why = NULL;
        VpHookResult result;

        if (*timeouts >= TIMEOUTS_MAX)
            continue;
        result = program_run(hooks, path, arguments, xml, &why);
        hooks->is_stopped = result == VP_HOOK_STOPPED;
        if (result == VP_HOOK_SUCCEEDED)
            continue;
        say_failure(hooks, path, arguments, why);
        if (result == VP_HOOK_TIMED_OUT && ++*timeouts == TIMEOUTS_MAX)
            say_farewell(hooks, path);
    }
}

static void
programs_find(VirtProbeHooks *hooks)
{
    g_clear_pointer(&hooks->programs, g_ptr_array_unref);
    /* Those that may not be run are named once, not at each refresh. */
    hooks->programs =
        vp_hooks_find(hooks->config_directory, hooks->has_looked ? NULL : hooks->settings.message,
                      hooks->settings.user_data);
    hooks->has_looked = TRUE;
    hooks->n_changes = 0;
    hooks->is_stopped = FALSE;
    g_array_set_size(hooks->timeouts, 0);
    g_array_set_size(hooks->timeouts, hooks->programs->len);
}

/* The first program that does not succeed forbids the refresh. */
static gboolean
programs_begin(VirtProbeHooks *hooks, VirtProbePool *pool, GError **error)
{
    const char *const arguments[] = { virt_probe_pool_get_name(pool), "refresh", "begin", "-",
                                      NULL };
    const char *const end[] = { virt_probe_pool_get_name(pool), "refresh", "end", "-", NULL };
    g_autofree char *xml = NULL;

    programs_find(hooks);
    if (hooks->programs->len == 0)
        return TRUE;
    xml = virt_probe_pool_to_xml(pool);
    for (guint i = 0; i < hooks->programs->len; i++) {
        const char *path = g_ptr_array_index(hooks->programs, i);
        g_autofree char *shown = shown_program(path);
        g_autoptr(GError) why = NULL;
        VpHookResult result = program_run(hooks, path, arguments, xml, &why);

        if (result == VP_HOOK_SUCCEEDED)
            continue;
        if (result == VP_HOOK_STOPPED)
            g_propagate_error(error, g_steal_pointer(&why));
        else
            g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                        "%s forbids the refresh: %s", shown, why->message);
        /* What the others have begun, they have to end. */
        programs_run(hooks, i, end, xml);
        return FALSE;
    }
    return TRUE;
}

static gboolean
event_begin(VirtProbePool *pool, gpointer user_data, GError **error)
{
    VirtProbeHooks *hooks = user_data;
    g_autoptr(GError) why = NULL;

    if (hooks->next.begin != NULL && !hooks->next.begin(pool, hooks->next.user_data, error))
        return FALSE;
    if (programs_begin(hooks, pool, &why))
        return TRUE;
    /* Nobody else tells it the end of what it let begin. */
    if (hooks->next.end != NULL)
        hooks->next.end(pool, why, hooks->next.user_data);
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

static void
say_that_it_lasts(VirtProbeHooks *hooks)
{
    g_autofree char *text = NULL;

    if (++hooks->n_changes != MANY_CHANGES + 1 || hooks->is_stopped)
        return;
    text =
        g_strdup_printf("hooks: more than %d volumes changed; each is told to %u program%s, one "
                        "after the other",
                        MANY_CHANGES, hooks->programs->len, hooks->programs->len == 1 ? "" : "s");
    say(hooks, text);
}

static void
event_volume(VirtProbePool *pool, VirtProbeChange change, VirtProbeVolume *volume,
             gpointer user_data)
{
    VirtProbeHooks *hooks = user_data;

    if (hooks->programs->len > 0 && !hooks->is_stopped) {
        const char *const arguments[] = { virt_probe_pool_get_name(pool), "volume",
                                          virt_probe_change_get_name(change),
                                          virt_probe_volume_get_text(volume, "name"), NULL };
        g_autofree char *xml = vp_hook_volume_xml(pool, change, volume);

        say_that_it_lasts(hooks);
        programs_run(hooks, hooks->programs->len, arguments, xml);
    }
    if (hooks->next.volume != NULL)
        hooks->next.volume(pool, change, volume, hooks->next.user_data);
}

static void
event_end(VirtProbePool *pool, const GError *failure, gpointer user_data)
{
    VirtProbeHooks *hooks = user_data;
    const char *const arguments[] = { virt_probe_pool_get_name(pool), "refresh", "end", "-", NULL };

    if (hooks->programs->len > 0 && !hooks->is_stopped) {
        g_autofree char *xml = virt_probe_pool_to_xml(pool);

        programs_run(hooks, hooks->programs->len, arguments, xml);
    }
    if (hooks->next.end != NULL)
        hooks->next.end(pool, failure, hooks->next.user_data);
}

static gboolean
event_progress(guint64 done, gpointer user_data)
{
    const VirtProbeHooks *hooks = user_data;

    return hooks->next.progress == NULL || hooks->next.progress(done, hooks->next.user_data);
}

/* Nothing of the caller's environment but what tells a program that calls us back where everything is. */
static GStrv
make_environment(const char *config_directory)
{
    g_autofree char *named = vp_state_directory();
    g_autofree char *state_directory = g_canonicalize_filename(named, NULL);
    GStrv environment = g_new0(char *, 5);

    environment[0] = g_strdup("PATH=" SEARCH_PATH);
    environment[1] = g_strdup("LANG=C");
    environment[2] = g_strconcat("VIRT_PROBE_CONFIG_DIR=", config_directory, NULL);
    environment[3] = g_strconcat("VIRT_PROBE_STATE_DIR=", state_directory, NULL);
    return environment;
}

VirtProbeHooks *
virt_probe_hooks_new(const VirtProbeHookSettings *settings, const VirtProbeRefreshEvents *next)
{
    VirtProbeHooks *hooks = g_new0(VirtProbeHooks, 1);
    g_autofree char *config_directory = vp_config_directory();

    hooks->ref_count = 1;
    if (settings != NULL)
        hooks->settings = *settings;
    if (next != NULL)
        hooks->next = *next;
    /* Programs are started in another directory. */
    hooks->config_directory = g_canonicalize_filename(config_directory, NULL);
    hooks->environment = make_environment(hooks->config_directory);
    hooks->programs = g_ptr_array_new();
    hooks->timeouts = g_array_new(FALSE, TRUE, sizeof(guint));
    hooks->events =
        (VirtProbeRefreshEvents) { event_begin, event_volume, event_end, event_progress, hooks };
    return hooks;
}

VirtProbeHooks *
virt_probe_hooks_ref(VirtProbeHooks *hooks)
{
    g_return_val_if_fail(hooks != NULL, NULL);

    g_atomic_int_inc(&hooks->ref_count);
    return hooks;
}

void
virt_probe_hooks_unref(VirtProbeHooks *hooks)
{
    if (hooks == NULL || !g_atomic_int_dec_and_test(&hooks->ref_count))
        return;
    g_strfreev(hooks->environment);
    g_free(hooks->config_directory);
    g_ptr_array_unref(hooks->programs);
    g_array_unref(hooks->timeouts);
    g_free(hooks);
}

const VirtProbeRefreshEvents *
virt_probe_hooks_get_events(VirtProbeHooks *hooks)
{
    g_return_val_if_fail(hooks != NULL, NULL);

    return &hooks->events;
}
