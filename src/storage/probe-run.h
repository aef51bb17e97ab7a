/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe-run.h: running a probe, for who starts one. */
#pragma once

#include "storage/probe.h"

/* Describes the image into probe->image and probe->extra. declared: its format; NULL: recognise it. */
void vp_probe_run(VpProbe *probe, const VpFormat *declared);
