/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmd-scan.c: `virt-probe scan`: every file of directories, what it is and how it stands. */
#include "json-list.h"
#include "number-option.h"
#include "pool-commands.h"
#include "volume-cells.h"
#include "worker.h"

#include <virtprobe/scan.h>

#include <stdio.h>
#include <string.h>

/* Two columns would have the same name when several directories are listed. */
#define COLUMNS_DEFAULT "name,format,capacity,allocation,backing,state"
#define COLUMNS_OF_SEVERAL "path,format,capacity,allocation,backing,state"

typedef struct {
    VirtProbeScanSettings settings;
    GPtrArray *volumes; /* that are printed in the end, as JSON; NULL: they are not */
    VolumeTable *table; /* the same, as a table; with neither, lines are printed as they come */
    gboolean is_whole;  /* every one is ok */
} Scan;

/* Who reads the output may have gone; output_finish() says so. */
static gboolean
take_lines(const char *lines, gsize len, guint not_ok, gpointer user_data)
{
    Scan *scan = user_data;

    if (not_ok > 0)
        scan->is_whole = FALSE;
    fwrite(lines, 1, len, stdout);
    return !ferror(stdout);
}

static gboolean
take_volume(VirtProbeVolume *volume, gpointer user_data)
{
    Scan *scan = user_data;

    if (strcmp(virt_probe_volume_get_text(volume, "state"), "ok") != 0)
        scan->is_whole = FALSE;
    if (scan->table != NULL)
        volume_table_add(scan->table, volume);
    else
        g_ptr_array_add(scan->volumes, virt_probe_volume_ref(volume));
    return TRUE;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(virt_probe_volume_get_text(*(VirtProbeVolume *const *) a, "name"),
                  virt_probe_volume_get_text(*(VirtProbeVolume *const *) b, "name"));
}

/* FALSE: the directory cannot be listed to its end, which was said. */
static gboolean
scan_directory(Scan *scan, const char *directory)
{
    guint first = scan->volumes != NULL ? scan->volumes->len : 0;
    g_autoptr(GError) error = NULL;
    gboolean is_listed =
        scan->volumes != NULL || scan->table != NULL
            ? virt_probe_scan(directory, &scan->settings, take_volume, scan, &error)
            : virt_probe_scan_lines(directory, &scan->settings, take_lines, scan, &error);

    if (scan->table != NULL)
        volume_table_end_group(scan->table);
    else if (scan->volumes != NULL && scan->volumes->len > first)
        qsort(scan->volumes->pdata + first, scan->volumes->len - first, sizeof(gpointer),
              compare_names);
    if (!is_listed && !ferror(stdout)) {
        g_autofree char *shown = shown_name(directory);

        message_print("%s: %s", shown, error->message);
    }
    return is_listed;
}

static void
print_json(const GPtrArray *volumes)
{
    JsonList list;

    json_list_begin(&list, NULL);
    for (guint i = 0; i < volumes->len; i++) {
        g_autofree char *json = virt_probe_volume_to_json(g_ptr_array_index(volumes, i));

        json_list_print(&list, json);
    }
    json_list_end(&list);
}

static int
scan_all(Scan *scan, const Invocation *invocation)
{
    gboolean is_done = TRUE;

    for (guint i = 0; i < invocation->n_arguments; i++)
        is_done = scan_directory(scan, invocation->arguments[i]) && is_done;
    if (scan->table != NULL)
        volume_table_print(scan->table);
    else if (scan->volumes != NULL)
        print_json(scan->volumes);
    return is_done && scan->is_whole ? STATUS_OK : STATUS_FAILED;
}

/* Into a table whose columns are those. */
static int
scan_into_table(Scan *scan, const Invocation *invocation, const VolumeColumns *columns)
{
    g_autoptr(VolumeTable) table = volume_table_new(columns);

    if (table == NULL)
        return STATUS_FAILED;
    scan->table = table;
    return scan_all(scan, invocation);
}

typedef struct {
    Scan *scan;
    const Invocation *invocation;
    const VolumeColumns *columns;
} SandboxedScan;

/* A WorkerMain. What is loaded when it is first needed is loaded before nothing can be loaded any more. */
static int
scan_confined(gpointer user_data)
{
    SandboxedScan *sandboxed = user_data;
    g_autoptr(GError) error = NULL;
    VirtProbeConfinement confinement;

    if (sandboxed->columns->count > 0 && !table_load())
        return STATUS_FAILED;
    if (sandboxed->scan->settings.jobs == 0)
        sandboxed->scan->settings.jobs = g_get_num_processors();
    if (!sandbox_enter(SANDBOX_SCANNER, sandboxed->invocation->arguments, &confinement, &error)) {
        message_print("%s", error->message);
        return STATUS_FAILED;
    }
    return sandboxed->columns->count > 0
               ? scan_into_table(sandboxed->scan, sandboxed->invocation, sandboxed->columns)
               : scan_all(sandboxed->scan, sandboxed->invocation);
}

static int
scan_sandboxed(Scan *scan, const Invocation *invocation, const VolumeColumns *columns)
{
    SandboxedScan sandboxed = { scan, invocation, columns };
    const char *missing = sandbox_missing(SANDBOX_SCANNER);

    if (missing == NULL)
        return worker_run(scan_confined, &sandboxed);
    message_print("%s", _(missing));
    return STATUS_FAILED;
}

/* Columns are those of the table; other outputs have all fields. */
static gboolean
columns_parse(const Invocation *invocation, gboolean is_table, VolumeColumns *columns)
{
    const char *list = invocation->values[SCAN_OPTION_COLUMNS];

    *columns = (VolumeColumns) { .fields = NULL };
    if (!is_table && list != NULL) {
        usage_error(invocation->command, _("-o chooses columns of a table, JSON has all"));
        return FALSE;
    }
    if (!is_table)
        return TRUE;
    if (!volume_columns_init(columns, invocation->command, list,
                             invocation->n_arguments > 1 ? COLUMNS_OF_SEVERAL : COLUMNS_DEFAULT)) {
        volume_columns_clear(columns);
        return FALSE;
    }
    columns->in_bytes = invocation->values[SCAN_OPTION_BYTES] != NULL;
    return TRUE;
}

int
scan_run(const Invocation *invocation)
{
    const char *output = invocation->values[SCAN_OPTION_OUTPUT];
    gboolean is_table = output == NULL || strcmp(output, "table") == 0;
    g_autoptr(GPtrArray) volumes =
        g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_volume_unref);
    Scan scan = { .is_whole = TRUE };
    guint seconds = 0;
    VolumeColumns columns;
    int status;

    if (g_strcmp0(invocation->values[SCAN_OPTION_COLUMNS], "help") == 0) {
        volume_columns_print_help();
        return STATUS_OK;
    }
    if (invocation->n_arguments == 0)
        return argument_missing(invocation->command, 0);
    if (!number_option(invocation, SCAN_OPTION_JOBS, JOBS_MAX, &scan.settings.jobs)
        || !number_option(invocation, SCAN_OPTION_TIMEOUT, SECONDS_MAX, &seconds)
        || !columns_parse(invocation, is_table, &columns))
        return STATUS_USAGE;
    scan.settings.timeout_ms = seconds * 1000;
    if (invocation->values[SCAN_OPTION_RECURSIVE] != NULL)
        scan.settings.flags |= VIRT_PROBE_SCAN_RECURSIVE;
    if (!is_table && strcmp(output, "lines") != 0)
        scan.volumes = volumes;
    if (invocation->values[SCAN_OPTION_SANDBOX] != NULL)
        status = scan_sandboxed(&scan, invocation, &columns);
    else
        status =
            is_table ? scan_into_table(&scan, invocation, &columns) : scan_all(&scan, invocation);
    volume_columns_clear(&columns);
    return status;
}
