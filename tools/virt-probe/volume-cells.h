/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-cells.h: volumes as lines of a table, in the columns that were asked for. */
#pragma once

#include "command.h"
#include "table.h"

#include <virtprobe/volume.h>

/* Pointers to fields, in the order of the columns. */
typedef struct {
    const VirtProbeVolumeField **fields;
    guint count;
    gboolean in_bytes; /* sizes as plain numbers */
} VolumeColumns;

/* Reads a list of keys: "name,format", or "+mode" for the defaults and more. list NULL: the defaults. FALSE: a key is
 * not known, which was said. */
gboolean volume_columns_init(VolumeColumns *columns, const Command *command, const char *list,
                             const char *defaults);
void volume_columns_clear(VolumeColumns *columns);

/* A text of a volume as people may read it: without credentials in names that images hold; to be escaped where it is
 * printed. NULL: it has none. (transfer full) */
char *volume_text(const VirtProbeVolume *volume, const char *key);

/* The type as virsh prints it: in a directory the link to a device is a file. NULL: it is not known. */
const char *volume_virsh_type(const VirtProbeVolume *volume);

/* Prints all keys, one a line, and what they mean. */
void volume_columns_print_help(void);

/* A table of volumes, each of which gives its cells as soon as it is added. */
typedef struct VolumeTable VolumeTable;

/* columns: borrowed. NULL when tables cannot be printed, which was said. (transfer full) */
VolumeTable *volume_table_new(const VolumeColumns *columns);
void volume_table_free(VolumeTable *table);

void volume_table_add(VolumeTable *table, const VirtProbeVolume *volume);

/* Puts the volumes that were added since the last call behind the others, in the order of their names. */
void volume_table_end_group(VolumeTable *table);

void volume_table_print(VolumeTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VolumeTable, volume_table_free)
