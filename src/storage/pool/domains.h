/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domains.h: the files that libvirt's virtual machines name. */
#pragma once

#include <glib.h>

/* Limits of one XML file. */
#define VP_DOMAIN_XML_MAX (4 * 1024 * 1024)
#define VP_DOMAIN_XML_DEPTH_MAX 64

/* One file that a machine names: its absolute path; or the name of a volume, with that of its pool. */
typedef void (*VpDomainFunc)(const char *pool, const char *name, gpointer user_data);

/* Reads all definitions that there are. FALSE: there are none, or one could not be read; what could be was told
 * nevertheless. error: the first file or directory that could not be, with its path. */
gboolean vp_domains_read(VpDomainFunc func, gpointer user_data, GError **error);

/* Reads one definition, or one snapshot. FALSE: it could not be read, or has an argument of QEMU's that may name a file and
 * is not understood. */
gboolean vp_domain_read(const char *xml, gsize len, VpDomainFunc func, gpointer user_data);
