/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* remedy.h: commands that repair a broken link of a chain. */
#pragma once

#include "storage/chain-link.h"
#include "storage/opener.h"

/* The command that would repair a link to a member which could not be opened because of rule; NULL when none would, or
 * when it is not certain which file the command would change. opener finds out whether a missing file lies beside its overlay. (transfer full) */
char *vp_remedy_new(const VpLink *link, VpRuleId rule, VpOpener *opener);
