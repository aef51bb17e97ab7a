/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-names.h: how libvirt calls formats. */
#pragma once

#include <glib.h>

/* libvirt's name for a format that QEMU calls so; "unknown" when it has none. */
const char *vp_libvirt_format(const char *name);
