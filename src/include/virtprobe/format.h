/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* format.h: the registry of formats. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeFormat:
 *
 * An entry of the registry: a format that the library knows. Entries are constants of the library.
 *
 * Since: 0.1
 */
typedef struct _VirtProbeFormat VirtProbeFormat;

#define VIRT_PROBE_TYPE_FORMAT (virt_probe_format_get_type())
GType virt_probe_format_get_type(void);

/**
 * virt_probe_format_find:
 * @name: a format's name as QEMU writes it, or an alias of it, such as "vhd"
 *
 * Returns: (transfer none) (nullable): the format, or %NULL when none has that name
 *
 * Since: 0.1
 */
const VirtProbeFormat *virt_probe_format_find(const char *name);

/**
 * virt_probe_format_get_nth:
 * @index: which format, from 0
 *
 * Returns: (transfer none) (nullable): the format, or %NULL when there are not so many
 *
 * Since: 0.1
 */
const VirtProbeFormat *virt_probe_format_get_nth(guint index);

/**
 * virt_probe_format_get_name:
 * @format: a format
 *
 * Returns: (transfer none): its name, QEMU's where QEMU knows it
 *
 * Since: 0.1
 */
const char *virt_probe_format_get_name(const VirtProbeFormat *format);

/**
 * virt_probe_format_get_libvirt_name:
 * @format: a format
 *
 * Returns: (transfer none) (nullable): how libvirt calls it, %NULL when it does not know it
 *
 * Since: 0.1
 */
const char *virt_probe_format_get_libvirt_name(const VirtProbeFormat *format);

/**
 * virt_probe_format_get_aliases:
 * @format: a format
 *
 * Returns: (transfer none) (array zero-terminated=1): other names of it, ended by %NULL
 *
 * Since: 0.1
 */
const char *const *virt_probe_format_get_aliases(const VirtProbeFormat *format);

/**
 * virt_probe_format_get_title:
 * @format: a format
 *
 * Returns: (transfer none): what it is, a few words in English
 *
 * Since: 0.1
 */
const char *virt_probe_format_get_title(const VirtProbeFormat *format);

/**
 * virt_probe_format_get_layer:
 * @format: a format
 *
 * Returns: (transfer none): "container" for image formats, "content" for what lies in a raw payload, "wrapper" for archives and
 *   compressed files, "raw"
 *
 * Since: 0.1
 */
const char *virt_probe_format_get_layer(const VirtProbeFormat *format);

/**
 * virt_probe_format_get_abilities:
 * @format: a format
 *
 * Returns: (transfer container) (array zero-terminated=1): what images of it may have: "backing", "data-file", "extents",
 *   "parent", "snapshots"; to be freed with g_free(), its strings are constants
 *
 * Since: 0.1
 */
const char **virt_probe_format_get_abilities(const VirtProbeFormat *format);

/**
 * virt_probe_format_get_extensions:
 * @format: a format
 *
 * Returns: (transfer none) (array zero-terminated=1): extensions of names of files that belong to it, without the dot,
 *   ended by %NULL
 *
 * Since: 0.1
 */
const char *const *virt_probe_format_get_extensions(const VirtProbeFormat *format);

/**
 * virt_probe_format_get_reads:
 * @format: a format
 *
 * Returns: how many reads a healthy image of it needs at most to be described, when it has no internal snapshots
 *
 * Since: 0.1
 */
guint virt_probe_format_get_reads(const VirtProbeFormat *format);

/**
 * virt_probe_format_get_functions:
 * @format: a format
 *
 * Returns: how many functions of its own it has, beside its tables; most have none
 *
 * Since: 0.1
 */
guint virt_probe_format_get_functions(const VirtProbeFormat *format);

#pragma GCC visibility pop
G_END_DECLS
