/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtprobe.h: the whole public interface of libvirtprobe. */
#pragma once

#include <virtprobe/audit.h>
#include <virtprobe/chain.h>
#include <virtprobe/describe.h>
#include <virtprobe/detect.h>
#include <virtprobe/error.h>
#include <virtprobe/format.h>
#include <virtprobe/location.h>
#include <virtprobe/record.h>
#include <virtprobe/rule.h>
#include <virtprobe/stream.h>
#include <virtprobe/summary.h>
#include <virtprobe/target.h>
#include <virtprobe/version.h>
