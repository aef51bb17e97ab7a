/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info-options.h: the numbers of info's options, for its two halves: XML is written by the module of pools. */
#pragma once

#include "chain-options.h"

enum {
    INFO_OPTION_FORMAT,
    INFO_OPTION_OUTPUT,
    INFO_OPTION_FULL,
    INFO_OPTION_BACKING_CHAIN,
    INFO_OPTION_CHAIN,
    INFO_OPTION_FD = INFO_OPTION_CHAIN + CHAIN_OPTION_COUNT,
    INFO_OPTION_SANDBOX,
    INFO_OPTION_FORCE_SHARE,
    INFO_OPTION_CACHE,
    INFO_OPTION_OBJECT,
    INFO_OPTION_IMAGE_OPTS,
    INFO_OPTION_COUNT,
};

/* In the module. */
int info_xml_run(const Invocation *invocation);
