/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doubts.c: what the doubts of `vol-orphans` mean. Names: virt_probe_doubt_get_name() of the pool library, which `explain`
 * does not load. */
#include "doubts.h"

#include "command.h"

#include <string.h>

static const struct {
    const char *name;
    const char *explanation;
} doubts[] = {
    { "domains-unread",
      N_("Not every definition of libvirt's virtual machines could be read, or there are none: a "
         "machine that is not known may need the volume. vol-orphans says on standard error which "
         "file or directory it was, and why.") },
    { "lock-unknown", N_("It cannot be asked whether a program that writes holds QEMU's lock.") },
    { "young", N_("The file changed within the last 7 days.") },
    { "pools-unread", N_("Not every pool was refreshed yet, or can be used now: a volume that is "
                         "not known may stand on this one.") },
    { "in-use", N_("A program that writes holds QEMU's lock on the file.") },
    { "no-answer",
      N_("The file, or one that something names, does not answer within 10 seconds.") },
    { "not-fresh", N_("The directory of a pool has changed since its last refresh: a volume that "
                      "is not known may stand on this one.") },
    { "named", N_("A virtual machine or another volume names the file.") },
    { "unreadable",
      N_("A volume, or another image that something names, could not be read, or there are "
         "too many to look at: it may stand on any file.") },
    { "name-unknown", N_("An image names what it needs in a way that is not understood.") },
};

const char *
doubt_explain(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(doubts); i++) {
        if (strcmp(doubts[i].name, name) == 0)
            return doubts[i].explanation;
    }
    return NULL;
}
